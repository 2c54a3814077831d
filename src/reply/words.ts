import { assertNever } from '../domain/errors.ts';
import type { Ask } from '../domain/evidence.ts';
import type { TicketFacts } from '../domain/mail-facts.ts';
import { type Residue, residueEnd } from '../domain/policy.ts';
import type { RetainedLine } from '../domain/receipt.ts';
import type { Problem, PropertyClause, RequestField } from '../domain/request.ts';
import type { Target, TargetWorkspace } from '../domain/target.ts';
import type { HoldReason } from '../domain/ticket.ts';
import { plain } from '../domain/words.ts';
import { counted, dayIn, fill, instantIn, listed, quoted, sentences } from './phrase.ts';
import type { Wording } from './wording.ts';

/** The sentences that views are made of: scopes, questions, states and what stays, in the words of one language. */

/**
 * What will be deleted, in one normalised phrase. Until the request is verified only values of the directory appear;
 * end users, events and properties are the writer's own words and are counted instead.
 */
export function targetInWords(wording: Wording, target: Target, verified: boolean): string {
  const words = wording.target;
  const workspaces = listed(
    wording,
    target.workspaces.map((workspace) => workspaceInWords(wording, workspace)),
  );
  switch (target.scope) {
    case 'workspace':
      return fill(words.workspace, { workspaces });
    case 'account':
      return counted(wording, words.account, target.workspaces.length, { workspaces });
    case 'source': {
      const name = quoted(wording, target.source?.name);
      return fill(words.source, { name, workspaces, frame: frameInWords(wording, target) });
    }
    case 'space':
      return fill(words.space, { name: quoted(wording, target.space?.name), workspaces });
    case 'user': {
      const users = target.users.map(plain).join(', ');
      return verified
        ? counted(wording, words.users, target.users.length, { users, workspaces })
        : counted(wording, words.usersUnverified, target.users.length, { workspaces });
    }
    case 'events': {
      const project = quoted(wording, target.project?.name);
      const values = { project, workspaces, frame: frameInWords(wording, target) };
      return verified
        ? fill(words.events, { ...values, clauses: clausesInWords(wording, target) })
        : counted(wording, words.eventsUnverified, target.events.length + target.properties.length, values);
    }
    default:
      return assertNever(target.scope);
  }
}

/** One line for what stays: what, why, and until when. Days count from `closedAt`; without a number no date is made up. */
export function residueInWords(wording: Wording, residue: Residue, closedAt: string | null): string {
  const { stays } = wording;
  const { retentionDays, rollingDays = null } = residue;
  const last = closedAt === null ? null : residueEnd(residue, new Date(closedAt));
  if (last !== null) return staysInWords(wording, residue, fill(stays.until, { day: dayIn(wording, last) }));
  if (retentionDays !== null)
    return staysInWords(wording, residue, counted(wording, stays.afterwards, retentionDays));
  if (rollingDays !== null)
    return staysInWords(wording, residue, counted(wording, stays.rollingAfterwards, rollingDays));
  return staysInWords(wording, residue, stays.rolling);
}

/** The same for a line of a receipt, whose day is computed already. */
export function retainedInWords(wording: Wording, line: StaysLine & Pick<RetainedLine, 'until'>): string {
  const { rolling, until } = wording.stays;
  const day = line.until === null ? null : dayIn(wording, line.until);
  const kept = KEPT.find((name) => name === line.category);
  if (kept === undefined) return staysInWords(wording, line, day === null ? rolling : fill(until, { day }));
  // Its day is when it may go: nobody promised that it does.
  const end = day === null ? wording.kept.open : fill(wording.kept.until, { day });
  return staysInWords(wording, { ...line, ...wording.kept[kept], category: 'kept' }, end);
}

/** What a place refused to give up, by why. */
const KEPT = ['object_lock', 'legal_hold', 'partial'] as const;

/**
 * What a purge leaves alone, for a reader of this language. The phrases are those of the plan, frozen with the signed
 * receipt; one that is not known here is left to the receipt itself rather than said in another language.
 */
