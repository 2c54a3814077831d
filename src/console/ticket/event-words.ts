/** What happened to a ticket, one line an event. Details of the chain are ids, codes and counts. */
import type { Canonical } from '../../domain/canonical.ts';
import { type HoldReason, STATES } from '../../domain/ticket.ts';
import type { EventRow } from './read-ticket.ts';
import { HOLD_WORDS, STATE_WORDS } from './state-words.ts';
import { templateWords } from './template-words.ts';

export interface EventWords {
  readonly title: string;
  readonly text: string | null;
  readonly tone: 'good' | 'risk' | null;
}

type Details = EventRow['details'];
type Teller = (details: Details, event: EventRow) => string | readonly [title: string, text: string | null];

const text = (value: Canonical | undefined): string => (value === undefined ? '' : String(value));
const count = (value: Canonical | undefined): string => Number(value ?? 0).toLocaleString('en');
const list = (value: Canonical | undefined): readonly string[] =>
  Array.isArray(value) ? value.map(String) : [];
const holdLabel = (reason: Canonical | undefined): string =>
  HOLD_WORDS[text(reason) as HoldReason]?.label ?? text(reason);

const VERDICTS: Readonly<Record<string, string>> = {
  entitled: 'the sender may ask for this',
  ownerless: 'the directory knows nobody in charge any more',
  wrong_workspace: 'the sender is in charge of another workspace only',
  not_entitled: 'the directory does not know the sender as somebody in charge',
  contradictory: 'the request contradicts itself',
  unauthenticated: 'the mail proves nothing about its sender',
  failed: 'the mail failed the checks of its sender',
};

const verdictWords = (verdict: string): string => VERDICTS[verdict] ?? verdict;

/** `source:missing`, as the chain has it. */
export function askWords(ask: string): string {
  const [field = '', why = ''] = ask.split(':');
  const known: Readonly<Record<string, string>> = {
    missing: 'not given',
    unknown: 'not found in what the sender administers',
    several: 'fits more than one',
    differs: 'said in two ways',
    finer_than_day: 'finer than a day',
    ambiguous_date: 'a date that can be read in two ways',
    reversed_range: 'ends before it begins',
    in_future: 'lies in the future',
    too_many_clauses: 'more than five events and properties',
  };
  return `${FIELDS[field] ?? field}: ${known[why] ?? why}`;
}

const FIELDS: Readonly<Record<string, string>> = {
  scope: 'what to delete',
  timeFrame: 'days',
  users: 'users',
  events: 'events and properties',
};

const TELLERS: Readonly<Record<string, Teller>> = {
  judged: (d) => [
    'The request was checked against the directory',
    [verdictWords(text(d.verdict)), ...list(d.asks).map(askWords)].join('; '),
  ],
  details_given: (d) => [
    'The customer gave details',
    [verdictWords(text(d.verdict)), ...list(d.asks).map(askWords)].join('; '),
  ],
  corrected: () => 'An agent corrected the request',
  reported_deleted: () => 'The app reported the workspace as deleted',
  restored_in_app: () => 'The app reported the workspace as restored',
  vouched: () => 'An agent vouched for the requester',
  challenge_answered: (d) =>
    d.entitled === false
      ? ['The code was answered, by somebody who is no longer in charge', null]
      : [
          'The code was answered',
          d.via === 'page' ? 'on the page behind the link' : 'in a reply to the mail',
        ],
  challenge_failed: (d) => ['A wrong code came', `${count(d.triesLeft)} tries left`],
  code_unproven: () => [
    'A code came in a mail that proves nothing about its sender',
    'It was not looked at, and no try was counted.',
  ],
  lapsed: () => 'Nobody answered in time',
  reminder_due: () => 'A reminder was due',
  blockers_changed: (d) => [
    'The directory reports a change',
    [
      ...list(d.placed).map((reason) => `now: ${holdLabel(reason).toLowerCase()}`),
      ...list(d.lifted).map((reason) => `settled: ${holdLabel(reason).toLowerCase()}`),
    ].join('; ') || null,
  ],
  rehearsed: (d) => [
    'The purge was rehearsed',
    `about ${count(d.estimate)} records would go${d.overCap === true ? ': more than the cap allows' : ''}`,
  ],
  approved: (d) => [
    'An agent approved the plan',
    d.approvals === undefined ? null : `${count(d.approvals)} agents so far`,
  ],
  cancel_asked: (d) =>
    d.tooLate === true
      ? ['Somebody asked to cancel, too late', null]
      : [
          'Somebody asked to cancel',
          d.standing === 'unproven' ? 'in a mail that proves nothing about its sender' : null,
        ],
  cancel_denied: () => 'The person in whose name a cancel came says that it was not theirs',
  status_asked: () => 'Somebody asked how it stands',
  held: (d) => `Held: ${holdLabel(d.reason)}`,
  released: (d) => `Released: ${holdLabel(d.reason)}`,
  grace_elapsed: (d) => [
    'The waiting time is over',
    list(d.obstacles).length === 0 ? null : `in the way: ${list(d.obstacles).map(obstacle).join(', ')}`,
  ],
  step_blocked: (d) => ['The purge stopped', list(d.obstacles).map(obstacle).join(', ') || null],
  step_finished: (d) => [
    `Step ${text(d.step)} is done`,
    `${count(d.deleted)} deleted, ${count(d.remaining)} found afterwards`,
  ],
  step_failed: (d) => [`Step ${text(d.step)} failed`, text(d.error)],
  purge_finished: () => 'Everything in the plan is deleted, and the receipt is signed',
  residue_expired: () => 'The last backup that could hold the data has expired',
  erasure_replayed: (d) => [
    'Erased once more, after a backup had brought it back',
    `step ${text(d.step)}: ${count(d.deleted)} deleted`,
  ],
  cancelled_by_agent: () => 'An agent cancelled it',
  rejected_by_agent: () => 'An agent rejected it',
  mail_undeliverable: (d) => ['A mail could not be delivered', templateWords(text(d.template))],
  context_erased: () => [
    'The desk forgot whose it was and what was asked',
    'Dates, counts, hashes and the receipt stay.',
  ],
};

const obstacle = (code: string): string => OBSTACLES[code] ?? code;
const OBSTACLES: Readonly<Record<string, string>> = {
  requester_lost_role: 'the requester is no longer in charge',
  workspace_changed: 'the workspace is another one now',
  workspace_lives: 'the directory does not report the workspace as deleted',
  workspace_stopped: 'somebody in charge asked to stop it',
  purging_off: 'the desk is not set up to delete anything',
  plan_missing: 'there is no plan',
  plan_changed: 'the plan has changed',
};

const RISKS: readonly string[] = [
  'step_failed',
  'step_blocked',
  'challenge_failed',
  'cancel_asked',
  'mail_undeliverable',
];
const GOODS: readonly string[] = ['challenge_answered', 'approved', 'purge_finished', 'residue_expired'];

export function eventWords(event: EventRow): EventWords {
  const told = TELLERS[event.type]?.(event.details, event) ?? event.type.replaceAll('_', ' ');
  const [title, more] = typeof told === 'string' ? [told, null] : told;
  const moved = event.was === event.became ? null : `now: ${stateLabel(event.became)}`;
  const said = [more, moved].filter((part) => part !== null && part !== '').join('; ');
  const tone = RISKS.includes(event.type) ? 'risk' : GOODS.includes(event.type) ? 'good' : null;
  return { title, text: said === '' ? null : said, tone };
}

function stateLabel(name: string): string {
  const state = STATES.find((known) => known === name);
  return state === undefined ? name : STATE_WORDS[state].label.toLowerCase();
}
