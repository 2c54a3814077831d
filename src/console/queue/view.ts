/** The queue as plain values for its page. */
import { referenceOf, ticketId } from '../../domain/ids.ts';
import { SCOPES } from '../../domain/request.ts';
import { HOLD_REASONS, STATES } from '../../domain/ticket.ts';
import { HOLD_WORDS, STATE_WORDS, scopeWords } from '../ticket/state-words.ts';
import { type Cursor, narrowings, type QueueFilter, queryOf, SOON_DAYS, type Tab } from './filter.ts';
import type { Told } from './order.ts';
import type { Assigned, QueuePorts } from './ports.ts';
import { COUNT_MAX, type QueueCounts, type QueuePage } from './read-queue.ts';
import { type RowView, rowView } from './row-view.ts';
import { DEFAULT_VIEWS, type Saved, type SavedView } from './saved-views.ts';

export interface QueueView {
  readonly page: { readonly title: string };
  readonly live: string;
  readonly tabs: readonly {
    readonly href: string;
    readonly label: string;
    readonly count: string;
    readonly isHere: boolean;
  }[];
  readonly mails: { readonly count: string; readonly one: boolean } | null;
  readonly fields: FilterFields;
  readonly views: readonly { readonly href: string; readonly name: string; readonly isHere: boolean }[];
  readonly saved: readonly {
    readonly id: number;
    readonly href: string;
    readonly name: string;
    readonly isHere: boolean;
  }[];
  /** The form that keeps this view under a name. */
  readonly saving: { readonly back: string; readonly name: string; readonly problem: string | null };
  readonly isNarrowed: boolean;
  /** What narrows it, in words. */
  readonly narrowedBy: string;
  /** Whether the filters are unfolded. */
  readonly isOpen: boolean;
  readonly clearHref: string;
  readonly rows: readonly (RowView & { readonly ticked: boolean })[];
  /** The form that gives tickets to somebody; `null` = not for this reader. */
  readonly giving: { readonly back: string; readonly choices: readonly Choice[] } | null;
  /** What was just done. */
  readonly told: string | null;
  /** Why nothing was done. */
  readonly refusal: readonly string[];
  readonly empty: { readonly title: string; readonly hint: string } | null;
  readonly hasPages: boolean;
  readonly previous: string | null;
  readonly next: string | null;
  readonly csvHref: string;
}

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly chosen: boolean;
}

export interface FilterFields {
  readonly tab: string;
  readonly sorts: readonly Choice[];
  readonly states: readonly Choice[];
  readonly holds: readonly Choice[];
  readonly scopes: readonly Choice[];
  readonly assignees: readonly Choice[];
  readonly dues: readonly Choice[];
  readonly workspace: string;
  readonly language: string;
}

export interface QueueFacts {
  readonly filter: QueueFilter;
  readonly cursor: Cursor | null;
  readonly found: QueuePage;
  readonly counts: QueueCounts;
  readonly agents: readonly { readonly id: number; readonly name: string }[];
  readonly agentId: number;
  readonly canAssign: boolean;
  readonly told: Told | null;
  readonly refusal: readonly string[];
  readonly ticked: readonly number[];
  readonly saving: { readonly name: string; readonly problem: string } | null;
  readonly saved: readonly SavedView[];
  readonly base: string;
  readonly sentence: QueuePorts['sentence'];
}

const TAB_WORDS: Readonly<Record<Tab, string>> = {
  needs: 'Needs a person',
  progress: 'In progress',
  closed: 'Closed',
  all: 'All',
};

export function queueView(facts: QueueFacts): QueueView {
  const { filter, cursor, found, counts, agents, base, sentence, ticked } = facts;
  const path = `${base}/queue`;
  const isNarrowed = narrowings(filter) > 0;
  const here = queryOf(filter);
  return {
    page: { title: 'Queue' },
    live: `${base}/live?about=queue`,
    tabs: (Object.keys(TAB_WORDS) as Tab[]).map((tab) => ({
      href: `${path}${queryOf({ ...filter, tab })}`,
      label: TAB_WORDS[tab],
      count: upTo(counts[tab]),
      isHere: tab === filter.tab,
    })),
    mails: counts.mails === 0 ? null : { count: upTo(counts.mails), one: counts.mails === 1 },
    fields: fieldsOf(filter, agents),
    views: DEFAULT_VIEWS.map(({ name, filter: wanted }) => ({
      name,
      href: `${path}${queryOf(wanted)}`,
      isHere: queryOf(wanted) === here,
    })),
    saved: facts.saved.map(({ id, name, query }) => ({
      id,
      name,
      href: `${path}${query}`,
      isHere: query === here,
    })),
    saving: { back: `/queue${here}`, name: facts.saving?.name ?? '', problem: facts.saving?.problem ?? null },
    isNarrowed,
    narrowedBy: narrowedBy(filter, facts),
    isOpen: facts.saving !== null,
    clearHref: `${path}${queryOf({ ...NOTHING, tab: filter.tab, sort: filter.sort })}`,
    rows: found.rows.map((row) => ({ ...rowView(row, sentence), ticked: ticked.includes(row.id) })),
    giving: facts.canAssign
      ? { back: `/queue${queryOf(filter, cursor)}`, choices: givingChoices(facts) }
      : null,
    told: facts.told === null ? null : toldWords(facts.told, facts),
    refusal: facts.refusal,
    empty: found.rows.length > 0 ? null : emptyWords(filter.tab, isNarrowed),
    hasPages: found.before !== null || found.after !== null,
    previous: found.before === null ? null : `${path}${queryOf(filter, found.before)}`,
    next: found.after === null ? null : `${path}${queryOf(filter, found.after)}`,
    csvHref: `${path}.csv${here}`,
  };
}

