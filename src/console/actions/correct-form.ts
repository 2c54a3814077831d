/** What the form of a correction says, read into a request. Choices are taken only if the directory offers them. */
import { z } from 'zod';
import { startOfDay, type TimeFrame } from '../../domain/calendar.ts';
import {
  type DeletionRequest,
  emptyRequest,
  MAX_CLAUSES,
  type PropertyClause,
  SCOPES,
  type Scope,
} from '../../domain/request.ts';
import { fieldIn } from './form.ts';
import type { WorkspaceChoice } from './ports.ts';

export const USERS_MAX = 10_000;
const NAME_LENGTH_MAX = 300;

const SCOPE = z.object({ scope: z.enum(SCOPES).nullable().catch(null) });

/** The scope that a query or form names, if any. */
export const scopeIn = (source: unknown): Scope | null => SCOPE.parse(source ?? {}).scope;

/** Something to choose: `value` stands for a workspace and, in it, for the thing. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly workspace: { readonly id: string; readonly slug: string };
  /** A source, space or project as a request names it; `null` = the workspace itself. */
  readonly name: string | null;
}

const OPTIONS_MAX = 1_000;
const PARTS = { source: 'sources', space: 'spaces', events: 'projects' } as const;

/** What can be chosen for a scope; empty for an account, which names nothing. */
export function choicesFor(scope: Scope, workspaces: readonly WorkspaceChoice[]): readonly Choice[] {
  if (scope === 'account') return [];
  const open = workspaces.filter(({ isDeleted }) => !isDeleted || scope === 'workspace');
  const choices =
    scope === 'workspace' || scope === 'user'
      ? open.map(
          (workspace): Choice => ({
            value: workspace.id,
            label: `${workspace.name} (${workspace.slug})${workspace.isDeleted ? ', deleted in the app' : ''}`,
            workspace,
            name: null,
          }),
        )
      : open.flatMap((workspace) =>
          workspace[PARTS[scope]].map(({ id, name }, _index, all): Choice => {
            const isAlone = all.filter((other) => other.name === name).length === 1;
            return {
              value: `${workspace.id} ${id}`,
              label: `${name}${isAlone ? '' : ` (ID ${id})`}, in ${workspace.name} (${workspace.slug})`,
              workspace,
              name: isAlone ? name : id,
            };
          }),
        );
  return choices.slice(0, OPTIONS_MAX);
}

/** One line of events and properties. */
export interface ClauseRow {
  readonly kind: 'event' | 'event_property' | 'user_property';
  readonly name: string;
  readonly of: string;
}

/** What stands in the form, valid or not. */
export interface Values {
  readonly scope: Scope;
  readonly choice: string;
  /** A slug or an ID, where there is nothing to choose from. */
  readonly workspace: string;
  readonly isId: boolean;
  readonly users: string;
  readonly clauses: readonly ClauseRow[];
  readonly allTime: boolean;
  readonly from: string;
  readonly to: string;
}

export type Errors = Partial<Record<'choice' | 'workspace' | 'users' | 'clauses' | 'days', string>>;

/** The form as the request is now. */
export function valuesOf(request: DeletionRequest, scope: Scope, choices: readonly Choice[]): Values {
  const { workspace, timeFrame } = request;
  const thing = request.source ?? request.space ?? request.project;
  const named = workspace === null ? null : 'id' in workspace ? workspace.id : workspace.slug;
  const fits = choices.filter(
    (choice) =>
      (choice.name === null || choice.name === thing) &&
      (named === null || choice.workspace.id === named || choice.workspace.slug === named),
  );
  const clauses: readonly ClauseRow[] = [
    ...request.events.map((name) => ({ kind: 'event' as const, name, of: '' })),
    ...request.properties.map(({ kind, name, event }) => ({
      kind: kind === 'user' ? ('user_property' as const) : ('event_property' as const),
      name,
      of: event ?? '',
    })),
  ];
  return {
    scope,
    choice: fits.length === 1 ? (fits[0]?.value ?? '') : '',
    workspace: named ?? '',
    isId: workspace !== null && 'id' in workspace,
    users: request.users.join('\n'),
    clauses: padded(clauses),
    allTime: timeFrame !== null && timeFrame.from === null && timeFrame.to === null,
    from: timeFrame?.from ?? '',
    to: timeFrame?.to ?? '',
  };
}

const padded = (rows: readonly ClauseRow[]): readonly ClauseRow[] =>
  Array.from({ length: MAX_CLAUSES }, (_, index) => rows[index] ?? { kind: 'event', name: '', of: '' });

const KINDS = ['event', 'event_property', 'user_property'] as const;

