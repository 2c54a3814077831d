/** The arithmetic of a mail's signatures, from keys that were looked up before: it runs where nothing but a mail waits for it. */
import type { DKIMResult } from 'mailauth';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { foldAscii } from '../domain/directory.ts';
import type { AuthResult, MailEvidence } from '../domain/evidence.ts';
import { hasMixedLineEnds, headerFields } from '../domain/raw-header.ts';
import { chainOf } from './chain.ts';
import { answeredBy, type KeyAnswers } from './signature-keys.ts';
import { type Grade, gradeSignature, type SignatureFacts } from './signature-rules.ts';

/** Plain data: it crosses threads. */
export interface SignatureJob {
  readonly keys: KeyAnswers;
  /** When the mail arrived: signatures are judged by it. */
  readonly now: Date;
  readonly deskAddresses: readonly string[];
  readonly trustedSealers: readonly string[];
}

export interface Signature {
  readonly domain: string;
  readonly result: AuthResult | 'weak';
  /** Same organizational domain as the author by the Public Suffix List: only used where no DMARC record exists. */
  readonly related: boolean;
  readonly note: string | null;
}

export interface SignatureFindings {
  /** The one author as the verifier reads the mail, ASCII lower case; `null` = it does not find exactly one. */
  readonly author: string | null;
  readonly signatures: readonly Signature[];
  readonly chain: NonNullable<MailEvidence['arc']>;
}

const MIN_KEY_BITS = 1_024;
const STRONG_KEY_BITS = 2_048;

export async function verifySignatures(raw: Buffer, job: SignatureJob): Promise<SignatureFindings> {
  const resolver = answeredBy(job.keys);
  const fields = headerFields(raw) ?? [];
  const verified = await dkimVerify(raw, {
    resolver,
    curTime: job.now,
    rejectRsaSha1: true,
    minBitLength: MIN_KEY_BITS,
  });
  const [author, second] = verified.headerFrom;
  const mixedLineEnds = hasMixedLineEnds(raw);
  const grade = (facts: SignatureFacts) => gradeSignature(facts, { fields, mixedLineEnds, ...job });
  return {
    author:
      verified.fromFields === 1 && author !== undefined && second === undefined ? foldAscii(author) : null,
    signatures: verified.results
      .filter(({ status }) => status.result !== 'none')
      .map((result) => signatureOf(result, grade)),
    chain: await chainOf(verified, { fields, resolve: resolver, trustedSealers: job.trustedSealers }),
  };
}

function signatureOf(result: DKIMResult, grade: (facts: SignatureFacts) => Grade): Signature {
  const domain = foldAscii(result.signingDomain ?? '');
  const related = Boolean(result.status.aligned);
  const base = { domain, related };
  if (result.status.result === 'temperror') {
    return { ...base, result: 'temperror', note: `the key of ${showDomain(domain)} could not be looked up` };
  }
  if (result.status.result !== 'pass') {
    return { ...base, result: 'fail', note: `the signature of ${showDomain(domain)} does not verify` };
  }
  const verdict = grade({
    domain,
    algorithm: foldAscii(result.algo ?? ''),
    signed: new Set(foldAscii(result.signingHeaders?.keys ?? '').split(/\s*:\s*/)),
    limited: result.canonBodyLengthLimited !== false || result.status.underSized !== undefined,
    testing: result.status.testing === true,
    // How a key record is written is its owner's affair; how the signature is written decides what it covers.
    malformed: (result.status.warnings ?? []).some((warning) => !warning.startsWith('key-')),
    signedAt: result.signTime ? new Date(result.signTime) : null,
    expiresAt: result.expiresAfter ? new Date(result.expiresAfter) : null,
  });
  if (verdict.kind === 'good') {
    const short = result.modulusLength !== undefined && result.modulusLength < STRONG_KEY_BITS;
    return { ...base, result: 'pass', note: short ? `the key of ${showDomain(domain)} is short` : null };
  }
  const note = `the signature of ${showDomain(domain)} does not count: ${verdict.why}`;
  return { ...base, result: verdict.kind === 'weak' ? 'weak' : 'fail', note };
}

/** A domain out of a mail, fit for a sentence. */
export const showDomain = (domain: string): string =>
  /^[a-z0-9.-]{1,253}$/.test(domain) ? domain : 'an odd domain';
