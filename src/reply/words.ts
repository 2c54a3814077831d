import { addDays, dayOf } from '../domain/calendar.ts';
import { assertNever } from '../domain/errors.ts';
import type { Ask } from '../domain/evidence.ts';
import type { TicketFacts } from '../domain/mail-facts.ts';
import type { Receipt } from '../domain/plan.ts';
import type { Residue } from '../domain/policy.ts';
import type { Problem, PropertyClause, RequestField } from '../domain/request.ts';
import type { Target, TargetWorkspace } from '../domain/target.ts';
import type { HoldReason } from '../domain/ticket.ts';
import { dayInWords, instantInWords, plain } from '../domain/words.ts';

/** The sentences that views are made of: dates, scopes, questions and states in plain English. */

/**
 * What will be deleted, in one normalised phrase. Until the request is verified only values of the directory appear;
 * end users, events and properties are the writer's own words and are counted instead.
 */
export function targetInWords(target: Target, verified: boolean): string {
  const place = `in the workspace ${workspacesInWords(target.workspaces)}`;
  switch (target.scope) {
    case 'workspace':
      return `all data of the workspace ${workspacesInWords(target.workspaces)}`;
    case 'account':
      return `all data of ${count(target.workspaces.length, 'workspace')}: ${workspacesInWords(target.workspaces)}`;
    case 'source':
      return `the data of the source ${quoted(target.source?.name)} ${place}, ${frameInWords(target)}`;
    case 'space':
      return `the Unify space ${quoted(target.space?.name)} ${place}, with all its profiles, computed traits, audiences, journeys and other settings`;
    case 'user':
      return `the data of ${usersInWords(target.users, verified)} ${place}`;
    case 'events':
      return `${clausesInWords(target, verified)} in the project ${quoted(target.project?.name)} of the workspace ${workspacesInWords(target.workspaces)}, ${frameInWords(target)}`;
    default:
      return assertNever(target.scope);
  }
}

/** One line for what stays: what, why, and until when. Days count from `closedAt`; without a number no date is made up. */
export const residueInWords = (residue: Residue, closedAt: string | null): string =>
  `${plain(residue.what)}: ${plain(residue.why)}; ${residueEnd(residue.retentionDays, closedAt)}.`;

/** The same for a line of a receipt, whose day is computed already. */
export const retainedInWords = (line: Receipt['retained'][number]): string =>
  `${plain(line.what)}: ${plain(line.why)}; ${line.until === null ? ROLLING : `kept until ${dayInWords(line.until)} at the latest`}.`;

/** Plain sentences for all that an incomplete request needs, without a word of the customer's. */
export function questionsOf(ticket: Pick<TicketFacts, 'asks' | 'problems'>): readonly string[] {
  const asked = ticket.asks.map(questionOf);
  return [...new Set([...asked, ...ticket.problems.map((problem) => PROBLEM_WORDS[problem])])];
}

/**
 * The lines of the form to fill in, exactly as the understanding reads them back. The line that says what kind of thing
 * it is about stands there although it is known: without it a workspace with days reads as a request for the workspace.
 */
export function formOf(ticket: Pick<TicketFacts, 'asks' | 'problems' | 'scope'>): readonly string[] {
  const fields = ticket.asks.map((ask) => ask.field);
  if (fields.includes('scope')) return ALL_LABELS;
  const problems = ticket.problems.map((problem) => PROBLEM_FIELD[problem]);
  const wanted = new Set<string>([...fields, ...problems]);
  if (wanted.size === 0) return [];
  wanted.add(SCOPE_FIELD[ticket.scope]);
  return FIELD_LABELS.filter(([field]) => wanted.has(field)).flatMap(([, labels]) => labels);
}

/** Why a request waits, one sentence each. */
export const holdsInWords = (holds: readonly HoldReason[]): readonly string[] => [
  ...new Set(holds.map((hold) => HOLD_WORDS[hold])),
];

/** The instant from which a purge may start, and up to which it can be cancelled. `null` = not known yet. */
export function startOf(ticket: TicketFacts): string | null {
  if (ticket.graceEndsAt === null) return null;
  if (ticket.notBefore === null) return ticket.graceEndsAt;
  return Date.parse(ticket.notBefore) > Date.parse(ticket.graceEndsAt)
    ? ticket.notBefore
    : ticket.graceEndsAt;
}

/** How a ticket stands and what comes next, in one or two sentences. */
export function standingOf(ticket: TicketFacts): string {
  const on = holdsInWords(ticket.holds).join(' ');
  return on === '' ? stateInWords(ticket) : `${stateInWords(ticket)} It is on hold. ${on}`;
}

