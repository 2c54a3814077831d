import type { State } from '../domain/ticket.ts';

/** What a person in whose name a doubtful cancel came can choose. `go_on`: it was not them. */
export const CANCEL_CHOICES = ['cancel', 'go_on'] as const;
export type CancelChoice = (typeof CANCEL_CHOICES)[number];

/** What the web needs of the desk. `findChallenge`, `health`, `readiness` and `overview` only read, whatever calls them. */
export interface ConsolePorts {
  /** What the roles of this process depend on, as short words that are safe to publish ("ok", "down"). */
  health(): Promise<{ readonly ok: boolean; readonly checks: Readonly<Record<string, string>> }>;
  /** Whether this process can do its work now, and which alarms stand for the desk as a whole. Never waits for anything. */
  readiness(): ReadinessView;
  /** `null` = no such link. Gets nothing but tokens of a link's alphabet and length. */
  findChallenge(token: string): Promise<ChallengeView | null>;
  /**
   * Takes six digits that a person typed to confirm a deletion and counts a wrong try. `none`: the link is unknown, is
   * for something else or takes no more answers.
   */
  answer(token: string, code: string): Promise<'right' | 'wrong' | 'none'>;
  /** The same for the link of a doubtful cancel, with what was chosen. */
  settleCancel(token: string, code: string, choice: CancelChoice): Promise<'right' | 'wrong' | 'none'>;
  /**
   * A service behind a store says that it is through with something. Makes its purges look sooner, and nothing else.
   * `false`: there is no such store, or it did not sign this.
   */
  takeCallback(store: string, callback: SignedCallback): Promise<boolean>;
  /** Who must not be taken in again, for systems that show the token; `null` = not served. */
  readonly suppressions: {
    readonly token: string;
    has(workspaceId: string, userId: string): Promise<boolean>;
  } | null;
  /** The public keys of this desk for its receipts: the one that signs now first, then the former ones. */
  receiptKeys(): Promise<readonly ReceiptKeyView[]>;
  /** Everything at a glance, in the sandbox only: `null` elsewhere, and then nothing is shown. */
  overview(): Promise<Overview | null>;
}

/** Codes only, which are safe to publish. */
export interface ReadinessView {
  readonly ready: boolean;
  /** Why not. */
  readonly reasons: readonly string[];
  /** They make no process unready: another one could do no better. */
  readonly alarms: readonly string[];
}

export interface ReceiptKeyView {
  /** SPKI, base64. */
  readonly publicKey: string;
  readonly pem: string;
  /** SHA-256 of the SPKI, lower-case hex. */
  readonly fingerprint: string;
  /** ISO 8601; `null` = it has signed nothing yet. */
  readonly firstUsedAt: string | null;
  readonly isCurrent: boolean;
}

/** A callback as it came in: headers as text, '' for those that were not there, and the bytes of the body. */
export interface SignedCallback {
  readonly id: string;
  readonly timestamp: string;
  readonly signatures: string;
  readonly body: Uint8Array;
}

/** Where a deletion stands that a cancel is about. `ended`: completed, rejected or expired. */
export type Standing = 'on_hold' | 'going_on' | 'cancelled' | 'started' | 'ended';

/** What the page behind a link may show. */
export interface ChallengeView {
  readonly purpose: 'verify' | 'cancel';
  /** `answered` for a cancel too when the deletion came to its end or its start without an answer. */
  readonly state: 'open' | 'answered' | 'expired' | 'locked' | 'voided';
  readonly triesLeft: number;
  /** An instant, ISO 8601. */
  readonly expiresAt: string;
  /** Shown while `open` and `answered`. `sentence` is a phrase: "all data of the workspace …". */
  readonly tickets: readonly {
    readonly reference: string;
    readonly sentence: string;
    readonly standing: Standing;
  }[];
}

/** The sandbox at one moment. Lists are newest first; the page shows the first of them. */
export interface Overview {
  readonly deskAddress: string;
  /** The desk's clock, which the sandbox may have moved. ISO 8601, as all instants here. */
  readonly now: string;
  /** The hidden field of the forms. */
  readonly formField: string;
  /** The whole journey in a few steps, which tick themselves off. */
  readonly guide: readonly {
    readonly title: string;
    readonly lead: string;
    readonly isDone: boolean;
    /** Whose mailbox to go to; `null` = nobody's. */
    readonly person: string | null;
  }[];
  readonly people: readonly {
    /** By which addresses of pages name them. */
    readonly key: string;
    readonly name: string;
    readonly address: string;
    readonly role: string;
    readonly workspace: string;
  }[];
  readonly tickets: readonly {
    readonly reference: string;
    readonly state: State;
    readonly sentence: string;
    readonly holds: readonly string[];
    readonly requester: string;
    /** What happens next, and when, in a sentence. */
    readonly next: string;
  }[];
  readonly mails: readonly {
    readonly at: string;
    readonly direction: 'in' | 'out';
    /** The address at the other end. */
    readonly who: string;
    readonly what: string;
    readonly disposition: string;
  }[];
  readonly commands: readonly { readonly title: string; readonly command: string }[];
  /** What agents should know first, in sentences: usually nothing. */
  readonly notices: readonly string[];
}

/** `details` hold ids, codes and counts only: never a link, an address or a code. */
export type ConsoleLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  details: Readonly<Record<string, string | number>>,
) => void;
