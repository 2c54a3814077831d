import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DnsServer, startDnsServer } from '../../src/sandbox/dns-server.ts';

const LONG = 'k'.repeat(600);

let server: DnsServer;
const resolver = new Resolver({ tries: 2 });
beforeAll(async () => {
  server = await startDnsServer({
    records: {
      'a.example': {
        TXT: ['plain text', ['in ', 'two']],
        A: ['192.0.2.1'],
        AAAA: ['2001:db8::1'],
        MX: [{ exchange: 'mx.a.example', preference: 5 }],
      },
      'long.a.example.': { TXT: [LONG] },
      'alias.example': { CNAME: 'second.example' },
      'second.example': { CNAME: 'A.example' },
      'nowhere.example': { CNAME: 'gone.example' },
      'failing.example': { CNAME: 'down.example' },
      'round.example': { CNAME: 'round.example' },
      '1.2.0.192.in-addr.arpa': { PTR: ['mail.a.example'] },
    },
    servfail: ['down.example'],
  });
  resolver.setServers([server.address]);
});
afterAll(() => server.stop());

const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  );

describe('the name server', () => {
  test('answers every type of record that mail is about', async () => {
    expect(await resolver.resolveTxt('a.example')).toEqual([['plain text'], ['in ', 'two']]);
    expect(await resolver.resolve4('a.example')).toEqual(['192.0.2.1']);
    expect(await resolver.resolve6('A.Example')).toEqual(['2001:db8::1']);
    expect(await resolver.resolveMx('a.example')).toMatchObject([{ exchange: 'mx.a.example', priority: 5 }]);
    expect(await resolver.reverse('192.0.2.1')).toEqual(['mail.a.example']);
  });

  test('cuts a long text as the wire wants, and takes a name with its last dot', async () => {
    const [strings] = await resolver.resolveTxt('long.a.example');
    expect(strings?.map((text) => text.length)).toEqual([255, 255, 90]);
    expect(strings?.join('')).toBe(LONG);
  });

  test('follows a name to the one that it stands for', async () => {
    expect(await resolver.resolveCname('alias.example')).toEqual(['second.example']);
    expect(await resolver.resolve4('alias.example')).toEqual(['192.0.2.1']);
    expect(await resolver.resolveTxt('alias.example')).toEqual([['plain text'], ['in ', 'two']]);
  });

  test.each([
    { title: 'a name that is not there', name: 'no.example', code: 'ENOTFOUND' },
    { title: 'a name of one that is not there', name: 'nowhere.example', code: 'ENOTFOUND' },
    { title: 'a record that is not there', name: 'long.a.example', code: 'ENODATA' },
    { title: 'a name that fails', name: 'down.example', code: 'ESERVFAIL' },
    { title: 'a name of one that fails', name: 'failing.example', code: 'ESERVFAIL' },
  ])('$title is $code', async ({ name, code }) => {
    expect(await codeOf(resolver.resolve4(name))).toBe(code);
  });

  test('a circle of names ends without a record', async () => {
    expect(await resolver.resolve4('round.example')).toEqual([]);
  });
});
