/** What a restored backup brought back, counted: the dry run of a replay. */
import type { Knex } from 'knex';
import { type Canonical, digestOf } from '../../domain/canonical.ts';
import { PurgedeskError } from '../../domain/errors.ts';
import { referenceOf, ticketId } from '../../domain/ids.ts';
import type { PlanStep } from '../../domain/plan.ts';
import type { PurgePorts } from '../ports.ts';
import { checkedCount } from '../step-run.ts';
import { EMPTY_LEDGER, type LedgerHead, type LedgerLink, linkProblem } from './chain.ts';
import { missingEntries } from './file.ts';
import { readLedger, type SealedLink } from './ledger.ts';
import { type Doubt, type Left, replayStep, type WorkspaceNow } from './replay-plan.ts';
import { sealProblem } from './verify.ts';

export interface ReplayOptions {
  /** When the backup was made: what was erased earlier, and not replayed since, is not in it. `null` = of all time. */
  readonly since: Date | null;
  /** Only this store was restored; `null` = any. */
  readonly store: string | null;
  /** The entries of an exported ledger, for a desk that was itself restored; `null` = those of the database do. */
  readonly file: readonly SealedLink[] | null;
  /** Also where there is a doubt that only a person can settle. */
  readonly includeUndatable: boolean;
}

/** One erasure, and what of it is there again. */
export interface ReplayLine {
  readonly seq: number;
  readonly ticket: string;
  readonly at: string;
  readonly store: string;
  readonly target: string;
  readonly workspace: string;
  /** What matches again and would be erased; `null` = not counted. */
  readonly again: number | null;
  /** What matches and was received since, which stays. */
  readonly newer: number;
  readonly left: Left | null;
  /** What the agent takes upon themselves by confirming. */
  readonly despite: readonly Doubt[];
}

export interface ReplayRehearsal {
  readonly lines: readonly ReplayLine[];
  readonly total: number;
  /** Confirms exactly this; `null` = there is nothing to erase. */
  readonly digest: string | null;
  /** Entries that only the file has. */
  readonly missing: readonly SealedLink[];
  /** What would be erased, by entry. */
  readonly steps: readonly ReplayCount[];
}

interface ReplayCount {
  readonly seq: number;
  readonly receivedBefore: Date | null;
  readonly again: number;
  readonly despite: readonly Doubt[];
}

/**
 * Counts what of all that was erased is there again. Changes nothing, in no store and not in the desk.
 * @throws PurgedeskError PD_LEDGER_BROKEN when an entry or a seal does not fit: then nothing of it may be carried out
 */
