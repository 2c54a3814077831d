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
  /**
   * What the servers that handed the mail on say (RFC 8617): a hint why a signature broke, never a proof of anybody. Missing
   * in what was stored before it was looked at.
   */
  readonly arc?: {
    readonly result: 'pass' | 'fail' | 'none';
    /** The last of them, of a chain that holds. */
    readonly sealer: string | null;
    /** This desk's configuration names the sealer. */
    readonly trusted: boolean;
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
  /** Neither: none, unaligned and `p=none` failures. The challenge decides. */
  | 'unproven'
  /** An answer of DNS is missing that could still decide: the mail is read again later, and no mail goes out meanwhile. */
  | 'undetermined';

/** Whether the desk may write to anybody because of a mail of this standing, and take its author for who it says. */
export const isAnswerable = (standing: Standing): boolean =>
  standing === 'authenticated' || standing === 'unproven';

/** `ownerless`: a deleted workspace of which the directory knows nobody in charge any more. Only agents can vouch for it. */
export const VERDICTS = [
  'entitled',
  'ownerless',
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
  /** Set when entitled and complete, or ownerless: then it is what agents may vouch for. */
  readonly target: Target | null;
  /** Set when entitled to something and the request is incomplete. */
  readonly asks: readonly Ask[];
}
