import { createHash, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';

/** How long a link is good by which an agent chooses a password. */
export const LINK_HOURS = 24;

/** Makes a link; those that the agent had before count no more. @returns its token, stored nowhere else */
export async function makeLink(trx: Knex.Transaction, agentId: number): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await trx('agent_links').where({ agent_id: agentId }).whereNull('used_at').delete();
  await trx('agent_links').insert({
    token_hash: hashOf(token),
    agent_id: agentId,
    expires_at: trx.raw('clock_timestamp() + make_interval(hours => ?)', [LINK_HOURS]),
  });
  return token;
}

export interface OpenLink {
  readonly agentId: number;
  readonly name: string;
}

/** Whose link this is; `null` = it is unknown, used or too old, or the agent may not come in. */
export async function findLink(db: Knex, token: string): Promise<OpenLink | null> {
  if (!TOKEN.test(token)) return null;
  const found = await db.raw<{ rows: OpenLink[] }>(FIND, [hashOf(token)]);
  return found.rows[0] ?? null;
}

/** Uses it up. @returns whether it was still there: of two at once one is */
export async function useLink(trx: Knex.Transaction, token: string): Promise<boolean> {
  const used = await trx('agent_links')
    .where({ token_hash: hashOf(token) })
    .whereNull('used_at')
    .whereRaw('expires_at > clock_timestamp()')
    .update({ used_at: trx.raw('clock_timestamp()') });
  return used === 1;
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const FIND = `
  select a.id as "agentId", a.name from agent_links l join agents a on a.id = l.agent_id
  where l.token_hash = ? and l.used_at is null and l.expires_at > clock_timestamp() and a.disabled_at is null`;
