import { foldAscii } from '../domain/directory.ts';
import { type HeaderField, repeatedSingleton } from '../domain/raw-header.ts';

/** What one DKIM signature that verified says of itself. */
export interface SignatureFacts {
  /** `d=`, lower case. */
  readonly domain: string;
  /** `a=`, lower case. */
  readonly algorithm: string;
  /** Lower-case names of the fields that it covers. */
  readonly signed: ReadonlySet<string>;
  /** It has `l=`: text may follow what was signed. */
  readonly limited: boolean;
  /** The key says `t=y`. */
  readonly testing: boolean;
  /** Where it breaks RFC 6376. */
  readonly malformed: boolean;
  readonly signedAt: Date | null;
  readonly expiresAt: Date | null;
}

/**
 * What a signature that verified is worth to us.
 * `good`: it proves its domain.
 * `weak`: it proves nothing to us, yet its publisher means it: Google leaves Content-Type unsigned and Microsoft To, so
 * such a mail is not taken for a forgery; the challenge decides.
 * `void`: as if it were not there.
 */
export type Grade = { readonly kind: 'good' } | { readonly kind: 'weak' | 'void'; readonly why: string };

const MAX_AGE_MS = 7 * 86_400_000;
const MAX_SKEW_MS = 5 * 60_000;

/**
 * Our own rules on top of the arithmetic of a signature.
 * @param mail.fields - all header fields of the mail
 * @param mail.now - when the mail arrived
 * @param mail.deskAddresses - addresses of this desk; `local+anything@domain` counts as well
 */
export function gradeSignature(
  facts: SignatureFacts,
  mail: {
    readonly fields: readonly HeaderField[];
    readonly mixedLineEnds: boolean;
    readonly now: Date;
    readonly deskAddresses: readonly string[];
  },
): Grade {
  const { fields, now } = mail;
  const has = (name: string) => fields.some((field) => field.name === name);
  const uncovered = (name: string) => has(name) && !facts.signed.has(name);
  if (mail.mixedLineEnds) return voided('the mail has bare line ends');
  const twice = repeatedSingleton(fields);
  if (twice !== null) return voided(`the mail has more than one ${twice}`);
  if (facts.limited) return voided('it limits the length of the body that it covers');
  if (facts.malformed) return voided('it breaks the rules for signatures');
  if (facts.testing) return voided('its key is published for testing');
  if (!/^(rsa|ed25519)-sha256$/.test(facts.algorithm)) return voided('its algorithm is not good enough');
  for (const name of ['from', 'date']) if (!has(name)) return voided(`the mail has no ${name}`);
  for (const name of ['from', 'subject', 'date'])
    if (uncovered(name)) return voided(`it does not cover ${name}`);
  const late = untimely(facts, dateOf(fields), now);
  if (late !== null) return voided(late);
  const addressed = addressesOf(fields, (name) => facts.signed.has(name));
  const toUs = addressed.some((address) => mail.deskAddresses.some((desk) => isOurs(address, desk)));
  // A Cc that was added to somebody else's mail says nothing about whom it was written to.
  if (!toUs && (facts.signed.has('to') || (!uncovered('to') && !uncovered('cc'))))
    return voided('it covers a mail that is not addressed to us');
  for (const name of ['to', 'cc', 'content-type', 'content-transfer-encoding']) {
    if (uncovered(name)) return { kind: 'weak', why: `it does not cover ${name}` };
  }
  return { kind: 'good' };
}

/** A list of tags as in RFC 6376 section 3.2; of a tag that comes twice the last counts. */
export function tagsOf(value: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const part of value.split(';')) {
    const at = part.indexOf('=');
    if (at > 0) tags.set(part.slice(0, at).trim(), part.slice(at + 1).replace(/\s+/g, ''));
  }
  return tags;
}

const voided = (why: string): Grade => ({ kind: 'void', why });

function untimely(facts: SignatureFacts, date: Date | null, now: Date): string | null {
  const at = facts.signedAt ?? date;
  if (at === null) return 'nothing tells when it was made';
  if (facts.expiresAt !== null && facts.expiresAt < now) return 'it has expired';
  if (at.getTime() > now.getTime() + MAX_SKEW_MS) return 'it comes from the future';
  return now.getTime() - at.getTime() > MAX_AGE_MS ? 'it is older than seven days' : null;
}

function dateOf(fields: readonly HeaderField[]): Date | null {
  const text = fields.find(({ name }) => name === 'date')?.value ?? '';
  // Comments such as "(CET)" are legal and mean nothing (RFC 5322 section 3.3).
  const date = new Date(text.slice(0, 100).replace(/\([^()]*\)/g, ''));
  return Number.isNaN(date.getTime()) ? null : date;
}

/** Mailboxes in To and Cc; quoted names and comments are the writer's to choose and never looked into. */
function addressesOf(fields: readonly HeaderField[], covered: (name: string) => boolean): readonly string[] {
  return fields
    .filter(({ name }) => (name === 'to' || name === 'cc') && covered(name))
    .flatMap(({ value }) =>
      value
        .replace(/"(?:[^"\\]|\\.)*"/g, '')
        .replace(/\([^()]*\)/g, '')
        .split(/[,;:]/),
    )
    .map((item) => foldAscii(/<([^<>]*)>/.exec(item)?.[1] ?? item).trim());
}

function isOurs(address: string, desk: string): boolean {
  const [local = '', domain = ''] = foldAscii(desk).split('@');
  return (
    address === `${local}@${domain}` || (address.startsWith(`${local}+`) && address.endsWith(`@${domain}`))
  );
}
