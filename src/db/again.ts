/**
 * Transactions that PostgreSQL ended because another was in the way: nothing of them stands, nothing is wrong with what
 * they were about, and begun again they find the other one gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { faultCode } from '../domain/fault.ts';

/** serialization_failure, deadlock_detected, lock_not_available: PostgreSQL 18 documentation, appendix A. */
const CONFLICTS: readonly string[] = ['40001', '40P01', '55P03'];

/** Whether a transaction was ended for the sake of another: all of it may be tried again at once. */
export const isConflict = (error: unknown): boolean => CONFLICTS.includes(faultCode(error));

/** How often something is done in all. */
const TRIES = 6;
/** Milliseconds before the second try; twice as long before each further one, and of that a part by chance. */
const PAUSE_MS = 10;

/**
 * Does something again that ended with a conflict, five times at the most.
 * @param work - leaves nothing behind when it throws; it is told whether this is the last try
 * @throws what the last try threw, or the first fault of another kind
 */
export async function again<T>(work: (isLast: boolean) => Promise<T>): Promise<T> {
  for (let tries = 1; tries < TRIES; tries += 1) {
    try {
      return await work(false);
    } catch (error) {
      if (!isConflict(error)) throw error;
      // By chance, so that two that got into each other's way do not meet again.
      await sleep(PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random()));
    }
  }
  return work(true);
}

/** A transaction that is begun again after a conflict. @param work - changes nothing outside of the database */
export const transact = <T>(db: Knex, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> =>
  again(() => db.transaction(work));
