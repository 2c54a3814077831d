import type { TicketId } from '../../../src/domain/ids.ts';
import type { Target } from '../../../src/domain/target.ts';
import { rehearse } from '../../../src/purge/rehearse.ts';
import { type Desk, openDesk } from '../desk.ts';
import { ACME } from '../fixtures.ts';
import { NEVER } from '../store-contract.ts';

/** A desk that may purge and knows that the workspace lives, with a backup of its customers' tables from before any erasure. */
export async function openRestorable(options: Parameters<typeof openDesk>[0] = {}): Promise<Desk> {
  const desk = await openDesk({ ...options, policy: { purgeEnabled: true, ...options.policy } });
  await knowWorkspace(desk);
  await desk.db.raw('create table backup_events as select * from events');
  await desk.db.raw('create table backup_people as select * from people');
  return desk;
}

/** The directory reports the workspace as living. */
export const knowWorkspace = (desk: Desk): Promise<unknown> =>
  desk.db('workspaces').insert({ id: ACME, slug: 'acme', name: 'Acme', created_at: '2023-01-01T00:00:00Z' });

/** The directory reports the workspace as deleted, or as living again. */
export const reportGone = (desk: Desk, isGone: boolean): Promise<unknown> =>
  desk
    .db('workspaces')
    .where({ id: ACME })
    .update({ deleted_at: isGone ? new Date() : null });

/** A whole purge of the target, up to its receipt. */
export async function purge(desk: Desk, target: Target): Promise<TicketId> {
  const id = await desk.ticketInGrace(target);
  await rehearse(desk.ports, id, NEVER);
  await desk.startPurge(id);
  await desk.work();
  return id;
}

/** Everything that the backup has and the tables have not is there again; what is newer stays. */
export async function restore(desk: Desk): Promise<void> {
  await desk.db.raw(
    'insert into events overriding system value select b.* from backup_events b on conflict do nothing',
  );
  await desk.db.raw('insert into people select b.* from backup_people b on conflict do nothing');
  await desk.db.raw(`select setval(pg_get_serial_sequence('events', 'id'), (select max(id) from events))`);
}
