/** Notes how much time has really passed, and halts all purges when the desk's clock or the database itself was changed. */
import type { Knex } from 'knex';
import { faultCode } from '../../domain/fault.ts';
import type { Order } from '../halt.ts';
import type { PurgePorts } from '../ports.ts';
import { judgeLook, type Witness } from './judge-clock.ts';
import { endQuarantine, quarantineJump, quarantineRestored } from './quarantine.ts';

/** A machine since its last start. */
export interface Machine {
  /** Another one after each start of the machine, the same for all its processes. */
  readonly id: string;
  /** How long it has run, sleep included. Never goes back, and no setting of a clock changes it. */
  uptimeMs(): number;
}

/** What a process remembers from look to look. */
export interface LookMemory {
  looks: number;
}

export interface ClockPorts extends Pick<PurgePorts, 'db' | 'enqueue' | 'log'> {
  /** In the transaction that notices that the database was restored: what may have happened already is not done again. */
  restored(trx: Knex.Transaction): Promise<void>;
}

/**
 * One look, by each process about once a minute. Where the clock is moved on purpose nothing is compared.
 * @param memory - of this process, changed by the look
 */
export async function lookAtClock(ports: ClockPorts, machine: Machine, memory: LookMemory): Promise<void> {
  const lineage = await readLineage(ports.db);
  const seen = await ports.db.transaction((trx) => look(trx, ports, machine, { lineage, memory }));
  memory.looks = seen.looks;
  if (seen.jumpMs !== null)
    ports.log('error', 'the clock of the database jumped: all purges are halted', {
      seconds: Math.round(seen.jumpMs / 1000),
    });
  if (seen.isRestored)
    ports.log('error', 'the database was restored, moved or failed over: all purges are halted', {});
  if (await endQuarantine(ports)) ports.log('info', 'purges run again: the time after a restore is over', {});
}

/** So that one restore is noticed once: other processes remember a few looks more or fewer. */
const LOOKS_SKIPPED = 1_000_000;

/**
 * An agent says that the database was restored, where the desk cannot notice by itself: a cluster that was copied back
 * file by file looks like the one that it was. To be called before the desk is started again.
 * @returns `false` = it had been noticed already, and nothing was done twice
 */
export async function sayRestored(
  ports: Pick<ClockPorts, 'db' | 'restored'>,
  order: Order,
): Promise<boolean> {
  const lineage = await readLineage(ports.db);
  return ports.db.transaction(async (trx) => {
    await trx.raw(LOCK_SWITCH);
    const found = await trx.raw<{ rows: [WatchRow] }>(LOCK_WATCH);
    if (!(await quarantineRestored(trx, order))) return false;
    await trx('clock_watch').update({
      lineage,
      home: found.rows[0].oid,
      looks: trx.raw('looks + ?', [LOOKS_SKIPPED]),
    });
    await ports.restored(trx);
    return true;
  });
}

interface Seen {
  readonly looks: number;
  readonly jumpMs: number | null;
  readonly isRestored: boolean;
}

async function look(
  trx: Knex.Transaction,
  ports: ClockPorts,
  machine: Machine,
  known: { readonly lineage: string | null; readonly memory: LookMemory },
): Promise<Seen> {
  await trx.raw(LOCK_SWITCH);
  const found = await trx.raw<{ rows: [WatchRow] }>(LOCK_WATCH);
  const [watch] = found.rows;
  const home = watch.oid;
  const isRestored =
    watch.looks < known.memory.looks ||
    (watch.home !== null && watch.home !== home) ||
    (watch.lineage !== null && known.lineage !== null && watch.lineage !== known.lineage);
  if (isRestored) {
    await quarantineRestored(trx);
    await ports.restored(trx);
  }
  const lineage = known.lineage ?? watch.lineage;
  const looks = isRestored ? Math.max(watch.looks, known.memory.looks) + LOOKS_SKIPPED : watch.looks + 1;
  if (watch.movable) {
    await trx('clock_watch').update({ lineage, home, looks });
    return { looks, jumpMs: null, isRestored };
  }
  const before = await trx.raw<{ rows: WitnessRow[] }>(WITNESS, [machine.id]);
  const verdict = judgeLook(watch.seen_at, witnessOf(before.rows[0]), {
    now: watch.now,
    uptimeMs: machine.uptimeMs(),
  });
  const { witness } = verdict;
  await trx('clock_watch').update({
    observed_ms: trx.raw('observed_ms + ?', [verdict.creditMs]),
    seen_at: verdict.seenAt,
    lineage,
    home,
    looks,
  });
  await trx('clock_witnesses')
    .insert({
      id: machine.id,
      seen_at: witness.seenAt,
      uptime_ms: Math.floor(witness.uptimeMs),
      anchor_at: witness.anchorAt,
      anchor_uptime_ms: Math.floor(witness.anchorUptimeMs),
    })
    .onConflict('id')
    .merge();
  const { jumpMs } = verdict;
  if (jumpMs !== null) await quarantineJump(trx, jumpMs);
  return { looks, jumpMs, isRestored };
}

interface WatchRow {
  readonly now: Date;
  readonly movable: boolean;
  readonly seen_at: Date | null;
  readonly lineage: string | null;
  /** The oid of the table at the last look, and now. A dump that is read back makes a new table. */
  readonly home: number | null;
  readonly oid: number;
  readonly looks: number;
}

/** Before the watch: whoever resumes purges locks the switch first and the witnesses after it. */
const LOCK_SWITCH = 'select from purge_switch for update';

/** One look after the other. The clock is read behind the lock: whoever waited for it must not come with an old time. */
const LOCK_WATCH = `
  with watch as materialized (select *, cast(tableoid as bigint) as oid from clock_watch for update)
  select watch.*, desk_now() as now, (select movable from desk_clock) as movable from watch`;

const WITNESS = 'select seen_at, uptime_ms, anchor_at, anchor_uptime_ms from clock_witnesses where id = ?';

interface WitnessRow {
  readonly seen_at: Date;
  readonly uptime_ms: number;
  readonly anchor_at: Date;
  readonly anchor_uptime_ms: number;
}

const witnessOf = (row: WitnessRow | undefined): Witness | null =>
  row === undefined
    ? null
    : {
        seenAt: row.seen_at,
        uptimeMs: row.uptime_ms,
        anchorAt: row.anchor_at,
        anchorUptimeMs: row.anchor_uptime_ms,
      };

/**
 * Which database this is. A dump that is read back gets another database or cluster, a recovery or failover another
 * timeline. `null` = the role may not ask; then only `purgedesk restored` tells.
 */
async function readLineage(db: Knex): Promise<string | null> {
  try {
    const found = await db.raw<{ rows: [{ lineage: string }] }>(LINEAGE);
    return found.rows[0].lineage;
  } catch (error) {
    if (CANNOT_TELL.includes(faultCode(error))) return null;
    throw error;
  }
}

/**
 * insufficient_privilege, feature_not_supported, undefined_function (PostgreSQL 18 documentation, appendix A): databases
 * that are run by others do not tell everything.
 */
const CANNOT_TELL: readonly string[] = ['42501', '0A000', '42883'];

const LINEAGE = `
  select concat_ws('/', (select system_identifier from pg_control_system()),
    left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
    (select oid from pg_database where datname = current_database())) as lineage`;
