/** Directory, tickets, engine and store as they are joined for customers, on one real database; mail and clock are ours. */
import type { Desk } from '../../src/commands/desk.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { purgeTasks } from '../../src/purge/run-purge.ts';
import { policy as onPolicy } from '../tickets/cast.ts';
import { openTestDesk, type StoredTicket, type TestDesk } from '../tickets/desk.ts';
import { type Customers, fillCustomers } from './customer-database.ts';
import { type Job, NEXT_JOB, openRealDesk } from './real-desk.ts';
import { NEVER } from './store-contract.ts';

/** A tenant that no ticket of any test names. */
export const BYSTANDER = 'ws_bystander';

export interface WholeDesk extends AsyncDisposable {
  readonly desk: TestDesk;
  readonly real: Desk;
  readonly customers: Customers;
  /** Runs what is queued for purges until nothing is. */
  work(): Promise<void>;
  /** Rehearses, lets the grace pass, and purges as far as it goes. */
  purge(ticket: StoredTicket): Promise<StoredTicket>;
  /** How many rows of events and people a tenant has. */
  rowsOf(workspaceId: string): Promise<number>;
  /** A checksum over everything of all tenants but these. */
  othersOf(...workspaceIds: readonly string[]): Promise<string>;
}

export async function openWholeDesk(overrides: Partial<Policy> = {}): Promise<WholeDesk> {
  const policy = { ...onPolicy, ...overrides };
  const desk = await openTestDesk(policy);
  const { db } = desk;
  const customers = await fillCustomers(db, desk.url);
  await db.raw(FILL_BYSTANDER, { id: BYSTANDER });
  const key = Buffer.from(desk.deps.key);
  const real = openRealDesk({ databaseUrl: desk.url, key, policy, stores: [customers.store], crashAt: null });
  const tasks = purgeTasks(real.purge);
  const whole: WholeDesk = {
    desk,
    real,
    customers,
    async work() {
      for (let jobs = 0; jobs < 200; jobs++) {
        const { rows } = await db.raw<{ rows: readonly Job[] }>(NEXT_JOB);
        const [job] = rows;
        if (job === undefined) return;
        await db.raw('delete from graphile_worker._private_jobs where id = ?', [job.id]);
        await tasks[job.task](job.payload, NEVER);
      }
      throw new Error('the queue never ran dry');
    },
    async purge(ticket) {
      await whole.work();
      await desk.outlast(await desk.ticket(ticket.id));
      await whole.work();
      return desk.ticket(ticket.id);
    },
    async rowsOf(workspaceId) {
      const { rows } = await db.raw<{ rows: [{ count: number }] }>(COUNT_ROWS, { id: workspaceId });
      return rows[0].count;
    },
    async othersOf(...workspaceIds) {
      const { rows } = await db.raw<{ rows: [{ sum: string }] }>(CHECKSUM, { ids: [...workspaceIds] });
      return rows[0].sum;
    },
    async [Symbol.asyncDispose]() {
      await real.close();
      await desk[Symbol.asyncDispose]();
    },
  };
  return whole;
}

const FILL_BYSTANDER = `
  with filled as (
    insert into events (workspace_id, source_id, user_id, event, received_at)
    select :id, 'src_web', 'u' || n % 5, 'Ordered', timestamptz '2024-01-01 00:00Z' + n * interval '1 hour'
    from generate_series(1, 200) n)
  insert into people (id, workspace_id) select 'by_' || n, :id from generate_series(1, 5) n`;

const COUNT_ROWS = `
  select (select count(*) from events where workspace_id = :id)
    + (select count(*) from people where workspace_id = :id) as count`;

const CHECKSUM = `
  select md5(
    (select coalesce(string_agg(cast(e as text), ',' order by id), '') from events e
     where not workspace_id = any(cast(:ids as text[]))) ||
    (select coalesce(string_agg(cast(p as text), ',' order by id), '') from people p
     where not workspace_id = any(cast(:ids as text[])))) as sum`;
