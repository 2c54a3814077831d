import type pg from 'pg';
import type { Erased } from '../store.ts';
import type { TableFacts } from './postgres-columns.ts';
import { BY_INDEX, batchStatement, deleteStatement, FOUND, isWholesale } from './postgres-statements.ts';
import type { SqlStep } from './sql-steps.ts';

/** A batch within its transaction, and when it took its first lock, by `performance.now()`. */
export interface Batch extends Erased {
  readonly lockedFrom: number;
}

/** @param checkpoint - the last id of the batch before; a batch that an index leads to needs none */
export function runBatch(
  client: pg.PoolClient,
  step: SqlStep,
  facts: TableFacts,
  at: { readonly checkpoint: string | null; readonly limit: number },
): Promise<Batch> {
  return facts.byWorkspace && isWholesale(step)
    ? takeByIndex(client, step, at.limit)
    : walkIds(client, step, at);
}

async function takeByIndex(client: pg.PoolClient, step: SqlStep, limit: number): Promise<Batch> {
  await client.query(BY_INDEX);
  const { sql, values } = deleteStatement(step, limit);
  const { rowCount } = await client.query(sql, [...values]);
  const result = await client.query<{ found: string; seconds: string }>(FOUND);
  const [noted] = result.rows;
  return {
    deleted: rowCount ?? 0,
    checkpoint: null,
    done: Number(noted?.found) < limit,
    lockedFrom: performance.now() - Number(noted?.seconds) * 1_000,
  };
}

async function walkIds(
  client: pg.PoolClient,
  step: SqlStep,
  { checkpoint, limit }: { readonly checkpoint: string | null; readonly limit: number },
): Promise<Batch> {
  const lockedFrom = performance.now();
  const { sql, values } = batchStatement(step, checkpoint, limit);
  const result = await client.query<{ found: string; gone: string; last: string | null }>(sql, [...values]);
  const [row] = result.rows;
  return {
    deleted: Number(row?.gone),
    checkpoint: row?.last ?? checkpoint,
    done: Number(row?.found) < limit,
    lockedFrom,
  };
}
