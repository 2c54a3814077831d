/**
 * What the desk and a service say to each other, as docs/http-store.md describes it: the requests, states and ids of
 * OpenDSR, with what is to be deleted told by exact ids instead of a single person's.
 */
import type { Buffer } from 'node:buffer';
import { z } from 'zod';
import { type Canonical, sha256 } from '../../domain/canonical.ts';
import type { Predicate } from '../../domain/plan.ts';
import type { StoreResidue } from '../store.ts';
import type { Field } from './catalogue-fields.ts';

const amount = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What a request came to. Keys that nobody asked for are passed over: OpenDSR services have several. */
const requestSchema = z.object({
  subject_request_id: z.string(),
  request_status: z.enum(['pending', 'in_progress', 'completed', 'cancelled']),
  /** By kind of data; needed once the request has ended. */
  results: z
    .array(z.object({ kind: z.string().min(1).max(200), deleted: amount, failed: amount }))
    .max(1_000)
    .optional(),
});

const countSchema = z.object({
  count: amount,
  retained: z
    .array(
      z.object({
        reason: z.enum(['legal_hold', 'object_lock', 'partial']),
        until: z.iso.date().nullable(),
        count: amount.min(1),
      }),
    )
    .max(1_000)
    .optional(),
});

/** A request as the service knows it. */
export interface Request {
  readonly hasEnded: boolean;
  readonly isCancelled: boolean;
  readonly deleted: number;
  readonly failed: number;
}

export interface Counted {
  /** All that matches, the retained among it. */
  readonly count: number;
  readonly retained: readonly StoreResidue[];
}

/** The request that an answer tells of, or in what the answer is wrong; never with a word of the answer. */
export function readRequest(body: Buffer, id: string): Request | string {
  const read = parsed(body, requestSchema);
  if (typeof read === 'string') return read;
  if (read.subject_request_id !== id) return 'answers about another request than it was asked about';
  const hasEnded = read.request_status === 'completed' || read.request_status === 'cancelled';
  const isCancelled = read.request_status === 'cancelled';
  if (read.results === undefined && read.request_status === 'completed') {
    return 'calls a request completed without its results';
  }
  const results = read.results ?? [];
  return {
    hasEnded,
    isCancelled,
    deleted: sum(results.map(({ deleted }) => deleted)),
    failed: sum(results.map(({ failed }) => failed)),
  };
}

/** What an answer counts, or in what the answer is wrong. */
export function readCount(body: Buffer): Counted | string {
  const read = parsed(body, countSchema);
  if (typeof read === 'string') return read;
  const { count, retained = [] } = read;
  if (sum(retained.map((part) => part.count)) > count) return 'retains more than it counts';
  return { count, retained };
}

function parsed<T>(body: Buffer, schema: z.ZodType<T>): T | string {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return 'answers with something that is not JSON';
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const path = read.error.issues[0]?.path.filter(
    (part) => typeof part === 'number' || /^\w+$/.test(String(part)),
  );
  return `answers with JSON of another shape${path === undefined || path.length === 0 ? '' : `, see ${path.join('.')}`}`;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/**
 * The id of the nth request for a step: the same for the same, so that a request that is made again is known. Has the
 * form of a random UUID (RFC 9562 version 4), because OpenDSR asks for one.
 * @param step - names the step of one plan and no other
 */
export function requestId(step: string, nth: number): string {
  const hex = sha256(`purgedesk request ${step} ${nth}`);
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

type Given = { readonly [key: string]: Canonical };

/**
 * A predicate as it is sent: only what narrows is in it. A service that finds a key it does not know must refuse.
 * @returns the fields besides the workspace that it uses, or why it cannot be sent
 */
export function matchOf(
  predicate: Predicate,
): { readonly match: Given; readonly fields: readonly Field[] } | string {
  const { workspaceId, sourceId, spaceId, projectId, users, events, receivedFrom, receivedBefore } =
    predicate;
  const ids = [workspaceId, sourceId ?? 'none', spaceId ?? 'none', projectId ?? 'none', ...users, ...events];
  if (ids.some((id) => typeof id !== 'string' || id.trim() === '')) return 'an identifier is empty';
  if (predicate.properties.length > 0) return 'single properties cannot be deleted';
  const given: readonly (readonly [Field, string, Canonical | null])[] = [
    ['source', 'source_id', sourceId],
    ['space', 'space_id', spaceId],
    ['project', 'project_id', projectId],
    ['user', 'user_ids', users.length > 0 ? users : null],
    ['event', 'events', events.length > 0 ? events : null],
    ['receivedAt', 'received_from', receivedFrom],
    ['receivedAt', 'received_before', receivedBefore],
  ];
  const narrowing = given.filter(([, , value]) => value !== null);
  return {
    match: {
      workspace_id: workspaceId,
      ...Object.fromEntries(narrowing.map(([, key, value]) => [key, value])),
    },
    fields: [...new Set(narrowing.map(([field]) => field))],
  };
}
