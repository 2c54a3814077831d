import { spf } from 'mailauth/lib/spf/index.js';
import { foldAscii } from '../domain/directory.ts';
import type { AuthResult } from '../domain/evidence.ts';
import { resultOf } from './authentication-results.ts';
import { MAX_DNS_MS, type Resolve } from './resolver.ts';
import type { TrustedHop } from './trusted-hop.ts';

export interface PathResult {
  readonly result: AuthResult;
  /** Of the envelope sender; `null` = SPF was not checked. */
  readonly domain: string | null;
  readonly note: string | null;
  /** The word of RFC 7208 section 2.6 that `result` stands for; `null` = SPF was not checked. */
  readonly word: string | null;
}

/** SPF of the path into our own server. A HELO name alone never authenticates anybody. */
export async function spfOf(
  hop: TrustedHop | null,
  options: { readonly resolve: Resolve; readonly receivedBy: string },
): Promise<PathResult> {
  const none = (note: string) => ({ result: 'none' as const, domain: null, note, word: null });
  if (hop === null || hop.ip === null) return none('no trusted record of the path: SPF not checked');
  if (hop.mailFrom === null) return none('the path has no sender: SPF not checked');
  const domain = foldAscii(hop.mailFrom.slice(hop.mailFrom.lastIndexOf('@') + 1));
  const found = await spf({
    ip: hop.ip,
    helo: hop.helo,
    sender: hop.mailFrom,
    mta: options.receivedBy,
    resolver: options.resolve,
    maxElapsedTime: MAX_DNS_MS,
    // Otherwise records that the RFC calls errors are read with good will.
    strict: true,
  });
  const word = found.status.result;
  return { result: resultOf(word), domain, note: null, word };
}
