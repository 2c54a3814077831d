/** What a ticket asks for: as it was written, and what it means in the directory. */
import type { DeletionRequest, PropertyClause } from '../../domain/request.ts';
import type { Target } from '../../domain/target.ts';
import { plain } from '../../domain/words.ts';
import type { TicketRow } from './read-ticket.ts';
import { scopeWords } from './state-words.ts';

const USERS_NAMED = 5;
const WORKSPACES_NAMED = 3;

/**
 * One phrase for the heading: "the data of 10,000 end users (u1, u2 and 9,998 more) in the workspace Acme Inc (acme-inc)".
 * Long lists are cut, so that a heading stays one.
 */
export function askedInWords(
  ticket: Pick<TicketRow, 'target' | 'users' | 'workspaces' | 'scope' | 'erased_at'>,
  sentence: (target: Target) => string,
): string {
  const { target, users, workspaces, scope, erased_at: erasedAt } = ticket;
  if (erasedAt !== null) return `${scopeWords(scope)} (erased)`;
  if (target === null) return scopeWords(scope);
  if (scope === 'user' && users > USERS_NAMED) {
    const named = target.users.slice(0, USERS_NAMED).map(plain).join(', ');
    const where = target.workspaces.map(({ name, slug }) => `${plain(name)} (${slug})`).join(', ');
    return `the data of ${counted(users, 'end user')} (${named} and ${number(users - USERS_NAMED)} more) in the workspace ${where}`;
  }
  if (workspaces > WORKSPACES_NAMED) {
    const named = target.workspaces
      .slice(0, WORKSPACES_NAMED)
      .map(({ name, slug }) => `${plain(name)} (${slug})`);
    return `all data of ${number(workspaces)} workspaces: ${named.join(', ')} and ${number(workspaces - WORKSPACES_NAMED)} more`;
  }
  return sentence(target);
}

/** One line of the table of fields. */
export interface FieldLine {
  /** As the understanding names it: `workspace`, `users`, `timeFrame`. */
  readonly key: string;
  readonly label: string;
  /** As the customer wrote it; `null` = not said. */
  readonly said: string | null;
  /** What it is in the directory; `null` = nothing, or nothing other than what was said. */
  readonly resolved: string | null;
  /** What is being asked back about it. */
  readonly asked: string | null;
  /** Its number, in the table and beside the words of the mail. From 1. */
  readonly n: number;
  /** The words of the mail that it came from. */
  readonly marks: readonly { readonly id: string }[];
}

export function fieldLines(ticket: TicketRow, asks: ReadonlyMap<string, string>): readonly FieldLine[] {
  const { request, target, scope } = ticket;
  const line = (key: string, label: string, said: string | null, resolved: string | null): FieldLine => ({
    key,
    label,
    said: said === null || said === '' ? null : said,
    resolved: resolved === said ? null : resolved,
    asked: asks.get(key) ?? null,
    n: 0,
    marks: [],
  });
  const named = (one: { readonly id: string; readonly name: string } | null | undefined) =>
    one == null ? null : `${plain(one.name)} (ID ${one.id})`;
  const lines = [
    line('scope', 'To delete', scopeWords(request.scope), scopeWords(scope)),
    line(
      'workspace',
      scope === 'account' ? 'Workspaces' : 'Workspace',
      workspaceSaid(request),
      workspacesIn(ticket),
    ),
    line('source', 'Source', plainOr(request.source), named(target?.source)),
    line('space', 'Unify space', plainOr(request.space), named(target?.space)),
    line('users', 'Users', usersIn(request.users, ticket.users), null),
    line('project', 'Project', plainOr(request.project), named(target?.project)),
    line('events', 'Events', listed(request.events.map(plain)), null),
    line('properties', 'Properties', listed(request.properties.map(property)), null),
    line(
      'timeFrame',
      'Days (UTC)',
      frame(request.timeFrame),
      target === null ? null : frame(target.timeFrame),
    ),
  ];
  return lines
    .filter(
      ({ key, said, resolved, asked }) =>
        key === 'scope' || said !== null || resolved !== null || asked !== null,
    )
    .map((each, index) => ({ ...each, n: index + 1 }));
}

const plainOr = (text: string | null): string | null => (text === null ? null : plain(text));
const listed = (items: readonly string[]): string | null => (items.length === 0 ? null : items.join(', '));

function workspaceSaid({ workspace }: DeletionRequest): string | null {
  if (workspace === null) return null;
  return plain('slug' in workspace ? workspace.slug : `ID ${workspace.id}`);
}

function workspacesIn({ target, workspaces }: TicketRow): string | null {
  if (target === null) return null;
  const named = target.workspaces.map(
    ({ id, slug, name, tombstone }) =>
      `${plain(name)} (${slug}, ID ${id}${tombstone ? ', deleted in the app' : ''})`,
  );
  const more = workspaces - named.length;
  return named.join('; ') + (more > 0 ? ` and ${number(more)} more` : '');
}

function usersIn(users: readonly string[], of: number): string | null {
  if (users.length === 0) return null;
  const more = of - users.length;
  return users.map(plain).join(', ') + (more > 0 ? ` and ${number(more)} more` : '');
}

const property = ({ name, kind, event }: PropertyClause): string =>
  `${plain(name)} (${kind} property${event === null ? '' : ` of ${plain(event)}`})`;

function frame(timeFrame: DeletionRequest['timeFrame']): string | null {
  if (timeFrame === null) return null;
  const { from, to } = timeFrame;
  if (from === null) return to === null ? 'all time' : `up to ${to}`;
  return to === null ? `from ${from} on` : from === to ? from : `${from} to ${to}`;
}

export const number = (value: number): string => value.toLocaleString('en');

export const counted = (value: number, one: string): string =>
  `${number(value)} ${one}${value === 1 ? '' : 's'}`;