/** "overdue; assigned to Ada". */
function narrowedBy(filter: QueueFilter, { agents }: QueueFacts): string {
  const { state, hold, scope, workspace, assignee, due, language } = filter;
  const whose = assignee === 'me' ? 'you' : (agents.find(({ id }) => id === assignee)?.name ?? assignee);
  return [
    state === null ? null : STATE_WORDS[state].label,
    hold === null ? null : `held for: ${HOLD_WORDS[hold].label}`,
    scope === null ? null : scopeWords(scope),
    workspace === null ? null : `workspace ${workspace}`,
    assignee === null ? null : `assigned to ${whose}`,
    due === null ? null : due === 'overdue' ? 'overdue' : `due within ${SOON_DAYS} days`,
    language === null ? null : `language ${language}`,
  ]
    .filter((part) => part !== null)
    .join('; ');
}

const givingChoices = ({ agents, agentId }: QueueFacts): readonly Choice[] =>
  [
    { value: 'me', label: 'Me' },
    ...agents.filter(({ id }) => id !== agentId).map(({ id, name }) => ({ value: String(id), label: name })),
    { value: 'nobody', label: 'Nobody' },
  ].map((choice) => ({ ...choice, chosen: false }));

function toldWords({ count, assignee }: Told, { agents, agentId }: QueueFacts): string {
  const tickets = count === 1 ? '1 ticket' : `${count} tickets`;
  if (count === 0) return 'Nothing had to change: they were given like that already.';
  if (assignee === null)
    return `${tickets} given back: nobody in particular looks after ${count === 1 ? 'it' : 'them'} now.`;
  if (assignee === agentId) return `${tickets} given to you.`;
  return `${tickets} given to ${agents.find(({ id }) => id === assignee)?.name ?? 'another agent'}.`;
}

/** Why a view was not kept. */
export const SAVE_REFUSALS: Readonly<Record<Exclude<Saved, 'saved'>, string>> = {
  unnamed: 'Give it a name of up to 60 characters.',
  taken: 'You have a view of that name already.',
  too_many: 'You have 30 views: remove one first.',
};

const REFUSALS = { unknown: 'there is no such ticket', closed: 'it is closed' } as const;

/** Why nothing was done, one line for each ticket that stood in the way. */
export function refusalWords(assigned: Exclude<Assigned, { kind: 'done' }>): readonly string[] {
  if (assigned.kind === 'no_agent')
    return ['Nothing was changed: nobody of that name can look after tickets.'];
  return [
    'Nothing was changed, because of these:',
    ...assigned.tickets.map(({ id, why }) => `${referenceOf(ticketId(id))}: ${REFUSALS[why]}`),
  ];
}

const NOTHING = {
  state: null,
  hold: null,
  scope: null,
  workspace: null,
  assignee: null,
  due: null,
  language: null,
} as const;

const upTo = (count: number): string =>
  count > COUNT_MAX ? `${COUNT_MAX.toLocaleString('en')}+` : count.toLocaleString('en');

function emptyWords(tab: Tab, isNarrowed: boolean): NonNullable<QueueView['empty']> {
  if (isNarrowed)
    return { title: 'No ticket fits these filters.', hint: 'Take one away, or look under another tab.' };
  switch (tab) {
    case 'needs':
      return {
        title: 'Nothing waits for a person.',
        hint: 'Tickets come here by themselves when somebody has to look, decide or approve.',
      };
    case 'progress':
      return { title: 'Nothing is under way.', hint: 'A mail to the desk opens a ticket.' };
    case 'closed':
      return {
        title: 'No ticket is closed yet.',
        hint: 'Completed, cancelled and expired tickets come here.',
      };
    case 'all':
      return { title: 'There is no ticket yet.', hint: 'A mail to the desk opens one.' };
  }
}

function fieldsOf(filter: QueueFilter, agents: QueueFacts['agents']): FilterFields {
  const choices = (
    chosen: string | null,
    any: string | null,
    list: readonly (readonly [string, string])[],
  ): readonly Choice[] =>
    [...(any === null ? [] : [['', any] as const]), ...list].map(([value, label]) => ({
      value,
      label,
      chosen: value === (chosen ?? ''),
    }));
  return {
    tab: filter.tab,
    sorts: choices(filter.sort, null, [
      ['urgent', 'What needs a person first'],
      ['newest', 'Newest first'],
      ['deadline', 'By deadline'],
    ]),
    states: choices(
      filter.state,
      'Any state',
      STATES.map((state) => [state, STATE_WORDS[state].label] as const),
    ),
    holds: choices(
      filter.hold,
      'Held or not',
      HOLD_REASONS.map((hold) => [hold, HOLD_WORDS[hold].label] as const),
    ),
    scopes: choices(
      filter.scope,
      'Anything',
      SCOPES.map((scope) => [scope, scopeWords(scope)] as const),
    ),
    assignees: choices(filter.assignee === null ? null : String(filter.assignee), 'Anybody', [
      ['me', 'Me'],
      ['nobody', 'Nobody yet'],
      ...agents.map(({ id, name }) => [String(id), name] as const),
    ]),
    dues: choices(filter.due, 'Any deadline', [
      ['overdue', 'Overdue'],
      ['soon', `Within ${SOON_DAYS} days`],
    ]),
    workspace: filter.workspace ?? '',
    language: filter.language ?? '',
  };
}
