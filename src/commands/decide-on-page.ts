import type { Knex } from 'knex';
import type { Desk } from './desk.ts';

/** What a reader's click decides, in one transaction. */
export async function decideOnPage<T>(
  { db, crashPoint }: Pick<Desk, 'db' | 'crashPoint'>,
  decide: (trx: Knex.Transaction) => Promise<T>,
): Promise<T> {
  const decided = await db.transaction(async (trx) => {
    const result = await decide(trx);
    crashPoint('page.deciding');
    return result;
  });
  crashPoint('page.decided');
  return decided;
}
