/** This process's part in observing time: see src/purge/clock. */
import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { faultCode } from '../domain/fault.ts';
import { type LookMemory, lookAtClock, type Machine } from '../purge/clock/look-at-clock.ts';
import { afterRestore } from './after-restore.ts';
import type { Desk } from './desk.ts';

const LOOK_MS = 30_000;

export interface ClockWatch {
  /** The first look: before any work, so that a restored database is noticed before a mail goes out. */
  begin(): Promise<void>;
  /** Looks until it is told to end. A database that is down is tried again. */
  goOn(signal: AbortSignal): Promise<void>;
}

export function clockWatch(desk: Pick<Desk, 'purge' | 'environment'>): ClockWatch {
  const memory: LookMemory = { looks: 0 };
  const { db, enqueue, log } = desk.purge;
  const machine = thisMachine();
  const restored = async (trx: Knex.Transaction) => {
    const mails = await afterRestore(trx);
    if (mails > 0) log('warn', 'mails may have been sent before the restore', { mails });
  };
  const look = async () => lookAtClock({ db, enqueue, log, restored }, await machine, memory);
  return {
    begin: look,
    async goOn(signal) {
      while (!signal.aborted) {
        await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined);
        if (signal.aborted) return;
        await look().catch((error: unknown) =>
          log('warn', 'the clock cannot be looked at now; trying again', { code: faultCode(error) }),
        );
      }
    },
  };
}

/** Linux names each start of a machine. Elsewhere each process counts as one, and vouches for its own time only. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id';

async function thisMachine(): Promise<Machine> {
  const boot = await readFile(BOOT_ID, 'utf8').catch(() => null);
  if (boot === null) return { id: randomUUID(), uptimeMs: () => performance.now() };
  return {
    id: createHash('sha256').update(boot.trim()).digest('hex').slice(0, 32),
    uptimeMs: () => uptime() * 1000,
  };
}
