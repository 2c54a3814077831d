/** Whom a signature or a path speaks for, by what the author's domain publishes. */
import { generateKeyPairSync } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DnsServer, type NameRecords, startDnsServer } from '../../src/sandbox/dns-server.ts';
import { authenticateMessage } from '../../src/verify/authentication.ts';
import { standingOf } from '../../src/verify/judge.ts';
import { makeResolver, type Resolve } from '../../src/verify/resolver.ts';
import { ada, openTestDesk, told, workspaceRequest } from '../tickets/desk.ts';

const DESK = 'support@purgedesk.example';
const MX = 'in.purgedesk.example';
const now = new Date('2026-03-01T10:00:00Z');
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const key = {
  TXT: [`v=DKIM1; p=${pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`],
};

const servers: DnsServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Anybody's domain of these has the key and sends from 198.51.100.7. */
const DOMAINS = ['acme.example', 'news.acme.example', 'mail.acme.example', 'evil.example'];
const SUFFIX = ['victim.uk.com', 'mail.victim.uk.com', 'evil.uk.com'];

async function resolverFor(policies: Readonly<Record<string, NameRecords>>): Promise<Resolve> {
  const everybody = [...DOMAINS, ...SUFFIX].flatMap((domain) => [
    [`s1._domainkey.${domain}`, key] as const,
    [domain, { TXT: ['v=spf1 ip4:198.51.100.7 -all'] }] as const,
  ]);
  const server = await startDnsServer({ records: { ...Object.fromEntries(everybody), ...policies } });
  servers.push(server);
  return makeResolver([server.address]);
}

const policy = (...texts: readonly string[]): NameRecords => ({ TXT: texts });

interface Way {
  readonly from?: string;
  /** `d=` of the signature. */
  readonly signed?: string;
  /** Domain of MAIL FROM. */
  readonly path?: string;
}

async function standing(resolver: Resolve, { from = 'ada@acme.example', signed, path }: Way) {
  const transport = createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
    ...(signed === undefined ? {} : { dkim: { domainName: signed, keySelector: 's1', privateKey } }),
  });
  const sent = await transport.sendMail({ from, to: DESK, subject: 'Deletion', date: now, text: 'Please.' });
  const hop =
    path === undefined
      ? ''
      : `Return-Path: <bounce@${path}>\r\nReceived: from x.example (x.example [198.51.100.7]) by ${MX} with ESMTP; Sun, 1 Mar 2026 10:00:00 +0000\r\n`;
  const evidence = await authenticateMessage(
    Buffer.concat([Buffer.from(hop), sent.message as Buffer]),
    from,
    { resolver, trustedReceivedBy: [MX], trustedAuthservId: null, now, deskAddresses: [DESK] },
  );
  return standingOf(evidence);
}

const GOOD: Way = { signed: 'acme.example' };
const OTHER: Way = { signed: 'evil.example', path: 'evil.example' };
const NOBODY: Way = {};

interface Row {
  readonly title: string;
  readonly policies: Readonly<Record<string, NameRecords>>;
  readonly way: Way;
  readonly standing: string;
}
const at = (text: string, ...more: readonly string[]) => ({ '_dmarc.acme.example': policy(text, ...more) });

