import type { Knex } from 'knex';
import { type TicketId, ticketId as toTicketId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { type Target, targetDigest } from '../../src/domain/target.ts';
import type { HoldReason, Obstacle, TicketEvent } from '../../src/domain/ticket.ts';
import type { CrashLabel, PurgePorts } from '../../src/purge/ports.ts';
import { receiptKey } from '../../src/purge/receipt.ts';
import { purgeTasks } from '../../src/purge/run-purge.ts';
import type { Store } from '../../src/purge/store.ts';
import { openStores } from '../../src/purge/stores/open-stores.ts';
import { freshDatabase } from '../support/database.ts';
import { type Customers, fillCustomers } from './customer-database.ts';
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
  /** Runs queued jobs one after the other until none is left. */
  work(): Promise<void>;
  release(ticketId: TicketId, reason: HoldReason): Promise<void>;
}

export const RECEIPT_KEY = receiptKey(Buffer.alloc(32, 3));

/** @param wrap - puts something between the purge and the real store */
export async function openDesk(
  options: {
    wrap?: (store: Store) => Store;
    policy?: Partial<PurgePorts['policy']>;
    store?: Record<string, unknown>;
  } = {},
): Promise<Desk> {
  const database = await freshDatabase();
  const { db, url } = database;
  const customers = await fillCustomers(db, url, options.store);
  await db.raw('create table test_jobs (key text primary key, task text, payload jsonb)');
  const opened = openStores([customers.store], db);
  const events: TicketEvent[] = [];
  const ports: PurgePorts = {
    db,
    tickets: {
      advance: (ticketId, event, advanceOptions) =>
        advance(db, events, ticketId, event, advanceOptions?.within),
    },
    eligibility: async () => desk.obstacles,
    enqueue: async (trx, task, payload, key) => {
      await trx('test_jobs')
        .insert({ key, task, payload: JSON.stringify(payload) })
        .onConflict('key')
        .merge();
    },
    catalogue: [customers.store],
    stores: { get: (name) => (options.wrap ?? ((store) => store))(opened.get(name)), close: opened.close },
    policy: { ...DEFAULT_POLICY, ...options.policy },
    receiptKey: RECEIPT_KEY,
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
    work: () => workOff(db, ports),
    release: async (ticketId, reason) => {
      await db('holds')
        .where({ ticket_id: ticketId, reason, lifted_at: null })
        .update({ lifted_at: new Date() });
    },
    [Symbol.asyncDispose]: async () => {
      await opened.close();
      await database[Symbol.asyncDispose]();
    },
  };
  return desk;
}

async function workOff(db: Knex, ports: PurgePorts): Promise<void> {
  const tasks = purgeTasks(ports);
  for (let jobs = 0; jobs < 100; jobs++) {
    const [job] = await db('test_jobs').select('key', 'task', 'payload').orderBy('key').limit(1);
    if (job === undefined) return;
    await db('test_jobs').where({ key: job.key }).delete();
    await tasks[job.task as 'purge.step'](job.payload, NEVER);
  }
  throw new Error('the queue never ran dry');
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
      request: '{}',
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

const HELD_BY: Partial<Record<TicketEvent['type'], HoldReason>> = {
  held: 'review',
  step_blocked: 'review',
  step_failed: 'step_failed',
};

async function advance(
  db: Knex,
  events: TicketEvent[],
  ticketId: TicketId,
  event: TicketEvent,
  within: (trx: Knex.Transaction) => Promise<void> = async () => undefined,
): Promise<{ kind: 'moved' | 'stayed' | 'refused' }> {
  const outcome = await db.transaction(async (trx) => {
    const ticket = await trx('tickets').where({ id: ticketId }).forUpdate().first('state');
    if (event.type === 'purge_finished' && ticket.state !== 'purging') return { kind: 'refused' } as const;
    await within(trx);
    const reason = HELD_BY[event.type];
    if (reason !== undefined) {
      const hold = { ticket_id: ticketId, reason, placed_by: 'desk', placed_at: new Date() };
      await trx.raw('? on conflict do nothing', [trx('holds').insert(hold)]);
    }
    if (event.type !== 'purge_finished') return { kind: 'stayed' } as const;
    await trx('tickets').where({ id: ticketId }).update({ state: 'completed', closed_at: new Date() });
    return { kind: 'moved' } as const;
  });
  if (outcome.kind !== 'refused') events.push(event);
  return outcome;
}