/** The form as it was sent, each field bounded. */
export function valuesIn(body: unknown, scope: Scope): Values {
  const text = (name: string, max: number): string => fieldIn(body, name).trim().slice(0, max);
  return {
    scope,
    choice: text('choice', 1_000),
    workspace: text('workspace', NAME_LENGTH_MAX),
    isId: fieldIn(body, 'named') === 'id',
    users: fieldIn(body, 'users').replace(/\r\n?/g, '\n').trim(),
    clauses: padded(
      Array.from({ length: MAX_CLAUSES }, (_, index) => ({
        kind: KINDS.find((kind) => kind === fieldIn(body, `kind${index}`)) ?? 'event',
        name: text(`name${index}`, NAME_LENGTH_MAX),
        of: text(`of${index}`, NAME_LENGTH_MAX),
      })),
    ),
    allTime: fieldIn(body, 'allTime') === 'yes',
    from: text('from', 10),
    to: text('to', 10),
  };
}

export interface Read {
  readonly request: DeletionRequest;
  readonly errors: Errors;
}

/** @param isFree - the workspace is typed, because there is nothing to choose from */
export function requestOf(values: Values, choices: readonly Choice[], isFree: boolean): Read {
  const { scope } = values;
  const errors: Errors = {};
  let request = emptyRequest(scope);
  if (scope !== 'account' && isFree) {
    const { workspace, isId } = values;
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(workspace))
      errors.workspace = 'Please give the slug or the ID of the workspace.';
    else request = { ...request, workspace: isId ? { id: workspace } : { slug: workspace.toLowerCase() } };
  } else if (scope !== 'account') {
    const chosen = choices.find(({ value }) => value === values.choice);
    if (chosen === undefined) errors.choice = 'Please choose one.';
    else request = { ...request, ...chosenParts(scope, chosen) };
  }
  if (scope === 'user') request = { ...request, users: usersOf(values.users, errors) };
  if (scope === 'events') request = { ...request, ...clausesOf(values.clauses, errors) };
  if (scope === 'source' || scope === 'events') request = { ...request, timeFrame: frameOf(values, errors) };
  return { request, errors };
}

function chosenParts(scope: Scope, choice: Choice): Partial<DeletionRequest> {
  const { name } = choice;
  const workspace = { id: choice.workspace.id };
  switch (scope) {
    case 'source':
      return { workspace, source: name };
    case 'space':
      return { workspace, space: name };
    case 'events':
      return { workspace, project: name };
    default:
      return { workspace };
  }
}

function usersOf(text: string, errors: Errors): readonly string[] {
  const users = [...new Set(text.split('\n').map((line) => line.trim()))].filter((line) => line !== '');
  if (users.length === 0) errors.users = 'Please name at least one, each on a line of its own.';
  else if (users.length > USERS_MAX) errors.users = `At most ${USERS_MAX.toLocaleString('en')} fit.`;
  else if (users.some((user) => user.length > NAME_LENGTH_MAX || UNPRINTABLE.test(user)))
    errors.users = 'One line is too long, or holds signs that cannot be printed.';
  return users;
}

function clausesOf(
  rows: readonly ClauseRow[],
  errors: Errors,
): Pick<DeletionRequest, 'events' | 'properties'> {
  const given = rows.filter(({ name }) => name !== '');
  if (given.length === 0) errors.clauses = 'Please name at least one event or property.';
  if (given.some(({ name, of }) => UNPRINTABLE.test(name + of)))
    errors.clauses = 'A name holds signs that cannot be printed.';
  if (rows.some(({ kind, of }) => of !== '' && kind !== 'event_property'))
    errors.clauses = 'Only the property of an event is limited to an event.';
  const events = given.filter(({ kind }) => kind === 'event').map(({ name }) => name);
  const properties = given
    .filter(({ kind }) => kind !== 'event')
    .map(
      ({ kind, name, of }): PropertyClause => ({
        name,
        kind: kind === 'user_property' ? 'user' : 'event',
        event: kind === 'event_property' && of !== '' ? of : null,
      }),
    );
  return { events, properties };
}

function frameOf({ allTime, from, to }: Values, errors: Errors): TimeFrame | null {
  if (allTime) {
    if (from + to !== '') errors.days = 'Please give days or all time, not both.';
    return { from: null, to: null };
  }
  if (from + to === '') {
    errors.days = 'Please give at least one day, or all time.';
    return null;
  }
  if (!isDay(from) || !isDay(to)) errors.days = 'Please give days like 2026-01-31.';
  else if (from !== '' && to !== '' && from > to) errors.days = 'The first day is behind the last one.';
  return { from: from === '' ? null : from, to: to === '' ? null : to };
}

function isDay(text: string): boolean {
  if (text === '') return true;
  try {
    startOfDay(text);
    return true;
  } catch {
    return false;
  }
}

/** Control characters, and what turns the reading direction. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