/** "PD-1043, the data of …: It waits for your confirmation." */
export function oneLine(ticket: TicketFacts): string {
  const what = ticket.target === null ? '' : ` (${targetInWords(ticket.target, ticket.verified)})`;
  const questions = ticket.state === 'needs_details' ? questionsOf(ticket) : [];
  // The same words whether the workspace exists or not.
  const barred = ticket.state === 'rejected' && ticket.target === null;
  const hint = barred ? ['Only an owner or admin of the workspace concerned can ask for it.'] : [];
  return [`${plain(ticket.reference)}${what}: ${standingOf(ticket)}`, ...questions, ...hint].join(' ');
}

/** "3 records", "1 record". */
export const count = (number: number, noun: string, nouns = `${noun}s`): string =>
  `${number.toLocaleString('en-GB')} ${number === 1 ? noun : nouns}`;

function stateInWords(ticket: TicketFacts): string {
  const start = startOf(ticket);
  switch (ticket.state) {
    case 'received':
      return 'We have received it and are looking at it; nothing is deleted yet.';
    case 'needs_details':
      return 'We need a few more details before we can go on; nothing is deleted until then.';
    case 'verifying':
      return ticket.verifiedAt === null
        ? 'It waits to be confirmed with the code that we sent; nothing is deleted until then.'
        : 'It is confirmed. The five-day waiting time has not started yet; nothing is deleted until then.';
    case 'approval':
      return 'It is confirmed, and our team checks it before the five-day waiting time starts.';
    case 'grace':
      return start === null
        ? 'It is confirmed and in its five-day waiting time.'
        : `It is confirmed and in its waiting time: nothing is deleted before ${instantInWords(start)}.`;
    case 'purging':
      return `The deletion is under way and will be complete by ${instantInWords(ticket.dueAt)}.`;
    case 'completed':
      return `The deletion was completed${closed(ticket)}.`;
    case 'cancelled':
      return `It was cancelled${closed(ticket)}; the data remains until you ask again.`;
    case 'rejected':
      return 'We cannot act on it; nothing was deleted.';
    case 'expired':
      return `It expired${closed(ticket)} because we heard no answer; the data remains until you ask again.`;
    default:
      return assertNever(ticket.state);
  }
}

const closed = (ticket: TicketFacts): string =>
  ticket.closedAt === null ? '' : ` on ${instantInWords(ticket.closedAt)}`;

const workspacesInWords = (workspaces: readonly TargetWorkspace[]): string =>
  listed(workspaces.map(workspaceInWords));

/** A dead workspace's slug may be in use again, so only its ID says which one is meant. */
const workspaceInWords = (workspace: TargetWorkspace): string =>
  workspace.tombstone
    ? `${plain(workspace.name)} (${plain(workspace.slug)}, ID ${plain(workspace.id)}, already deleted in the app)`
    : `${plain(workspace.name)} (${plain(workspace.slug)})`;

function frameInWords({ timeFrame, cutoff }: Target): string {
  const request = `the moment of your request (${instantInWords(cutoff)})`;
  const from = timeFrame?.from ?? null;
  const to = timeFrame?.to ?? null;
  if (from === null && to === null) return `received at any time up to ${request}`;
  if (from === null) return `received up to ${dayInWords(to ?? '')} inclusive (UTC days)`;
  if (to === null) return `received from ${dayInWords(from)} (UTC day) up to ${request}`;
  if (from === to) return `received on ${dayInWords(from)} (one UTC day)`;
  return `received from ${dayInWords(from)} to ${dayInWords(to)} inclusive (UTC days)`;
}

function usersInWords(users: readonly string[], verified: boolean): string {
  const total = count(users.length, 'end user');
  return verified ? `${total} (${users.map(plain).join(', ')})` : `${total}, as listed in your mail,`;
}

function clausesInWords(target: Target, verified: boolean): string {
  if (!verified) {
    const total = count(target.events.length + target.properties.length, 'event or property clause');
    return `the ${total} of your mail (events with all their properties)`;
  }
  const events = target.events.map((event) => `the event ${quoted(event)} with all its properties`);
  return listed([...events, ...target.properties.map(propertyInWords)]);
}

const propertyInWords = ({ name, kind, event }: PropertyClause): string =>
  kind === 'user'
    ? `the user property ${quoted(name)}`
    : `the event property ${quoted(name)} ${event === null ? 'of all events' : `of the event ${quoted(event)}`}`;

const quoted = (name: string | undefined): string => `“${plain(name ?? '')}”`;

const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

