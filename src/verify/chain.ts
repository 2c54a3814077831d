import type { DKIMVerifyResult } from 'mailauth';
import { arc } from 'mailauth/lib/arc/index.js';
import { foldAscii } from '../domain/directory.ts';
import type { MailEvidence } from '../domain/evidence.ts';
import { type HeaderField, repeatedSingleton } from '../domain/raw-header.ts';
import type { Resolve } from './resolver.ts';
import { tagsOf } from './signature-rules.ts';

/** More hands than honest mail goes through; each costs a look-up and arithmetic. */
const MAX_SETS = 5;
const MIN_KEY_BITS = 1_024;

type ChainEvidence = NonNullable<MailEvidence['arc']>;

const NONE: ChainEvidence = { result: 'none', sealer: null, trusted: false };
const FAIL: ChainEvidence = { ...NONE, result: 'fail' };

/**
 * What the servers that handed a mail on say about it (RFC 8617). Only a hint for agents why the author's signature broke:
 * anybody can seal anything, so it never changes how far a mail is believed.
 *
 * What the library accepts with a warning is a failure here: RFC 8617 knows no chain that is nearly right.
 * @param verified - of the same mail
 * @param trustedSealers - domains whose word agents are shown as such; nobody is trusted who is not listed
 */
export async function chainOf(
  verified: Pick<DKIMVerifyResult, 'arc'>,
  options: {
    readonly fields: readonly HeaderField[];
    readonly resolve: Resolve;
    readonly trustedSealers: readonly string[];
  },
): Promise<ChainEvidence> {
  const sets = options.fields.filter(({ name }) => name === 'arc-seal').length;
  if (sets > MAX_SETS) return FAIL;
  // Of two fields a signature covers one, and readers take the other.
  if (sets > 0 && repeatedSingleton(options.fields) !== null) return FAIL;
  const { chain, error } = verified.arc ?? { chain: false };
  if (error !== undefined) return FAIL;
  if (verified.arc === undefined || chain === false) return NONE;
  const found = await arc(
    { ...verified.arc, chain },
    {
      resolver: options.resolve,
      minBitLength: MIN_KEY_BITS,
      strict: true,
    },
  );
  if (found.status.result === 'none') return NONE;
  if (found.status.result !== 'pass' || (found.warnings ?? []).length > 0) return FAIL;
  const seals = options.fields.filter(({ name }) => name === 'arc-seal').map(({ value }) => tagsOf(value));
  const newest = seals.find((tags) => Number(tags.get('i')) === found.i);
  const sealer = foldAscii(newest?.get('d') ?? '');
  if (!/^[a-z0-9.-]{1,253}$/.test(sealer)) return FAIL;
  return {
    result: 'pass',
    sealer,
    trusted: options.trustedSealers.some((domain) => foldAscii(domain) === sealer),
  };
}

/** What agents are told of a chain that holds; `null` = there is nothing to tell. */
export function chainNote(chain: ChainEvidence): string | null {
  if (chain.result !== 'pass') return null;
  const weight = chain.trusted
    ? 'a trusted forwarder'
    : 'which is not a trusted forwarder: it proves nothing';
  return `the mail was handed on under the seal of ${chain.sealer}, ${weight}`;
}

/** Names of the key records that the check of a chain asks for. */
export function chainKeyNames(fields: readonly HeaderField[]): readonly string[] {
  const seals = fields.filter(({ name }) => name === 'arc-seal');
  if (seals.length > MAX_SETS) return [];
  const signatures = fields.filter(({ name }) => name === 'arc-message-signature').slice(0, MAX_SETS);
  const names = [...seals, ...signatures].flatMap(({ value }) => {
    const tags = tagsOf(value);
    const [selector, domain] = [tags.get('s'), tags.get('d')];
    return selector && domain ? [`${selector}._domainkey.${domain}`] : [];
  });
  return [...new Set(names)];
}
