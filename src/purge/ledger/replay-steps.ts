import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { PurgedeskError } from '../../domain/errors.ts';
import type { PlanStep } from '../../domain/plan.ts';
import type { PurgePorts } from '../ports.ts';
import { type Progress, takeOver } from '../progress.ts';
import type { LedgerLink } from './chain.ts';
import { readEntries } from './ledger.ts';

/** One erasure of a replay that is not done. */
export interface ReplayStep {
  /** The replay's id. */
  readonly replay: string;
  readonly link: LedgerLink;
  /** As it was erased first. */
  readonly original: PlanStep;
  /** With the bound that keeps newer data out of it. */
  readonly step: PlanStep;
  readonly includeUndatable: boolean;
  /** What the confirmed dry run counted. */
  readonly estimate: number;
}

/** A step that this run owns. */
export interface ReplayRun {
  readonly ports: PurgePorts;
  readonly row: ReplayStep;
  readonly signal: AbortSignal;
  progress: Progress;
  /** The sum of the recorded batches. */
  recorded: number;
}

interface StepRow {
  readonly seq: number;
  readonly received_before: Date | null;
  readonly estimate: number;
  readonly include_undatable: boolean;
}

/**
 * What of a replay is not done, in the order of the ledger.
 * @throws PurgedeskError PD_LEDGER_BROKEN when a seal does not open, or is gone since
 */
export async function readReplaySteps(ports: PurgePorts, replay: string): Promise<readonly ReplayStep[]> {
  const rows = await ports.db
    .select<StepRow[]>('s.seq', 's.received_before', 's.estimate', 'r.include_undatable')
    .from('ledger_replay_steps as s')
    .join('ledger_replays as r', 'r.id', 's.replay_id')
    .where({ 's.replay_id': replay, 's.done': false })
    .orderBy('s.seq');
  const entries = await readEntries(
    ports.db,
    rows.map(({ seq }) => seq),
  );
  return rows.map((row) => {
    const entry = entries.get(row.seq);
    if (entry === undefined || entry.sealed === null) {
      throw new PurgedeskError('PD_LEDGER_BROKEN', 'the seal of an entry to replay is gone', {
        details: { entry: row.seq },
      });
    }
    const original = ports.ledgerKey.open(entry.sealed, entry.link.hash);
    const receivedBefore = row.received_before?.toISOString() ?? null;
    return {
      replay,
      link: entry.link,
      original,
      step: { ...original, predicate: { ...original.predicate, receivedBefore } },
      includeUndatable: row.include_undatable,
      estimate: row.estimate,
    };
  });
}

const TAKE = `
  update ledger_replay_steps set checkpoint = cast(? as jsonb) where replay_id = ? and seq = ? and not done`;

/** Takes a step over from whoever had it; `null` = it is done by now. */
export async function takeReplayStep(
  ports: PurgePorts,
  row: ReplayStep,
  signal: AbortSignal,
): Promise<ReplayRun | null> {
  return ports.db.transaction(async (trx): Promise<ReplayRun | null> => {
    const [found] = await trx('ledger_replay_steps')
      .select<{ done: boolean; deleted: number; checkpoint: Progress | null }[]>(
        'done',
        'deleted',
        'checkpoint',
      )
      .where({ replay_id: row.replay, seq: row.link.seq })
      .forUpdate();
    if (found === undefined || found.done) return null;
    const progress = takeOver(found.checkpoint, randomUUID());
    await trx.raw(TAKE, [JSON.stringify(progress), row.replay, row.link.seq]);
    return { ports, row, signal, progress, recorded: found.deleted };
  });
}

const SAVE = `
  update ledger_replay_steps set checkpoint = cast(? as jsonb), deleted = deleted + ?
  where replay_id = ? and seq = ? and not done and checkpoint ->> 'run' = ?`;

/** @returns whether this run still owns the step; if not, nothing was written */
export async function saveReplayStep(
  db: Knex,
  run: ReplayRun,
  progress: Progress,
  deleted: number,
): Promise<boolean> {
  const { replay, link } = run.row;
  const values = [JSON.stringify(progress), deleted, replay, link.seq, run.progress.run];
  const saved = await db.raw<{ rowCount: number }>(SAVE, values);
  if (saved.rowCount !== 1) return false;
  run.progress = progress;
  run.recorded += deleted;
  return true;
}
