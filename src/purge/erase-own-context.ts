/**
 * Once a day the desk erases what it need not keep of its own mails and tickets, with the same batches as any purge:
 *
 *     open or take up the run ─► for each kind: count ─► [ guard ─► batch ─► record ]… ─► read back ─► through
 *
 * A run has one instant as of which things are due, so it ends however much becomes due meanwhile. A process that dies
 * leaves it open; the next one takes it up where the last record stands.
 */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { CrashLabel } from '../domain/crash-label.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { readHalt } from './halt.ts';
import { CANARY_LIMIT, deletedInAll, nextLimit, type Progress, smallerLimit, takeOver } from './progress.ts';
import type { Erased, Store } from './store.ts';
import { contextStep, OWN_CONTEXT } from './stores/own-context.ts';
import { CONTEXT_KINDS, type ContextKind } from './stores/own-context-due.ts';

export interface OwnContextPorts {
  /** The desk's own database. */
  readonly db: Knex;
  /** The built-in store over it. */
  readonly store: Store;
  /** Does nothing outside crash tests. */
  crashPoint(label: CrashLabel): void | Promise<void>;
}

/** How many rows of each kind went; a kind that a run has not come to is missing. */
export type ErasedByKind = Readonly<Partial<Record<ContextKind, number>>>;

/**
 * How a call ended. `idle`: today's run is through. `halted`: all purges are halted, and it goes on when they are not.
 * `taken_over`: another process has the run now.
 */
export type ContextEnd =
  | { readonly kind: 'through'; readonly erased: ErasedByKind }
  | { readonly kind: 'idle' | 'halted' | 'taken_over' };

interface RunRow {
  readonly id: number;
  readonly as_of: Date;
  readonly kind: ContextKind;
  readonly progress: Progress | null;
  readonly recorded: number;
}

/** How often a kind is gone through again because rows were locked by others. */
const PASSES_MAX = 5;

/** Whether a run is open, or none has begun on this UTC day of desk time. */
export async function isContextDue(db: Knex): Promise<boolean> {
  const found = await db.raw<{ rows: [{ due: boolean }] }>(IS_DUE);
  return found.rows[0].due;
}

// What a clock that was ahead has noted for a day to come is not today's.
const TODAY = `(coalesce(opened_at, as_of) at time zone 'utc')::date = (desk_now() at time zone 'utc')::date`;
const IS_DUE = `
  select exists (select from own_context_runs where finished_at is null)
    or not exists (select from own_context_runs where ${TODAY}) as due`;

/**
 * Carries out the run that is due, or goes on with it.
 * @throws PurgedeskError PD_STORE_FAILED while something that is due cannot be erased; the run stays open
 */
export async function eraseOwnContext(ports: OwnContextPorts, signal: AbortSignal): Promise<ContextEnd> {
  if ((await readHalt(ports.db)) !== null) return { kind: 'halted' };
  const owner = randomUUID();
  const found = await takeRun(ports.db, owner);
  if (found === undefined) return { kind: 'idle' };
  let { progress, recorded } = found;
  for (const kind of CONTEXT_KINDS.slice(CONTEXT_KINDS.indexOf(found.kind))) {
    const run: KindRun = {
      ports,
      signal,
      id: found.id,
      asOf: found.as_of,
      kind,
      owner,
      progress,
      recorded,
    };
    const end = await eraseKind(run);
    if (end !== 'through') return { kind: end };
    progress = takeOver(null, owner);
    recorded = 0;
  }
  const row = await ports.db('own_context_runs').where({ id: found.id }).first('erased');
  return { kind: 'through', erased: row.erased };
}

/**
 * The open run, or a new one unless today had its own. Whoever comes last owns it: an earlier process stops at its next
 * guard, and what its last batch may have done is made up for.
 */
async function takeRun(db: Knex, owner: string): Promise<TakenRun | undefined> {
  return db.transaction(async (trx) => {
    await trx.raw(OPEN_RUN);
    const found = await trx.raw<{ rows: RunRow[] }>(LOCK_RUN);
    const [row] = found.rows;
    if (row === undefined) return undefined;
    const progress = takeOver(row.progress, owner);
    await trx('own_context_runs')
      .where({ id: row.id })
      .update({ progress: JSON.stringify(progress) });
    return { ...row, progress };
  });
}

type TakenRun = RunRow & { readonly progress: Progress };

/**
 * The database holds `as_of` back where less time was observed than the clock says: a machine that starts with a wrong
 * clock must not make everything due at once.
 */
