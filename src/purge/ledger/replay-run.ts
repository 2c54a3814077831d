/** A replay that was confirmed: each erasure once more, in its order, counted to nothing. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { deskNow } from '../../db/connection.ts';
import { PurgedeskError } from '../../domain/errors.ts';
import { referenceOf, ticketId } from '../../domain/ids.ts';
import type { PurgePorts } from '../ports.ts';
import { deletedInAll } from '../progress.ts';
import { type AgainEnd, eraseAgain } from './erase-again.ts';
import { appendMissing } from './file.ts';
import { appendErasure } from './ledger.ts';
import { type ReplayOptions, rehearseReplay } from './replay.ts';
import { type ReplayStep, readReplaySteps, takeReplayStep } from './replay-steps.ts';

/** Who confirmed which dry run, and why. */
export interface ReplayOrder {
  /** As the dry run printed it. */
  readonly digest: string;
  readonly agent: string;
  /** In the agent's words: kept with the replay, never in the audit chain. */
  readonly reason: string;
  readonly reasonHash: string;
}

export interface ReplayedStep {
  readonly seq: number;
  readonly ticket: string;
  readonly store: string;
  readonly target: string;
  readonly deleted: number;
  readonly end: AgainEnd;
}

export interface ReplayOutcome {
  readonly steps: readonly ReplayedStep[];
  readonly deleted: number;
  /** False = the same command goes on with what is left. */
  readonly isFinished: boolean;
}

/**
 * Erases what the confirmed dry run counted. Called again with the same digest, it goes on where it was.
 * @param onStep - called after each erasure
 * @throws PurgedeskError PD_USAGE when the digest is not that of the dry run as it would be now, was carried out before, or
 *   purging is off
 */
export async function runReplay(
  ports: PurgePorts,
  options: ReplayOptions,
  order: ReplayOrder,
  signal: AbortSignal,
  onStep: (step: ReplayedStep) => void = () => undefined,
): Promise<ReplayOutcome> {
  if (!ports.policy.purgeEnabled)
    throw refused('PURGE_ENABLED is not set', 'Set it where this command runs.');
  const replay =
    (await findReplay(ports.db, order.digest)) ?? (await beginReplay(ports, options, order, signal));
  const steps: ReplayedStep[] = [];
  for (const row of await readReplaySteps(ports, replay)) {
    signal.throwIfAborted();
    const done = await carryOut(ports, row, order, signal);
    if (done === null) continue;
    steps.push(done);
    onStep(done);
    if (done.end === 'halted') break;
  }
  const closed = await ports.db.raw<{ rowCount: number }>(CLOSE, [replay, replay]);
  const deleted = steps.reduce((sum, step) => sum + step.deleted, 0);
  return { steps, deleted, isFinished: closed.rowCount === 1 };
}

const CLOSE = `
  update ledger_replays set finished_at = desk_now()
  where id = ? and finished_at is null
    and not exists (select from ledger_replay_steps where replay_id = ? and not done)`;

/** The replay of this digest that is not through yet; `null` = none has begun. */
async function findReplay(db: Knex, digest: string): Promise<string | null> {
  const [found] = await db('ledger_replays')
    .select<{ id: string; finished_at: Date | null }[]>('id', 'finished_at')
    .where({ digest });
  if (found === undefined) return null;
  if (found.finished_at === null) return found.id;
  throw refused('this replay was carried out already', 'Look at a new dry run: purgedesk ledger replay');
}

/** Counts once more, and keeps what is to be done only if that is what was confirmed. */
async function beginReplay(
  ports: PurgePorts,
  options: ReplayOptions,
  order: ReplayOrder,
  signal: AbortSignal,
): Promise<string> {
  const { digest, missing, steps } = await rehearseReplay(ports, options, signal);
  if (digest === null) throw refused('nothing matches again, so there is nothing to confirm');
  if (digest !== order.digest) {
    throw refused('that is not what matches now', 'Look at a new dry run: purgedesk ledger replay');
  }
  return ports.db.transaction(async (trx) => {
    await appendMissing(trx, missing);
    const id = randomUUID();
    await trx('ledger_replays').insert({
      id,
      digest,
      agent: order.agent,
      reason: order.reason,
      include_undatable: options.includeUndatable,
      started_at: await deskNow(trx),
    });
    const rows = steps.map(({ seq, receivedBefore, again }) => ({
      replay_id: id,
      seq,
      received_before: receivedBefore,
      estimate: again,
    }));
    await trx.batchInsert('ledger_replay_steps', rows, 500);
    return id;
  });
}

/** `null` = another run has it. */
async function carryOut(
  ports: PurgePorts,
  row: ReplayStep,
  order: ReplayOrder,
  signal: AbortSignal,
): Promise<ReplayedStep | null> {
  const run = await takeReplayStep(ports, row, signal);
  if (run === null) return null;
  const end = await eraseAgain(run);
  if (end === 'taken_over') return null;
  const deleted = deletedInAll(run.recorded, 0, run.progress);
  if (end === 'done' && !(await finish(ports, run, order, deleted))) return null;
  const { link } = row;
  return {
    seq: link.seq,
    ticket: referenceOf(ticketId(link.ticket)),
    store: link.store,
    target: link.target,
    deleted: end === 'done' ? deleted : run.recorded,
    end,
  };
}

const FINISH = `
  update ledger_replay_steps set done = true, deleted = ?, checkpoint = null
  where replay_id = ? and seq = ? and not done and checkpoint ->> 'run' = ?`;

/** The end of the step, its entry in the ledger and its event on the ticket stand or fall together. */
async function finish(
  ports: PurgePorts,
  { row, progress }: Extract<Awaited<ReturnType<typeof takeReplayStep>>, object>,
  order: ReplayOrder,
  deleted: number,
): Promise<boolean> {
  const { link, original } = row;
  const within = async (trx: Knex.Transaction) => {
    const ended = await trx.raw<{ rowCount: number }>(FINISH, [deleted, row.replay, link.seq, progress.run]);
    if (ended.rowCount !== 1) throw LOST;
    const at = await deskNow(trx);
    await appendErasure(trx, ports.ledgerKey, {
      kind: 'replayed',
      ticketId: link.ticket,
      step: original,
      deleted,
      at,
      replayOf: link.seq,
    });
  };
  const [known] = await ports.db('tickets').select('id').where({ id: link.ticket });
  try {
    if (known === undefined) await ports.db.transaction(within);
    else {
      const by = { kind: 'agent', name: order.agent } as const;
      const { reasonHash } = order;
      const event = { type: 'erasure_replayed', by, reasonHash, step: link.step, deleted } as const;
      const outcome = await ports.tickets.advance(ticketId(link.ticket), event, { within });
      return outcome.kind !== 'refused';
    }
    return true;
  } catch (error) {
    if (error === LOST) return false;
    throw error;
  }
}

/** Thrown through `advance`: another run took the step over. Never leaves this file. */
const LOST = new Error('another run owns the replay');

const refused = (what: string, remedy?: string): PurgedeskError =>
  new PurgedeskError(
    'PD_USAGE',
    `the replay does not begin: ${what}`,
    remedy === undefined ? {} : { remedy },
  );
