/**
 * Sends what is due, each claimed in one transaction and settled in another. A process that dies in between leaves its
 * claim to a lease: the delivery is sent again under the same id, by which receivers know it.
 */
import type { Knex } from 'knex';
import type { CrashPoint } from '../domain/crash-label.ts';
import { type PeerKey, peerSignature, webhookSignature } from './sign.ts';
import type { Webhook } from './webhooks.ts';

export interface DeliverDeps {
  readonly db: Knex;
  readonly webhooks: readonly Webhook[];
  /** `host` or `host:port` each: nothing is ever sent to an app's address anywhere else. */
  readonly callbackHosts: readonly string[];
  /** How OpenDSR peers know this desk. */
  readonly domain: string;
  readonly key: PeerKey;
  /** What one answer may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly crashPoint: CrashPoint;
  log(level: 'info' | 'warn' | 'error', message: string, details: Record<string, string | number>): void;
}

export const ANSWER_TIMEOUT_MS = 10_000;
const LANES = 4;
/** To one endpoint at once: one that hangs must not take every lane. */
const LANES_AN_ENDPOINT = 2;
const LEASE_SECONDS = 120;

/** Seconds before each further attempt, after the Standard Webhooks specification: about three days together. */
const RETRY_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
const ATTEMPTS_MAX = RETRY_SECONDS.length + 1;

/** Days for which a delivery that is over stays in the log. */
const LOG_DAYS = 30;

interface Claimed {
  readonly id: string;
  readonly kind: 'webhook' | 'callback';
  readonly endpoint: string;
  readonly url: string | null;
  readonly event: string;
  readonly body: string;
  readonly attempts: number;
}

/** `code`: the answer's status, or why there was none. */
interface Result {
  readonly kind: 'delivered' | 'later' | 'never';
  readonly code: string;
}

/** Sends until nothing is due. @returns how many were delivered */
export async function deliverDue(deps: DeliverDeps, signal: AbortSignal): Promise<number> {
  await deps.db.raw(FREE_LOST);
  const lanes = Array.from({ length: LANES }, async () => {
    let delivered = 0;
    while (!signal.aborted) {
      const claimed = await claim(deps.db);
      if (claimed === undefined) break;
      if (await sendOne(deps, claimed)) delivered += 1;
    }
    return delivered;
  });
  const ends = await Promise.allSettled(lanes);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return ends.reduce((sum, end) => sum + (end.status === 'fulfilled' ? end.value : 0), 0);
}

/** Whether anything waits that is due, or was left behind by a process that died. */
export async function isDeliveryDue(db: Knex): Promise<boolean> {
  const found = await db.raw<{ rows: [{ due: boolean }] }>(IS_DUE);
  return found.rows[0].due;
}

/** Forgets what is over and was looked at or not for a month. */
export async function forgetDeliveries(db: Knex): Promise<void> {
  await db.raw(FORGET, [LOG_DAYS]);
}

async function claim(db: Knex): Promise<Claimed | undefined> {
  const found = await db.raw<{ rows: Claimed[] }>(CLAIM, {
    lanes: LANES_AN_ENDPOINT,
    lease: LEASE_SECONDS,
  });
  return found.rows[0];
}

async function sendOne(deps: DeliverDeps, claimed: Claimed): Promise<boolean> {
  deps.crashPoint('notify.before_send');
  const result = await send(deps, claimed);
  deps.crashPoint('notify.sent');
  await settle(deps.db, claimed, result);
  deps.crashPoint('notify.recorded');
  const details = { endpoint: claimed.endpoint, event: claimed.event, code: result.code };
  if (result.kind === 'delivered') return true;
  if (result.kind === 'never' || claimed.attempts >= ATTEMPTS_MAX)
    deps.log('error', 'a delivery was given up', { ...details, attempts: claimed.attempts });
  else deps.log('warn', 'a delivery failed and will be tried again', details);
  return false;
}

async function send(deps: DeliverDeps, claimed: Claimed): Promise<Result> {
  const order = orderOf(deps, claimed);
  if (order === null) return { kind: 'never', code: 'not configured' };
  try {
    const answer = await fetch(order.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'purgedesk', ...order.headers },
      body: claimed.body,
      // Whoever is sent elsewhere would be sent anywhere.
      redirect: 'manual',
      signal: AbortSignal.timeout(deps.timeoutMs),
    });
    // Nothing of an answer is read but its status.
    await answer.body?.cancel();
    const code = String(answer.status);
    if (answer.ok) return { kind: 'delivered', code };
    // 410: the receiver says that it wants nothing any more.
    return { kind: answer.status === 410 ? 'never' : 'later', code };
  } catch (error) {
    return { kind: 'later', code: faultOf(error) };
  }
}

/** Where it goes and with which headers, by the configuration of now; `null` = there is no such place any more. */
function orderOf(
  deps: DeliverDeps,
  { id, kind, endpoint, url, body }: Claimed,
): { readonly url: string; readonly headers: Record<string, string> } | null {
  if (kind === 'callback') {
    if (url === null || !deps.callbackHosts.includes(new URL(url).host)) return null;
    return {
      url,
      headers: {
        'x-opendsr-processor-domain': deps.domain,
        'x-opendsr-signature': peerSignature(deps.key, body),
      },
    };
  }
  const webhook = deps.webhooks.find(({ name }) => name === endpoint);
  if (webhook === undefined) return null;
  const timestamp = Math.floor(Date.now() / 1_000);
  return {
    url: webhook.url,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': webhookSignature(webhook.secret, { id, timestamp, body }),
    },
  };
}

/** A code that names no host: `ECONNREFUSED`, `TimeoutError`. */
function faultOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string')
    return cause.code;
  return cause instanceof Error ? cause.name : 'unknown';
}

async function settle(db: Knex, { id, attempts }: Claimed, { kind, code }: Result): Promise<void> {
  const retrySeconds = RETRY_SECONDS[attempts - 1];
  const isOver = kind !== 'later' || retrySeconds === undefined;
  await db('deliveries')
    .where({ id, status: 'sending', attempts })
    .update({
      lease_until: null,
      last_result: code,
      ...(isOver
        ? {
            status: kind === 'delivered' ? 'delivered' : 'failed',
            finished_at: db.raw('clock_timestamp()'),
          }
        : {
            status: 'pending',
            next_attempt_at: db.raw('clock_timestamp() + make_interval(secs => ?)', [retrySeconds]),
          }),
    });
}

/** No lease is as long as an hour: such a one was taken while the clock was ahead. */
const LOST =
  "status = 'sending' and (lease_until < clock_timestamp() or lease_until > clock_timestamp() + interval '1 hour')";

const FREE_LOST = `
  update deliveries set status = 'pending', lease_until = null, next_attempt_at = clock_timestamp()
  where ${LOST}`;

const CLAIM = `
  update deliveries set status = 'sending', attempts = attempts + 1,
    lease_until = clock_timestamp() + make_interval(secs => :lease)
  where id = (
    select d.id from deliveries d
    where d.status = 'pending' and d.next_attempt_at <= clock_timestamp()
      and (select count(*) from deliveries s where s.status = 'sending' and s.endpoint = d.endpoint) < :lanes
    order by d.next_attempt_at, d.created_at limit 1 for update skip locked)
  returning id, kind, endpoint, url, event, body, attempts`;

const IS_DUE = `
  select exists (select from deliveries where status = 'pending' and next_attempt_at <= clock_timestamp())
    or exists (select from deliveries where ${LOST}) as due`;

const FORGET = `
  delete from deliveries where finished_at < clock_timestamp() - make_interval(days => ?)`;
