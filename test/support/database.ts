import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import { openDatabase } from '../../src/db/connection.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly db: Knex;
}

/** A database of one's own with all migrations run; on dispose whoever is still connected is cut off, and it goes. */
export const freshDatabase = (): Promise<TestDatabase> => createDatabase('tpl');

/** The same without any table. */
export const emptyDatabase = (): Promise<TestDatabase> => createDatabase('template0');

/**
 * Waits until `count` sessions of this database wait for a lock, so that a race is forced and not hoped for.
 * @throws Error after 10 s
 */
export async function untilBackendsWait(db: Knex, count: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(5)) {
    const found = await db.raw<{ rows: { waiting: number }[] }>(WAITING);
    if ((found.rows[0]?.waiting ?? 0) >= count) return;
  }
  throw new Error(`fewer than ${count} sessions waited for a lock within 10 s`);
}

const WAITING = `select count(*)::int as waiting from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`;

async function createDatabase(template: string): Promise<TestDatabase> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  // By copying files: for a template of ten megabytes less than half the time of writing all of it to the log.
  await onServer(`create database ${name} template ${template} strategy file_copy`);
  const url = new URL(inject('pgUrl'));
  url.pathname = `/${name}`;
  const db = openDatabase(url.href);
  return {
    url: url.href,
    db,
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      await onServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
      done.push(name);
      if (done.length >= DROPPED_AT_ONCE) await dropThem();
    },
  };
}

/** Databases that no test needs any more. Each drop flushes whatever all others have written: one flush serves many. */
const done: string[] = [];
const DROPPED_AT_ONCE = 12;

async function dropThem(): Promise<void> {
  for (const name of done.splice(0)) await onServer(`drop database if exists ${name} with (force)`);
}

afterAll(dropThem);

/** One connection a file for making and dropping databases; it keeps no process alive. */
async function onServer(statement: string): Promise<void> {
  server ??= connect();
  const client = server;
  // A connection takes no second statement before the first has ended.
  const turn = last.then(async () => (await client).query(statement));
  last = turn.catch(() => undefined);
  await turn;
}

let server: Promise<pg.Client> | undefined;
let last: Promise<unknown> = Promise.resolve();

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: inject('pgUrl') });
  // Tests end servers and drop connections; the next statement says so.
  client.on('error', () => {
    server = undefined;
  });
  await client.connect();
  (client as unknown as { connection: { stream: { unref(): void } } }).connection.stream.unref();
  return client;
}
