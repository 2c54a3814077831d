import type { Ask } from '../domain/evidence.ts';
import type { DeletionRequest, RequestField, WorkspaceRef } from '../domain/request.ts';
import type { State } from '../domain/ticket.ts';

/** A ticket of the conversation that was not verified yet, so that its request may still change. */
export interface WaitingTicket {
  readonly id: number;
  readonly state: State;
  readonly request: DeletionRequest;
  /** What was asked back last; what was asked may be answered anew. */
  readonly asks: readonly Ask[];
}

/**
 * For each request of a reply the waiting ticket that it speaks of, each ticket at most once. A lone request answers the
 * lone ticket that waits for details, whatever scope the few words of the answer suggest. Otherwise the scope must
 * agree, and the ticket must be the only one of it or the only one that names the same thing. Of several requests none
 * may contradict its ticket: they are things of their own then.
 */
export function pickWaiting(
  waiting: readonly WaitingTicket[],
  requests: readonly DeletionRequest[],
): readonly (WaitingTicket | null)[] {
  const asked = waiting.filter((ticket) => ticket.state === 'needs_details');
  const [lone] = requests;
  if (requests.length === 1 && asked.length === 1 && asked[0] !== undefined && lone !== undefined) {
    if (mayAnswer(asked[0], lone)) return [asked[0]];
  }
  const taken = new Set<number>();
  const named = requests.map((request) =>
    take(
      taken,
      onlyOne(waiting, (each) => isSameThing(each, request)),
    ),
  );
  return requests.map((request, index) => {
    const found = named[index];
    if (found !== undefined && found !== null) return found;
    const only = onlyOne(waiting, (each) => each.request.scope === request.scope);
    const apart = requests.length > 1 && only !== null && namesAnother(only, request);
    return apart ? null : take(taken, only);
  });
}

/** "workspace acme-inc" answers a question about a source; a second source with its own days does not answer for a space. */
const mayAnswer = (ticket: WaitingTicket, request: DeletionRequest): boolean =>
  ticket.request.scope === request.scope || request.scope === 'workspace';

function onlyOne(
  waiting: readonly WaitingTicket[],
  fits: (ticket: WaitingTicket) => boolean,
): WaitingTicket | null {
  const [found, more] = waiting.filter(fits);
  return found === undefined || more !== undefined ? null : found;
}

function take(taken: Set<number>, ticket: WaitingTicket | null): WaitingTicket | null {
  if (ticket === null || taken.has(ticket.id)) return null;
  taken.add(ticket.id);
  return ticket;
}

const THINGS = ['source', 'space', 'project'] as const;

const isSameThing = ({ request: known }: WaitingTicket, given: DeletionRequest): boolean =>
  known.scope === given.scope &&
  THINGS.some((field) => known[field] !== null && isSameName(known[field], given[field]));

const namesAnother = ({ request: known }: WaitingTicket, given: DeletionRequest): boolean =>
  THINGS.some(
    (field) => known[field] !== null && given[field] !== null && !isSameName(known[field], given[field]),
  );

/** How an answer stands to what is known. */
export interface Merge {
  /** Fields that the ticket asked about: an answer to them is what was wanted. */
  readonly asked: readonly RequestField[];
  /** The writer says that something written before was wrong, so that the newer words count. */
  readonly corrects: boolean;
  /** The answer gives days that cannot be read: what was known of them is in doubt. */
  readonly unreadableDays: boolean;
  /** Whether two references mean one workspace: a slug and an ID may. */
  readonly isSameWorkspace: (a: WorkspaceRef, b: WorkspaceRef) => boolean;
}

export interface Merged {
  readonly request: DeletionRequest;
  /** What the answer says otherwise than what was known. These fields are empty, so that they are asked. */
  readonly differs: readonly RequestField[];
}

/**
 * A known request and an answer, field by field: what was open or asked about is filled, what is said again stays, and
 * what is said otherwise is neither kept nor overwritten, unless the writer corrects it. The scope stays that of the
 * ticket, so that an answer can never widen what was asked for: who wants more writes a new request.
 */
export function mergeDetails(known: DeletionRequest, given: DeletionRequest, how: Merge): Merged {
  const differs: RequestField[] = [];
  const mayFill = (field: RequestField): boolean => how.corrects || how.asked.includes(field);
  const pick = <T>(field: RequestField, old: T | null, next: T | null, isSame: (a: T, b: T) => boolean) => {
    if (next === null) return old;
    if (old === null || mayFill(field)) return next;
    if (isSame(old, next)) return old;
    differs.push(field);
    return null;
  };
  const clauses = pick('events', clausesOf(known), clausesOf(given), isSameJson);
  const timeFrame = pick('timeFrame', known.timeFrame, given.timeFrame, isSameJson);
  const doubtful = how.unreadableDays && timeFrame !== null && given.timeFrame === null;
  if (doubtful) differs.push('timeFrame');
  const request: DeletionRequest = {
    scope: known.scope,
    workspace: pick('workspace', known.workspace, given.workspace, how.isSameWorkspace),
    source: pick('source', known.source, given.source, isSameName),
    space: pick('space', known.space, given.space, isSameName),
    users: pick('users', listOf(known.users), listOf(given.users), isSameSet) ?? [],
    events: clauses?.events ?? [],
    properties: clauses?.properties ?? [],
    project: pick('project', known.project, given.project, isSameName),
    timeFrame: doubtful ? null : timeFrame,
  };
  return { request, differs };
}

type Clauses = Pick<DeletionRequest, 'events' | 'properties'>;

/** Events and properties are one list. */
const clausesOf = ({ events, properties }: DeletionRequest): Clauses | null =>
  events.length + properties.length === 0 ? null : { events, properties };

const listOf = (users: readonly string[]): readonly string[] | null => (users.length === 0 ? null : users);

const isSameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const isSameSet = (a: readonly string[], b: readonly string[]): boolean =>
  isSameJson([...new Set(a)].sort(), [...new Set(b)].sort());

/** A name in another case is the same name: the directory knows its spelling. */
const isSameName = (a: string | null, b: string | null): boolean =>
  a !== null && b !== null && plain(a) === plain(b);

const plain = (text: string): string => text.trim().normalize('NFC').toLowerCase();
