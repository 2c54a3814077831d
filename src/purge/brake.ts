/**
 * The brake of a store. A failure that can pass opens it for all tickets; then one run at a time tries the store, after
 * longer and longer pauses, until a batch goes through. Nobody is needed for that, and nothing presses on a store that
 * is down. An agent can brake a store by hand as well: then nothing tries it until an agent releases it.
 */
import type { Knex } from 'knex';
import type { PurgedeskError } from '../domain/errors.ts';
import { enqueueDue, noteOrder, type Order, PURGING, SWITCH_CHANNEL } from './halt.ts';
import type { PurgePorts } from './ports.ts';
import { brakeSeconds } from './progress.ts';

/** When a step looks again at a store that an agent has braked: the release wakes those that are due there. */
export const BY_HAND_SECONDS = 60;

/** Failures in a row from which on agents are told. */
const TOLD_FROM = 3;
const TOLD_AGAIN = '1 day';
/** A brake that opens again so soon after it closed goes on where it was: a store that flaps is down. */
const SAME_FAULT = '10 minutes';

interface BrakeRow {
  readonly store: string;
  readonly by_hand: boolean;
  /** Until the next run may try the store, 0 = now. */
  readonly seconds: number;
}

/** `go`: with the stores that this run is the one to try; `wait`: seconds, `null` = until an agent releases a store. */
export type Passed =
  | { readonly kind: 'go'; readonly probes: readonly string[] }
  | { readonly kind: 'wait'; readonly seconds: number | null };

/**
 * Asks whether a run may use these stores now. Of a braked store whose time has come it makes this run the one that
 * tries it.
 * @param probeSeconds - after how long another run may try it, if nothing is heard of this one
 */
export async function passBrakes(
  trx: Knex.Transaction,
  stores: readonly string[],
  run: string,
  probeSeconds: number,
): Promise<Passed> {
  const found = await trx.raw<{ rows: BrakeRow[] }>(LOCK_OPEN, [[...stores]]);
  if (found.rows.some((row) => row.by_hand)) return { kind: 'wait', seconds: null };
  const seconds = Math.max(0, ...found.rows.map((row) => row.seconds));
  if (seconds > 0) return { kind: 'wait', seconds };
  const probes = found.rows.map(({ store }) => store);
  if (probes.length > 0) await trx.raw(CLAIM_PROBE, [run, probeSeconds, probes]);
  return { kind: 'go', probes };
}

const LOCK_OPEN = `
  select store, set_by is not null as by_hand,
    cast(coalesce(greatest(0, ceil(extract(epoch from probe_at - now()))), 0) as integer) as seconds
  from store_brakes where store = any(?) and closed_at is null order by store for update`;

const CLAIM_PROBE = `
  update store_brakes set prober = ?, probe_at = now() + make_interval(secs => ?) where store = any(?)`;

/** What keeps a run from going on with a store: all purges halted, or the store braked by hand or by others' failures. */
export async function stoppedBy(trx: Knex, store: string, run: string): Promise<'halted' | 'braked' | null> {
  const found = await trx.raw<{ rows: [{ halted: boolean; braked: boolean }] }>(STOPPED, [store, run]);
  const [{ halted, braked }] = found.rows;
  if (halted) return 'halted';
  return braked ? 'braked' : null;
}

const STOPPED = `
  select (select halted_at is not null from purge_switch) as halted,
    exists (select from store_brakes where store = ? and closed_at is null and prober is distinct from ?) as braked`;

/**
 * Notes a failure that can pass. Several runs that fail at once count as one.
 * @returns seconds until the store may be tried again; `null` = braked by hand
 */
export async function brakeAfter(
  trx: Knex.Transaction,
  ports: Pick<PurgePorts, 'log' | 'pace'>,
  failure: { readonly store: string; readonly code: string; readonly run: string },
): Promise<number | null> {
  const { store, code, run } = failure;
  const { brakeSecondsMin, brakeSecondsMax } = ports.pace;
  await trx.raw(ADD_BRAKE, [store]);
  const found = await trx.raw<{ rows: [FailedRow] }>(LOCK_FAILED, [run, store]);
  const [row] = found.rows;
  if (row.by_hand) return null;
  if (row.is_open && !row.is_ours) return row.seconds;
  const failures = row.goes_on ? row.failures + 1 : 1;
  const seconds = brakeSeconds(failures, brakeSecondsMin, brakeSecondsMax);
  const tell = failures >= TOLD_FROM && row.may_tell;
  await trx.raw(OPEN_BRAKE, [failures, seconds, code, tell, store]);
  if (tell)
    ports.log('error', 'a store keeps failing; what is to be deleted there waits', { store, code, failures });
  else ports.log('warn', 'a store failed and is tried again', { store, code, failures, seconds });
  return seconds;
}

/** The store that an error speaks of, by name. */
export const storeOf = ({ details }: PurgedeskError): string | null =>
  typeof details.store === 'string' ? details.store : null;

interface FailedRow {
  readonly failures: number;
  readonly by_hand: boolean;
  readonly is_open: boolean;
  readonly is_ours: boolean;
  readonly goes_on: boolean;
  readonly may_tell: boolean;
  readonly seconds: number;
}