export function exclusionsInWords(wording: Wording, exclusions: readonly string[]): readonly string[] {
  const { records } = wording;
  if (records === null) return exclusions.map(plain);
  return [
    ...new Set(
      exclusions.map((phrase) => {
        const known = plain(phrase);
        if (known === 'Connected third-party destinations') return records.thirdParties;
        if (known === 'Raw data destinations') return records.rawData;
        const table = /^(\S{1,130}) in the store (\S{1,130}): it takes no part in /.exec(known);
        if (table !== null) return fill(records.table, { table: table[1] ?? '', store: table[2] ?? '' });
        const store = /^The store (\S{1,130}): it takes no part in /.exec(known)?.[1];
        if (store !== undefined) return fill(records.store, { store });
        const [, day, time] = /^Data received from (\d{4}-\d\d-\d\d), (\d\d:\d\d) UTC on$/.exec(known) ?? [];
        if (day === undefined || time === undefined) return records.otherExclusions;
        return fill(records.receivedFrom, { instant: instantIn(wording, `${day}T${time}:00Z`) });
      }),
    ),
  ];
}

/**
 * Plain sentences for all that an incomplete request needs, without a word of the customer's. What is asked stands first
 * and in its order, so that an answer can go by the number of its question.
 */
export function questionsOf(
  wording: Wording,
  ticket: Pick<TicketFacts, 'asks' | 'problems'>,
): readonly string[] {
  const asked = ticket.asks.map((ask) => questionOf(wording, ask));
  const told = ticket.problems.map((problem) => wording.question.problem[problem]);
  return [...new Set([...asked, ...told])];
}

/**
 * The lines of the form to fill in, exactly as the understanding reads them back. The line that says what kind of thing
 * it is about stands there although it is known: without it a workspace with days reads as a request for the workspace.
 */
export function formOf(
  { form }: Wording,
  ticket: Pick<TicketFacts, 'asks' | 'problems' | 'scope'>,
): readonly string[] {
  const fields = ticket.asks.map((ask) => ask.field);
  const problems = ticket.problems.map((problem) => PROBLEM_FIELD[problem]);
  const wanted = new Set<string>([...fields, ...problems]);
  if (wanted.size === 0) return [];
  if (!wanted.has('scope')) wanted.add(SCOPE_FIELD[ticket.scope]);
  return FORM_FIELDS.filter((field) => wanted.has('scope') || wanted.has(field))
    .flatMap((field) => form[field])
    .map((label) => fill(form.line, { label }));
}

