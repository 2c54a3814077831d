import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/connection.ts';
import { PurgedeskError } from '../../src/domain/errors.ts';
import { PACE } from '../../src/purge/pace.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import { openStores } from '../../src/purge/stores/open-stores.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { type PostgresServer, startPostgresServer } from '../flow/postgres-server.ts';
import { COMPILED } from '../support/compile-cache.ts';
import { untilBackendsWait } from '../support/database.ts';
import { workspaceRequest } from '../tickets/desk.ts';
import { fillCustomers } from './customer-database.ts';
import { openDesk } from './desk.ts';
import { ACME, WORKSPACE_TARGET } from './fixtures.ts';
import { NEVER } from './store-contract.ts';
import { openWholeDesk, type WholeDesk } from './whole-desk.ts';

const KILLED_DESK = fileURLToPath(new URL('killed-desk.ts', import.meta.url));
/** A purge of two steps of two batches each. */
const ROWS = 50 * 2 * 4 + 3;

/** Works in a process of its own until that dies at its nth crash point. @returns whether it died there */
async function workUntilKilled(whole: WholeDesk, nth: number): Promise<boolean> {
  const given = {
    databaseUrl: whole.desk.url,
    key: Buffer.from(whole.desk.deps.key).toString('hex'),
    policy: whole.real.environment.policy,
    stores: [whole.customers.store],
    nth,
  };
  const child = spawn(process.execPath, [...COMPILED, '--disable-warning=ExperimentalWarning', KILLED_DESK], {
    env: { PATH: process.env.PATH ?? '', GIVEN: JSON.stringify(given) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code, signal] = await once(child, 'close');
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the process failed: ${said}`);
  return signal === 'SIGKILL';
}

describe('D15 a process that is killed', () => {
  test('at every crash point of every batch leaves the right rows gone, no others, and the right figures', async () => {
    await using whole = await openWholeDesk();
    const { db } = whole.desk;
    const others = await whole.othersOf(ACME);
    const ticket = await whole.desk.inGrace(workspaceRequest(), false);
    await whole.work();
    await whole.desk.outlast(await whole.desk.ticket(ticket.id));
    let kills = 0;
    while (await workUntilKilled(whole, kills + 1)) {
      kills += 1;
      expect(kills).toBeLessThan(40);
      expect(await whole.othersOf(ACME)).toBe(others);
      const { state } = await whole.desk.ticket(ticket.id);
      expect([state, await whole.rowsOf(ACME)]).toEqual(
        state === 'completed' ? ['completed', 0] : ['purging', expect.any(Number)],
      );
    }
    expect(kills).toBeGreaterThan(8);
    expect((await whole.desk.ticket(ticket.id)).state).toBe('completed');
    expect(await whole.rowsOf(ACME)).toBe(0);
    const { signed } = await db('receipts').where({ ticket_id: ticket.id }).first('signed');
    expect(signed.receipt).toMatchObject({ deletedTotal: ROWS, remainingTotal: 0 });
    expect(await db('erasure_ledger').where({ ticket_id: ticket.id })).toHaveLength(2);
    expect(await verifyAudit(db)).toMatchObject({ problems: [] });
  }, 300_000);
});

describe('the customers’ database, stopped at once', () => {
  let folder: string;
  let server: PostgresServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'purge-kill-'));
    server = await startPostgresServer(folder);
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(['in the middle of a batch', 'when a batch is done and not yet recorded'])(
    '%s: the purge waits for it, and only the end is later',
    async (moment) => {
      const url = await server.createDatabase(`customers_${moment.length}`);
      await using customers = connectedTo(url);
      const { store } = await fillCustomers(customers.db, url);
      const others = await othersIn(customers.db);
      await using desk = await openDesk();
      const stores = openStores([store], desk.db);
      const ports = { ...desk.ports, catalogue: [store], stores };
      const id = await desk.ticketInGrace(WORKSPACE_TARGET);
      await rehearse(ports, id, NEVER);
      await desk.startPurge(id);
      if (moment === 'in the middle of a batch') {
        const holder = await customers.db.transaction();
        await holder.raw(`select from events where workspace_id = '${ACME}' for update`);
        const step = runStep(ports, id, 1, NEVER);
        await untilBackendsWait(customers.db, 1);
        await server.crash();
        await step;
        await holder.rollback().catch(() => undefined);
      } else {
        desk.atCrashPoint = async (label) => {
          if (label !== 'purge.batch.erased') return;
          desk.atCrashPoint = () => undefined;
          await server.crash();
        };
        await runStep(ports, id, 1, NEVER);
      }
      expect(await desk.db('receipts')).toEqual([]);
      expect(await desk.db('tickets').where({ id }).first('state')).toEqual({ state: 'purging' });
      await server.start();
      await desk.work(ports);
      expect(await desk.db('tickets').where({ id }).first('state')).toEqual({ state: 'completed' });
      const { signed } = await desk.db('receipts').where({ ticket_id: id }).first('signed');
      expect(signed.receipt).toMatchObject({ deletedTotal: ROWS, remainingTotal: 0 });
      await using after = connectedTo(url);
      expect(await othersIn(after.db, 'true')).toBe(others);
      await stores.close();
    },
  );
});

const connectedTo = (url: string): { readonly db: Knex } & AsyncDisposable => {
  const db = openDatabase(url);
  return { db, [Symbol.asyncDispose]: () => db.destroy() };
};

async function othersIn(db: Knex, kept = `workspace_id <> '${ACME}'`): Promise<string> {
  const found = await db.raw<{ rows: [{ sum: string }] }>(`
    select md5((select string_agg(cast(e as text), ',' order by id) from events e where ${kept}) ||
      (select string_agg(cast(p as text), ',' order by id) from people p where ${kept})) as sum`);
  return found.rows[0].sum;
}

describe('F31 a store that is gone for two days', () => {
  test('is waited for without a person, is never called done meanwhile, and the purge then ends by itself', async () => {
    let goneUntil = Number.POSITIVE_INFINITY;
    await using desk = await openDesk({
      // As for customers: the pauses are those of the desk.
      pace: { brakeSecondsMin: PACE.brakeSecondsMin, brakeSecondsMax: PACE.brakeSecondsMax },
      wrap: (store) => {
        const orGone =
          <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
          async (...args: A): Promise<R> => {
            if (desk.passed() >= goneUntil - TWO_DAYS && desk.passed() < goneUntil) throw GONE;
            return call(...args);
          };
        return {
          ...store,
          rehearse: orGone(store.rehearse),
          erase: orGone(store.erase),
          countRemaining: orGone(store.countRemaining),
        };
      },
    });
    const others = await othersIn(desk.db);
    const id = await desk.ticketInGrace(WORKSPACE_TARGET);
    await rehearse(desk.ports, id, NEVER);
    await desk.startPurge(id);
    desk.atCrashPoint = (label) => {
      // In the middle of the purge: some of it is gone by then.
      if (label === 'purge.batch.recorded') goneUntil = Math.min(goneUntil, desk.passed() + TWO_DAYS);
    };
    // Every try of two days would take too long: time passes by half an hour at a time.
    while (desk.passed() < TWO_DAYS) {
      await runStep(desk.ports, id, 1, NEVER);
      expect(await desk.db('receipts')).toEqual([]);
      expect(await desk.db('tickets').where({ id }).first('state')).toEqual({ state: 'purging' });
      await desk.pass(1_800);
    }
    expect(desk.events.map(({ type }) => type)).not.toContain('step_failed');
    expect(await desk.db('holds')).toEqual([]);
    await desk.work();
    expect(await desk.db('tickets').where({ id }).first('state')).toEqual({ state: 'completed' });
    expect(await othersIn(desk.db, 'true')).toBe(others);
    const { signed } = await desk.db('receipts').where({ ticket_id: id }).first('signed');
    expect(signed.receipt).toMatchObject({ deletedTotal: ROWS, remainingTotal: 0 });
  });
});

const TWO_DAYS = 2 * 86_400;
const GONE = new PurgedeskError('PD_STORE_FAILED', 'the store is gone');
