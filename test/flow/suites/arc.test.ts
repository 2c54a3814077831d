/** Chains sealed by another program, whole and changed: ours is never the better verdict of two. */
import { generateKeyPairSync, sign as signature } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { sealMessage } from 'mailauth';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifySignatures } from '../../../src/verify/signatures.ts';
import { CHANGES } from './changes.ts';
import { chains, seal, type Zone } from './dkimpy.ts';

const OPENDKIM = new URL('../../verify/opendkim/', import.meta.url);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const record = `v=DKIM1; k=rsa; p=${rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const SEALERS = ['lists.example', 'relay.example', 'evil.example'];
const zone: Zone = Object.fromEntries(SEALERS.map((domain) => [`s._domainkey.${domain}`, record]));

const chainOf = async (mail: Buffer, trustedSealers: readonly string[] = []) => {
  const found = await verifySignatures(mail, {
    keys: new Map(Object.entries(zone).map(([name, text]) => [name, { records: [[text]] }])),
    now: new Date('2026-11-22T15:00:00Z'),
    deskAddresses: ['support@purgedesk.example'],
    trustedSealers,
  });
  return found.chain;
};

/** As another hop seals it: with the library's own hand, because dkimpy adds no second set to its own. */
async function resealed(mail: Buffer, i: number, cv: 'none' | 'pass' | 'fail' = 'pass'): Promise<Buffer> {
  const fields = await sealMessage(mail, {
    signingDomain: SEALERS[i % SEALERS.length]!,
    selector: 's',
    privateKey: key,
    i,
    cv,
    authResults: 'relay.example; spf=pass',
  });
  return Buffer.concat([fields, mail]);
}

let plain: Buffer;
let byDkimpy: Buffer;
let originals: readonly Buffer[];
beforeAll(async () => {
  plain = await readFile(new URL('plain-relaxed-relaxed.eml', OPENDKIM));
  const results =
    'Authentication-Results: lists.example; spf=pass smtp.mailfrom=ada@acme.example; dkim=pass header.d=acme.example; dmarc=pass header.from=acme.example\r\n';
  const arrived = Buffer.concat([Buffer.from(results), plain]);
  byDkimpy = await seal(arrived, { domain: 'lists.example', selector: 's', key });
  const alone = await resealed(plain, 1, 'none');
  const twice = await resealed(byDkimpy, 2);
  originals = [byDkimpy, alone, twice, await resealed(twice, 3)];
});

test('T24 whole chains hold, for both', async () => {
  expect(await chains(originals, zone)).toEqual(['pass', 'pass', 'pass', 'pass']);
  for (const mail of originals) expect(await chainOf(mail)).toMatchObject({ result: 'pass', trusted: false });
  expect(await chainOf(plain)).toEqual({ result: 'none', sealer: null, trusted: false });
});

test('T24 the last sealer is named, and trusted only when it is listed by its very name', async () => {
  expect(await chainOf(byDkimpy)).toEqual({ result: 'pass', sealer: 'lists.example', trusted: false });
  expect(await chainOf(byDkimpy, ['Lists.Example'])).toMatchObject({ trusted: true });
  for (const other of ['example', 'evil-lists.example', 'a.lists.example', 'google.com'])
    expect(await chainOf(byDkimpy, [other])).toMatchObject({ trusted: false });
  expect(await chainOf(originals[2]!, ['lists.example'])).toMatchObject({ trusted: false });
});

describe('T24 a chain that another program finds wrong is wrong for us, too', () => {
  const fields = ['ARC-Seal', 'ARC-Message-Signature', 'ARC-Authentication-Results'];
  const cases = fields.flatMap((field) =>
    Object.entries(CHANGES)
      .filter(([name]) => name !== DISPUTED)
      .map(([name, change]) => ({ title: `${field}: ${name}`, field, change })),
  );
  let changed: Map<string, readonly { readonly mail: Buffer; readonly theirs: string | undefined }[]>;
  beforeAll(async () => {
    const all = cases.flatMap(({ title, field, change }) =>
      originals.map((mail) => ({
        title,
        mail: Buffer.from(change(mail.toString('latin1'), field), 'latin1'),
      })),
    );
    const theirs = await chains(
      all.map(({ mail }) => mail),
      zone,
    );
    changed = Map.groupBy(
      all.map((one, index) => ({ ...one, theirs: theirs[index] })),
      ({ title }) => title,
    );
  });
  test.each(cases)('$title', async ({ title }) => {
    const wrong = changed.get(title)!.filter(({ theirs }) => theirs !== 'pass');
    for (const { mail } of wrong) expect((await chainOf(mail)).result).not.toBe('pass');
  });
});

test.each<{ title: string; mail: () => Promise<Buffer> }>([
  { title: 'a set that says that the chain broke', mail: () => resealed(byDkimpy, 2, 'fail') },
  { title: 'a missing set', mail: async () => dropped(originals[3]!, 2) },
  { title: 'a set twice', mail: async () => Buffer.concat([setOf(byDkimpy), byDkimpy]) },
  { title: 'more sets than honest mail has', mail: () => sealedTimes(6) },
])('T24 $title: the chain fails', async ({ mail }) => {
  expect(await chainOf(await mail())).toEqual({ result: 'fail', sealer: null, trusted: false });
});

describe('T24 a seal whose signature is right', () => {
  const tags = 'a=rsa-sha256; cv=none; d=lists.example; i=1; s=s; t=1795356796';
  test('and whose tags are', async () => {
    expect(await chainOf(sealedWith(tags))).toMatchObject({ result: 'pass' });
  });
  test.each([
    { title: 'a tag twice', text: `${tags}; s=s` },
    { title: 'a semicolon too many', text: `${tags};; zz=1` },
    { title: 'a tag in capitals', text: tags.replace('t=', 'T=') },
    { title: 'a tag with no name', text: `${tags}; =1` },
    { title: 'a list of fields', text: `${tags}; h=from:to` },
    { title: 'no time that is one', text: tags.replace(/t=\d+/, 't=now') },
    { title: 'no instance', text: tags.replace('i=1; ', '') },
    { title: 'instance 0', text: tags.replace('i=1', 'i=0') },
    { title: 'instance 01x', text: tags.replace('i=1', 'i=1x') },
    { title: 'a first set that knows of an earlier one', text: tags.replace('cv=none', 'cv=pass') },
    { title: 'another algorithm', text: tags.replace('rsa-sha256', 'rsa-sha1') },
  ])('but with $title fails', async ({ text }) => {
    expect((await chainOf(sealedWith(text))).result).not.toBe('pass');
  });
});

/** The set of dkimpy with a seal of these tags instead of its own, signed as RFC 8617 section 5.1.1 wants it. */
function sealedWith(tags: string): Buffer {
  const [, message = '', results = ''] = byDkimpy.toString('latin1').match(ARC_FIELD) ?? [];
  const relaxed = (field: string) =>
    field
      .replace(/\s+/g, ' ')
      .replace(/^([^:]*):\s*/, (_, name: string) => `${name.toLowerCase()}:`)
      .trim();
  const open = `ARC-Seal: ${tags}; b=`;
  const data = [results, message, open].map(relaxed).join('\r\n');
  const b = signature('sha256', Buffer.from(data), rsa.privateKey).toString('base64');
  const mail = byDkimpy.toString('latin1').replace(ARC_FIELD, '');
  return Buffer.from(`${open}${b}\r\n${message}${results}${mail}`, 'latin1');
}

async function sealedTimes(count: number): Promise<Buffer> {
  let mail = await resealed(plain, 1, 'none');
  for (let i = 2; i <= count; i++) mail = await resealed(mail, i);
  return mail;
}

/** RFC 6376 section 3.4.2 deletes them; dkimpy takes the line for no field. */
const DISPUTED = 'blanks before the colon';

const ARC_FIELD = /^ARC-[\w-]+:.*\r\n(?:[ \t].*\r\n)*/gm;
const setOf = (mail: Buffer): Buffer =>
  Buffer.from((mail.toString('latin1').match(ARC_FIELD) ?? []).join(''));
const dropped = (mail: Buffer, i: number): Buffer =>
  Buffer.from(
    mail
      .toString('latin1')
      .replace(ARC_FIELD, (field) => (new RegExp(`\\bi=${i}\\b`).test(field) ? '' : field)),
    'latin1',
  );
