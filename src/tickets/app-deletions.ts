/** Deletions that were pressed in the app: the directory reports them, and each opens a ticket of origin `app`. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { isInCharge, type Workspace } from '../domain/directory.ts';
import { type TicketId, ticketId } from '../domain/ids.ts';
import type { DeletionRequest } from '../domain/request.ts';
import type { TicketEvent } from '../domain/ticket.ts';
import type { DeskDeps } from './ports.ts';
import { decide, insertTicket, requesterHash } from './ticket-store.ts';

/** A workspace that lived until now and is reported as deleted. */
export interface ReportedDeletion {
  readonly workspaceId: string;
  readonly deletedAt: Date;
  /** The address of whoever deleted it, as the app names it; `null` = the report does not say. */
  readonly deletedBy: string | null;
}

/** What became of reported deletions. */
export interface AppTickets {
  readonly opened: readonly TicketId[];
  /** Open tickets of the app from an earlier deletion of the same workspace: each stands for this one as well. */
  readonly goingOn: readonly TicketId[];
}

/**
 * Opens one ticket for each that has none open, straight into its grace: the app has verified whoever pressed the button. The request
 * counts from then; the grace counts from now, so that nobody is cut short by a late report. Whoever is in charge of
 * several of them hears of all in one mail, and can stop all with one answer.
 */
export async function openAppTickets(
  trx: Knex.Transaction,
  deps: DeskDeps,
  all: readonly ReportedDeletion[],
): Promise<AppTickets> {
  if (all.length === 0) return { opened: [], goingOn: [] };
  const open = await trx.raw<{ rows: { id: number; workspace: string }[] }>(ANY_OPEN_APP_TICKETS, {
    ids: all.map(({ workspaceId }) => workspaceId),
  });
  const goingOn = open.rows.map((row) => ticketId(row.id));
  const taken = new Set(open.rows.map((row) => row.workspace));
  const reported = all.filter(({ workspaceId }) => !taken.has(workspaceId));
  if (reported.length === 0) return { opened: [], goingOn };
  const now = await deskNow(trx);
  const found = await deps.factsFor(
    trx,
    '',
    reported.map(({ workspaceId }) => ({ id: workspaceId })),
  );
  const workspaces = new Map(found.mentioned.map((workspace) => [workspace.id, workspace]));
  const groups = new Map<string, ReportedDeletion[]>();
  for (const each of reported) {
    const audience = each.deletedBy ?? audienceOf(workspaces.get(each.workspaceId));
    groups.set(audience, [...(groups.get(audience) ?? []), each]);
  }
  const opened: TicketId[] = [];
  for (const group of groups.values()) opened.push(...(await openGroup(trx, deps, group, workspaces, now)));
  return { opened, goingOn };
}

/** Everybody in charge, as one text: addresses hold no comma, so nobody in particular has this one. */
const audienceOf = (workspace: Workspace | undefined): string =>
  `,${(workspace?.members ?? [])
    .filter((member) => member.removedAt === null && isInCharge(member.role))
    .map((member) => member.address)
    .join(',')}`;

async function openGroup(
  trx: Knex.Transaction,
  deps: DeskDeps,
  group: readonly ReportedDeletion[],
  workspaces: ReadonlyMap<string, Workspace>,
  now: Date,
): Promise<readonly TicketId[]> {
  const requester = group[0]?.deletedBy ?? null;
  const [conversation] = await trx('conversations')
    .insert({
      requester,
      requester_hash: requesterHash(deps.key, requester),
      opened_at: now,
    })
    .returning<{ id: number }[]>('id');
  if (conversation === undefined) throw new TypeError('insert returned no row');
  const moves: { ticketId: TicketId; event: TicketEvent }[] = [];
  for (const [index, { workspaceId, deletedAt }] of group.entries()) {
    const workspace = workspaces.get(workspaceId);
    if (workspace === undefined) continue;
    // A deletion that the app dates ahead counts from now.
    const requestedAt = deletedAt < now ? deletedAt : now;
    const id = await insertTicket(trx, deps, {
      conversationId: conversation.id,
      messageId: null,
      requestNo: index,
      origin: 'app',
      request: wholeRequest(workspaceId),
      requester,
      requestedAt,
    });
    moves.push({ ticketId: id, event: reportOf(deps, workspace, requester, requestedAt) });
  }
  await decide(trx, deps, { kind: 'desk' }, moves, now);
  return moves.map((move) => move.ticketId);
}

/** What the directory says of a ticket of the app at this moment. */
export function reportOf(
  deps: DeskDeps,
  workspace: Workspace,
  deletedBy: string | null,
  requestedAt: Date,
): TicketEvent {
  const { target, doubt } = deps.judgeAppDeletion({ workspace, deletedBy, requestedAt });
  return { type: 'reported_deleted', target, doubt, blockers: workspace.blockers };
}

const wholeRequest = (id: string): DeletionRequest => ({
  scope: 'workspace',
  workspace: { id },
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
});

/**
 * A workspace that lives again: its ticket is cancelled, and whoever was told of the deletion hears that it is off. One
 * whose purge has begun is not touched here: it finds the workspace alive before its next batch, and stops for an agent.
 * @returns the cancelled tickets
 */
export async function cancelRestored(
  trx: Knex.Transaction,
  deps: DeskDeps,
  workspaceIds: readonly string[],
): Promise<readonly TicketId[]> {
  if (workspaceIds.length === 0) return [];
  const result = await trx.raw<{ rows: { id: number }[] }>(OPEN_APP_TICKETS, { ids: [...workspaceIds] });
  const ids = result.rows.map((row) => ticketId(row.id));
  const { outcomes } = await decide(
    trx,
    deps,
    { kind: 'desk' },
    ids.map((id) => ({ ticketId: id, event: { type: 'restored_in_app' } })),
  );
  return ids.filter((_id, index) => outcomes[index]?.kind === 'moved');
}

const OPEN_APP_TICKETS = `
  select id from tickets
  where origin = 'app' and request #>> '{workspace,id}' = any(cast(:ids as text[]))
    and state not in ('purging', 'completed', 'cancelled', 'rejected', 'expired')
  order by id`;

// Locked: one that is closed at this moment is waited for, and then no longer stands for the new deletion.
const ANY_OPEN_APP_TICKETS = `
  select id, request #>> '{workspace,id}' as workspace from tickets
  where origin = 'app' and request #>> '{workspace,id}' = any(cast(:ids as text[]))
    and state not in ('completed', 'cancelled', 'rejected', 'expired')
  order by id
  for update`;
