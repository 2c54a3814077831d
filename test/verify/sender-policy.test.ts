import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DnsServer, type NameRecords, startDnsServer } from '../../src/sandbox/dns-server.ts';
import { budgeted, makeResolver, type Resolve } from '../../src/verify/resolver.ts';
import { spfOf } from '../../src/verify/sender-policy.ts';

const IP = '198.51.100.7';
const spf = (text: string): NameRecords => ({ TXT: [`v=spf1 ${text}`] });
const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');
const chain = (count: number): readonly (readonly [string, NameRecords])[] =>
  Array.from({ length: count }, (_, index) => [
    `c${index}.chain${count}.example`,
    spf(index === count - 1 ? `ip4:${IP} -all` : `include:c${index + 1}.chain${count}.example -all`),
  ]);

let server: DnsServer;
let resolver: Resolve;
let asked = 0;
beforeAll(async () => {
  server = await startDnsServer({
    records: {
      'good.example': spf(`ip4:${IP} -all`),
      'soft.example': spf('~all'),
      'neutral.example': spf('?all'),
      'hard.example': spf('-all'),
      'mail.good.example': spf(`ip4:${IP} -all`),
      ...Object.fromEntries([...chain(11), ...chain(12)]),
      'self.example': spf('include:self.example -all'),
      'pair.example': spf('redirect=riap.example'),
      'riap.example': spf('include:pair.example -all'),
      'void.example': spf(`${many(3, (index) => `a:no${index}.example`)} ip4:${IP} -all`),
      'wide.example': spf(`${many(9, (index) => `mx:m${index}.wide.example`)} ip4:${IP} -all`),
      ...Object.fromEntries(
        Array.from({ length: 9 }, (_, term) => [
          `m${term}.wide.example`,
          {
            MX: Array.from({ length: 10 }, (_, host) => ({
              exchange: `h${host}.m${term}.wide.example`,
              preference: 1,
            })),
          },
        ]),
      ),
      ...Object.fromEntries(
        Array.from({ length: 90 }, (_, index) => [
          `h${index % 10}.m${Math.floor(index / 10)}.wide.example`,
          { A: ['192.0.2.1'] },
        ]),
      ),
      'slow.example': spf(`include:silent.example ip4:${IP} -all`),
      'down.example': spf(`include:failing.example ip4:${IP} -all`),
      'twice.example': { TXT: [`v=spf1 ip4:${IP} -all`, 'v=spf1 -all'] },
    },
    silent: ['silent.example'],
    servfail: ['failing.example'],
  });
  const asking = makeResolver([server.address], { timeoutMs: 500, tries: 1 });
  resolver = (name, type) => {
    asked++;
    return asking(name, type);
  };
});
afterAll(() => server.stop());

const check = async (
  mailFrom: string | null,
  { helo = 'mail.good.example', ip = IP as string | null } = {},
) => {
  asked = 0;
  const { resolve } = budgeted(resolver, { deadline: performance.now() + 10_000 });
  return spfOf({ ip, helo, mailFrom, index: 0 }, { resolve, receivedBy: 'in.purgedesk.example' });
};

describe('the path', () => {
  test.each([
    { domain: 'good.example', result: 'pass', word: 'pass' },
    { domain: 'soft.example', result: 'fail', word: 'softfail' },
    { domain: 'hard.example', result: 'fail', word: 'fail' },
    { domain: 'neutral.example', result: 'none', word: 'neutral' },
    { domain: 'unknown.example', result: 'none', word: 'none' },
    { domain: 'twice.example', result: 'permerror', word: 'permerror' },
    { domain: 'down.example', result: 'temperror', word: 'temperror' },
  ])('$domain: $result', async ({ domain, result, word }) => {
    expect(await check(`ada@${domain}`)).toEqual({ result, word, domain, note: null });
  });

  test('T04 of the null sender is not asked for, whatever HELO name it came with', async () => {
    expect(await check(null)).toMatchObject({ result: 'none', word: null, domain: null });
    expect(asked).toBe(0);
  });

  test('T23 without an address that our server wrote is not asked for', async () => {
    expect(await check('ada@good.example', { ip: null })).toMatchObject({ result: 'none', word: null });
    expect(asked).toBe(0);
  });

  test.each([
    { title: 'eleven records in a chain are the most', domain: 'c0.chain11.example', result: 'pass' },
    { title: 'twelve are too many', domain: 'c0.chain12.example', result: 'permerror' },
    { title: 'a record of itself', domain: 'self.example', result: 'permerror' },
    { title: 'two records of each other', domain: 'pair.example', result: 'permerror' },
    { title: 'three names that are not there', domain: 'void.example', result: 'permerror' },
  ])('T76 $title: $result', async ({ domain, result }) => {
    expect(await check(`ada@${domain}`)).toMatchObject({ result });
    expect(asked).toBeLessThanOrEqual(12);
  });

  test('T76 a hundred hosts behind one record end at what a mail may ask', async () => {
    expect(await check('ada@wide.example')).toMatchObject({ result: 'temperror' });
    expect(asked).toBe(40);
  });

  test('T06 a server that is silent leaves it open', async () => {
    expect(await check('ada@slow.example')).toMatchObject({ result: 'temperror' });
  });
});
