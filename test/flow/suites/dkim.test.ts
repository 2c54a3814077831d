/** Signatures of other programs, whole and changed: ours is never the better verdict of two. */
import { generateKeyPairSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifySignatures } from '../../../src/verify/signatures.ts';
import { CHANGES } from './changes.ts';
import { sign, verified, type Zone } from './dkimpy.ts';

const DATA = '/usr/lib/python3/dist-packages/dkim/tests/data';
const OPENDKIM = new URL('../../verify/opendkim/', import.meta.url);

/** Where dkimpy is at odds with RFC 6376, and for which mails. */
const DISPUTED: Readonly<Record<string, RegExp>> = {
  // Section 3.4.2 deletes them; dkimpy takes the line for no field.
  'blanks before the colon': /relaxed[-/](simple|relaxed)/,
};

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed25519 = generateKeyPairSync('ed25519');
const published = (key: typeof rsa.publicKey) => key.export({ type: 'spki', format: 'der' });
/** The last 32 bytes are the bare key (RFC 8410). */
const seed = ed25519.privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32).toString('base64');

let zone: Zone;
/** By the name of the change. `right`: for dkimpy. */
let changed: Map<
  string,
  readonly { readonly title: string; readonly mail: Buffer; readonly right: boolean }[]
>;
beforeAll(async () => {
  const keys = JSON.parse(await readFile(new URL('zone.json', OPENDKIM), 'utf8')) as Zone;
  const rfc = await readFile(`${DATA}/test.txt`, 'utf8').catch(() => {
    throw new Error('this needs dkimpy: apt-get install python3-dkim');
  });
  zone = {
    ...keys,
    'r._domainkey.acme.example': `v=DKIM1; k=rsa; p=${published(rsa.publicKey).toString('base64')}`,
    'e._domainkey.acme.example': `v=DKIM1; k=ed25519; p=${published(ed25519.publicKey).subarray(-32).toString('base64')}`,
    // RFC 8463 appendix A.2
    'test._domainkey.football.example.com': rfc.trim(),
    'brisbane._domainkey.football.example.com':
      'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
    'test._domainkey.legitimate.com(.attacker.com': rfc.trim(),
  };
  const files = (await readdir(OPENDKIM)).filter((name) => name.endsWith('.eml'));
  const byOpendkim = await Promise.all(
    files.map(async (name) => ({ name: `opendkim ${name}`, mail: await readFile(new URL(name, OPENDKIM)) })),
  );
  const unsigned = byOpendkim.filter(({ name }) => name.includes('simple-simple'));
  const ways = ['simple/simple', 'simple/relaxed', 'relaxed/simple', 'relaxed/relaxed'];
  const byDkimpy = await Promise.all(
    unsigned.flatMap(({ name, mail }) =>
      ways.flatMap((canonicalization) =>
        (['rsa-sha256', 'ed25519-sha256'] as const).map(async (algorithm) => ({
          name: `dkimpy ${name} ${canonicalization} ${algorithm}`,
          mail: await sign(withoutSignature(mail), {
            domain: 'acme.example',
            selector: algorithm === 'rsa-sha256' ? 'r' : 'e',
            key: algorithm === 'rsa-sha256' ? rsaPem : seed,
            canonicalization,
            algorithm,
            headers: [],
          }),
        })),
      ),
    ),
  );
  const shipped = ['rfc6376.signed.msg', 'rfc6376.signed.rsa.msg', 'test.message.baddomain', 'message.mbox'];
  const fromPackage = await Promise.all(
    shipped.map(async (name) => ({ name, mail: crlf(await readFile(`${DATA}/${name}`)) })),
  );
  const originals = [...byOpendkim, ...byDkimpy, ...fromPackage];
  const all = Object.entries(CHANGES).flatMap(([change, apply]) =>
    originals.map(({ name, mail }) => ({
      change,
      title: name,
      mail: Buffer.from(apply(mail.toString('latin1'), 'DKIM-Signature'), 'latin1'),
    })),
  );
  const theirs = await verified(
    all.map(({ mail }) => mail),
    zone,
  );
  changed = Map.groupBy(
    all.map((one, index) => ({ ...one, right: theirs[index] === true })),
    ({ change }) => change,
  );
});
const rsaPem = rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

describe('a signature that another program finds wrong', () => {
  test.each(Object.keys(CHANGES))('is wrong for us too: %s', async (name) => {
    const better: string[] = [];
    for (const { title, mail, right } of changed.get(name)!)
      if (!right && (await passes(mail))) better.push(title);
    const disputed = name in DISPUTED ? better.filter((title) => DISPUTED[name]?.test(title)) : [];
    expect(better).toEqual(disputed);
  });
});

test('what the other program finds right is right for us, too, where nothing was changed', async () => {
  const whole = changed.get('nothing')!.filter(({ right }) => right);
  expect(whole.length).toBeGreaterThan(20);
  const worse: string[] = [];
  for (const { title, mail } of whole) if (!(await passes(mail))) worse.push(title);
  // The reason is the opendkim default, which leaves Content-Type open.
  expect(worse.filter((name) => !name.includes('default'))).toEqual([]);
});

/** The arithmetic and our own rules, at the time and for the reader that the mail was meant for. */
async function passes(mail: Buffer): Promise<boolean> {
  const head = mail.toString('latin1').split(/\r?\n\r?\n/)[0] ?? '';
  const date = /^Date: (.*?)\r?$/m.exec(head)?.[1] ?? '';
  const stamp = /\bt=(\d+)/.exec(head)?.[1];
  const made = stamp === undefined ? new Date(date) : new Date(Number(stamp) * 1_000);
  const to = [...head.matchAll(/[\w.+-]+@[\w.-]+/g)].map(([address]) => address);
  const found = await verifySignatures(mail, {
    keys: new Map(Object.entries(zone).map(([name, text]) => [name, { records: [[text]] }])),
    now: new Date(made.getTime() + 60_000),
    deskAddresses: [...new Set(to)],
    trustedSealers: [],
  });
  return found.signatures[0]?.result === 'pass';
}

const crlf = (mail: Buffer): Buffer =>
  Buffer.from(mail.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');

const withoutSignature = (mail: Buffer): Buffer =>
  Buffer.from(mail.toString('latin1').replace(/^DKIM-Signature:.*\r\n(?:[ \t].*\r\n)*/m, ''), 'latin1');
