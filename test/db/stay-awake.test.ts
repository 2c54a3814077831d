import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { stayAwake } from '../../src/db/stay-awake.ts';
import { freshDatabase } from '../support/database.ts';

test('a transaction outlives work that takes longer than the server lets it idle, and only that work', async () => {
  await using database = await freshDatabase();
  const { db } = database;
  const longWork = () => sleep(5_000).then(() => 'done');
  const kept = db.transaction(async (trx) => {
    await trx.raw("set local idle_in_transaction_session_timeout = '2s'");
    const result = await stayAwake(trx, longWork, 50);
    await trx.raw('select 1');
    return result;
  });
  const left = db.transaction(async (trx) => {
    await trx.raw("set local idle_in_transaction_session_timeout = '2s'");
    await stayAwake(trx, async () => 'soon done', 50);
    await longWork();
    await trx.raw('select 1');
  });
  await expect(left).rejects.toThrow();
  expect(await kept).toBe('done');
});
