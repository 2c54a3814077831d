/** What programs and their pages need of the stages. */
import type { Knex } from 'knex';
import { apiArea } from '../../console/api/area.ts';
import type { ApiPorts, AppDeletion, AppOpening, Readiness } from '../../console/api/ports.ts';
import type { Area } from '../../console/areas.ts';
import { MIGRATIONS_TABLE, migrationSource } from '../../db/migrator.ts';
import { mayDeleteMany } from '../../directory/import.ts';
import { workspacesByIds } from '../../directory/lookups.ts';
import { keyed } from '../../domain/canonical.ts';
import { listDeliveries, redeliver } from '../../notify/log.ts';
import { peerSignature } from '../../notify/sign.ts';
import { isSuppressed } from '../../purge/suppression.ts';
import { openAppTickets } from '../../tickets/app-deletions.ts';
import { decide } from '../../tickets/ticket-store.ts';
import type { Desk } from '../desk.ts';
import { programVersion } from '../package-file.ts';
import { figuresOf } from './figures.ts';

export const apiOf = (desk: Desk): Area => apiArea(apiPorts(desk), programVersion());

export function apiPorts(desk: Desk): ApiPorts {
  const { db, environment, tickets, deliveries } = desk;
  return {
    db,
    publicUrl: environment.desk.publicUrl,
    callbackHosts: environment.callbackHosts,
    webhooks: environment.webhooks.map(({ name, url, events }) => ({
      name,
      host: new URL(url).host,
      events,
    })),
    decide: async (trx, id, event, within) => {
      const move = { ticketId: id, event, ...(within === undefined ? {} : { within }) };
      const [outcome] = (await decide(trx, tickets, { kind: 'desk' }, [move])).outcomes;
      return outcome?.kind === 'refused' ? { kind: 'refused', why: outcome.why } : { kind: 'done' };
    },
    openAppDeletion: (trx, deletion) => openAppDeletion(trx, desk, deletion),
    reasonHash: (words) => keyed(environment.key, 'reason', words).toString('hex').slice(0, 32),
    requestHash: (request) => keyed(environment.key, 'api request', Buffer.from(request).toString('base64')),
    isSuppressed: (workspaceId, userId) => isSuppressed(db, workspaceId, userId),
    signForPeers: (body) => peerSignature(deliveries.key, body),
    peerKeyPem: deliveries.key.publicPem,
    listDeliveries: (filter) => listDeliveries(db, filter),
    redeliver: (id) => redeliver(db, id),
    ready: () => ready(desk),
    figures: () => figuresOf(db),
  };
}

/** The workspace has to be known, and the brake of an import holds over a day of requests too. */
async function openAppDeletion(
  trx: Knex.Transaction,
  { tickets }: Desk,
  { workspaceId, deletedBy, deletedAt, openedToday }: AppDeletion,
): Promise<AppOpening> {
  const [workspace] = await workspacesByIds(trx, [workspaceId]);
  if (workspace === undefined) return { kind: 'unknown_workspace' };
  const { opened, goingOn } = await openAppTickets(trx, tickets, [{ workspaceId, deletedAt, deletedBy }]);
  const [there] = goingOn;
  if (there !== undefined) return { kind: 'ticket', ticketId: there, opened: false };
  const [ticket] = opened;
  // Refused after the fact: whatever was opened is undone with the transaction, or with the savepoint that it is behind.
  if (ticket === undefined || !(await mayDeleteMany(trx, openedToday + 1)))
    return { kind: 'too_many_deletions' };
  return { kind: 'ticket', ticketId: ticket, opened: true };
}

/** By the real clock: the desk's may be moved. */
const POLL_SILENCE_SECONDS = 15 * 60;

/** Load balancers ask all the time: two small questions, and the names of the migrations are read once. */
async function ready({ db, environment }: Desk): Promise<Readiness> {
  const checks: Record<string, string> = {};
  try {
    const missing = await missingMigrations(db);
    checks.database = 'ok';
    checks.migrations = missing === 0 ? 'ok' : `${missing} missing`;
    if (missing === 0 && environment.mailbox !== null) checks.mailbox = await mailboxInWord(db);
  } catch {
    checks.database = 'cannot be reached';
  }
  return { ready: Object.values(checks).every((check) => check === 'ok'), checks };
}

async function missingMigrations(db: Knex): Promise<number> {
  known ??= migrationSource.getMigrations([]).then((files) => files.map(migrationSource.getMigrationName));
  const names = await known;
  const found = await db.raw<{ rows: [{ done: number }] }>(
    `select count(*) as done from ${MIGRATIONS_TABLE} where name = any(?)`,
    [names],
  );
  return names.length - found.rows[0].done;
}

/** Of this program: they do not change while it runs. */
let known: Promise<string[]> | undefined;

async function mailboxInWord(db: Knex): Promise<string> {
  const found = await db.raw<{ rows: [{ silent: number | null }] }>(LAST_POLL);
  const { silent } = found.rows[0];
  if (silent === null) return 'not read yet';
  return silent < POLL_SILENCE_SECONDS ? 'ok' : `last read ${Math.round(silent / 60)} minutes ago`;
}

const LAST_POLL = `
  select cast(extract(epoch from clock_timestamp() - max(last_polled_at)) as double precision) as silent from mailboxes`;