const OPEN_RUN = `
  insert into own_context_runs (as_of, kind)
  select desk_now(), 'messages' where not exists (select from own_context_runs where finished_at is null or ${TODAY})
  on conflict do nothing`;

const LOCK_RUN = `
  select id, as_of, kind, progress, recorded from own_context_runs where finished_at is null for update`;

/** One kind of one run, in the hands of one process. */
interface KindRun {
  readonly ports: OwnContextPorts;
  readonly signal: AbortSignal;
  readonly id: number;
  readonly asOf: Date;
  readonly kind: ContextKind;
  readonly owner: string;
  progress: Progress;
  /** Sum of the recorded batches. */
  recorded: number;
}

async function eraseKind(run: KindRun): Promise<'through' | 'halted' | 'taken_over'> {
  const { ports, signal, kind, asOf } = run;
  const step = contextStep(kind, asOf);
  if (run.progress.before === null) {
    run.progress = { ...run.progress, before: await ports.store.rehearse(step, signal) };
  }
  for (let pass = 1; pass <= PASSES_MAX; pass++) {
    const end = await erasePass(run);
    if (end !== 'through') return end;
    const remaining = await ports.store.countRemaining(step, signal);
    if (remaining === 0) return (await noteKind(run)) ? 'through' : 'taken_over';
    run.progress = { ...run.progress, after: null };
  }
  throw new PurgedeskError('PD_STORE_FAILED', 'what the desk need not keep cannot be erased', {
    details: { store: OWN_CONTEXT, kind },
  });
}

async function erasePass(run: KindRun): Promise<'through' | 'halted' | 'taken_over'> {
  const { ports, signal } = run;
  for (let limit = CANARY_LIMIT, done = false; !done; ) {
    signal.throwIfAborted();
    if ((await readHalt(ports.db)) !== null) return 'halted';
    if (!(await save(run, { ...run.progress, inFlight: limit }, 0))) return 'taken_over';
    const begun = performance.now();
    const erased = await tryBatch(run, limit);
    if (erased === null) {
      limit = smallerLimit(limit) ?? limit;
      continue;
    }
    await ports.crashPoint('context.batch.erased');
    const progress = { ...run.progress, after: erased.checkpoint, inFlight: 0 };
    if (!(await save(run, progress, erased.deleted))) return 'taken_over';
    await ports.crashPoint('context.batch.recorded');
    limit = nextLimit(limit, performance.now() - begun);
    done = erased.done;
  }
  return 'through';
}

/** `null` = it ran out of time, which rolled it back, and a smaller one may do. */
async function tryBatch(
  { ports, signal, kind, asOf, progress }: KindRun,
  limit: number,
): Promise<Erased | null> {
  try {
    return await ports.store.erase(contextStep(kind, asOf), progress.after, { limit, signal });
  } catch (error) {
    const timedOut = error instanceof PurgedeskError && error.details.reason === 'timeout';
    if (timedOut && smallerLimit(limit) !== null) return null;
    throw error;
  }
}

const SAVE = `
  update own_context_runs set progress = cast(? as jsonb), recorded = recorded + ?
  where id = ? and finished_at is null and progress ->> 'run' = ?`;

/** @returns whether the run is still ours; if not, nothing was written */
async function save(run: KindRun, progress: Progress, deleted: number): Promise<boolean> {
  const saved = await run.ports.db.raw<{ rowCount: number }>(SAVE, [
    JSON.stringify(progress),
    deleted,
    run.id,
    run.owner,
  ]);
  if (saved.rowCount !== 1) return false;
  run.progress = progress;
  run.recorded += deleted;
  return true;
}

const NOTE_KIND = `
  update own_context_runs set erased = erased || jsonb_build_object(kind, cast(:count as bigint)), recorded = 0,
    kind = coalesce(:next, kind), progress = case when cast(:next as text) is null then null else cast(:fresh as jsonb) end,
    finished_at = case when cast(:next as text) is null then clock_timestamp() end
  where id = :id and finished_at is null and progress ->> 'run' = :owner`;

/**
 * The kind is counted empty: its sum is noted, and the run goes on to the next kind or is through. What went in batches
 * that were cut short is made up for by what there was before.
 */
async function noteKind({ ports, id, kind, owner, progress, recorded }: KindRun): Promise<boolean> {
  const noted = await ports.db.raw<{ rowCount: number }>(NOTE_KIND, {
    id,
    owner,
    count: deletedInAll(recorded, 0, progress),
    next: CONTEXT_KINDS[CONTEXT_KINDS.indexOf(kind) + 1] ?? null,
    fresh: JSON.stringify(takeOver(null, owner)),
  });
  return noted.rowCount === 1;
}
