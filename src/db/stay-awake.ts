import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';

/** Well below the time after which the server ends a transaction in which nothing is asked. */
const ASK_EVERY_MS = 20_000;

/**
 * Asks the server for nothing from time to time while `work` goes on outside of the database, so that it does not take
 * the transaction for that of a process that is gone: one that has stopped asks no more. `work` itself must not use it.
 * @throws what `work` throws; a session that is lost shows in the next statement
 */
export async function stayAwake<T>(
  trx: Knex.Transaction,
  work: () => Promise<T>,
  everyMs = ASK_EVERY_MS,
): Promise<T> {
  const over = new AbortController();
  const asking = (async () => {
    while (!over.signal.aborted) {
      await sleep(everyMs, undefined, { signal: over.signal });
      await trx.raw('select 1');
    }
  })().catch(() => undefined); // ended, or lost: whoever uses the transaction next hears of it
  try {
    return await work();
  } finally {
    over.abort();
    await asking;
  }
}
