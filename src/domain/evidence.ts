import type { Problem, RequestField } from './request.ts';
import type { Target } from './target.ts';

export type AuthResult = 'pass' | 'fail' | 'none' | 'temperror' | 'permerror';

/** What mail authentication says about one message. Facts with their source; the judge adds them up. */
export interface MailEvidence {
  /** `own`: verified here; `authserv`: from the pinned Authentication-Results; `none`: not done (no raw trust). */
  readonly source: 'own' | 'authserv' | 'none';
  readonly spf: { readonly result: AuthResult; readonly domain: string | null; readonly aligned: boolean };
  /** Only signatures that stood up to our own rules count as pass. */
  readonly dkim: {
    readonly result: AuthResult;
    readonly domains: readonly string[];
    readonly aligned: boolean;
  };
  readonly dmarc: {
    readonly result: AuthResult;
    /** The policy that the From domain publishes, `null` = none found. */
    readonly policy: 'none' | 'quarantine' | 'reject' | null;
  };
  /** Plain sentences for an agent; no mail text. */
  readonly notes: readonly string[];
}

/** How far the mail's own authentication carries. */
export type Standing =
  /** DMARC fails under an enforcing policy, or the author is not one plain mailbox: no mail goes out. */
  | 'failed'
  /** An aligned DKIM or SPF pass. */
  | 'authenticated'
  /** Neither: none, unaligned, `p=none` failures and temporary errors. The challenge decides. */
  | 'unproven';

export const VERDICTS = [
  'entitled',
  'wrong_workspace',
  'not_entitled',
  'contradictory',
  'unauthenticated',
  'failed',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One thing to ask back, per field, with why. */
export interface Ask {
  readonly field: RequestField | 'scope';
  /**
   * `missing`: not given. `unknown`: not found in the workspace that the sender administers. `several`: matches more than
   * one. `differs`: said in two ways that contradict each other.
   */
  readonly why: 'missing' | 'unknown' | 'several' | 'differs' | Problem;
}

/** What all evidence adds up to for one request. */
export interface Judgement {
  readonly verdict: Verdict;
  /** In words, for the ticket and for agents; ids and roles only, no addresses, no mail text. */
  readonly reasons: readonly string[];
  /** Set when entitled and complete. */
  readonly target: Target | null;
  /** Set when entitled to something and the request is incomplete. */
  readonly asks: readonly Ask[];
}
