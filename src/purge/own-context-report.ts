/** What an operator sees of the desk's own retention. Nothing here changes anything. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import type { ErasedByKind } from './erase-own-context.ts';
import type { Store } from './store.ts';
import { contextStep } from './stores/own-context.ts';
import { CONTEXT_KINDS, type ContextKind } from './stores/own-context-due.ts';

export interface OwnContextReport {
  /** What the next run would erase, counted now. Tickets whose addresses alone are left count as well. */
  readonly due: Readonly<Record<ContextKind, number>>;
  /** Mails older than any mail should get that wait for an agent: they are kept until one has seen to them. */
  readonly waiting: number;
  /** Erased tickets whose addresses are kept for a mail that is due still. */
  readonly keepingAddresses: number;
  /** Newest first. */
  readonly runs: readonly {
    /** Desk time as of which things were due. */
    readonly asOf: string;
    /** Real time; `null` = it is not through. */
    readonly finishedAt: string | null;
    readonly erased: ErasedByKind;
  }[];
}

const RUNS_SHOWN = 10;

export async function reportOwnContext(
  db: Knex,
  store: Store,
  rawRetentionDays: number,
  signal: AbortSignal,
): Promise<OwnContextReport> {
  const now = await deskNow(db);
  const counts = new Map<ContextKind, number>();
  for (const kind of CONTEXT_KINDS) counts.set(kind, await store.rehearse(contextStep(kind, now), signal));
  const kept = await db.raw<{ rows: [{ keeping: number }] }>(
    'select count(*) as keeping from tickets where keeps_addresses',
  );
  const runs = await db('own_context_runs')
    .select<{ as_of: Date; finished_at: Date | null; erased: ErasedByKind }[]>(
      'as_of',
      'finished_at',
      'erased',
    )
    .orderBy('id', 'desc')
    .limit(RUNS_SHOWN);
  return {
    due: Object.fromEntries(CONTEXT_KINDS.map((kind) => [kind, counts.get(kind) ?? 0])) as Record<
      ContextKind,
      number
    >,
    waiting: await countOverdueMails(db, rawRetentionDays),
    keepingAddresses: kept.rows[0].keeping,
    runs: runs.map((run) => ({
      asOf: run.as_of.toISOString(),
      finishedAt: run.finished_at?.toISOString() ?? null,
      erased: run.erased,
    })),
  };
}

/** Mails past the retention that only an agent can let go. */
export async function countOverdueMails(db: Knex, rawRetentionDays: number): Promise<number> {
  const found = await db.raw<{ rows: [{ waiting: number }] }>(OVERDUE, [rawRetentionDays]);
  return found.rows[0].waiting;
}

const OVERDUE = `
  select count(*) as waiting from messages
  where needs_agent and erased_at is null and arrived_at <= desk_now() - make_interval(days => ?)
    and (conversation_id is null or disposition not in ('opened', 'joined'))`;
