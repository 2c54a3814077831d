import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Door, openDoor } from './door.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor({ publicUrl: 'https://desk.example/privacy' });
});
afterAll(() => door[Symbol.asyncDispose]());

const send = (payload: string, type = 'application/csp-report', remoteAddress = '192.0.2.1') =>
  door.app.inject({
    method: 'POST',
    url: '/csp-reports',
    headers: { 'content-type': type },
    payload,
    remoteAddress,
  });

const old = (report: Record<string, string>) => JSON.stringify({ 'csp-report': report });

test('W04 every page asks browsers to report what its policy forbade', async () => {
  for (const url of ['/sign-in', '/receipt-key', '/nothing']) {
    const { headers } = await door.app.inject(url);
    expect(headers['content-security-policy']).toContain('report-uri /privacy/csp-reports');
  }
});

test('W02 W04 a report is logged by directive and part of the desk, and nothing of its words', async () => {
  const link = `https://desk.example/privacy/set-up/${'S'.repeat(43)}?x=secret`;
  await send(
    old({ 'effective-directive': 'script-src-elem', 'document-uri': link, 'blocked-uri': 'inline' }),
  );
  const body = {
    effectiveDirective: 'img-src',
    documentURL: 'https://evil.example/ada',
    blockedURL: 'https://x.example/ada',
  };
  await send(JSON.stringify([{ type: 'csp-violation', body }]), 'application/reports+json');
  await send(
    old({
      'violated-directive': 'ada@acme.example\\nforged',
      'document-uri': 'https://desk.example/privacy/ada',
    }),
  );
  expect(
    door
      .logged()
      .split('\n')
      .map((line) => JSON.parse(line)[2]),
  ).toEqual([
    { directive: 'script-src-elem', page: '/set-up', blocked: 'inline', count: 1 },
    { directive: 'img-src', page: 'elsewhere', blocked: 'elsewhere', count: 2 },
    { directive: 'unknown', page: 'unknown', blocked: 'unknown', count: 3 },
  ]);
  expect(door.logged()).not.toMatch(/ada|secret|SSS|forged/);
});

test.each([
  ['no JSON', '{', 'application/csp-report', 204],
  ['no report', '{"a":1}', 'application/csp-report', 204],
  ['too much', old({ 'document-uri': 'x'.repeat(20_000) }), 'application/csp-report', 413],
  ['a form', 'a=b', 'application/x-www-form-urlencoded', 415],
])('%s is not logged', async (_title, payload, type, status) => {
  const before = door.logged();
  expect((await send(payload, type, '192.0.2.2')).statusCode).toBe(status);
  expect(door.logged()).toBe(before);
});

test('a flood is cut off by address, and fills no log', async () => {
  const codes: number[] = [];
  for (let n = 0; n < 65; n += 1)
    codes.push((await send(old({}), 'application/csp-report', '192.0.2.3')).statusCode);
  expect(codes.filter((code) => code === 429)).toHaveLength(5);
  expect(door.logged().split('\n').length).toBeLessThanOrEqual(20);
});
