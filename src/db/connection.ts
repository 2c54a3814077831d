import knex, { type Knex } from 'knex';
import pg from 'pg';

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

/**
 * Opens the desk's database. `synchronous_commit` is left on: a mail is only marked on the server once its row is durable.
 * @param url - postgres:// URL
 */
export function openDatabase(url: string, options: { readonly poolMax?: number } = {}): Knex {
  return knex({
    client: 'pg',
    connection: {
      connectionString: url,
      application_name: 'purgedesk',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    },
    pool: { min: 0, max: options.poolMax ?? 8 },
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
export async function deskNow(db: Knex): Promise<Date> {
  const result = await db.raw<{ rows: [{ now: Date }] }>('select desk_now() as now');
  return result.rows[0].now;
}
