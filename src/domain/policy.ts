import { addDays, dayOf, startOfDay } from './calendar.ts';
import type { Role } from './directory.ts';
import type { Scope } from './request.ts';

/** One class of data that stays on purpose. */
export interface Residue {
  readonly category: 'backups' | 'finance' | 'security' | 'other';
  /** In the operator's words, shown to customers: "Encrypted database backups". */
  readonly what: string;
  readonly why: string;
  /** What the keeping rests on, cited as the operator does in every language: "§ 147 AO"; `null` = not stated. */
  readonly legalBasis: string | null;
  /** Days after completion for which it is kept; `null` = on a rolling schedule, no date is ever invented. */
  readonly retentionDays: number | null;
  /**
   * Instead of `retentionDays`, for copies of which one is made after the other and each expires by itself: the window of
   * that schedule, in days. The last copy that holds the data was made before the completion, so this many days after it
   * none is left.
   */
  readonly rollingDays: number | null;
}

/**
 * The last UTC day on which any of it may still be there, when the deletion is completed at that instant; `null` = nobody
 * can say.
 */
export function residueEnd(
  { retentionDays, rollingDays }: Pick<Residue, 'retentionDays'> & Partial<Pick<Residue, 'rollingDays'>>,
  completedAt: Date,
): string | null {
  // A mail that was queued by an earlier version knows no rolling schedule with an end.
  const days = retentionDays ?? rollingDays ?? null;
  return days === null ? null : addDays(dayOf(completedAt), days);
}

/**
 * From when on no backup can hold the data any more: the start of the day after the last of them has expired. `null`
 * when there is no backup, or one of which nobody can say when it goes: then nothing may be said about all of them.
 */
export function backupsGoneAt(residue: readonly Residue[], completedAt: Date): Date | null {
  const ends = residue
    .filter(({ category }) => category === 'backups')
    .map((backups) => residueEnd(backups, completedAt));
  const last = ends.includes(null) ? null : (ends.toSorted().at(-1) ?? null);
  return last === null ? null : startOfDay(addDays(last, 1));
}

/** What an operator may decide. None of it can shorten the grace or spare anyone the challenge. */
export interface Policy {
  /** `PURGE_ENABLED`: while false every ticket stops in its grace with the hold `purging_off`. */
  readonly purgeEnabled: boolean;
  /** Roles that may ask, by scope. */
  readonly roles: Readonly<Record<Scope, readonly Role[]>>;
  /** Scopes that cannot be cancelled once verified; the wait stays. */
  readonly finalScopes: readonly Scope[];
  /** `all`: every plan is approved by an agent before its grace; `exceptions`: tombstones without a known owner only. */
  readonly review: 'exceptions' | 'all';
  /**
   * How many different agents approve a plan that is to be approved, or lift a review that holds a ticket which has one.
   * With 2 none of them may be who corrected the request or vouched for it.
   */
  readonly approvals: 1 | 2;
  /** Whether people who are deleted one by one (scope `user`) are put on the list of those not to be taken in again. */
  readonly suppressDeletedUsers: boolean;
  /** Rows and objects one ticket may delete without an agent's release. */
  readonly ticketCap: number;
  /** Rows and objects all tickets together may delete a UTC day without an agent's release. */
  readonly dayCap: number;
  readonly residue: readonly Residue[];
  readonly challengeHours: number;
  readonly challengeTries: number;
  readonly challengeReminderHours: number;
  /** How long an incomplete request waits for its details. */
  readonly detailsDays: number;
  /** Hours before the end of the grace at which the reminder goes out. */
  readonly graceReminderHours: number;
  /** Days from request to finished purge. */
  readonly deadlineDays: number;
  /** Days after a ticket closed on which the desk forgets whose it was and what was written about it. */
  readonly contextRetentionDays: number;
  /** The most days for which a mail is kept that no open ticket needs. */
  readonly rawRetentionDays: number;
  /** Mails an hour to people who are not verified; two thirds of them may go to those who prove nothing. */
  readonly repliesAnHour: number;
  /** Mails in 24 hours to strangers and unproven senders of one domain. */
  readonly repliesADomain: number;
  /** Mails in 24 hours to people who are not verified, in one conversation. */
  readonly repliesAThread: number;
}

export const DEFAULT_POLICY: Policy = {
  purgeEnabled: false,
  roles: {
    workspace: ['owner', 'admin'],
    account: ['owner', 'admin'],
    source: ['owner', 'admin'],
    space: ['owner'],
    user: ['owner', 'admin'],
    events: ['owner', 'admin'],
  },
  finalScopes: [],
  review: 'exceptions',
  approvals: 1,
  suppressDeletedUsers: false,
  ticketCap: 10_000_000,
  dayCap: 100_000_000,
  residue: [
    {
      category: 'backups',
      what: 'Backup copies',
      why: 'they let us restore the service after a failure',
      legalBasis: null,
      retentionDays: null,
      rollingDays: null,
    },
    {
      category: 'finance',
      what: 'Invoice, payment, tax and accounting records',
      why: 'financial law obliges us to keep them',
      legalBasis: null,
      retentionDays: null,
      rollingDays: null,
    },
    {
      category: 'security',
      what: 'Minimal security logs',
      why: 'they are needed to investigate abuse, fraud and service incidents',
      legalBasis: null,
      retentionDays: null,
      rollingDays: null,
    },
  ],
  challengeHours: 72,
  challengeTries: 5,
  challengeReminderHours: 24,
  detailsDays: 14,
  graceReminderHours: 24,
  deadlineDays: 30,
  contextRetentionDays: 30,
  rawRetentionDays: 90,
  repliesAnHour: 300,
  repliesADomain: 50,
  repliesAThread: 20,
};
