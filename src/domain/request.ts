import type { TimeFrame } from './calendar.ts';

/** What one request is about. */
export const SCOPES = ['workspace', 'account', 'source', 'space', 'user', 'events'] as const;
export type Scope = (typeof SCOPES)[number];

export type WorkspaceRef = { readonly slug: string } | { readonly id: string };

export interface PropertyClause {
  readonly name: string;
  readonly kind: 'event' | 'user';
  /** The event it is limited to; `null` = on all events. Always `null` for a user property. */
  readonly event: string | null;
}

/** One thing to delete, as the customer wrote it. Nothing here has met the directory yet. */
export interface DeletionRequest {
  readonly scope: Scope;
  readonly workspace: WorkspaceRef | null;
  readonly source: string | null;
  readonly space: string | null;
  readonly users: readonly string[];
  readonly events: readonly string[];
  readonly properties: readonly PropertyClause[];
  readonly project: string | null;
  /** `null` = not given or not usable; both ends `null` = all time, said so. */
  readonly timeFrame: TimeFrame | null;
}

/** A request that says what kind of thing it is about and nothing else. */
export const emptyRequest = (scope: Scope): DeletionRequest => ({
  scope,
  workspace: null,
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
});

export const INTENTS = ['delete', 'cancel', 'status', 'verify', 'other'] as const;
export type Intent = (typeof INTENTS)[number];

export const PROBLEMS = [
  'finer_than_day',
  'ambiguous_date',
  'reversed_range',
  'in_future',
  'too_many_clauses',
] as const;
export type Problem = (typeof PROBLEMS)[number];

/** Where in the writer's own text a field was read: offsets in UTF-16 code units, end exclusive. */
export interface EvidenceSpan {
  readonly field: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What a mail says: the public contract of `purgedesk parse`. */
export interface Understanding {
  readonly intent: Intent;
  readonly autoReply: boolean;
  readonly ticket: string | null;
  readonly code: string | null;
  readonly requests: readonly DeletionRequest[];
  readonly problems: readonly Problem[];
  readonly missing: readonly string[];
  readonly evidence: readonly EvidenceSpan[];
}

export type RequestField = 'workspace' | 'source' | 'space' | 'users' | 'events' | 'project' | 'timeFrame';

/** At most this many events and properties together in one request of scope `events`. */
export const MAX_CLAUSES = 5;

const NEEDS: Record<Scope, readonly RequestField[]> = {
  workspace: ['workspace'],
  account: [],
  source: ['workspace', 'source', 'timeFrame'],
  space: ['workspace', 'space'],
  user: ['workspace', 'users'],
  events: ['project', 'events', 'timeFrame'],
};

/** The fields that this request's scope still needs, in the order in which to ask for them. */
export function missingFields(request: DeletionRequest): readonly RequestField[] {
  return NEEDS[request.scope].filter((field) => {
    if (field === 'users') return request.users.length === 0;
    if (field === 'events') return request.events.length + request.properties.length === 0;
    return request[field] === null;
  });
}

/** docs/parse.md's `missing` for a whole mail. `scope` when a deletion is asked for and nothing says of what. */
export function missingPaths(intent: Intent, requests: readonly DeletionRequest[]): readonly string[] {
  if (intent !== 'delete') return [];
  if (requests.length === 0) return ['scope'];
  return requests.flatMap((request, index) =>
    missingFields(request).map((field) => `requests.${index}.${field}`),
  );
}
