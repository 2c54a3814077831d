import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/connection.ts';
import { prepared } from '../../src/db/prepared.ts';
import { freshDatabase } from '../support/database.ts';

test('a statement is known to its session by name, once, and answers by the values that it is given', async () => {
  await using fresh = await freshDatabase();
  const db = openDatabase(fresh.url, { poolMax: 1 });
  try {
    const sum = async (a: number, b: number) =>
      (
        await prepared<{ rows: [{ sum: number }] }>(db, 'select cast(:a as int) + cast(:b as int) as sum', {
          a,
          b,
        })
      ).rows[0].sum;
    for (let n = 1; n <= 7; n += 1) expect(await sum(n, 10)).toBe(n + 10);
    // The same text in a transaction, and one that fails.
    await db.transaction(async (trx) => {
      const { rows } = await prepared<{ rows: [{ id: number }] }>(trx, 'select cast(? as int) as id', [5]);
      expect(rows[0].id).toBe(5);
    });
    await expect(sum(2_147_483_647, 1)).rejects.toThrow('out of range');
    expect(await sum(1, 1)).toBe(2);
    const known = await db.raw<{ rows: { name: string }[] }>(
      `select name from pg_prepared_statements where statement like '%as sum' or statement like '%as id'`,
    );
    expect(known.rows).toHaveLength(2);
    expect(known.rows.every(({ name }) => name.startsWith('pd_') && name.length < 64)).toBe(true);
  } finally {
    await db.destroy();
  }
});

test('a column that a newer version adds meanwhile changes nothing for a session that knows the statement', async () => {
  await using fresh = await freshDatabase();
  const db = openDatabase(fresh.url, { poolMax: 1 });
  try {
    const first = () =>
      prepared<{ rows: object[] }>(db, 'select id, offset_ms from desk_clock where offset_ms = ?', [0]);
    for (let n = 0; n < 7; n += 1) expect((await first()).rows).toEqual([{ id: true, offset_ms: 0 }]);
    await fresh.db.raw('alter table desk_clock add column news text');
    expect((await first()).rows).toEqual([{ id: true, offset_ms: 0 }]);
  } finally {
    await db.destroy();
  }
});
