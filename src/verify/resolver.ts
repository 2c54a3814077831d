import { Resolver } from 'node:dns/promises';

/** Record types that mail authentication asks for. */
export type RecordType = 'A' | 'AAAA' | 'TXT' | 'MX' | 'PTR' | 'CNAME' | 'NS';

/**
 * Looks up one name. Rejects with an Error whose `code` tells what happened: `ENOTFOUND` (no such name), `ENODATA` (no
 * such record), `EBADNAME` (not a name) are answers; everything else (`ESERVFAIL`, `ETIMEOUT`, `EREFUSED` …) means that
 * the answer is not known.
 */
export type Resolve = (name: string, type: string) => Promise<Answer>;
/** TXT as a list of strings a record, MX as objects, addresses and names as text. */
type Answer = string[] | string[][];

/** The look-ups that one mail may cause. */
export interface LookupBudget {
  readonly resolve: Resolve;
  /** Look-ups made so far; the same question twice counts once. */
  readonly used: () => number;
  /** Whether a look-up was refused because the mail had used up its number. */
  readonly exceeded: () => boolean;
}

/** What one mail may cost us: a forger chooses the names that we look up. */
const MAX_LOOKUPS = 40;
export const MAX_DNS_MS = 10_000;

/** No answer is kept longer. Node tells no TTL for TXT, and five minutes is the least that publishers commonly set. */
const MAX_CACHE_MS = 300_000;
/** A missing name is kept for less: a customer who has just published a record tries again soon. */
const NEGATIVE_CACHE_MS = 60_000;
const MAX_CACHED = 10_000;

/**
 * A caching resolver for mail authentication. Failures are never cached.
 * @param servers - `host:port` or `host`, IPv6 in brackets; `null` = those of the system
 * @param options.timeoutMs - for one look-up with all its tries, 5 s unless told
 * @param options.now - milliseconds that only go forward, for the cache
 */
export function makeResolver(
  servers: readonly string[] | null,
  options: { readonly timeoutMs?: number; readonly tries?: number; readonly now?: () => number } = {},
): Resolve {
  const { timeoutMs = 5_000, tries = 2, now = () => performance.now() } = options;
  // c-ares doubles the wait from try to try, so that the first gets timeoutMs / (2^tries - 1).
  const resolver = new Resolver({ timeout: Math.max(1, Math.floor(timeoutMs / (2 ** tries - 1))), tries });
  if (servers !== null) resolver.setServers([...servers]);
  const cache = new Map<string, Entry>();
  const inFlight = new Map<string, Promise<Entry>>();
  return async (name, type) => {
    const key = `${type} ${name.toLowerCase()}`;
    const cached = cache.get(key);
    if (cached !== undefined && cached.until > now()) return open(cached);
    const running = inFlight.get(key) ?? within(timeoutMs, ask(resolver, name, type as RecordType, now));
    inFlight.set(key, running);
    try {
      const entry = await running;
      remember(cache, key, entry);
      return open(entry);
    } finally {
      inFlight.delete(key);
    }
  };
}

/**
 * Bounds what one mail may ask: a number of different questions and an instant after which every look-up fails. A
 * mail names whom we ask, so a stranger could otherwise make us flood or wait.
 * @param options.deadline - in the milliseconds of `performance.now()`
 */
export function budgeted(
  resolve: Resolve,
  options: { readonly deadline: number; readonly lookups?: number },
): LookupBudget {
  const { deadline, lookups = MAX_LOOKUPS } = options;
  const asked = new Map<string, Promise<Answer>>();
  let exceeded = false;
  const bounded: Resolve = (name, type) => {
    const key = `${type} ${name.toLowerCase()}`;
    const before = asked.get(key);
    if (before !== undefined) return before.then(copy);
    if (asked.size >= lookups) {
      exceeded = true;
      return Promise.reject(failure('EBUDGET', 'this mail asks for too many look-ups'));
    }
    const answer = within(Math.max(0, deadline - performance.now()), resolve(name, type));
    answer.catch(() => {}); // whoever awaits it hears of the failure; nobody may be left to
    asked.set(key, answer);
    return answer.then(copy);
  };
  return { resolve: bounded, used: () => asked.size, exceeded: () => exceeded };
}

/** Codes that are themselves answers: the name or the record does not exist. */
const NEGATIVE = ['ENOTFOUND', 'ENODATA'];

type Entry =
  | { readonly until: number; readonly answer: Answer }
  | { readonly until: number; readonly code: string };

const open = (entry: Entry): Answer => {
  if ('answer' in entry) return copy(entry.answer);
  throw failure(entry.code, 'the name has no such record');
};

/** Callers sort and splice what they get. Every look-up copies, and a general clone takes ten times as long. */
const copy = (answer: Answer): Answer => answer.map(copyOfRecord) as Answer;

/** A record is text, a list of texts (TXT) or an object of plain values (MX). */
function copyOfRecord(record: unknown): unknown {
  if (Array.isArray(record)) return [...record];
  return typeof record === 'object' && record !== null ? { ...record } : record;
}

async function ask(resolver: Resolver, name: string, type: RecordType, now: () => number): Promise<Entry> {
  try {
    // Only address records come with a TTL.
    if (type === 'A' || type === 'AAAA') {
      const found = await (type === 'A'
        ? resolver.resolve4(name, { ttl: true })
        : resolver.resolve6(name, { ttl: true }));
      const ttlMs = Math.min(MAX_CACHE_MS, ...found.map(({ ttl }) => ttl * 1_000));
      return { until: now() + ttlMs, answer: found.map(({ address }) => address) };
    }
    const answer = (await resolver.resolve(name, type)) as Answer;
    return { until: now() + MAX_CACHE_MS, answer };
  } catch (error) {
    const code = codeOf(error);
    if (NEGATIVE.includes(code)) return { until: now() + NEGATIVE_CACHE_MS, code };
    throw error;
  }
}

/** The oldest goes first: a Map keeps the order in which keys came. */
function remember(cache: Map<string, Entry>, key: string, entry: Entry): void {
  cache.delete(key);
  cache.set(key, entry);
  const oldest = cache.keys().next();
  if (cache.size > MAX_CACHED && !oldest.done) cache.delete(oldest.value);
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(failure('ETIMEOUT', 'no answer in time')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {}); // may still fail after the time-out
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN';

/** Without a stack: most are mere answers, several of each mail, and where they were made says nothing. */
function failure(code: string, message: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = Object.assign(new Error(message), { code });
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
