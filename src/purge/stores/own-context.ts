import type { Knex } from 'knex';
import { PurgedeskError } from '../../domain/errors.ts';
import { faultCode } from '../../domain/fault.ts';
import { type TicketId, ticketId } from '../../domain/ids.ts';
import type { PlanStep } from '../../domain/plan.ts';
import type { Erased, EraseOptions, Store, StoreCheckpoint } from '../store.ts';
import { CONTEXT_KINDS, type ContextKind, EMPTIED, KIND_SQL } from './own-context-due.ts';

/** What the built-in store needs of the desk. */
export interface OwnContextOptions {
  /** The desk's own database. */
  readonly db: Knex;
  readonly policy: { readonly contextRetentionDays: number; readonly rawRetentionDays: number };
  /** Through the one door that changes tickets, each with its event, in the transaction that has locked them. */
  eraseTickets(trx: Knex.Transaction, ids: readonly TicketId[]): Promise<void>;
}

export const OWN_CONTEXT = 'own_context';
/** The one tenant of this store: there is no other to be mistaken for. */
const OWN_DESK = 'desk';

/** All that was due at one instant, of one kind. */
export const contextStep = (kind: ContextKind, asOf: Date): PlanStep => ({
  no: CONTEXT_KINDS.indexOf(kind) + 1,
  store: OWN_CONTEXT,
  kind: OWN_CONTEXT,
  target: kind,
  action: 'delete',
  predicate: {
    workspaceId: OWN_DESK,
    sourceId: null,
    spaceId: null,
    projectId: null,
    users: [],
    events: [],
    properties: [],
    receivedFrom: null,
    receivedBefore: asOf.toISOString(),
  },
});

const SETTINGS = `set local lock_timeout = '2s'; set local idle_in_transaction_session_timeout = '20s'`;
const COUNTING = `set transaction read only; set local statement_timeout = '60s'; ${SETTINGS}`;
const ERASING = `set local statement_timeout = '10s'; ${SETTINGS}`;

/** A ticket takes several statements and an event: this many keep a batch within its time. */
const TICKETS_A_BATCH = 50;
/** Emptying a row means marking every page of its mail. One mail always fits. */
const BYTES_A_BATCH = 32 * 1024 * 1024;

/**
 * The desk's own mails, tickets and conversations as a store like any other: what is due by the policy is counted,
 * erased in batches of one transaction each, and counted again. Rows are emptied, not deleted: what is left of them are
 * dates, states, counts and hashes, by which copies are known, budgets hold and chains verify.
 */
export function openOwnContextStore(options: OwnContextOptions): Store {
  return {
    name: OWN_CONTEXT,
    rehearse: (step, signal) => countDue(options, step, signal),
    countRemaining: (step, signal) => countDue(options, step, signal),
    erase: (step, checkpoint, how) => eraseBatch(options, step, checkpoint, how),
    // The connection is the desk's.
    close: async () => undefined,
  };
}

/** The instants that a kind's conditions ask for. */
interface Dues {
  readonly kind: ContextKind;
  readonly bindings: { readonly contextCutoff: string; readonly rawCutoff: string };
}

async function countDue(options: OwnContextOptions, step: PlanStep, signal: AbortSignal): Promise<number> {
  const dues = duesOf(options, step);
  signal.throwIfAborted();
  if (dues === null) return 0;
  const { table, time, latest, due } = KIND_SQL[dues.kind];
  return transaction(options, async (trx) => {
    await trx.raw(COUNTING);
    const found = await trx.raw<{ rows: [{ count: number }] }>(
      `select count(*) as count from ${table} r where r.${time} <= ${latest} and ${due}`,
      dues.bindings,
    );
    return found.rows[0].count;
  });
}

interface Candidate {
  readonly id: number;
  /** As the database writes it: a Date would lose the microseconds. */
  readonly at: string;
  readonly bytes: number;
}

async function eraseBatch(
  options: OwnContextOptions,
  step: PlanStep,
  checkpoint: StoreCheckpoint,
  { limit, signal }: EraseOptions,
): Promise<Erased> {
  const dues = duesOf(options, step);
  const after = placeOf(checkpoint);
  signal.throwIfAborted();
  if (dues === null) return { deleted: 0, checkpoint, done: true };
  const most = dues.kind === 'tickets' ? Math.min(limit, TICKETS_A_BATCH) : limit;
  return transaction(options, async (trx) => {
    await trx.raw(ERASING);
    const found = await lockCandidates(trx, dues, after, most);
    const batch = withinBytes(found);
    // A second statement sees what was committed while the first one waited for its locks.
    const doomed = await stillDue(trx, dues, batch);
    await empty(options, trx, dues.kind, doomed);
    const last = batch.at(-1);
    return {
      deleted: doomed.length,
      checkpoint: last === undefined ? checkpoint : { at: last.at, id: last.id },
      done: found.length < most && batch.length === found.length,
    };
  });
}

