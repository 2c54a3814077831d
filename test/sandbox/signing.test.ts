import { Resolver } from 'node:dns/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authenticate } from 'mailauth';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DataFolder, openDataFolder } from '../../src/sandbox/data-folder.ts';
import { type DnsServer, startDnsServer, type Zone } from '../../src/sandbox/dns-server.ts';
import { type MailServer, MX_NAME, startMailServer } from '../../src/sandbox/mail-server.ts';
import { DESK_ADDRESS, MAIL_ACCOUNTS, MAIL_DOMAINS, PEOPLE } from '../../src/sandbox/samples.ts';
import {
  type CustomerMail,
  keepSigningKeys,
  mailZone,
  openCustomerTransport,
  type SigningKeys,
} from '../../src/sandbox/signing.ts';

let folder: DataFolder;
let keys: SigningKeys;
let zone: Zone;
let dns: DnsServer;
let mail: MailServer;

beforeAll(async () => {
  folder = await openDataFolder(await mkdtemp(join(tmpdir(), 'purgedesk-test-')));
  keys = await keepSigningKeys(folder, MAIL_DOMAINS);
  zone = mailZone(MAIL_DOMAINS, keys, MX_NAME);
  dns = await startDnsServer({ ...zone, servfail: ['later.example'] });
  mail = await startMailServer({ accounts: MAIL_ACCOUNTS });
});

afterAll(async () => {
  await mail.stop();
  await dns.stop();
  await folder.release();
  await rm(folder.path, { recursive: true, force: true });
});

test.each([
  { title: 'a customer under p=reject passes', from: PEOPLE.ada.address, dmarc: 'pass', policy: 'reject' },
  { title: 'a customer under p=none passes', from: PEOPLE.jonas.address, dmarc: 'pass', policy: 'none' },
  {
    title: 'without a DMARC record there is no verdict',
    from: PEOPLE.mallory.address,
    dmarc: 'none',
    policy: undefined,
  },
])('$title, with an aligned DKIM signature and SPF', async ({ from, dmarc, policy }) => {
  const result = await judge(await sent({ from }));
  expect(result.dmarc).toMatchObject({
    status: { result: dmarc },
    ...(policy === undefined ? {} : { policy }),
  });
  expect(result.dkim.results[0]).toMatchObject({
    signingDomain: from.split('@')[1],
    status: { result: 'pass', aligned: from.split('@')[1] },
  });
  expect(result.spf).toMatchObject({ status: { result: 'pass' } });
});

test('a mail that claims another sender fails DMARC, and a changed body breaks the signature', async () => {
  const forged = await judge(await sent({ from: PEOPLE.ada.address, forgedBy: PEOPLE.mallory.address }));
  expect(forged.dmarc).toMatchObject({ status: { result: 'fail' } });
  const raw = await sent({ from: PEOPLE.ada.address });
  const changed = await judge(
    Buffer.from(raw.toString('latin1').replace('Website Prod', 'Website Beta'), 'latin1'),
  );
  expect(changed.dkim.results[0]?.status.result).toBe('neutral');
});

test('a mail carries the date and the thread it was given, and a Message-ID of its own domain', async () => {
  const transport = openCustomerTransport(mail.smtpUrl, keys);
  const references = ['<a@desk.example>', '<b@desk.example>'];
  const date = new Date('2027-02-03T04:05:06Z');
  const request = { ...MAIL, from: PEOPLE.dana.address, inReplyTo: '<b@desk.example>', references, date };
  const messageId = await transport.send(request);
  transport.close();
  const raw = (await mail.inbox(DESK_ADDRESS)).at(-1)?.toString('latin1') ?? '';
  expect(messageId).toMatch(/^<[0-9a-f-]{36}@globex\.test>$/);
  expect(raw).toContain(`Message-ID: ${messageId}\r\n`);
  expect(raw).toContain('Date: Wed, 03 Feb 2027 04:05:06 +0000\r\n');
  expect(raw).toContain('In-Reply-To: <b@desk.example>\r\n');
  expect(raw).toContain('References: <a@desk.example> <b@desk.example>\r\n');
});

test('keys are made once and kept', async () => {
  expect(await keepSigningKeys(folder, MAIL_DOMAINS)).toEqual(keys);
});

test('unknown names do not exist, a known one without the type is empty, a failing one says so', async () => {
  const resolver = resolverOf(dns);
  await expect(resolver.resolveTxt('nobody.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolver.resolveTxt(MX_NAME)).rejects.toMatchObject({ code: 'ENODATA' });
  await expect(resolver.resolveTxt('later.example')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  expect(await resolver.resolve4('ACME-inc.test')).toEqual(['127.0.0.1']);
  expect(await resolver.resolveMx('acme-inc.test')).toMatchObject([{ exchange: MX_NAME, priority: 10 }]);
});

test('an answer too long for UDP comes by TCP', async () => {
  const strings = Array.from({ length: 12 }, (_, index) => String(index).padEnd(250, 'x'));
  const long = await startDnsServer({ records: { 'long.example': { TXT: [strings] } } });
  try {
    expect(await resolverOf(long).resolveTxt('long.example')).toEqual([strings]);
  } finally {
    await long.stop();
    await long.stop();
  }
});

const MAIL: CustomerMail = {
  from: PEOPLE.ada.address,
  to: DESK_ADDRESS,
  subject: 'Deletion of a source',
  text: 'Please delete Website Prod.\n\nGrüße\nAda',
  date: new Date('2026-11-22T09:00:00Z'),
};

async function sent(overrides: Partial<CustomerMail>): Promise<Buffer> {
  const transport = openCustomerTransport(mail.smtpUrl, keys);
  await transport.send({ ...MAIL, ...overrides });
  transport.close();
  const raw = (await mail.inbox(DESK_ADDRESS)).at(-1);
  if (raw === undefined) throw new Error('the mail did not arrive');
  return raw;
}

function judge(raw: Buffer) {
  const resolver = resolverOf(dns);
  return authenticate(raw, {
    mta: MX_NAME,
    trustReceived: true,
    disableBimi: true,
    resolver: (name, type) => resolver.resolve(name, type) as Promise<never>,
  });
}

function resolverOf({ address }: DnsServer): Resolver {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([address]);
  return resolver;
}