function residueEnd(retentionDays: number | null, closedAt: string | null): string {
  if (retentionDays === null) return ROLLING;
  if (closedAt === null) return `kept for ${count(retentionDays, 'day')} after the deletion is complete`;
  return `kept until ${dayInWords(addDays(dayOf(new Date(closedAt)), retentionDays))} at the latest`;
}

function questionOf({ field, why }: Ask): string {
  if (why === 'missing') return MISSING_WORDS[field];
  if (why === 'unknown') return UNKNOWN_WORDS[field] ?? MISSING_WORDS[field];
  if (why === 'several') return SEVERAL_WORDS[field] ?? MISSING_WORDS[field];
  return PROBLEM_WORDS[why];
}

const ROLLING = 'removed on a rolling schedule';

const PROBLEM_WORDS: Record<Problem, string> = {
  finer_than_day:
    'Hours and minutes are not possible. Our data is stored in whole days, so one day (UTC) is the smallest piece we can delete. Please give a first and a last day.',
  ambiguous_date:
    'A date can be read in two ways. Please write dates as year-month-day, for example 2024-04-03 for 3 April 2024.',
  reversed_range: 'The last day lies before the first day. Please check both.',
  in_future: 'The time frame reaches into the future. The last day can be today (UTC) at the latest.',
  too_many_clauses:
    'One request can hold at most five clauses: events and properties counted together. Please choose five, and send the others as a separate request.',
};

const PROBLEM_FIELD: Record<Problem, RequestField> = {
  finer_than_day: 'timeFrame',
  ambiguous_date: 'timeFrame',
  reversed_range: 'timeFrame',
  in_future: 'timeFrame',
  too_many_clauses: 'events',
};

const MISSING_WORDS: Record<Ask['field'], string> = {
  scope:
    'What should be deleted? Please say it in a sentence: a whole workspace, one source within a time frame, a Unify space, individual users, or events and properties of a project.',
  workspace: 'Which workspace is it about? Please give its slug or its ID.',
  source: 'Which source is it about? Please give its name as it stands in your workspace.',
  space: 'Which Unify space is it about? Please give its name as it stands in your workspace.',
  users: 'Which users are they? Please give their user IDs, separated by commas.',
  events: 'Which events or properties are to go? You can name up to five.',
  project: 'Which project is it about? Please give its name.',
  timeFrame: 'Which time frame? Please give the first and the last day, as in 2024-04-03. Both days count.',
};

const UNKNOWN_WORDS: Partial<Record<Ask['field'], string>> = {
  workspace: 'We could not find this workspace among those you administer. Please check its slug or ID.',
  source: 'We could not find this source in the workspace you administer. Please check its name.',
  space: 'We could not find this Unify space in the workspace you administer. Please check its name.',
  project: 'We could not find this project in the workspaces you administer. Please check its name.',
};

const SEVERAL_WORDS: Partial<Record<Ask['field'], string>> = {
  workspace: 'This fits more than one workspace. Please give the workspace ID.',
  source: 'This fits more than one source of the workspace. Please give the source ID.',
  space: 'This fits more than one Unify space of the workspace. Please give its ID.',
  project:
    'This fits more than one project of the workspaces you administer. Please give the workspace slug or the project ID too.',
};

const FIELD_LABELS: readonly (readonly [RequestField, readonly string[]])[] = [
  ['workspace', ['Workspace slug or ID: ']],
  ['source', ['Source: ']],
  ['timeFrame', ['First day (UTC): ', 'Last day (UTC): ']],
  ['space', ['Unify space: ']],
  ['users', ['Users: ']],
  ['project', ['Project: ']],
  ['events', ['Events or properties: ']],
];
/** The field that tells the scopes apart. */
const SCOPE_FIELD: Readonly<Record<TicketFacts['scope'], RequestField>> = {
  workspace: 'workspace',
  account: 'workspace',
  source: 'source',
  space: 'space',
  user: 'users',
  events: 'events',
};
const ALL_LABELS = FIELD_LABELS.flatMap(([, labels]) => labels);

const HOLD_WORDS: Record<HoldReason, string> = {
  billing: 'There is an open invoice or payment. Please settle it in the billing settings of your workspace.',
  export:
    'A data export is still running. Please let it finish, or stop it, so that you lose nothing you need.',
  review: 'Our team checks the request before it goes on.',
  doubtful_cancel: 'Someone asked to cancel it, and our team makes sure what you really want.',
  step_failed: 'A step did not work as it should. Our team looks at it and carries on.',
  purging_off: 'The next step waits for our team.',
  agent: 'Our team looks at the request before it goes on.',
};
