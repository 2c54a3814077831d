import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Canonical, digestOf } from '../../domain/canonical.ts';
import { PurgedeskError } from '../../domain/errors.ts';
import type { PlanStep } from '../../domain/plan.ts';
import type { Erased, EraseOptions, Store, StoreCheckpoint } from '../store.ts';
import type { HttpStoreDefinition } from './http-catalogue.ts';
import {
  type Answer,
  exchange,
  invalid,
  type Question,
  type Service,
  serviceAgent,
  TIMEOUTS,
  type Timeouts,
} from './http-exchange.ts';
import { type Counted, matchOf, type Request, readCount, readRequest, requestId } from './http-protocol.ts';

/** How long a batch waits for a request to end before it leaves the rest to the next, in milliseconds. */
const WAIT = 3_000;
/** The first pause between two looks at a request; each further one is twice as long, up to the longest. */
const PAUSE = 50;
const LONGEST_PAUSE = 1_000;
/** Batches in a row that wait for one request; from then on the step sleeps between them. */
const LOOKS_AWAKE = 5;
/** Requests in a row that one batch may find made by others: a process that died, an answer that was lost. */
const STRANGE_MAX = 25;
/** More requests than any step has. */
const REQUESTS_MAX = 2 ** 30;

/**
 * A service that deletes when it is asked to (docs/http-store.md). Each batch is one request there, with an id that
 * follows from the step and its number: whatever is asked twice, by a retry or by a process after a crash, is carried
 * out once. Requests of a step are numbered from 0; those that have ended stay known to the service.
 */
export function openHttpStore(
  definition: HttpStoreDefinition,
  pace: { readonly timeouts?: Timeouts; readonly wait?: number; readonly pause?: number } = {},
): Store {
  const url = definition.url.replace(/\/+$/, '');
  const store: OpenStore = {
    definition,
    name: definition.name,
    url,
    token: definition.token ?? null,
    agent: serviceAgent(url),
    timeouts: pace.timeouts ?? TIMEOUTS,
    wait: pace.wait ?? WAIT,
    pause: pace.pause ?? PAUSE,
    told: new Set(),
  };
  return {
    name: definition.name,
    rehearse: async (step, signal) => (await countMatches(store, step, signal)).count,
    countRemaining: async (step, signal) => (await countMatches(store, step, signal)).count,
    findResidue: async (step, signal) => (await countMatches(store, step, signal)).retained,
    erase: (step, checkpoint, options) => eraseBatch(store, step, checkpoint, options),
    callBack: (step, checkpoint, options) => cancelPending(store, step, checkpoint, options),
    close: async () => store.agent.destroy(),
  };
}

interface OpenStore extends Service {
  readonly definition: HttpStoreDefinition;
  readonly wait: number;
  readonly pause: number;
  /** Requests whose failure has failed a batch: asked again, the step goes on with the next request. */
  readonly told: Set<string>;
}

/** `next` is the number of the request that is due; `under` what is known of it when it is under way already. */
const checkpointSchema = z.strictObject({
  next: z.int().min(0),
  under: z
    .strictObject({
      /** The request was made for these batches, so what it deletes is theirs. */
      ours: z.boolean(),
      limit: z.int().min(1),
      looks: z.int().min(1),
    })
    .nullable(),
  /** What matched before a whole step was asked for. */
  before: z.int().min(0).nullable(),
});
type Place = Readonly<z.infer<typeof checkpointSchema>>;

/** What every question about a step holds. */
interface Subject {
  readonly collection: string;
  readonly match: Canonical;
  /** Names the step of one plan and no other. */
  readonly key: string;
}

async function countMatches(store: OpenStore, step: PlanStep, signal: AbortSignal): Promise<Counted> {
  const { collection, match } = subjectOf(store, step);
  const answer = await asked(
    store,
    { method: 'POST', path: '/count', body: { collection, match }, isRead: true },
    [200],
    signal,
  );
  const counted = readCount(answer.body);
  if (typeof counted === 'string') throw invalid(store, counted);
  return counted;
}

