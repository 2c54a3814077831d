import { createHash, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import type { AgentRole } from '../../domain/agents.ts';
import type { AccessPorts, SignedIn } from './ports.ts';

/** Without a request for this long, a session is over. */
export const IDLE_MINUTES = 30;
/** However busy it was, it ends after that. */
export const SESSION_HOURS = 12;
/** How late `seen_at` may be: looking at pages writes once a minute at most. */
const SEEN_SECONDS = 60;

/** Sessions in the database: they end when the agent signs out or loses access, wherever the cookie is. */
export const openAccess = (db: Knex): AccessPorts => ({
  findSession: (token) => findSession(db, token),
});

/** Starts a session. @returns its token, which is stored nowhere but in the cookie */
export async function startSession(db: Knex, agentId: number): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await db('agent_sessions').insert({ token_hash: hashOf(token), agent_id: agentId });
  return token;
}

async function findSession(db: Knex, token: string): Promise<SignedIn | null> {
  if (!TOKEN.test(token)) return null;
  const hash = hashOf(token);
  const found = await db.raw<{ rows: SessionRow[] }>(FIND, [hash, IDLE_MINUTES, SESSION_HOURS]);
  const [row] = found.rows;
  if (row === undefined) return null;
  if (row.seen_seconds > SEEN_SECONDS) await db.raw(SEEN, [hash]);
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
  where s.token_hash = ? and a.disabled_at is null
    and s.seen_at > clock_timestamp() - make_interval(mins => ?)
    and s.created_at > clock_timestamp() - make_interval(hours => ?)`;

const SEEN = `update agent_sessions set seen_at = clock_timestamp() where token_hash = ?`;
