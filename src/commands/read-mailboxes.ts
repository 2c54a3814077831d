/** The role `ingest`: a poller a mailbox, each by a lease, so that one of any number of processes reads it. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { openDatabase } from '../db/connection.ts';
import { openSideConnection, type SideConnection } from '../db/side-connection.ts';
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
/** How many share a connection for their leases: one that waits must not cost the others theirs. */
const LEASES_A_CONNECTION = 5;
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
  const count = Math.ceil(mailboxes.length / LEASES_A_CONNECTION);
  const connections = Array.from({ length: count }, () =>
    openSideConnection(databaseUrl, { name: 'purgedesk-lease', timeoutMs: LEASE_ANSWER_MS }),
  );
  const leasesOf = (at: number): SideConnection => {
    const connection = connections[at % count];
    if (connection === undefined) throw new TypeError('a mailbox without a connection');
    return connection;
  };
  try {
    await Promise.all(
      mailboxes.map((mailbox, at) => readOne(environment, { db, leases: leasesOf(at), mailbox }, signal)),
    );
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
    await db.destroy();
  }
}

async function readOne(
  environment: Environment,
  how: { readonly db: Knex; readonly leases: SideConnection; readonly mailbox: DeskMailbox },
  signal: AbortSignal,
): Promise<void> {
  const { log, crashAt } = environment;
  const { db, leases } = how;
  const { name, account } = how.mailbox;
  const mailboxId = await whenThere(environment, signal, () =>
    openMailbox(db, mailboxName(environment, account), account.folder, name),
  );
  if (mailboxId === null) return;
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
  await pollInTurn(
    {
      store: leaseStore(leases, mailboxId, `${hostname()}/${process.pid}`),
      mailbox: mailboxId,
      log: lineLog(log),
      random: Math.random,
    },
    poll,
    signal,
  );
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