async function lockCandidates(
  trx: Knex.Transaction,
  { kind, bindings }: Dues,
  after: { readonly at: string; readonly id: number } | null,
  limit: number,
): Promise<readonly Candidate[]> {
  const { table, time, latest, due } = KIND_SQL[kind];
  const behind = after === null ? '' : `and (r.${time}, r.id) > (cast(:at as timestamptz), :id)`;
  const bytes = kind === 'messages' ? 'r.size_bytes' : '0';
  const found = await trx.raw<{ rows: Candidate[] }>(
    `select r.id, cast(r.${time} as text) as at, ${bytes} as bytes from ${table} r
     where r.${time} <= ${latest} and ${due} ${behind} order by r.${time}, r.id limit :limit for update of r`,
    { ...bindings, ...(after ?? {}), limit },
  );
  return found.rows;
}

function withinBytes(found: readonly Candidate[]): readonly Candidate[] {
  let bytes = 0;
  return found.filter((candidate, index) => {
    bytes += candidate.bytes;
    return index === 0 || bytes <= BYTES_A_BATCH;
  });
}

async function stillDue(
  trx: Knex.Transaction,
  { kind, bindings }: Dues,
  batch: readonly Candidate[],
): Promise<readonly number[]> {
  if (batch.length === 0) return [];
  const { table, due } = KIND_SQL[kind];
  const found = await trx.raw<{ rows: { id: number }[] }>(
    `select r.id from ${table} r where r.id = any(:ids) and ${due} order by r.id`,
    { ...bindings, ids: batch.map(({ id }) => id) },
  );
  return found.rows.map(({ id }) => id);
}

async function empty(
  options: OwnContextOptions,
  trx: Knex.Transaction,
  kind: ContextKind,
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  if (kind === 'tickets') return options.eraseTickets(trx, ids.map(ticketId));
  await trx.raw(`update ${kind} set ${EMPTIED[kind]} where id = any(:ids)`, { ids: [...ids] });
}

/** SQLSTATE of a statement that ran out of time, and of a lock that was not had in time. */
const OUT_OF_TIME = ['57014', '55P03'];

/** What the database refuses can pass; its own message may hold a value, so only its code is told. */
async function transaction<T>(
  { db }: OwnContextOptions,
  work: (trx: Knex.Transaction) => Promise<T>,
): Promise<T> {
  try {
    return await db.transaction(work);
  } catch (error) {
    if (error instanceof PurgedeskError) throw error;
    const code = faultCode(error);
    throw new PurgedeskError('PD_STORE_FAILED', `store ${OWN_CONTEXT}: the database refuses a batch`, {
      details: { store: OWN_CONTEXT, code, ...(OUT_OF_TIME.includes(code) ? { reason: 'timeout' } : {}) },
      cause: error,
    });
  }
}

const DAY_MS = 86_400_000;

/** `null` = it is about somebody else's desk, of which there is nothing here. */
function duesOf({ policy }: OwnContextOptions, { target, predicate }: PlanStep): Dues | null {
  const {
    workspaceId,
    sourceId,
    spaceId,
    projectId,
    users,
    events,
    properties,
    receivedFrom,
    receivedBefore,
  } = predicate;
  const kind = CONTEXT_KINDS.find((known) => known === target);
  if (kind === undefined) throw invalid('a step is not about anything in here');
  if (workspaceId.trim() === '') throw invalid('an identifier is empty');
  const narrowed = [sourceId, spaceId, projectId, receivedFrom].some((field) => field !== null);
  if (narrowed || users.length + events.length + properties.length > 0)
    throw invalid('a step cannot be narrowed');
  if (receivedBefore === null) throw invalid('a step lacks the instant as of which it is due');
  if (workspaceId !== OWN_DESK) return null;
  const asOf = new Date(receivedBefore);
  const before = (days: number) => new Date(asOf.getTime() - days * DAY_MS).toISOString();
  return {
    kind,
    bindings: {
      contextCutoff: before(policy.contextRetentionDays),
      rawCutoff: before(policy.rawRetentionDays),
    },
  };
}

function placeOf(checkpoint: StoreCheckpoint): { readonly at: string; readonly id: number } | null {
  if (checkpoint === null) return null;
  const { at, id } = checkpoint as { readonly at?: unknown; readonly id?: unknown };
  if (typeof at === 'string' && typeof id === 'number') return { at, id };
  throw invalid('a checkpoint is not a place');
}

const invalid = (what: string): PurgedeskError =>
  new PurgedeskError('PD_STORE_INVALID', `store ${OWN_CONTEXT}: ${what}`, {
    details: { store: OWN_CONTEXT },
  });
