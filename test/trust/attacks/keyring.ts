/** Keys of the domains: made anew each time, published in the zone, and never stored. */

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { RECORDS, SERVFAIL } from './world.ts';

export interface SigningKey {
  readonly domain: string;
  readonly selector: string;
  readonly privateKey: KeyObject;
}

interface KeyKind {
  readonly bits?: number;
  readonly ed25519?: true;
  /** Tags of the record before `p=` (RFC 6376 section 3.6.1). */
  readonly tags?: string;
  /** `p=` is empty. */
  readonly revoked?: true;
  readonly unpublished?: true;
}

/** By `selector.domain`. */
const KINDS = {
  'mail.acme.example': {},
  'short.acme.example': { bits: 1024 },
  'weak.acme.example': { bits: 512 },
  'testing.acme.example': { tags: 't=y;' },
  'other.acme.example': { tags: 's=tlsrpt;' },
  'strict.acme.example': { tags: 't=s;' },
  'sha1.acme.example': { tags: 'h=sha1;' },
  'revoked.acme.example': { revoked: true },
  'wrongkind.acme.example': { tags: 'k=ed25519;' },
  'down.acme.example': { unpublished: true },
  'ed.acme.example': { ed25519: true, tags: 'k=ed25519;' },
  'mail.promo.acme.example': {},
  'mail.globex.example': {},
  'weak.globex.example': { bits: 512 },
  'testing.globex.example': { tags: 't=y;' },
  'mail.hooli.example': {},
  'mail.news.hooli.example': {},
  'mail.tenant.example': {},
  'mail.sender.example': {},
  'mail.kiosk.example': {},
  'mail.promo.kiosk.example': {},
  'mail.evil.example': {},
  'mail.xn--cme-5cd.example': {},
  'mail.example': {},
} as const satisfies Record<string, KeyKind>;

export type KeyName = keyof typeof KINDS;

export type Keyring = (name: KeyName) => SigningKey;

export function makeKeys(): { readonly keys: Keyring; readonly zone: Zone } {
  const records: Record<string, unknown> = { ...RECORDS };
  const made = new Map<string, SigningKey>();
  for (const [name, kind] of Object.entries(KINDS) as [KeyName, KeyKind][]) {
    const dot = name.indexOf('.');
    const [selector, domain] = [name.slice(0, dot), name.slice(dot + 1)];
    const pair =
      kind.ed25519 === true
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: kind.bits ?? 2_048 });
    made.set(name, { domain, selector, privateKey: pair.privateKey });
    if (kind.unpublished === true) continue;
    const bytes = kind.ed25519 === true ? rawEd25519(pair.publicKey) : spki(pair.publicKey);
    const p = kind.revoked === true ? '' : bytes.toString('base64');
    const record = `v=DKIM1; ${kind.tags?.includes('k=') ? '' : 'k=rsa; '}${kind.tags ?? ''} p=${p}`;
    records[`${selector}._domainkey.${domain}`] = { TXT: [record.match(/.{1,255}/g) ?? []] };
  }
  const keys: Keyring = (name) => {
    const key = made.get(name);
    if (key === undefined) throw new RangeError(`there is no key ${name}`);
    return key;
  };
  return { keys, zone: { records, servfail: SERVFAIL } };
}

export interface Zone {
  readonly records: Readonly<Record<string, unknown>>;
  readonly servfail: readonly string[];
}

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

/** The 32 bytes alone (RFC 8463 section 4.2): SPKI has 12 bytes before them. */
const rawEd25519 = (key: KeyObject): Buffer => spki(key).subarray(12);
