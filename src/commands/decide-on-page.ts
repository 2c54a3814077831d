import type { Knex } from 'knex';
import { transact } from '../db/again.ts';
import type { Desk } from './desk.ts';

/** What a reader's click decides, in one transaction. @param decide - may be called again after a conflict */
export async function decideOnPage<T>(
  { db, crashPoint }: Pick<Desk, 'db' | 'crashPoint'>,
  decide: (trx: Knex.Transaction) => Promise<T>,
): Promise<T> {
  const decided = await transact(db, async (trx) => {
    const result = await decide(trx);
    crashPoint('page.deciding');
    return result;
  });
  crashPoint('page.decided');
  return decided;
}
