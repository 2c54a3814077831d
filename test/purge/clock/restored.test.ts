import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { describe, expect, test } from 'vitest';
import { afterRestore } from '../../../src/commands/after-restore.ts';
import { openDatabase } from '../../../src/db/connection.ts';
import { readAgentName } from '../../../src/domain/agents.ts';
import { type LookMemory, lookAtClock, sayRestored } from '../../../src/purge/clock/look-at-clock.ts';
import { openQuarantines } from '../../../src/purge/clock/quarantine.ts';
import { haltPurges, readHalt } from '../../../src/purge/halt.ts';
import { freshDatabase, type TestDatabase } from '../../support/database.ts';

const HOUR = 3_600_000;

function portsOf(db: Knex) {
  const lines: string[] = [];
  return {
    db,
    lines,
    enqueue: async () => undefined,
    log: (_level: string, message: string) => lines.push(message),
    restored: async (trx: Knex.Transaction) => {
      await afterRestore(trx);
    },
  };
}

/** What a machine sees whose uptime runs with the desk's clock. */
const machine = (uptimeMs: number) => ({ id: 'machine', uptimeMs: () => uptimeMs });

async function isHalted({ db }: TestDatabase): Promise<boolean> {
  return (await db('purge_switch').first('halted_at')).halted_at !== null;
}