const ADD_BRAKE = `
  insert into store_brakes (store, opened_at, probe_at, closed_at) values (?, now(), now(), '-infinity')
  on conflict do nothing`;

const LOCK_FAILED = `
  select failures, set_by is not null as by_hand, closed_at is null as is_open,
    coalesce(prober = ?, false) as is_ours,
    closed_at is null or closed_at > now() - interval '${SAME_FAULT}' as goes_on,
    told_at is null or told_at < now() - interval '${TOLD_AGAIN}' as may_tell,
    cast(coalesce(greatest(1, ceil(extract(epoch from probe_at - now()))), 1) as integer) as seconds
  from store_brakes where store = ? for update`;

const OPEN_BRAKE = `
  update store_brakes set failures = ?, probe_at = now() + make_interval(secs => ?), last_error = ?, prober = null,
    opened_at = case when closed_at is null then opened_at else now() end,
    told_at = case when ? then now() else told_at end, closed_at = null
  where store = ?`;

/** A batch went through: everybody may use the store again, and what waits for it goes on at once. */
export async function closeBrakes(
  trx: Knex.Transaction,
  ports: Pick<PurgePorts, 'enqueue' | 'log'>,
  run: string,
): Promise<void> {
  const closed = await trx.raw<{ rows: { store: string; failures: number }[] }>(CLOSE_BRAKES, [run]);
  for (const { store, failures } of closed.rows) {
    ports.log('info', 'a store works again', { store, failures });
    await enqueueDue(ports, trx, DUE_AT_STORE, [store]);
  }
}

const CLOSE_BRAKES = `
  update store_brakes set closed_at = now(), prober = null, told_at = null
  where prober = ? and closed_at is null returning store, failures`;

/** A step that runs needs no job. */
const DUE_AT_STORE = `
  select ticket_id, no from (${PURGING}) due
  where store = ? and (lease_until is null or lease_until <= now())`;

/** A run that ends without having got through gives the next one its turn. */
export const giveUpProbe = (db: Knex, run: string): Promise<unknown> =>
  db.raw('update store_brakes set prober = null, probe_at = now() where prober = ? and closed_at is null', [
    run,
  ]);

type BrakePorts = Pick<PurgePorts, 'db' | 'enqueue'>;

/** Brakes a store by hand: no batch begins there until it is released. */
export async function brakeByHand(ports: BrakePorts, store: string, order: Order): Promise<void> {
  await ports.db.transaction(async (trx) => {
    await trx.raw(BRAKE_BY_HAND, [store, order.agent, order.reason]);
    await noteOrder(trx, 'brake', { ...order, store });
    await trx.raw('select pg_notify(?, ?)', [SWITCH_CHANNEL, 'brake']);
  });
}

const BRAKE_BY_HAND = `
  insert into store_brakes (store, opened_at, set_by, reason) values (?, now(), ?, ?)
  on conflict (store) do update set
    opened_at = case when store_brakes.closed_at is null then store_brakes.opened_at else now() end,
    probe_at = null, prober = null, closed_at = null, set_by = excluded.set_by, reason = excluded.reason`;

/**
 * Releases a store: one that was braked by hand is free, one that failed is tried at once.
 * @returns `false` = it was not braked
 */
export async function releaseBrake(ports: BrakePorts, store: string, order: Order): Promise<boolean> {
  return ports.db.transaction(async (trx) => {
    const released = await trx.raw<{ rowCount: number }>(RELEASE, [store]);
    if (released.rowCount === 0) return false;
    await noteOrder(trx, 'release', { ...order, store });
    await enqueueDue(ports, trx, DUE_AT_STORE, [store]);
    return true;
  });
}

const RELEASE = `
  update store_brakes set probe_at = now(), prober = null, reason = null,
    closed_at = case when set_by is null then null else now() end, set_by = null
  where store = ? and closed_at is null`;

export interface Brake {
  readonly store: string;
  /** In a row. */
  readonly failures: number;
  /** ISO 8601, real time. */
  readonly since: string;
  readonly lastError: string | null;
  /** Until it is tried again; `null` = until an agent releases it. */
  readonly seconds: number | null;
  readonly setBy: string | null;
  readonly reason: string | null;
}

/** A brake whose time came so long ago has nobody waiting for it: whoever needs the store next tries it. */
const IDLE = '5 minutes';

/** Every store that is braked and keeps somebody waiting, or was braked by hand; by name. */
export async function openBrakes(db: Knex): Promise<readonly Brake[]> {
  const found = await db.raw<{ rows: (Omit<Brake, 'since'> & { since: Date })[] }>(OPEN_BRAKES);
  return found.rows.map((row) => ({ ...row, since: row.since.toISOString() }));
}

const OPEN_BRAKES = `
  select store, failures, opened_at as since, last_error as "lastError", set_by as "setBy", reason,
    case when set_by is null
      then cast(greatest(0, ceil(extract(epoch from probe_at - now()))) as integer) end as seconds
  from store_brakes
  where closed_at is null and (set_by is not null or probe_at > now() - interval '${IDLE}') order by store`;
