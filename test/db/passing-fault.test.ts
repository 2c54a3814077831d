import pg from 'pg';
import { expect, test } from 'vitest';
import { isPassing } from '../../src/db/passing-fault.ts';
import { emptyDatabase } from '../support/database.ts';

const coded = (code: string) => Object.assign(new Error('x'), { code });

test.each(['08006', '40001', '40P01', '53300', '55P03', '57P01', '57014', 'ECONNRESET', 'ECONNREFUSED'])(
  '%s passes by itself',
  (code) => {
    expect(isPassing(coded(code))).toBe(true);
  },
);

test.each([coded('23505'), coded('42P01'), coded('PD001'), new TypeError('x is undefined'), 'text', null])(
  '%s does not',
  (error) => {
    expect(isPassing(error)).toBe(false);
  },
);

test('a connection that is ended from outside passes, as the driver tells it', async () => {
  await using database = await emptyDatabase();
  const client = new pg.Client({ connectionString: database.url });
  client.on('error', () => undefined);
  await client.connect();
  const waiting = client.query('select pg_sleep(60)').catch((error: unknown) => error);
  for (let ended = 0; ended === 0; ) {
    const { rows } = await database.db.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity 
       where query = 'select pg_sleep(60)' and datname = current_database()`,
    );
    ended = rows.length;
  }
  expect(isPassing(await waiting)).toBe(true);
  const broken = await client.query('select 1').catch((error: unknown) => error);
  expect(isPassing(broken)).toBe(true);
});
