import type { Role } from './directory.ts';
import type { Scope } from './request.ts';

/** One class of data that stays on purpose. */
export interface Residue {
  readonly category: 'backups' | 'finance' | 'security' | 'other';
  /** In the operator's words, shown to customers: "Encrypted database backups". */
  readonly what: string;
  readonly why: string;
  /** Days after completion on which the last copy is gone; `null` = on a rolling schedule, no date is ever invented. */
  readonly retentionDays: number | null;
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
  ticketCap: 10_000_000,
  dayCap: 100_000_000,
  residue: [
    {
      category: 'backups',
      what: 'Backup copies',
      why: 'they let us restore the service after a failure',
      retentionDays: null,
    },
    {
      category: 'finance',
      what: 'Invoice, payment, tax and accounting records',
      why: 'financial law obliges us to keep them',
      retentionDays: null,
    },
    {
      category: 'security',
      what: 'Minimal security logs',
      why: 'they are needed to investigate abuse, fraud and service incidents',
      retentionDays: null,
    },
  ],
  challengeHours: 72,
  challengeTries: 5,
  challengeReminderHours: 24,
  detailsDays: 14,
  graceReminderHours: 24,
  deadlineDays: 30,
  rawRetentionDays: 90,
  repliesAnHour: 300,
  repliesADomain: 50,
  repliesAThread: 20,
};
