/** What an agent sees of a ticket before an act, and what is said about the act. Plain values. */
import type { Act } from './acts.ts';
import type { requestLines } from './correct-words.ts';
import type { ActionFacts, HoldFact, Remark } from './facts.ts';

/** Acts whose page is a form of a reason and, for dangerous ones, a confirmation. */
export type PlainAct = Exclude<Act, 'correct' | 'checklist'>;

export interface Notice {
  readonly tone: 'info' | 'wait' | 'risk';
  readonly text: string;
}

export interface Sight {
  readonly facts: ActionFacts;
  readonly agent: string;
  readonly approvals: 1 | 2;
  /** The hold to release. */
  readonly hold: HoldFact | null;
  /** What will be deleted, in words. */
  readonly sentence: string;
  /** What the request says, line by line. */
  readonly lines: ReturnType<typeof requestLines>;
  /** Digest of that request. */
  readonly seen: string;
  readonly remarks: readonly Remark[];
}

export interface Words {
  readonly title: string;
  readonly consequences: readonly string[];
  readonly notices?: readonly Notice[];
  readonly label?: string;
  readonly hint?: string;
  readonly button: string;
  readonly isTyped?: boolean;
  readonly isDangerous?: boolean;
  readonly isTall?: boolean;
  readonly hidden?: readonly { readonly name: string; readonly value: string }[];
  /** Why it cannot be done now. */
  readonly instead?: string | null;
}
