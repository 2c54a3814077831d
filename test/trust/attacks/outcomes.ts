/** What must become of an attack mail: what the desk promises, never what it happens to do. */

import type { Disposition } from '../../../src/domain/mail.ts';
import type { HoldReason, State } from '../../../src/domain/ticket.ts';

export interface MailAllowance {
  readonly to: string;
  readonly max: number;
  readonly templates: readonly string[];
  /** A template of which at least one must go out. */
  readonly must?: string;
}

export interface TicketBounds {
  /** Every state that it may ever be in. */
  readonly states: readonly State[];
  /** States of which it must have been in one. */
  readonly mustReach?: readonly State[];
  readonly mustHold?: readonly HoldReason[];
  readonly mustNotHold?: readonly HoldReason[];
  /** Whether it may become verified; for one that was so beforehand this says nothing. */
  readonly verified: boolean;
}

export interface Outcome {
  readonly dispositions: readonly Disposition[];
  /** Tickets that the mail may open. */
  readonly opened: TicketBounds & { readonly max: number; readonly min: number };
  /** Tickets that existed beforehand, by reference; one that is not named may not change but for the time that passes. */
  readonly existing: Readonly<Record<string, TicketBounds>>;
  /** Mail to anybody else, or of another kind, is outside. */
  readonly mails: readonly MailAllowance[];
  /** `any` where a purge that is none of the mail's business may go on. */
  readonly rowsDeleted: 0 | 'any';
  /** An agent must be asked to look. */
  readonly agent: boolean;
}

/** Words of ours that say neither yes nor no. */
const NEUTRAL = ['not_authorised', 'pointers'];
const NO_TICKET: Outcome['opened'] = { max: 0, min: 0, states: [], verified: false };
const REFUSED: readonly State[] = ['received', 'rejected', 'expired', 'cancelled'];

/** For a person to look at: no ticket, and nobody hears anything. */
export const nothing = (dispositions: readonly Disposition[] = ['other', 'unreadable']): Outcome => ({
  dispositions,
  opened: NO_TICKET,
  existing: {},
  mails: [],
  rowsDeleted: 0,
  agent: dispositions.every((one) => one === 'other' || one === 'unreadable'),
});

/** A machine wrote it. */
export const automatic = (): Outcome => nothing(['automatic']);

/** Not handled as a request, with at most one neutral answer to the address that wrote. */
export const neutral = (
  to: string,
  dispositions: readonly Disposition[] = ['other', 'silenced'],
): Outcome => ({
  ...nothing(dispositions),
  mails: [{ to, max: 1, templates: NEUTRAL }],
});

/** A forgery under an enforcing policy: the agents may see it as a ticket, and no mail goes out. */
export const refused = (max = 1): Outcome => ({
  ...nothing(['opened', 'other', 'silenced', 'unreadable']),
  opened: { max, min: 0, states: REFUSED, verified: false },
  agent: true,
});

/** Somebody who may not ask: one neutral mail to that very address. */
export const stranger = (to: string, max = 1): Outcome => ({
  ...refused(max),
  mails: [{ to, max: 1, templates: ['not_authorised'] }],
  agent: false,
});

/** The address in the directory is asked, reminded once, and told when the time is over. */
export const challenged = (to: string, { must = false, tickets = 1 } = {}): Outcome => ({
  ...nothing(must ? ['opened'] : ['opened', 'other', 'silenced']),
  opened: {
    max: tickets,
    min: must ? 1 : 0,
    states: ['received', 'needs_details', 'verifying', 'expired', 'rejected'],
    ...(must ? { mustReach: ['verifying'] } : {}),
    verified: false,
  },
  mails: [
    {
      to,
      max: 3,
      templates: ['verify_request', 'expired'],
      ...(must ? { must: 'verify_request' } : {}),
    },
  ],
});

/** Whoever may ask is asked back, and nothing is to be confirmed. */
export const askedBack = (to: string, { must = false, tickets = 1 } = {}): Outcome => ({
  ...nothing(['opened', 'other', 'silenced']),
  opened: {
    max: tickets,
    min: 0,
    states: ['received', 'needs_details', 'expired', 'rejected'],
    verified: false,
  },
  mails: [
    {
      to,
      max: 3,
      templates: ['needs_details', 'expired', ...NEUTRAL],
      ...(must ? { must: 'needs_details' } : {}),
    },
  ],
});

/** One of several outcomes that the promises leave open. */
export const either = (first: Outcome, second: Outcome): Outcome => ({
  dispositions: [...new Set([...first.dispositions, ...second.dispositions])],
  opened: {
    max: Math.max(first.opened.max, second.opened.max),
    min: Math.min(first.opened.min, second.opened.min),
    states: [...new Set([...first.opened.states, ...second.opened.states])],
    verified: first.opened.verified || second.opened.verified,
  },
  existing: { ...first.existing, ...second.existing },
  mails: [...first.mails, ...second.mails],
  rowsDeleted: first.rowsDeleted === 'any' ? 'any' : second.rowsDeleted,
  agent: first.agent && second.agent,
});

/** The right code in a mail that proves nothing: it does not count, and the requester is told at the stored address. */
export const codeIgnored = (requester: string): Outcome => ({
  ...nothing(['joined', 'other', 'silenced', 'unreadable']),
  mails: [{ to: requester, max: 1, templates: TOLD }],
  agent: false,
});

/** What a requester may hear about a code that did not count, or about a ticket of their own. */
export const TOLD = ['verify_failed', 'status'];
