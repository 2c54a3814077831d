/** The role `ingest`: a poller a mailbox, each by a lease, so that one of any number of processes reads it. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { openDatabase } from '../db/connection.ts';
import { openSideConnection } from '../db/side-connection.ts';
import { faultCode } from '../domain/fault.ts';
import { type Held, pollInTurn } from '../ingest/lease.ts';
import { leaseStore } from '../ingest/lease-store.ts';
import { watchMailbox } from '../ingest/mailbox.ts';
import { mailboxPorts, openMailbox } from '../ingest/mailbox-store.ts';
import { crashPoints } from './crash-point.ts';
import type { Desk } from './desk.ts';
import type { Environment } from './environment.ts';
import { lineLog } from './log.ts';
import type { DeskMailbox } from './mailboxes.ts';

/** For taking and renewing a lease; a few of these fit into its time. */
const LEASE_ANSWER_MS = 4_000;
/** A poller's transactions wait for nothing of its own. Another process could not take over before they have ended. */
const IDLE_IN_TRANSACTION_SECONDS = 15;
/** Short statements of one poller each. */
const CONNECTIONS_MAX = 8;
const DATABASE_DOWN_MS = 2_000;

/** Reads every mailbox of the configuration until `signal` aborts. */
export async function readMailboxes({ environment }: Desk, signal: AbortSignal): Promise<void> {
  const { databaseUrl, mailboxes } = environment;
  if (mailboxes.length === 0) return;
  // Neither pages nor jobs that use up the desk's own pool keep mail from being taken in.
  const db = openDatabase(databaseUrl, {
    poolMax: Math.min(mailboxes.length + 1, CONNECTIONS_MAX),
    idleInTransactionSeconds: IDLE_IN_TRANSACTION_SECONDS,
  });
  try {
    await Promise.all(mailboxes.map((mailbox) => readOne(environment, db, mailbox, signal)));
  } finally {
    await db.destroy();
  }
}

async function readOne(
  environment: Environment,
  db: Knex,
  { name, account }: DeskMailbox,
  signal: AbortSignal,
): Promise<void> {
  const { log, crashAt } = environment;
  const mailboxId = await whenThere(environment, signal, () =>
    openMailbox(db, mailboxName(environment, account), account.folder, name),
  );
  if (mailboxId === null) return;
  const connection = openSideConnection(environment.databaseUrl, {
    name: 'purgedesk-lease',
    timeoutMs: LEASE_ANSWER_MS,
  });
  const poll = ({ token, signal: held, lost }: Held) =>
    watchMailbox(
      {
        account,
        ports: mailboxPorts(db, { mailboxId, token }, lost),
        log,
        random: Math.random,
        crashPoint: crashPoints(crashAt),
      },
      held,
    );
  try {
    await pollInTurn(
      {
        store: leaseStore(connection, mailboxId, `${hostname()}/${process.pid}`),
        mailbox: mailboxId,
        log: lineLog(log),
        random: Math.random,
      },
      poll,
      signal,
    );
  } finally {
    await connection.close();
  }
}

/** At its start a desk waits for its database as at any later moment. @returns `null` when it is told to end meanwhile */
async function whenThere<T>(
  { log }: Environment,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T | null> {
  while (!signal.aborted) {
    try {
      return await ask();
    } catch (error) {
      log.warn({ code: faultCode(error) }, 'a mailbox cannot be looked up now; trying again');
      await sleep(DATABASE_DOWN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return null;
}

/** The sandbox's mail server has another port at each start and is the same mailbox all the same. */
function mailboxName(
  { sandbox, desk }: Environment,
  { host, port, user }: { readonly host: string; readonly port: number; readonly user: string },
): string {
  return sandbox?.mail == null ? `${host}:${port}/${user}` : `sandbox/${desk.address}`;
}
