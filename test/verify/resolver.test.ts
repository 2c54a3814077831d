import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DnsServer, startDnsServer } from '../../src/sandbox/dns-server.ts';
import { budgeted, makeResolver, type Resolve } from '../../src/verify/resolver.ts';

let server: DnsServer;
beforeAll(async () => {
  server = await startDnsServer({
    records: {
      'a.example': {
        TXT: [['one ', 'record'], ['two']],
        A: ['192.0.2.1'],
        MX: [{ exchange: 'mx.a.example', preference: 5 }],
      },
    },
    servfail: ['down.example'],
  });
});
afterAll(() => server.stop());
const codeOf = (error: unknown) => (error as { code?: string }).code;
const asked = (answer: string[][] | string[]) => {
  let count = 0;
  const resolve: Resolve = async () => {
    count++;
    return answer;
  };
  return { resolve, count: () => count };
};

describe('a resolver', () => {
  test('answers in the shapes of node:dns', async () => {
    const resolve = makeResolver([server.address]);
    expect(await resolve('a.example', 'TXT')).toEqual([['one ', 'record'], ['two']]);
    expect(await resolve('a.example', 'A')).toEqual(['192.0.2.1']);
    expect(await resolve('a.example', 'MX')).toMatchObject([{ exchange: 'mx.a.example', priority: 5 }]);
  });

  test.each([
    { title: 'no such name', name: 'no.example', type: 'TXT', code: 'ENOTFOUND' },
    { title: 'no such record', name: 'a.example', type: 'AAAA', code: 'ENODATA' },
    { title: 'a server that fails', name: 'down.example', type: 'TXT', code: 'ESERVFAIL' },
  ])('$title is $code, cached or not', async ({ name, type, code }) => {
    const resolve = makeResolver([server.address]);
    for (let round = 0; round < 2; round++)
      expect(codeOf(await resolve(name, type).catch((e) => e))).toBe(code);
  });

  test('keeps answers for minutes, never failures, and hands out copies', async () => {
    const zone = { records: { 'b.example': { TXT: [['old']] } } };
    const first = await startDnsServer(zone);
    let clock = 0;
    const resolve = makeResolver([first.address], { now: () => clock, timeoutMs: 400 });
    const answer = await resolve('b.example', 'TXT');
    (answer as string[][]).length = 0;
    await first.stop();
    clock = 299_999;
    expect(await resolve('B.example', 'TXT')).toEqual([['old']]);
    clock = 300_000;
    expect(codeOf(await resolve('b.example', 'TXT').catch((e) => e))).toMatch(/ETIMEOUT|ECONNREFUSED/);
  });

  test('F34 gives up in time on a server that is silent', async () => {
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const started = performance.now();
    const resolve = makeResolver([`127.0.0.1:${silent.address().port}`], { timeoutMs: 300 });
    expect(codeOf(await resolve('a.example', 'TXT').catch((e) => e))).toBe('ETIMEOUT');
    expect(performance.now() - started).toBeLessThan(2_000);
    silent.close();
  });
});

describe('the budget of a mail', () => {
  const deadline = () => performance.now() + 5_000;

  test('counts different questions and refuses the next', async () => {
    const { resolve, count } = asked(['x']);
    const budget = budgeted(resolve, { deadline: deadline(), lookups: 3 });
    for (const name of ['a', 'b', 'A', 'c', 'b']) await budget.resolve(name, 'TXT');
    expect([budget.used(), count(), budget.exceeded()]).toEqual([3, 3, false]);
    expect(codeOf(await budget.resolve('d', 'TXT').catch((e) => e))).toBe('EBUDGET');
    expect([count(), budget.exceeded()]).toEqual([3, true]);
  });

  test('after the deadline every new look-up fails at once', async () => {
    const never: Resolve = () => new Promise(() => {});
    const budget = budgeted(never, { deadline: performance.now() + 20 });
    expect(codeOf(await budget.resolve('a', 'TXT').catch((e) => e))).toBe('ETIMEOUT');
    const started = performance.now();
    expect(codeOf(await budget.resolve('b', 'TXT').catch((e) => e))).toBe('ETIMEOUT');
    expect(performance.now() - started).toBeLessThan(200);
  });
});
