/** What programs and their pages need of the stages. */
import type { Knex } from 'knex';
import { apiArea } from '../../console/api/area.ts';
import type { ApiPorts, AppDeletion, AppOpening } from '../../console/api/ports.ts';
import type { Area } from '../../console/areas.ts';
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
import { watchedMailboxes } from '../watch/mailboxes.ts';
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
    figures: () => figuresOf(db, watchedMailboxes(environment)),
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
