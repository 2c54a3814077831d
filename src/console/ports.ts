import type { State } from '../domain/ticket.ts';

/** What the web needs of the desk. `findChallenge`, `health` and `overview` only read, whatever calls them. */
export interface ConsolePorts {
  /** What the roles of this process depend on, as short words that are safe to publish ("ok", "down"). */
  health(): Promise<{ readonly ok: boolean; readonly checks: Readonly<Record<string, string>> }>;
  /** `null` = no such link. Gets nothing but tokens of a link's alphabet and length. */
  findChallenge(token: string): Promise<ChallengeView | null>;
  /**
   * Takes six digits that a person typed and counts a wrong try. `none`: the link is unknown or takes no more answers.
   */
  answer(token: string, code: string): Promise<'right' | 'wrong' | 'none'>;
  /** Everything at a glance, in the sandbox only: `null` elsewhere, and then nothing is shown. */
  overview(): Promise<Overview | null>;
}

/** What the page behind a link may show. */
export interface ChallengeView {
  readonly state: 'open' | 'answered' | 'expired' | 'locked' | 'voided';
  readonly triesLeft: number;
  /** An instant, ISO 8601. */
  readonly expiresAt: string;
  /** Shown while `open` and `answered`. `sentence` is a phrase: "all data of the workspace …". */
  readonly tickets: readonly { readonly reference: string; readonly sentence: string }[];
}

/** The sandbox at one moment. Lists are newest first; the page shows the first of them. */
export interface Overview {
  readonly deskAddress: string;
  /** The desk's clock, which the sandbox may have moved. ISO 8601, as all instants here. */
  readonly now: string;
  readonly people: readonly {
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
}

/** `details` hold ids, codes and counts only: never a link, an address or a code. */
export type ConsoleLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  details: Readonly<Record<string, string | number>>,
) => void;
