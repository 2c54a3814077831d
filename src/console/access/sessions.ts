import { createHash, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import type { AgentRole } from '../../domain/agents.ts';
import type { AccessPorts, SignedIn } from './ports.ts';

/** Without a request for this long, a session is over. */
const IDLE_MINUTES = 30;
/** However busy it was, it ends after that. */
const SESSION_HOURS = 12;
/** How late `seen_at` may be: looking at pages writes once a minute at most. */
const SEEN_SECONDS = 60;

/**
 * Sessions in the database: they end when the agent signs out or loses access, wherever the cookie is.
 * @param options.hasSamples - whether sample agents may come in: in a sandbox only, whatever the database holds
 */
export const openAccess = (db: Knex, options: { readonly hasSamples?: boolean } = {}): AccessPorts => ({
  findSession: (token, { isUnattended } = { isUnattended: false }) =>
    findSession(db, token, { hasSamples: options.hasSamples ?? false, isUnattended }),
});

/** Starts a session, and forgets those that are over. @returns its token, which is stored nowhere but in the cookie */
export async function startSession(db: Knex, agentId: number, browser = ''): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await db.raw(FORGET, [IDLE_MINUTES, SESSION_HOURS]);
  await db('agent_sessions').insert({ token_hash: hashOf(token), agent_id: agentId, browser });
  return token;
}

export async function endSession(db: Knex, token: string): Promise<void> {
  await db('agent_sessions')
    .where({ token_hash: hashOf(token) })
    .delete();
}

/** Ends the sessions of an agent, all or all but one. */
export async function endSessions(db: Knex, agentId: number, but: string | null = null): Promise<void> {
  const all = db('agent_sessions').where({ agent_id: agentId });
  await (but === null ? all : all.whereNot({ token_hash: hashOf(but) })).delete();
}

/** Ends one by its number, if it is this agent's. */
export async function endOwnSession(db: Knex, agentId: number, id: number): Promise<void> {
  await db('agent_sessions').where({ agent_id: agentId, id }).delete();
}

/** Whether a session that was let in is still open. Looking does not keep it open. */
export async function isSessionOpen(db: Knex, token: string): Promise<boolean> {
  const found = await db.raw<{ rows: unknown[] }>(FIND, [hashOf(token), true, IDLE_MINUTES, SESSION_HOURS]);
  return found.rows.length > 0;
}

export interface OwnSession {
  readonly id: number;
  readonly browser: string;
  readonly startedAt: Date;
  readonly seenAt: Date;
  readonly isThis: boolean;
}

/** Those that are not over, the newest first. */
export async function listSessions(db: Knex, agentId: number, token: string): Promise<readonly OwnSession[]> {
  const found = await db.raw<{ rows: OwnSession[] }>(LIST, [
    hashOf(token),
    agentId,
    IDLE_MINUTES,
    SESSION_HOURS,
  ]);
  return found.rows;
}

async function findSession(
  db: Knex,
  token: string,
  { hasSamples, isUnattended }: { readonly hasSamples: boolean; readonly isUnattended: boolean },
): Promise<SignedIn | null> {
  if (!TOKEN.test(token)) return null;
  const hash = hashOf(token);
  const found = await db.raw<{ rows: SessionRow[] }>(FIND, [hash, hasSamples, IDLE_MINUTES, SESSION_HOURS]);
  const [row] = found.rows;
  if (row === undefined) return null;
  if (row.seen_seconds > SEEN_SECONDS && !isUnattended) await db.raw(SEEN, [hash]);
  return { agentId: row.id, name: row.name, role: row.role };
}

/** 32 bytes in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

interface SessionRow {
  readonly id: number;
  readonly name: string;
  readonly role: AgentRole;
  readonly seen_seconds: number;
}

const FIND = `
  select a.id, a.name, a.role, cast(extract(epoch from clock_timestamp() - s.seen_at) as double precision) as seen_seconds
  from agent_sessions s join agents a on a.id = s.agent_id
  where s.token_hash = ? and a.disabled_at is null and (not a.is_sample or ?)
    and s.seen_at > clock_timestamp() - make_interval(mins => ?)
    and s.created_at > clock_timestamp() - make_interval(hours => ?)`;

const SEEN = `update agent_sessions set seen_at = clock_timestamp() where token_hash = ?`;

const LIST = `
  select id, browser, created_at as "startedAt", seen_at as "seenAt", token_hash = ? as "isThis"
  from agent_sessions
  where agent_id = ? and seen_at > clock_timestamp() - make_interval(mins => ?)
    and created_at > clock_timestamp() - make_interval(hours => ?)
  order by created_at desc, id desc limit 50`;

const FORGET = `
  delete from agent_sessions
  where seen_at < clock_timestamp() - make_interval(mins => ?)
    or created_at < clock_timestamp() - make_interval(hours => ?)`;