/** Why a request waits, one sentence each. */
export const holdsInWords = (wording: Wording, holds: readonly HoldReason[]): readonly string[] => [
  ...new Set(holds.map((hold) => wording.hold[hold])),
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
export function standingOf(wording: Wording, ticket: TicketFacts): string {
  const holds = holdsInWords(wording, ticket.holds);
  const state = stateInWords(wording, ticket);
  return holds.length === 0 ? state : sentences(wording, [state, wording.standing.onHold, ...holds]);
}

/** "PD-1043 (the data of …): It waits for your confirmation." */
export function oneLine(wording: Wording, ticket: TicketFacts): string {
  const { line } = wording;
  const values = { reference: plain(ticket.reference), standing: standingOf(wording, ticket) };
  const said =
    ticket.target === null
      ? fill(line.unnamed, values)
      : fill(line.named, { ...values, what: targetInWords(wording, ticket.target, ticket.verified) });
  const questions = ticket.state === 'needs_details' ? questionsOf(wording, ticket) : [];
  // The same words whether the workspace exists or not.
  const barred = ticket.state === 'rejected' && ticket.target === null;
  return sentences(wording, [said, ...questions, ...(barred ? [line.barred] : [])]);
}

/** Why a ticket cannot be cancelled any more. */
export function tooLateInWords(wording: Wording, ticket: TicketFacts): string {
  const { tooLate } = wording;
  switch (ticket.state) {
    case 'purging':
      return ticket.purgeStartedAt === null
        ? tooLate.purgingUndated
        : fill(tooLate.purging, { start: instantIn(wording, ticket.purgeStartedAt) });
    case 'completed':
      return ticket.closedAt === null
        ? tooLate.completedUndated
        : fill(tooLate.completed, { end: instantIn(wording, ticket.closedAt) });
    case 'cancelled':
    case 'rejected':
    case 'expired':
      return standingOf(wording, ticket);
    default:
      return tooLate.final;
  }
}

function stateInWords(wording: Wording, ticket: TicketFacts): string {
  const { standing } = wording;
  const start = startOf(ticket);
  const end = ticket.closedAt === null ? null : instantIn(wording, ticket.closedAt);
  switch (ticket.state) {
    case 'received':
    case 'needs_details':
    case 'approval':
    case 'rejected':
      return standing[ticket.state];
    case 'verifying':
      return ticket.verifiedAt === null ? standing.verifying : standing.confirmed;
    case 'grace':
      return start === null
        ? standing.graceUndated
        : fill(standing.grace, { start: instantIn(wording, start) });
    case 'purging':
      return fill(standing.purging, { due: instantIn(wording, ticket.dueAt) });
    case 'completed':
    case 'cancelled':
    case 'expired':
      return end === null ? standing[`${ticket.state}Undated`] : fill(standing[ticket.state], { end });
    default:
      return assertNever(ticket.state);
  }
}

/** A dead workspace's slug may be in use again, so only its ID says which one is meant. */
function workspaceInWords({ workspace }: Wording, { name, slug, id, tombstone }: TargetWorkspace): string {
  const values = { name: plain(name), slug: plain(slug) };
  return tombstone ? fill(workspace.deleted, { ...values, id: plain(id) }) : fill(workspace.living, values);
}

function frameInWords(wording: Wording, { timeFrame, cutoff }: Target): string {
  const { frame } = wording;
  const request = instantIn(wording, cutoff);
  const [from, to] = [timeFrame?.from, timeFrame?.to].map((day) =>
    day == null ? null : dayIn(wording, day),
  );
  if (from == null && to == null) return fill(frame.ever, { request });
  if (from == null) return fill(frame.until, { to: to ?? '' });
  if (to == null) return fill(frame.since, { from, request });
  return from === to ? fill(frame.oneDay, { day: from }) : fill(frame.range, { from, to });
}

function clausesInWords(wording: Wording, target: Target): string {
  const events = target.events.map((event) => fill(wording.clause.event, { name: quoted(wording, event) }));
  const properties = target.properties.map((property) => propertyInWords(wording, property));
  return listed(wording, [...events, ...properties]);
}

function propertyInWords(wording: Wording, property: PropertyClause): string {
  const { clause } = wording;
  const name = quoted(wording, property.name);
  if (property.kind === 'user') return fill(clause.userProperty, { name });
  if (property.event === null) return fill(clause.eventPropertyOfAll, { name });
  return fill(clause.eventProperty, { name, event: quoted(wording, property.event) });
}

/** Receipts of version 1 cite no law. */
type StaysLine = Omit<RetainedLine, 'legalBasis' | 'until'> & Partial<Pick<RetainedLine, 'legalBasis'>>;

function staysInWords({ stays, records }: Wording, line: StaysLine, end: string): string {
  const { category, what, why, legalBasis = null } = line;
  // Of a category of their own only the operator knows what it is, so that their words stand.
  const known = KNOWN_RESIDUE.find((name) => name === category);
  const said = records === null || known === undefined ? { what, why } : records[known];
  const values = { what: plain(said.what), why: plain(said.why), end };
  // A citation is the same in every language.
  return legalBasis === null
    ? fill(stays.line, values)
    : fill(stays.lineWithBasis, { ...values, basis: plain(legalBasis) });
}

const KNOWN_RESIDUE = ['backups', 'finance', 'security'] as const;

function questionOf({ question }: Wording, { field, why }: Ask): string {
  const known = (words: Partial<Record<Ask['field'], string>>): string =>
    words[field] ?? question.missing[field];
  if (why === 'missing') return question.missing[field];
  if (why === 'unknown') return known(question.unknown);
  if (why === 'several') return known(question.several);
  if (why === 'differs') return known(question.differs);
  return question.problem[why];
}

const PROBLEM_FIELD: Record<Problem, RequestField> = {
  finer_than_day: 'timeFrame',
  ambiguous_date: 'timeFrame',
  reversed_range: 'timeFrame',
  in_future: 'timeFrame',
  too_many_clauses: 'events',
};

/** Days stand behind what they limit, as people write it and as it is read back. */
const FORM_FIELDS: readonly RequestField[] = [
  'workspace',
  'source',
  'space',
  'users',
  'project',
  'events',
  'timeFrame',
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