describe('what the domain of the author publishes', () => {
  test.each<Row>([
    {
      title: 'T02 reject, both of somebody else',
      policies: at('v=DMARC1; p=reject'),
      way: OTHER,
      standing: 'failed',
    },
    {
      title: 'T02 none, both of somebody else',
      policies: at('v=DMARC1; p=none'),
      way: OTHER,
      standing: 'unproven',
    },
    { title: 'T02 nothing, both of somebody else', policies: {}, way: OTHER, standing: 'unproven' },
    {
      title: 'T03 none, nothing at all',
      policies: at('v=DMARC1; p=none'),
      way: NOBODY,
      standing: 'unproven',
    },
    { title: 'T03 none, signed', policies: at('v=DMARC1; p=none'), way: GOOD, standing: 'authenticated' },
    { title: 'T03 nothing, signed', policies: {}, way: GOOD, standing: 'authenticated' },
    {
      title: 'T03 nothing, its own path',
      policies: {},
      way: { path: 'acme.example' },
      standing: 'authenticated',
    },
    {
      title: 'T14 relaxed, signed below',
      policies: at('v=DMARC1; p=reject'),
      way: { signed: 'news.acme.example' },
      standing: 'authenticated',
    },
    {
      title: 'T14 relaxed, a path below',
      policies: at('v=DMARC1; p=reject'),
      way: { path: 'mail.acme.example' },
      standing: 'authenticated',
    },
    {
      title: 'T14 strict, signed below',
      policies: at('v=DMARC1; p=reject; adkim=s'),
      way: { signed: 'news.acme.example' },
      standing: 'failed',
    },
    {
      title: 'T14 strict, in capitals',
      policies: at('v=DMARC1; p=REJECT; adkim=S'),
      way: { signed: 'news.acme.example' },
      standing: 'failed',
    },
    {
      title: 'T14 strict for paths, a path below',
      policies: at('v=DMARC1; p=reject; aspf=s'),
      way: { path: 'mail.acme.example' },
      standing: 'failed',
    },
    {
      title: 'T14 strict for paths only, signed below',
      policies: at('v=DMARC1; p=reject; aspf=s'),
      way: { signed: 'news.acme.example' },
      standing: 'authenticated',
    },
    { title: 'quarantine', policies: at('v=DMARC1; p=quarantine'), way: NOBODY, standing: 'failed' },
    {
      title: 'T03 pct weakens nothing',
      policies: at('v=DMARC1; p=reject; pct=0'),
      way: NOBODY,
      standing: 'failed',
    },
    {
      title: 'T03 pct weakens no quarantine',
      policies: at('v=DMARC1; p=quarantine; pct=1'),
      way: NOBODY,
      standing: 'failed',
    },
    {
      title: 'reject under test asks for quarantine',
      policies: at('v=DMARC1; p=reject; t=y'),
      way: NOBODY,
      standing: 'failed',
    },
    {
      title: 'quarantine under test asks for nothing',
      policies: at('v=DMARC1; p=quarantine; t=y'),
      way: NOBODY,
      standing: 'unproven',
    },
    {
      title: 'sp is for domains below',
      policies: at('v=DMARC1; p=none; sp=reject'),
      way: { from: 'ada@news.acme.example' },
      standing: 'failed',
    },
    {
      title: 'sp is not for the domain itself',
      policies: at('v=DMARC1; p=reject; sp=none'),
      way: NOBODY,
      standing: 'failed',
    },
    {
      title: 'without sp the same is for domains below',
      policies: at('v=DMARC1; p=reject'),
      way: { from: 'ada@news.acme.example' },
      standing: 'failed',
    },
    {
      title: 'a weaker sp counts',
      policies: at('v=DMARC1; p=reject; sp=none'),
      way: { from: 'ada@news.acme.example' },
      standing: 'unproven',
    },
    {
      title: 'np is for domains that are not there',
      policies: at('v=DMARC1; p=none; np=reject'),
      way: { from: 'ada@ghost.acme.example' },
      standing: 'failed',
    },
    {
      title: 'two records are none',
      policies: at('v=DMARC1; p=reject', 'v=DMARC1; p=none'),
      way: NOBODY,
      standing: 'unproven',
    },
    {
      title: 'two records, signed by somebody else',
      policies: at('v=DMARC1; p=reject', 'v=DMARC1; p=none'),
      way: OTHER,
      standing: 'unproven',
    },
    {
      title: 'two records, signed',
      policies: at('v=DMARC1; p=reject', 'v=DMARC1; p=none'),
      way: GOOD,
      standing: 'authenticated',
    },
    {
      title: 'a record and another text',
      policies: at('hello', 'v=DMARC1; p=reject'),
      way: NOBODY,
      standing: 'failed',
    },
    { title: 'no policy in it is none', policies: at('v=DMARC1'), way: NOBODY, standing: 'unproven' },
    {
      title: 'a policy that does not exist is none',
      policies: at('v=DMARC1; p=rejct'),
      way: NOBODY,
      standing: 'unproven',
    },
    {
      title: 'another version is none',
      policies: at('v=DMARC2; p=reject'),
      way: NOBODY,
      standing: 'unproven',
    },
    {
      title: 'the version not in front is none',
      policies: at('p=reject; v=DMARC1'),
      way: NOBODY,
      standing: 'unproven',
    },
    {
      title: 'blanks and an unknown tag do no harm',
      policies: at(' v = DMARC1 ;p= reject;zz=1;; '),
      way: NOBODY,
      standing: 'failed',
    },
    {
      title: 'an alias of another name',
      policies: {
        '_dmarc.acme.example': { CNAME: 'dmarc.vendor.example' },
        'dmarc.vendor.example': policy('v=DMARC1; p=reject'),
      },
      way: NOBODY,
      standing: 'failed',
    },
    {
      title: 'the record of the domain itself comes before the one above it',
      policies: { ...at('v=DMARC1; p=reject'), '_dmarc.news.acme.example': policy('v=DMARC1; p=none') },
      way: { from: 'ada@news.acme.example' },
      standing: 'unproven',
    },
  ])('$title: $standing', async ({ policies, way, standing: expected }) => {
    expect(await standing(await resolverFor(policies), way)).toBe(expected);
  });
});

describe('T14 a public suffix that publishes a policy of its own', () => {
  let resolver: Resolve;
  beforeAll(async () => {
    resolver = await resolverFor({
      '_dmarc.uk.com': policy('v=DMARC1; p=none'),
      '_dmarc.victim.uk.com': policy('v=DMARC1; p=reject'),
    });
  });
  test.each<{ title: string; way: Way; standing: string }>([
    { title: 'a neighbour signs', way: { signed: 'evil.uk.com' }, standing: 'unproven' },
    { title: "a neighbour's path", way: { path: 'evil.uk.com' }, standing: 'unproven' },
    { title: 'itself', way: { signed: 'victim.uk.com' }, standing: 'authenticated' },
    { title: 'a domain below it', way: { path: 'mail.victim.uk.com' }, standing: 'authenticated' },
  ])('$title: $standing', async ({ way, standing: expected }) => {
    expect(await standing(resolver, { from: 'ada@victim.uk.com', ...way })).toBe(expected);
  });
});

test('T05 a mail of the same shared domain passes, and still only the code moves anything', async () => {
  const resolver = await resolverFor(at('v=DMARC1; p=reject'));
  const proven = await standing(resolver, GOOD);
  expect(proven).toBe('authenticated');
  await using desk = await openTestDesk();
  await desk.mail({ from: ada, intent: 'delete', requests: [workspaceRequest()], standing: 'authenticated' });
  expect(told(await desk.outbox())).toEqual([`verify_request > ${ada}`]);
  expect(await desk.ticket()).toMatchObject({ state: 'verifying', verified_at: null, grace_ends_at: null });
});
