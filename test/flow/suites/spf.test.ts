import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DnsServer, startDnsServer } from '../../../src/sandbox/dns-server.ts';
import { authenticateMessage } from '../../../src/verify/authentication.ts';
import { budgeted, makeResolver, type Resolve } from '../../../src/verify/resolver.ts';
import { spfOf } from '../../../src/verify/sender-policy.ts';
import { MISSES } from './spf-misses.ts';
import { type Case, readSpfSuite } from './spf-suite.ts';

const MX = 'in.purgedesk.example';
/** Of a suite's silent names; loopback answers all others at once. */
const PATIENCE_MS = 1_000;

const suites = { 'RFC 7208': await readSpfSuite('rfc7208-tests.yml') };
const seen = new Map<string, string>();

for (const [suite, scenarios] of Object.entries(suites)) {
  describe.each(scenarios)(`${suite}: $title`, ({ title, zone, cases }) => {
    let server: DnsServer;
    let resolver: Resolve;
    beforeAll(async () => {
      server = await startDnsServer(zone);
      resolver = makeResolver([server.address], { timeoutMs: PATIENCE_MS, tries: 1 });
    });
    afterAll(() => server.stop());

    test.each(cases)('$name', async (given) => {
      const word = await wordFor(given, resolver);
      const key = `${suite}/${title}/${given.name}`;
      const miss = MISSES[key];
      if (miss === undefined) expect(given.results).toContain(word);
      else expect([word, given.results]).toEqual([miss.ours, expect.not.arrayContaining([miss.ours])]);
      seen.set(key, word);
      // Never better, neither alone nor on the way that every mail takes.
      if (!given.results.includes('pass')) {
        expect(word).not.toBe('pass');
        expect((await throughMail(given, resolver)).spf.result).not.toBe('pass');
      }
    });
  });
}

test('every explained miss is still one, with a reason, and all scenarios ran', () => {
  expect(Object.keys(MISSES).filter((key) => !seen.has(key))).toEqual([]);
  expect(Object.values(MISSES).filter(({ ours, why }) => ours === 'pass' || why.length < 20)).toEqual([]);
  expect(suites['RFC 7208'].flatMap(({ cases }) => cases).length).toBeGreaterThan(200);
});

/** The result word of the RFC for one case, within the budget of one mail. */
async function wordFor({ ip, helo, mailFrom }: Case, resolver: Resolve): Promise<string> {
  const { resolve } = budgeted(resolver, { deadline: performance.now() + 10_000 });
  const hop = { ip, helo, mailFrom: mailFrom === '' ? null : mailFrom, index: 0 };
  return (await spfOf(hop, { resolve, receivedBy: MX })).word ?? 'none';
}

const throughMail = ({ ip, helo, mailFrom }: Case, resolver: Resolve) =>
  authenticateMessage(
    Buffer.from(
      `Return-Path: <${mailFrom}>\r\nReceived: from ${helo} (peer [${ip}]) by ${MX} with ESMTP; Sun, 1 Mar 2026 10:00:00 +0000\r\n` +
        'From: ada@acme.example\r\n\r\nPlease delete the workspace acme-inc.\r\n',
    ),
    'ada@acme.example',
    {
      resolver,
      trustedReceivedBy: [MX],
      trustedAuthservId: null,
      now: new Date('2026-03-01T10:00:00Z'),
      deskAddresses: ['support@purgedesk.example'],
    },
  );
