import type { Knex } from 'knex';
import type { CrashLabel } from '../domain/crash-label.ts';
import type { TicketId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import type { Obstacle, TicketEvent } from '../domain/ticket.ts';
import type { StoreCatalogue } from './catalogue.ts';
import type { LedgerKey } from './ledger/seal.ts';
import type { Pace } from './pace.ts';
import type { ReceiptKey } from './receipt.ts';
import type { Stores } from './store.ts';

/** The one door through which a ticket changes. */
interface TicketDoor {
  /**
   * Applies an event: locks the ticket's row, decides, runs `within`, then writes the ticket, its event, replies and
   * jobs, all in one transaction. `within` runs whenever the event is applied (`moved` or `stayed`), before the
   * ticket's row is written, so that the database finds the receipt of a completed ticket; it does not run on
   * `refused`. What it throws rolls everything back and comes out of `advance`.
   */
  advance(
    ticketId: TicketId,
    event: TicketEvent,
    options?: { readonly within?: (trx: Knex.Transaction) => Promise<void> },
  ): Promise<{ readonly kind: 'moved' | 'stayed' | 'refused' }>;
}

export type PurgeTask = 'purge.rehearse' | 'purge.step';

/** Where every step comes by, in this order, outside of any transaction. */
export const STEP_LABELS = [
  'purge.taken',
  'purge.counted',
  'purge.restricted',
  'purge.guarded',
  'purge.batch.erased',
  'purge.batch.recorded',
  'purge.read_back',
  'purge.step.finished',
  'purge.finished',
] as const satisfies readonly CrashLabel[];

/** What a purge needs from the rest of the desk. */
export interface PurgePorts {
  /** The desk's own database. */
  readonly db: Knex;
  readonly tickets: TicketDoor;
  /** Looks at the world again: roles, workspaces, stops, the purging switch. Empty = the purge may go on. */
  eligibility(trx: Knex.Transaction, ticketId: TicketId): Promise<readonly Obstacle[]>;
  /**
   * Adds a job in the given transaction; a waiting job of the same key is replaced, not doubled.
   * @param afterSeconds - not before so long from now; 0 if left out
   */
  enqueue(
    trx: Knex.Transaction,
    task: PurgeTask,
    payload: { readonly ticketId: number; readonly no?: number },
    key: string,
    afterSeconds?: number,
  ): Promise<void>;
  readonly catalogue: StoreCatalogue;
  readonly stores: Stores;
  readonly policy: Policy;
  readonly receiptKey: ReceiptKey;
  readonly ledgerKey: LedgerKey;
  readonly pace: Pace;
  /** Calls back whenever the switch may have changed, until what it returns is called; left out = nobody tells. */
  onSwitch?(look: () => void): () => void;
  /** Ids, counts and codes only: nothing of a row, and nobody's name. */
  log(
    level: 'info' | 'warn' | 'error',
    message: string,
    details: Readonly<Record<string, string | number>>,
  ): void;
  /** Does nothing outside crash tests. */
  crashPoint(label: CrashLabel): void | Promise<void>;
}
