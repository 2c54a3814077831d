import type { Knex } from 'knex';
import { openDatabase } from '../../src/db/connection.ts';
import type { CrashLabel } from '../../src/domain/crash-label.ts';
import { type TicketId, ticketId as toTicketId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { type Target, targetDigest } from '../../src/domain/target.ts';
import type { HoldReason, Obstacle, TicketEvent } from '../../src/domain/ticket.ts';
import { ledgerKey } from '../../src/purge/ledger/seal.ts';
import { PACE, type Pace } from '../../src/purge/pace.ts';
import type { PurgePorts } from '../../src/purge/ports.ts';
import { receiptKey } from '../../src/purge/receipt.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { purgeTasks } from '../../src/purge/run-purge.ts';
import type { Store } from '../../src/purge/store.ts';
import { openStores } from '../../src/purge/stores/open-stores.ts';
import { freshDatabase } from '../support/database.ts';
import { type Customers, fillCustomers } from './customer-database.ts';
import { archiveStore, sampleTarget } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

/**
 * A desk around the purge stage on real Postgres: its tables, its constraints and a queue that commits with the
 * transaction are real; the decisions of the ticket's transition are reduced to what a purge needs. The
 * customers' tables stand in the same database, which a purge neither knows nor minds.
 */
export interface Desk extends AsyncDisposable {
  readonly db: Knex;
  readonly url: string;
  readonly customers: Customers;
  readonly ports: PurgePorts;
  /** Committed events, in order. */
  readonly events: TicketEvent[];
  /** What stands in the way of every purge; changed by tests. */
  obstacles: readonly Obstacle[];
  /** Called at every crash label; replaced by tests. */
  atCrashPoint: (label: CrashLabel) => void | Promise<void>;
  ticketInGrace(target: Target): Promise<TicketId>;
  startPurge(ticketId: TicketId): Promise<void>;
  /** Runs queued jobs one after the other until none is left; what waits for a time is run when it has passed. */
  work(ports?: PurgePorts): Promise<void>;
  /** Lets time pass for leases and brakes, which live by the database's real clock. */
  pass(seconds: number): Promise<void>;
  /** How many seconds have passed that way. */
  readonly passed: () => number;
  /** What the log got, in order. */
  readonly lines: LogLine[];
  release(ticketId: TicketId, reason: HoldReason): Promise<void>;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string | number>>;
}

export const RECEIPT_KEY = receiptKey(Buffer.alloc(32, 3));

/** @param wrap - puts something between the purge and the real store */
export async function openDesk(
  options: {
    wrap?: (store: Store) => Store;
    policy?: Partial<PurgePorts['policy']>;
    store?: Record<string, unknown>;
    /** Stores beside the archive, in the same database. */
    moreStores?: readonly Record<string, unknown>[];
    /** Unless this says otherwise, a failed store may be tried again at once, and a slow machine breaks no run off. */
    pace?: Partial<Pace>;
    /** Another way to the desk's own database, for the purge only. */
    through?: (url: string) => Promise<string>;
  } = {},
): Promise<Desk> {
  const database = await freshDatabase();
  const { db, url } = database;
  const customers = await fillCustomers(db, url, options.store);
  const own = options.through === undefined ? db : openDatabase(await options.through(url));
  await db.raw(
    'create table test_jobs (key text primary key, task text, payload jsonb, after_seconds integer)',
  );
  const catalogue = [
    customers.store,
    ...(options.moreStores ?? []).map((store) => archiveStore({ url, ...store })),
  ];
  const opened = openStores(catalogue, db);
  const events: TicketEvent[] = [];
  const lines: LogLine[] = [];
  let passed = 0;
  const pass = async (seconds: number) => {
    passed += seconds;
    await shiftTime(db, seconds);
  };
  const ports: PurgePorts = {
    db: own,
    tickets: {
      advance: (ticketId, event, advanceOptions) =>
        advance(own, events, ticketId, event, advanceOptions?.within),
    },
    eligibility: async () => desk.obstacles,
    enqueue: async (trx, task, payload, key, afterSeconds = 0) => {
      await trx('test_jobs')
        .insert({ key, task, payload: JSON.stringify(payload), after_seconds: afterSeconds })
        .onConflict('key')
        .merge();
    },
    catalogue,
    stores: { get: (name) => (options.wrap ?? ((store) => store))(opened.get(name)), close: opened.close },
    policy: { ...DEFAULT_POLICY, ...options.policy },
    receiptKey: RECEIPT_KEY,
    ledgerKey: ledgerKey(Buffer.alloc(32, 3)),
    pace: { ...PACE, lookMsMax: 60_000, brakeSecondsMin: 0, brakeSecondsMax: 0, ...options.pace },
    log: (level, message, details) => lines.push({ level, message, details }),
    crashPoint: (label) => desk.atCrashPoint(label),
  };
  const desk: Desk = {
    db,
    url,
    customers,
    ports,
    events,
    obstacles: [],
    atCrashPoint: () => undefined,
    ticketInGrace: (target) => insertTicket(db, target),
    startPurge: async (ticketId) => {
      await db('tickets').where({ id: ticketId }).update({ state: 'purging', purge_started_at: new Date() });
      await db.transaction((trx) =>
        ports.enqueue(trx, 'purge.step', { ticketId, no: 1 }, `step:${ticketId}:1`),
      );
    },
    work: (others = ports) => workOff(db, others, pass),
    pass,
    passed: () => passed,
    lines,
    release: async (ticketId, reason) => {
      await db('holds')
        .where({ ticket_id: ticketId, reason, lifted_at: null })
        .update({ lifted_at: new Date() });
    },
    [Symbol.asyncDispose]: async () => {
      await opened.close();
      if (own !== db) await own.destroy();
      await database[Symbol.asyncDispose]();
    },
  };
  return desk;
}

async function workOff(db: Knex, ports: PurgePorts, pass: Desk['pass']): Promise<void> {
  const tasks = purgeTasks(ports);
  for (let jobs = 0; jobs < 500; jobs++) {
    const [job] = await db('test_jobs').select('*').orderBy(['after_seconds', 'key']).limit(1);
    if (job === undefined) return;
    if (job.after_seconds > 0) await pass(job.after_seconds);
    await db('test_jobs').where({ key: job.key }).delete();
    await tasks[job.task as 'purge.step'](job.payload, NEVER);
  }
  throw new Error('the queue never ran dry');
}

async function shiftTime(db: Knex, seconds: number): Promise<void> {
  await db.raw('update purge_steps set lease_until = lease_until - make_interval(secs => ?)', [seconds]);
  await db.raw('update store_brakes set probe_at = probe_at - make_interval(secs => ?)', [seconds]);
  await db.raw('update test_jobs set after_seconds = greatest(0, after_seconds - ?)', [seconds]);
}

async function insertTicket(db: Knex, target: Target): Promise<TicketId> {
  const requestedAt = new Date('2024-05-02T13:00:00Z');
  const [conversation] = await db('conversations').insert(
    { requester_hash: 'h', opened_at: requestedAt },
    'id',
  );
  const [ticket] = await db('tickets').insert(
    {
      conversation_id: conversation.id,
      origin: 'app',
      scope: target.scope,
      request: JSON.stringify({ scope: target.scope }),
      target: JSON.stringify(target),
      digest: targetDigest(target),
      workspace_ids: target.workspaces.map(({ id }) => id),
      requester_hash: 'h',
      requested_at: requestedAt,
      due_at: new Date('2024-06-01T13:00:00Z'),
      verdict: 'entitled',
      state: 'grace',
      state_since: requestedAt,
      verified_at: new Date('2024-05-02T14:00:00Z'),
      grace_started_at: new Date('2024-05-02T14:00:00Z'),
      grace_ends_at: new Date('2024-05-08T00:00:00Z'),
    },
    'id',
  );
  return toTicketId(ticket.id);
}

function holdOf(event: TicketEvent): HoldReason | null {
  if (event.type === 'held') return event.reason;
  if (event.type === 'step_blocked') return 'review';
  return event.type === 'step_failed' ? 'step_failed' : null;
}

const REFUSED = new Error('there is nothing to release');

async function advance(
  db: Knex,
  events: TicketEvent[],
  ticketId: TicketId,
  event: TicketEvent,
  within: (trx: Knex.Transaction) => Promise<void> = async () => undefined,
): Promise<{ kind: 'moved' | 'stayed' | 'refused' }> {
  const outcome = await db
    .transaction(async (trx) => {
      const ticket = await trx('tickets').where({ id: ticketId }).forUpdate().first('state');
      if (event.type === 'purge_finished' && ticket.state !== 'purging') return { kind: 'refused' } as const;
      await within(trx);
      const reason = holdOf(event);
      if (reason !== null) {
        const hold = { ticket_id: ticketId, reason, placed_by: 'desk', placed_at: new Date() };
        await trx.raw('? on conflict do nothing', [trx('holds').insert(hold)]);
      }
      if (event.type === 'released') {
        const hold = trx('holds').where({ ticket_id: ticketId, reason: event.reason, lifted_at: null });
        if ((await hold.update({ lifted_at: new Date() })) === 0) throw REFUSED;
      }
      if (event.type !== 'purge_finished') return { kind: 'stayed' } as const;
      await trx('tickets').where({ id: ticketId }).update({ state: 'completed', closed_at: new Date() });
      return { kind: 'moved' } as const;
    })
    .catch((error) => {
      if (error === REFUSED) return { kind: 'refused' } as const;
      throw error;
    });
  if (outcome.kind !== 'refused') events.push(event);
  return outcome;
}

/** A ticket that is rehearsed and has its purge begun; for the web source in January unless told otherwise. */
export async function purging(desk: Desk, target: Target = sampleTarget()): Promise<TicketId> {
  const id = await desk.ticketInGrace(target);
  await rehearse(desk.ports, id, NEVER);
  await desk.startPurge(id);
  return id;
}

export const stateOf = async (desk: Desk, id: TicketId) =>
  (await desk.db('tickets').where({ id }).first('state')).state;