describe('F25 a restored database', () => {
  test('is noticed by the look of the process that worked on the newer one, and once', async () => {
    await using fresh = await freshDatabase();
    const ports = portsOf(fresh.db);
    const mine: LookMemory = { looks: 0 };
    const others: LookMemory = { looks: 0 };
    for (let look = 0; look < 4; look++) {
      await lookAtClock(ports, machine(look), mine);
      await lookAtClock(ports, machine(look), others);
    }
    await fresh.db('clock_watch').update({ looks: 3 });
    await lookAtClock(ports, machine(5), mine);
    await lookAtClock(ports, machine(5), others);
    expect(ports.lines).toEqual(['the database was restored, moved or failed over: all purges are halted']);
    expect(await isHalted(fresh)).toBe(true);
  });

  test('of another cluster or timeline is noticed by whoever starts on it', async () => {
    await using fresh = await freshDatabase();
    const ports = portsOf(fresh.db);
    await lookAtClock(ports, machine(0), { looks: 0 });
    const { lineage } = await fresh.db('clock_watch').first<{ lineage: string }>('lineage');
    expect(lineage).toMatch(/^\d+\/00000001\/\d+$/);
    await fresh.db('clock_watch').update({ lineage: lineage.replace('/00000001/', '/00000002/') });
    await lookAtClock(ports, machine(1), { looks: 0 });
    expect(await openQuarantines(fresh.db)).toMatchObject([{ kind: 'restored' }]);
    await lookAtClock(ports, machine(2), { looks: 0 });
    expect(ports.lines).toHaveLength(1);
  });

  test('whose tables were put back in the same database is noticed by whoever starts on it', async () => {
    await using fresh = await freshDatabase();
    const ports = portsOf(fresh.db);
    await lookAtClock(ports, machine(0), { looks: 0 });
    // What `pg_restore --clean` does: the same rows in a table that was made anew.
    await fresh.db.raw(`create table put_back (like clock_watch including all);
      insert into put_back select * from clock_watch;
      alter table clock_watch rename to was_clock_watch; alter table put_back rename to clock_watch`);
    await lookAtClock(ports, machine(1), { looks: 0 });
    expect(await openQuarantines(fresh.db)).toMatchObject([{ kind: 'restored' }]);
    await lookAtClock(ports, machine(2), { looks: 0 });
    expect(ports.lines).toHaveLength(1);
  });

  test('whose host does not tell which one it is can still be looked at', async () => {
    await using fresh = await freshDatabase();
    const ports = portsOf(fresh.db);
    for (const code of ['42501', '0A000', '42883']) {
      await fresh.db.raw(`create schema if not exists host;
        create or replace function host.pg_walfile_name(pg_lsn) returns text language plpgsql as
          $$ begin raise exception 'not here' using errcode = '${code}'; end $$;
        set search_path = host, pg_catalog, public`);
      const search = (
        await fresh.db.raw(
          `select format('alter database %I set search_path = host, pg_catalog, public', current_database()) as alter`,
        )
      ).rows[0].alter;
      await fresh.db.raw(search);
      const own = openDatabase(fresh.url, { poolMax: 1 });
      try {
        await lookAtClock({ ...ports, db: own }, machine(0), { looks: 0 });
      } finally {
        await own.destroy();
      }
    }
    expect(await isHalted(fresh)).toBe(false);
  });

  test('keeps purges halted for good where an agent halts them meanwhile', async () => {
    await using fresh = await freshDatabase();
    const { db } = fresh;
    const ports = portsOf(db);
    await sayRestored(ports, { agent: 'Grace', reason: 'the disk broke' });
    expect(await haltPurges(ports, { agent: 'Ada', reason: 'a wrong plan.' })).toBe(true);
    expect(await haltPurges(ports, { agent: 'Bob', reason: 'again' })).toBe(false);
    expect(await readHalt(db)).toMatchObject({
      by: 'Ada',
      reason: expect.stringMatching(/^a wrong plan\. The database was restored/),
    });
    await db('purge_quarantines').update({ ends_at: new Date(0), ends_observed_ms: 0 });
    await lookAtClock(ports, machine(0), { looks: 0 });
    expect(await isHalted(fresh)).toBe(true);
    expect(await db('purge_orders').orderBy('id').pluck('agent')).toEqual(['Grace', 'Ada']);
    expect(['desk', 'Desk', ' DESK. '].map(readAgentName)).toEqual([null, null, null]);
  });

  test('that an agent tells of gives no number twice and sends nothing that may have gone out', async () => {
    await using fresh = await freshDatabase();
    const { db } = fresh;
    const [row] = await db('outbox').insert(
      {
        key: 'one',
        template: 'status',
        locale: 'en',
        recipient: 'ada@acme.example',
        recipient_hash: 'h',
        before_verification: false,
        facts: '{}',
        created_at: new Date(),
      },
      'id',
    );
    const order = { agent: 'Grace', reason: 'the disk broke' };
    expect(await sayRestored(portsOf(db), order)).toBe(true);
    expect(await sayRestored(portsOf(db), order)).toBe(false);
    expect(await db('outbox').first('status', 'attempts')).toEqual({ status: 'unknown', attempts: 1 });
    const next = await db.raw(
      `select nextval(pg_get_serial_sequence('outbox', 'id')) as mail, nextval(pg_get_serial_sequence('tickets', 'id')) as ticket`,
    );
    expect(next.rows[0].mail).toBeGreaterThan(row.id + 100_000);
    expect(next.rows[0].ticket).toBeGreaterThan(11_000);
    expect(await db('purge_orders').select('agent', 'reason')).toEqual([order]);
    const ports = portsOf(db);
    await lookAtClock(ports, machine(0), { looks: 0 });
    expect(ports.lines).toEqual([]);
  });

  test('is noticed by a role that owns nothing, as deploy/roles.sql makes it', async () => {
    await using fresh = await freshDatabase();
    const role = `r_${randomUUID().replaceAll('-', '')}`;
    const own = openDatabase(fresh.url, { poolMax: 1 });
    try {
      await own.raw(`create role ${role} nosuperuser`);
      await own.raw(`grant usage on schema public to ${role};
        grant select, insert, update, delete on all tables in schema public to ${role};
        grant usage, select on all sequences in schema public to ${role};
        set role ${role}`);
      const ports = portsOf(own);
      await lookAtClock(ports, machine(0), { looks: 0 });
      const { lineage } = await own('clock_watch').first<{ lineage: string }>('lineage');
      expect(lineage).not.toBeNull();
      await own('clock_watch').update({ lineage: 'another' });
      await lookAtClock(ports, machine(1), { looks: 0 });
      expect(await isHalted(fresh)).toBe(true);
      await own.raw(`reset role; drop owned by ${role}; drop role ${role}`);
    } finally {
      await own.destroy();
    }
  });

  test('lets purges run again after a day that was really observed, unless an agent has halted them', async () => {
    await using fresh = await freshDatabase();
    const { db } = fresh;
    const ports = portsOf(db);
    const memory: LookMemory = { looks: 0 };
    await lookAtClock(ports, machine(0), memory);
    await sayRestored(ports, { agent: 'Grace', reason: 'the disk broke' });
    const observe = async (hours: number) => {
      // As if so much had passed since the last look, for clock and machine.
      await db.raw(`update clock_watch set seen_at = seen_at - make_interval(hours => ${hours})`);
      await db.raw(`update clock_witnesses set uptime_ms = uptime_ms - ${hours * HOUR},
        anchor_uptime_ms = anchor_uptime_ms - ${hours * HOUR},
        anchor_at = anchor_at - make_interval(hours => ${hours})`);
      await db.raw(`update purge_quarantines set ends_at = ends_at - make_interval(hours => ${hours})`);
      await lookAtClock(ports, machine(0), memory);
    };
    await observe(23);
    expect(await isHalted(fresh)).toBe(true);
    // The clock alone ends nothing.
    await db('purge_quarantines').update({ ends_at: new Date(0) });
    await lookAtClock(ports, machine(0), memory);
    expect(await isHalted(fresh)).toBe(true);
    await observe(1);
    expect(await isHalted(fresh)).toBe(false);
    expect(await openQuarantines(db)).toEqual([]);
    expect(ports.lines).toEqual(['purges run again: the time after a restore is over']);

    await sayRestored(ports, { agent: 'Grace', reason: 'the disk broke' });
    await db('purge_switch').update({ halted_by: 'Ada' });
    await observe(25);
    expect(await isHalted(fresh)).toBe(true);
  });
});