async function eraseBatch(
  store: OpenStore,
  step: PlanStep,
  checkpoint: StoreCheckpoint,
  { limit, signal, plan }: EraseOptions,
): Promise<Erased> {
  const subject = subjectOf(store, step, plan);
  const found = await placeOf(store, subject, checkpoint, signal);
  if (store.definition.batches) return nextBatch(store, subject, found, checkpoint, limit, signal);
  if (checkpoint !== null) return nextBatch(store, subject, found, checkpoint, found.before ?? 0, signal);
  // Chosen and kept before anything is asked for, so that what a whole step deletes is counted also after a crash.
  const { count } = await countMatches(store, step, signal);
  if (count === 0) return { deleted: 0, checkpoint, done: true };
  return { deleted: 0, checkpoint: { ...found, before: count }, done: false };
}

async function nextBatch(
  store: OpenStore,
  subject: Subject,
  from: Place,
  checkpoint: StoreCheckpoint,
  limit: number,
  signal: AbortSignal,
): Promise<Erased> {
  for (let at = from; at.next - from.next <= STRANGE_MAX; at = behind(at)) {
    const id = requestId(subject.key, at.next);
    const begun =
      at.under === null
        ? await begin(store, subject, id, limit, signal)
        : { ours: at.under.ours, limit: at.under.limit, request: null };
    const request = await ended(store, id, begun.request, signal);
    if (request === null) {
      const looks = (at.under?.looks ?? 0) + 1;
      const under = { ours: begun.ours, limit: begun.limit, looks };
      const sleeps = looks >= LOOKS_AWAKE ? ({ waits: 'service' } as const) : {};
      return { deleted: 0, checkpoint: { ...at, under }, done: false, ...sleeps };
    }
    if (!begun.ours) continue;
    const isWhole = request.failed === 0 && !request.isCancelled;
    if (isWhole || request.deleted > 0) {
      const isLast = isWhole && (!store.definition.batches || request.deleted < begun.limit);
      const allowed = allowedOf(store, begun.limit);
      return {
        deleted: request.deleted,
        ...(allowed === limit ? {} : { allowed }),
        checkpoint: isLast && request.deleted === 0 ? checkpoint : behind(at),
        done: isLast,
      };
    }
    tellOnce(store, id, request);
  }
  throw invalid(store, 'seems to know every request, and 200 is for those that were made before');
}

const behind = (at: Place): Place => ({ next: at.next + 1, under: null, before: at.before });

/** Cancels a request that nobody has begun; what the service answers, the next look tells. */
async function cancelPending(
  store: OpenStore,
  step: PlanStep,
  checkpoint: StoreCheckpoint,
  { signal, plan }: Omit<EraseOptions, 'limit'>,
): Promise<void> {
  const read = checkpointSchema.safeParse(checkpoint);
  if (!read.success || read.data.under === null) return;
  const id = requestId(subjectOf(store, step, plan).key, read.data.next);
  const path = `/requests/${id}`;
  const answer = await asked(store, { method: 'DELETE', path, isRead: false }, [200, 202, 404, 409], signal);
  // Expected then, so it fails no batch.
  if (answer.status < 300) store.told.add(id);
}

/** A little above what was counted: data that came in meanwhile is no lie. */
const allowedOf = ({ definition }: OpenStore, limit: number): number =>
  definition.batches ? limit : Math.floor(limit * 1.2) + 10;

/** @throws PurgedeskError PD_STORE_FAILED the first time */
function tellOnce(store: OpenStore, id: string, request: Request): void {
  if (store.told.has(id)) return;
  store.told.add(id);
  const what = request.isCancelled ? 'cancelled a request' : 'could not delete all that it was asked to';
  throw new PurgedeskError('PD_STORE_FAILED', `a service ${what}`, {
    details: { store: store.name, failed: request.failed },
  });
}

/** Makes a request, or finds that it was made before. */
async function begin(
  store: OpenStore,
  { collection, match }: Subject,
  id: string,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly ours: boolean; readonly limit: number; readonly request: Request }> {
  const body = {
    subject_request_id: id,
    subject_request_type: 'erasure',
    api_version: '1.0',
    collection,
    match,
    limit: store.definition.batches ? limit : null,
  };
  const answer = await asked(
    store,
    { method: 'POST', path: '/requests', body, isRead: false },
    [200, 201],
    signal,
  );
  // A whole step is begun from a kept checkpoint: found again, it is the same one, whose answer was lost.
  const ours = answer.status === 201 || !store.definition.batches;
  return { ours, limit, request: requestIn(store, id, answer) };
}

