/**
 * The list of people whose data was deleted and who are not to be taken in again. It holds, for each workspace, hashes of
 * user IDs under a salt of its own; a system that takes data in asks about an ID before it stores anything of it.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import type { TicketId } from '../domain/ids.ts';
import type { Target } from '../domain/target.ts';

const SALT_BYTES = 32;
/** What a system may keep to answer for itself. Whoever holds it can try out user IDs: it is to be kept like them. */
export interface SuppressionExport {
  readonly workspaceId: string;
  /** 32 bytes in hex. */
  readonly salt: string;
  /** HMAC-SHA-256 (RFC 2104) of the user ID in UTF-8 under the salt, in hex. Sorted. */
  readonly hashes: readonly string[];
}

/** One person on the list, who is not named. */
export interface SuppressionLine {
  readonly workspaceId: string;
  readonly hash: string;
  readonly ticketId: number;
  /** ISO 8601. */
  readonly addedAt: string;
  readonly removedAt: string | null;
  readonly removedBy: string | null;
}

/** Puts a ticket's end users on the list of its workspace. Whoever stands there stays, and counts as this ticket's. */
export async function suppressUsers(
  trx: Knex.Transaction,
  ticket: { readonly id: TicketId; readonly target: Target },
  now: Date,
): Promise<void> {
  const { scope, users, workspaces } = ticket.target;
  if (scope !== 'user') return;
  for (const { id } of workspaces) {
    await trx.raw(ADD_SALT, [id, randomBytes(SALT_BYTES)]);
    const salt = await saltOf(trx, id);
    if (salt === null) throw new TypeError('a salt was inserted and is not there');
    await trx.raw(ADD_USERS, [id, ticket.id, now, users.map((user) => hashOf(salt, user))]);
  }
}

const ADD_SALT = 'insert into suppression_salts (workspace_id, salt) values (?, ?) on conflict do nothing';
const ADD_USERS = `
  insert into suppressions (workspace_id, ticket_id, added_at, user_hash)
  select distinct ?, cast(? as bigint), cast(? as timestamptz), hash from unnest(cast(? as text[])) as hash
  on conflict (workspace_id, user_hash) where removed_at is null do update set ticket_id = excluded.ticket_id`;

/**
 * Whether a person must not be taken in. One look-up by index whatever the answer, also for a workspace that has no list
 * or does not exist, so that the time tells nothing.
 */
export async function isSuppressed(db: Knex, workspaceId: string, userId: string): Promise<boolean> {
  const salt = (await saltOf(db, workspaceId)) ?? NO_SALT;
  const found = await db.raw<{ rows: unknown[] }>(FIND, [workspaceId, hashOf(salt, userId)]);
  return found.rows.length > 0;
}

const NO_SALT = Buffer.alloc(SALT_BYTES);
const FIND = 'select from suppressions where workspace_id = ? and user_hash = ? and removed_at is null';

/**
 * Takes a person off the list: they may be taken in again from now on.
 * @returns whether they were on it
 */
export async function removeSuppression(
  trx: Knex.Transaction,
  person: { readonly workspaceId: string; readonly userId: string },
  by: { readonly agent: string; readonly note: string; readonly at: Date },
): Promise<boolean> {
  const salt = await saltOf(trx, person.workspaceId);
  if (salt === null) return false;
  const removed = await trx('suppressions')
    .where({ workspace_id: person.workspaceId, user_hash: hashOf(salt, person.userId) })
    .whereNull('removed_at')
    .update({ removed_at: by.at, removed_by: by.agent, removed_note: by.note });
  return removed > 0;
}

/** Newest first. */
export async function listSuppressions(
  db: Knex,
  filter: { readonly workspaceId?: string; readonly limit: number },
): Promise<readonly SuppressionLine[]> {
  const result = await db.raw<{ rows: LineRow[] }>(LINES, {
    workspace: filter.workspaceId ?? null,
    limit: filter.limit,
  });
  return result.rows.map((row) => ({
    workspaceId: row.workspace_id,
    hash: row.user_hash,
    ticketId: row.ticket_id,
    addedAt: row.added_at.toISOString(),
    removedAt: row.removed_at?.toISOString() ?? null,
    removedBy: row.removed_by,
  }));
}

interface LineRow {
  readonly workspace_id: string;
  readonly user_hash: string;
  readonly ticket_id: number;
  readonly added_at: Date;
  readonly removed_at: Date | null;
  readonly removed_by: string | null;
}

const LINES = `
  select workspace_id, user_hash, ticket_id, added_at, removed_at, removed_by from suppressions
  where cast(:workspace as text) is null or workspace_id = :workspace
  order by id desc limit :limit`;

/** The whole list of one workspace as it stands; `null` = nobody of it was ever suppressed. */
export async function exportSuppressions(db: Knex, workspaceId: string): Promise<SuppressionExport | null> {
  const salt = await saltOf(db, workspaceId);
  if (salt === null) return null;
  const rows = await db('suppressions')
    .select<{ user_hash: string }[]>('user_hash')
    .where({ workspace_id: workspaceId })
    .whereNull('removed_at')
    .orderBy('user_hash');
  return { workspaceId, salt: salt.toString('hex'), hashes: rows.map((row) => row.user_hash) };
}

async function saltOf(db: Knex, workspaceId: string): Promise<Buffer | null> {
  const row = await db('suppression_salts')
    .select<{ salt: Buffer }[]>('salt')
    .where({ workspace_id: workspaceId })
    .first();
  return row?.salt ?? null;
}

const hashOf = (salt: Buffer, userId: string): string =>
  createHmac('sha256', salt).update(userId, 'utf8').digest('hex');
