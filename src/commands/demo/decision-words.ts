import type { Canonical } from '../../domain/canonical.ts';
import { instantInWords } from '../../domain/words.ts';
import { rowsInWords } from './layout.ts';

/** An event of a ticket's audit chain, with the reasons of its judgement. */
export interface Decided {
  readonly type: string;
  readonly became: string;
  readonly details: Readonly<Record<string, Canonical>>;
  readonly reasons: readonly string[];
}

/** Why the desk decided as it did, in a sentence. */
export function decisionInWords({ type, became, details, reasons }: Decided): string {
  const words = WORDS[type];
  if (type === 'judged' || type === 'details_given') return `because ${reasons.join('; ')}`;
  const said = words === undefined ? type.replaceAll('_', ' ') : words(details);
  return became === 'grace' && typeof details.graceEndsAt === 'string'
    ? `${said}; nothing is deleted before ${instantInWords(details.graceEndsAt)}`
    : said;
}

type Details = Decided['details'];

const WORDS: Readonly<Record<string, (details: Details) => string>> = {
  challenge_answered: ({ via, blockers }) =>
    `because the right code came ${via === 'page' ? 'from the page behind the link' : 'by reply'}` +
    (listOf(blockers) === '' ? '' : `; but first there is something to settle: ${listOf(blockers)}`),
  challenge_failed: ({ triesLeft }) => `is not confirmed: the code was wrong; ${triesLeft} tries are left`,
  rehearsed: ({ estimate, planHash }) =>
    `rehearsed without deleting: ${rowsInWords(Number(estimate))} would go; plan ${String(planHash).slice(0, 12)}`,
  reminder_due: () => 'everyone in charge is reminded',
  grace_elapsed: () =>
    'because the grace is over, nobody cancelled, nothing holds it, and the plan is unchanged',
  step_finished: ({ step, deleted, remaining }) =>
    `step ${step} of the plan: ${rowsInWords(Number(deleted))} deleted, counted again: ${remaining} left`,
  purge_finished: () => 'because every step is done and counted again; the receipt is signed',
  cancel_asked: ({ standing }) =>
    standing === 'authenticated'
      ? 'because somebody in charge asked to cancel, in a mail that is authenticated'
      : 'because somebody in charge may have asked to cancel',
  cancel_denied: ({ lifted }) =>
    `because the person in whose name the cancel came says that it was not theirs${lifted ? '' : '; somebody else asked too'}`,
  status_asked: () => 'nothing changes: somebody in charge only asked how it stands',
  blockers_changed: ({ lifted }) => `because the directory no longer reports: ${listOf(lifted)}`,
};

const listOf = (value: Canonical | undefined): string => (Array.isArray(value) ? value.join(', ') : '');