export async function rehearseReplay(
  ports: PurgePorts,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<ReplayRehearsal> {
  const missing = options.file === null ? [] : await missingEntries(ports.db, options.file);
  const replayed = await replayedSince(ports.db, options.since, missing);
  const lines: ReplayLine[] = [];
  const steps: ReplayCount[] = [];
  for await (const each of wholeLedger(ports, missing)) {
    if (!isMeant(each.link, options, replayed)) continue;
    signal.throwIfAborted();
    const counted = await countAgain(ports, each, options, signal);
    lines.push(counted.line);
    if (counted.step !== null) steps.push(counted.step);
  }
  const total = steps.reduce((sum, { again }) => sum + again, 0);
  return {
    lines,
    total,
    digest: steps.length === 0 ? null : await digestOfReplay(ports.db, steps),
    missing,
    steps,
  };
}

/** Every entry in its order, each found to fit; at last those that only the file has, which was checked as it was read. */
async function* wholeLedger(ports: PurgePorts, missing: readonly SealedLink[]): AsyncGenerator<SealedLink> {
  let head: LedgerHead = EMPTY_LEDGER;
  for await (const part of readLedger(ports.db)) {
    for (const each of part) {
      const problem = linkProblem(head, each.link) ?? sealProblem(ports.ledgerKey, each);
      if (problem !== null) {
        throw new PurgedeskError('PD_LEDGER_BROKEN', `the ledger does not hold: ${problem}`, {
          details: { entry: each.link.seq },
          remedy: 'purgedesk ledger verify names every entry that does not fit.',
        });
      }
      head = { seq: each.link.seq, hash: each.link.hash };
      yield each;
    }
  }
  yield* missing;
}

const isMeant = (link: LedgerLink, { since, store }: ReplayOptions, replayed: ReadonlySet<number>): boolean =>
  link.kind === 'erased' &&
  (since === null || new Date(link.at) >= since || replayed.has(link.seq)) &&
  (store === null || link.store === store);

/** The entries that were replayed since: a backup of that time may hold what an older one had brought back. */
async function replayedSince(
  db: Knex,
  since: Date | null,
  missing: readonly SealedLink[],
): Promise<ReadonlySet<number>> {
  if (since === null) return new Set();
  const rows = await db('erasure_ledger')
    .distinct<{ replay_of: number }[]>('replay_of')
    .where({ kind: 'replayed' })
    .where('at', '>=', since);
  const inFile = missing.flatMap(({ link: { kind, at, replayOf } }) =>
    kind === 'replayed' && replayOf !== null && new Date(at) >= since ? [replayOf] : [],
  );
  return new Set([...rows.map((row) => row.replay_of), ...inFile]);
}

async function countAgain(
  ports: PurgePorts,
  { link, sealed }: SealedLink,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<{ readonly line: ReplayLine; readonly step: ReplayCount | null }> {
  const line = lineOf(link);
  if (sealed === null) return { line: { ...line, left: 'unsealed' }, step: null };
  const step = ports.ledgerKey.open(sealed, link.hash);
  const world = { catalogue: ports.catalogue, workspace: await workspaceNow(ports.db, link.workspace) };
  const verdict = replayStep(link, step, world, options);
  if (verdict.kind === 'left') {
    const matching = COUNTED.includes(verdict.why) ? await count(ports, step, link, signal) : null;
    return { line: { ...line, again: matching, left: verdict.why }, step: null };
  }
  const again = await count(ports, verdict.step, link, signal);
  const narrowed = verdict.step.predicate.receivedBefore !== step.predicate.receivedBefore;
  const all = narrowed ? await count(ports, step, link, signal) : again;
  const { receivedBefore, despite } = verdict;
  return {
    line: { ...line, again, newer: Math.max(0, all - again), despite },
    step: again === 0 ? null : { seq: link.seq, receivedBefore, again, despite },
  };
}

/** Left alone, and yet a number tells a person something. */
const COUNTED: readonly Left[] = ['unknown', 'lives_again', 'undatable', 'stopped', 'recreated'];

const lineOf = (link: LedgerLink): ReplayLine => ({
  seq: link.seq,
  ticket: referenceOf(ticketId(link.ticket)),
  at: link.at,
  store: link.store,
  target: link.target,
  workspace: link.workspace,
  again: null,
  newer: 0,
  left: null,
  despite: [],
});

async function count(
  ports: PurgePorts,
  step: PlanStep,
  link: LedgerLink,
  signal: AbortSignal,
): Promise<number> {
  return checkedCount(step, await ports.stores.get(step.store).rehearse(step, signal, replayHash(link)));
}

/** What stands for the plan's hash with a place that tells a step that is tried again from a new one. */
export const replayHash = (link: LedgerLink, replay = ''): string =>
  digestOf({ replayOf: link.hash, replay });

const WORKSPACE = `
  select w.created_at, w.deleted_at is null as living,
    exists (select from workspace_stops s where s.workspace_id = w.id and s.lifted_at is null) as stopped
  from workspaces w where w.id = ?`;

export async function workspaceNow(db: Knex, id: string): Promise<WorkspaceNow> {
  const found = await db.raw<{ rows: { created_at: Date; living: boolean; stopped: boolean }[] }>(WORKSPACE, [
    id,
  ]);
  const [row] = found.rows;
  return {
    createdAt: row?.created_at ?? null,
    isLiving: row?.living ?? false,
    isStopped: row?.stopped ?? false,
  };
}

/**
 * Of what would be erased, how much of it and despite what, and of how many replays there were: the same backup may be restored twice,
 * and each time is confirmed for itself.
 */
async function digestOfReplay(db: Knex, steps: readonly ReplayCount[]): Promise<string> {
  const [replays] = await db('ledger_replays')
    .count<{ count: number }[]>('id as count')
    .whereNotNull('finished_at');
  const erases = steps.map(
    ({ seq, receivedBefore, again, despite }): Canonical => [
      seq,
      receivedBefore?.toISOString() ?? null,
      again,
      despite,
    ],
  );
  return digestOf({ replays: replays?.count ?? 0, erases }).slice(0, DIGEST_LENGTH);
}

/** Hex digits of the confirmation: it guards against a slip, not against a forger. */
const DIGEST_LENGTH = 16;
