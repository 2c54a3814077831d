/** Password and code: checked, chosen and renewed. */
import type { Knex } from 'knex';
import { plainName } from '../../domain/agents.ts';
import { noteAct } from './events.ts';
import { useLink } from './links.ts';
import { hashPassword, isPassword } from './password.ts';
import { renewRecoveryCodes, takeRecoveryCode } from './recovery.ts';
import { seal, unseal } from './sealed.ts';
import { endSessions, startSession } from './sessions.ts';
import { stepOf } from './totp.ts';

interface Keyed {
  readonly db: Knex;
  readonly key: Uint8Array;
}

interface Stored {
  readonly id: number;
  readonly name: string;
  readonly password_hash: string | null;
  readonly totp_sealed: Buffer | null;
}

/**
 * Signs in whose name, password and code these are; `null` = they do not belong together, and nothing tells which of
 * them is wrong. It takes equally long for a name that nobody has. A code counts once.
 * @returns the token of a new session
 */
export async function signIn(
  { db, key }: Keyed,
  given: {
    readonly name: string;
    readonly password: string;
    readonly code: string;
    /** In a few words. */
    readonly browser: string;
  },
): Promise<{ readonly token: string; readonly name: string } | null> {
  const agent = await db('agents')
    .select<Stored[]>('id', 'name', 'password_hash', 'totp_sealed')
    .where({ plain_name: plainName(given.name), is_sample: false })
    .whereNull('disabled_at')
    .first();
  const isRight = await isPassword(given.password, agent?.password_hash ?? null);
  if (agent === undefined || !isRight) return null;
  return db.transaction(async (trx) => {
    // A reset or a changed password while this one was being checked ends it too.
    const same = await trx('agents')
      .select('id')
      .where({ id: agent.id, password_hash: agent.password_hash })
      .whereNull('disabled_at')
      .forUpdate()
      .first();
    if (same === undefined || !(await takeCode(trx, key, agent, given.code))) return null;
    return { token: await startSession(trx, agent.id, given.browser), name: agent.name };
  });
}

/** Takes a code of the app, or a recovery code. */
async function takeCode(
  trx: Knex.Transaction,
  key: Uint8Array,
  agent: Stored,
  typed: string,
): Promise<boolean> {
  const code = digitsOf(typed);
  if (!/^[0-9]{6}$/.test(code)) {
    const isRecovery = await takeRecoveryCode(trx, key, agent.id, code);
    if (isRecovery) await noteAct(trx, { actor: agent.name, what: 'recovery', agentId: agent.id });
    return isRecovery;
  }
  const secret = agent.totp_sealed === null ? null : unseal(key, TOTP, String(agent.id), agent.totp_sealed);
  const step = secret === null ? null : stepOf(secret, code, Date.now());
  if (step === null) return false;
  const taken = await trx('agents')
    .where({ id: agent.id })
    .where((earlier) => earlier.whereNull('totp_step').orWhere('totp_step', '<', step))
    .update({ totp_step: step });
  return taken === 1;
}

/** A code however it is grouped, and whichever keyboard wrote it. */
export const digitsOf = (typed: string): string => typed.normalize('NFKC').replace(/[\s\p{Pd}.]/gu, '');

const TOTP = 'agent totp';

/** The choice behind a link: `null` = the link was used in between. @returns the recovery codes, shown once */
export async function setUp(
  { db, key }: Keyed,
  link: { readonly token: string; readonly agentId: number; readonly name: string },
  chosen: { readonly password: string; readonly secret: Uint8Array; readonly step: number },
): Promise<readonly string[] | null> {
  const hash = await hashPassword(chosen.password);
  return db.transaction(async (trx) => {
    if (!(await useLink(trx, link.token))) return null;
    const { agentId } = link;
    await trx('agents').where({ id: agentId }).update({ password_hash: hash });
    await endSessions(trx, agentId);
    await noteAct(trx, { actor: link.name, what: 'set_up', agentId });
    return storeSecret(trx, key, agentId, chosen);
  });
}

/** Recovery codes go with the secret: whoever has the old ones may have lost them with the phone. */
export function renewSecret(
  { db, key }: Keyed,
  agent: { readonly agentId: number; readonly name: string },
  chosen: { readonly secret: Uint8Array; readonly step: number },
  session: string,
): Promise<readonly string[]> {
  return db.transaction(async (trx) => {
    await endSessions(trx, agent.agentId, session);
    await noteAct(trx, { actor: agent.name, what: 'totp', agentId: agent.agentId });
    return storeSecret(trx, key, agent.agentId, chosen);
  });
}

/** @returns the recovery codes that go with it */
export async function storeSecret(
  trx: Knex.Transaction,
  key: Uint8Array,
  agentId: number,
  { secret, step }: { readonly secret: Uint8Array; readonly step: number },
): Promise<readonly string[]> {
  await trx('agents')
    .where({ id: agentId })
    .update({ totp_sealed: seal(key, TOTP, String(agentId), secret), totp_step: step });
  return renewRecoveryCodes(trx, key, agentId);
}

/** Ends every other session: whoever knew the old password is out. */
export async function changePassword(
  { db }: Keyed,
  agent: { readonly agentId: number; readonly name: string },
  password: string,
  session: string,
): Promise<void> {
  const hash = await hashPassword(password);
  await db.transaction(async (trx) => {
    await trx('agents').where({ id: agent.agentId }).update({ password_hash: hash });
    await endSessions(trx, agent.agentId, session);
    await noteAct(trx, { actor: agent.name, what: 'password', agentId: agent.agentId });
  });
}

/** Whether this is the agent's password; without one nothing is. */
export async function knowsPassword(db: Knex, agentId: number, password: string): Promise<boolean> {
  const row = await db('agents')
    .select<{ password_hash: string | null }[]>('password_hash')
    .where({ id: agentId })
    .first();
  return isPassword(password, row?.password_hash ?? null);
}

/** What of these an agent has; somebody who signs in by a provider has no password. `totp` changes with each secret. */
export async function keysOf(
  db: Knex,
  agentId: number,
): Promise<{ readonly hasPassword: boolean; readonly totp: string }> {
  const row = await db('agents')
    .select<Stored[]>('password_hash', 'totp_sealed')
    .where({ id: agentId })
    .first();
  return {
    hasPassword: row !== undefined && row.password_hash !== null,
    totp: row?.totp_sealed?.toString('base64') ?? '',
  };
}
