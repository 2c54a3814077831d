/** The ledger and its replays for a reader in a terminal. */
import type { LedgerEntry } from '../purge/ledger/chain.ts';
import type { AgainEnd } from '../purge/ledger/erase-again.ts';
import type { ReplayLine, ReplayRehearsal } from '../purge/ledger/replay.ts';
import type { Left } from '../purge/ledger/replay-plan.ts';
import type { ReplayedStep, ReplayOutcome } from '../purge/ledger/replay-run.ts';
import { table } from './table.ts';

export const ledgerTable = (
  entries: readonly (Omit<LedgerEntry, 'ticket'> & {
    readonly ticket: string;
    readonly canReplay: boolean;
  })[],
): string =>
  table(
    ['#', 'when', 'ticket', 'what', 'store', 'target', 'workspace', 'count', 'sealed'],
    entries.map((entry) => [
      String(entry.seq),
      minute(entry.at),
      entry.ticket,
      entry.replayOf === null ? entry.action : `replay of ${entry.replayOf}`,
      entry.store,
      entry.target,
      entry.workspace,
      String(entry.deleted),
      entry.canReplay ? 'yes' : 'no',
    ]),
  );

const LEFT: Readonly<Record<Left, string>> = {
  unsealed: 'its backups have expired: nobody knows any more whom it was about',
  place_gone: 'the catalogue has this place no more',
  by_hand: 'on a checklist: do it by hand',
  stopped: 'somebody in charge asked to stop deletions there',
  recreated: 'another workspace has this id now',
  unknown: 'needs a person: the directory does not know the workspace',
  lives_again: 'needs a person: all of the workspace was erased, and it lives again',
  object_time:
    'do it by hand: restored objects are as new as their restore, so their time frame finds nothing',
  undatable: 'needs a person: the place cannot tell what came back from what came since',
};

/** Erasures of which nothing is there again are counted, not listed. */
export function rehearsalInWords({ lines, total, digest, missing }: ReplayRehearsal): string {
  const shown = lines.filter((line) => line.left !== null || (line.again ?? 0) > 0 || line.newer > 0);
  const clean = lines.length - shown.length;
  return [
    ...(shown.length === 0 ? [] : [table(HEADINGS, shown.map(cellsOf)), '']),
    ...(missing.length === 0 ? [] : [`${missing.length} entry(s) are in the file only.`]),
    `${clean} erasure(s) hold: nothing of them is there again.`,
    digest === null
      ? 'Nothing would be erased.'
      : `${total} would be erased once more. Nothing was changed. To erase exactly this:\n` +
        `  purgedesk ledger replay (the same options) --confirm ${digest} --as NAME --reason TEXT`,
  ].join('\n');
}

const HEADINGS = [
  '#',
  'ticket',
  'erased',
  'store',
  'target',
  'workspace',
  'again',
  'newer, stays',
  'left alone',
];

const cellsOf = (line: ReplayLine): readonly string[] => [
  String(line.seq),
  line.ticket,
  minute(line.at),
  line.store,
  line.target,
  line.workspace,
  line.again === null ? '?' : String(line.again),
  String(line.newer),
  line.left === null ? line.despite.map((doubt) => `INCLUDED: ${LEFT[doubt]}`).join('; ') : LEFT[line.left],
];

const ENDS: Readonly<Record<AgainEnd, string>> = {
  done: 'erased, counted to nothing',
  changed: 'not begun or not through: what matches is not what was confirmed; look at a new dry run',
  waits: 'waits for the service; the same command goes on',
  locked: 'the place refuses to give up the rest, see its lock',
  halted: 'purges are halted; the same command goes on once they are resumed',
  braked: 'the store is braked; the same command goes on later',
  taken_over: 'another run has it',
};

export const endInWords = (step: ReplayedStep): string =>
  `${step.ticket}, ${step.store}, ${step.target}: ${step.deleted}; ${ENDS[step.end]}`;

export const outcomeInWords = ({ deleted, isFinished }: ReplayOutcome): string =>
  isFinished
    ? `${deleted} erased once more. The replay is complete.`
    : `${deleted} erased so far. The replay is not complete.`;

const minute = (instant: string): string => instant.slice(0, 16).replace('T', ' ');
