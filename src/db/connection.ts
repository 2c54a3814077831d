import knex, { type Knex } from 'knex';
import pg from 'pg';
import { prepared } from './prepared.ts';
import { KEEP_ALIVE_MS, limitSession } from './session.ts';
import { forMany } from './together.ts';

// Counts and ids fit a double exactly (2^53); bigint as text would spread conversions over the program.
const integer = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a database count exceeds 2^53');
  return value;
};
pg.types.setTypeParser(pg.types.builtins.INT8, integer);
/** bigint[]; the library has no name for it. */
const INT8_ARRAY = 1016 as Parameters<typeof pg.types.getTypeParser>[0];
const arrayOfText = pg.types.getTypeParser(INT8_ARRAY) as (text: string) => (string | null)[];
pg.types.setTypeParser(INT8_ARRAY, (text: string) =>
  arrayOfText(text).map((item) => (item === null ? null : integer(item))),
);

/** Reading a set of mails waits for DNS within its transaction, for a minute at the most. */
const IDLE_IN_TRANSACTION_SECONDS = 120;

/**
 * Opens the desk's database. `synchronous_commit` is left on: a mail is only marked on the server once its row is durable.
 * @param url - postgres:// URL
 * @param options.idleInTransactionSeconds - what a process that fell asleep in a transaction holds is free after this long
 */
export function openDatabase(
  url: string,
  options: { readonly poolMax?: number; readonly idleInTransactionSeconds?: number } = {},
): Knex {
  const { idleInTransactionSeconds = IDLE_IN_TRANSACTION_SECONDS } = options;
  const opening = limitSession({ idleInTransactionSeconds });
  return knex({
    client: 'pg',
    connection: {
      connectionString: url,
      application_name: 'purgedesk',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    },
    pool: {
      min: 0,
      max: options.poolMax ?? 8,
      afterCreate: (client: pg.Client, done: (error: Error | null, client: pg.Client) => void) =>
        client.query(opening, (error) => done(error, client)),
    },
    acquireConnectionTimeout: 20_000,
    // Its own lines are not structured and say nothing that the thrown error does not.
    log: {
      warn: () => undefined,
      error: () => undefined,
      deprecate: () => undefined,
      debug: () => undefined,
    },
  });
}

/** Desk time: database time, in the sandbox plus the offset of its movable clock. */
export const deskNow = (db: Knex): Promise<Date> => now(db, undefined);

const now = forMany(async (db: Knex, asked: readonly undefined[]) => {
  const result = await prepared<{ rows: [{ now: Date }] }>(db, 'select desk_now() as now');
  return asked.map(() => result.rows[0].now);
});