/** Looks at a request until it has ended; `null` = it has not within the time that a batch waits. */
async function ended(
  store: OpenStore,
  id: string,
  known: Request | null,
  signal: AbortSignal,
): Promise<Request | null> {
  let request = known;
  for (let waited = 0, pause = store.pause; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    request ??= await look(store, id, signal);
    if (request === null) throw invalid(store, 'has forgotten a request that is under way');
    if (request.hasEnded) return request;
    if (waited >= store.wait) return null;
    await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
    waited += pause;
    request = null;
  }
}

/** `null` = the service does not know it. */
async function look(store: OpenStore, id: string, signal: AbortSignal): Promise<Request | null> {
  const answer = await asked(
    store,
    { method: 'GET', path: `/requests/${id}`, isRead: true },
    [200, 404],
    signal,
  );
  return answer.status === 404 ? null : requestIn(store, id, answer);
}

function requestIn(store: OpenStore, id: string, answer: Answer): Request {
  const request = readRequest(answer.body, id);
  if (typeof request === 'string') throw invalid(store, request);
  return request;
}

/** From the beginning means behind all requests that the service knows of this step: they have had their effect. */
async function placeOf(
  store: OpenStore,
  { key }: Subject,
  checkpoint: StoreCheckpoint,
  signal: AbortSignal,
): Promise<Place> {
  if (checkpoint !== null) {
    const read = checkpointSchema.safeParse(checkpoint);
    if (!read.success) throw invalid(store, 'is asked to go on from a checkpoint that is not its own');
    return read.data;
  }
  const isOver = async (nth: number) => (await look(store, requestId(key, nth), signal))?.hasEnded === true;
  let [low, high] = [0, 1];
  if (!(await isOver(0))) return { next: 0, under: null, before: null };
  while (high < REQUESTS_MAX && (await isOver(high))) [low, high] = [high, 2 * high];
  if (high >= REQUESTS_MAX)
    throw invalid(store, 'seems to know every request, and 404 is for those it does not');
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isOver(middle)) low = middle;
    else high = middle;
  }
  return { next: high, under: null, before: null };
}

function subjectOf({ definition }: OpenStore, step: PlanStep, plan?: string): Subject {
  const refuse = (what: string) => {
    throw new PurgedeskError('PD_STORE_INVALID', `store ${definition.name}: ${what}`, {
      details: { store: definition.name },
      remedy: 'Correct the entry of this store in the catalogue.',
    });
  };
  const found = definition.collections.find(({ collection }) => collection === step.target);
  if (found === undefined || step.store !== definition.name || step.action !== 'delete') {
    return refuse('a step is not one of this store');
  }
  const read = matchOf(step.predicate);
  if (typeof read === 'string') return refuse(read);
  const missing = read.fields.filter((field) => !found.narrows.includes(field));
  if (missing.length > 0) return refuse(`${found.collection} does not narrow by ${missing.join(', ')}`);
  const key = digestOf({ plan: plan ?? null, step: step as unknown as Canonical });
  return { collection: found.collection, match: read.match, key };
}

/** What a service says that it is busy or broken, so that asking later can help (RFC 9110, RFC 6585). */
const FOR_LATER = [408, 425, 429];

async function asked(
  store: OpenStore,
  question: Question,
  expected: readonly number[],
  signal: AbortSignal,
): Promise<Answer> {
  const answer = await exchange(store, question, signal);
  const { status } = answer;
  if (expected.includes(status)) return answer;
  if (status >= 500 || FOR_LATER.includes(status)) {
    throw new PurgedeskError('PD_STORE_FAILED', 'a service is busy or broken', {
      details: { store: store.name, status },
    });
  }
  throw new PurgedeskError(
    'PD_STORE_INVALID',
    `store ${store.name}: the service refuses with status ${status}`,
    {
      details: { store: store.name, status },
      remedy:
        'Look up the status in docs/http-store.md, then mend the service, its token or the entry of this store.',
    },
  );
}
