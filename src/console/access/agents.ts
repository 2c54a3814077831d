/** Who works at the desk: added, changed and shut out by admins, on the web or on the command line. */
import type { Knex } from 'knex';
import { type AgentRole, plainName } from '../../domain/agents.ts';
import { type AgentAct, noteAct } from './events.ts';
import { makeLink } from './links.ts';
import { endSessions } from './sessions.ts';

export interface Agent {
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly role: AgentRole;
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
  readonly hasPassword: boolean;
  readonly hasSubject: boolean;
  readonly isSample: boolean;
  readonly hasLink: boolean;
  readonly seenAt: Date | null;
}

/** Who orders a change. `id` = an agent on the web, who must still be an admin; `null` = the command line. */
export interface Orderer {
  readonly id: number | null;
  readonly name: string;
}

/** Why a change is not made. */
export type AgentRefusal =
  | 'name_taken'
  | 'email_taken'
  | 'no_such_agent'
  | 'oneself'
  | 'last_admin'
  | 'sample'
  | 'no_admin_any_more';

export type AgentChange =
  | { readonly kind: 'done'; readonly link: string | null }
  | { readonly kind: 'refused'; readonly why: AgentRefusal };

export const listAgents = async (db: Knex): Promise<readonly Agent[]> =>
  (await db.raw<{ rows: Agent[] }>(LIST)).rows;

/** @returns the id of the agent whom this name means, `null` = nobody */
export async function findAgent(db: Knex, name: string): Promise<number | null> {
  const row = await db('agents')
    .select<{ id: number }[]>('id')
    .where({ plain_name: plainName(name) })
    .first();
  return row?.id ?? null;
}

/** @returns the token of the link by which the new agent chooses a password */
export function addAgent(
  db: Knex,
  by: Orderer,
  agent: { readonly name: string; readonly email: string | null; readonly role: AgentRole },
): Promise<AgentChange> {
  return ordered(db, by, async (trx) => {
    const { name, email, role } = agent;
    const same = await trx('agents')
      .where({ plain_name: plainName(name) })
      .first();
    if (same !== undefined) return refused('name_taken');
    if (
      email !== null &&
      (await trx('agents').whereRaw('lower(email) = lower(?)', [email]).first()) !== undefined
    )
      return refused('email_taken');
    const [row] = await trx('agents')
      .insert({ name, plain_name: plainName(name), email, role })
      .returning<{ id: number }[]>('id');
    const agentId = row?.id ?? 0;
    await noteAct(trx, { actor: by.name, what: 'added', agentId, detail: role });
    return { kind: 'done', link: await makeLink(trx, agentId) };
  });
}

export type AgentOrder =
  | { readonly what: 'role'; readonly role: AgentRole }
  | { readonly what: Extract<AgentAct, 'disabled' | 'enabled' | 'reset'> };

/** Whatever takes something away ends the agent's sessions at once. */
export function changeAgent(db: Knex, by: Orderer, agentId: number, order: AgentOrder): Promise<AgentChange> {
  return ordered(db, by, async (trx, admins) => {
    const found = await trx('agents')
      .select<{ role: AgentRole; disabled_at: Date | null; is_sample: boolean }[]>(
        'role',
        'disabled_at',
        'is_sample',
      )
      .where({ id: agentId })
      .first();
    if (found === undefined) return refused('no_such_agent');
    if (by.id === agentId) return refused('oneself');
    if (found.is_sample) return refused('sample');
    const isTakenAway = order.what === 'disabled' || (order.what === 'role' && order.role !== 'admin');
    if (isTakenAway && admins.length === 1 && admins.includes(agentId)) return refused('last_admin');
    if (isNoChange(found, order)) return { kind: 'done', link: null };
    await carryOut(trx, agentId, order);
    if (order.what !== 'enabled') await endSessions(trx, agentId);
    const detail = order.what === 'role' ? { detail: order.role } : {};
    await noteAct(trx, { actor: by.name, what: order.what, agentId, ...detail });
    return { kind: 'done', link: order.what === 'reset' ? await makeLink(trx, agentId) : null };
  });
}

const isNoChange = (
  found: { readonly role: AgentRole; readonly disabled_at: Date | null },
  order: AgentOrder,
): boolean =>
  (order.what === 'role' && order.role === found.role) ||
  (order.what === 'disabled' && found.disabled_at !== null) ||
  (order.what === 'enabled' && found.disabled_at === null);

async function carryOut(trx: Knex.Transaction, agentId: number, order: AgentOrder): Promise<void> {
  const agent = trx('agents').where({ id: agentId });
  switch (order.what) {
    case 'role':
      await agent.update({ role: order.role });
      return;
    case 'disabled':
      await agent.update({ disabled_at: trx.raw('clock_timestamp()') });
      return;
    case 'enabled':
      await agent.update({ disabled_at: null });
      return;
    case 'reset':
      await agent.update({
        password_hash: null,
        totp_sealed: null,
        totp_step: null,
        oidc_issuer: null,
        oidc_subject: null,
      });
      await trx('agent_recovery_codes').where({ agent_id: agentId }).delete();
  }
}

/** One change at a time, so that two admins cannot shut each other out; an admin who was just shut out orders nothing. */
function ordered(
  db: Knex,
  by: Orderer,
  change: (trx: Knex.Transaction, admins: readonly number[]) => Promise<AgentChange>,
): Promise<AgentChange> {
  return db.transaction(async (trx) => {
    await trx.raw('lock table agents in share row exclusive mode');
    const admins = await trx('agents')
      .select<{ id: number; is_sample: boolean }[]>('id', 'is_sample')
      .where({ role: 'admin' })
      .whereNull('disabled_at');
    if (by.id !== null && !admins.some(({ id }) => id === by.id)) return refused('no_admin_any_more');
    return change(
      trx,
      admins.filter((admin) => !admin.is_sample).map(({ id }) => id),
    );
  });
}

const refused = (why: AgentRefusal): AgentChange => ({ kind: 'refused', why });

const LIST = `
  select a.id, a.name, a.email, a.role, a.created_at as "createdAt", a.disabled_at as "disabledAt",
    a.password_hash is not null as "hasPassword", a.oidc_subject is not null as "hasSubject", a.is_sample as "isSample",
    exists (select from agent_links l where l.agent_id = a.id and l.used_at is null and l.expires_at > clock_timestamp())
      as "hasLink",
    (select max(s.seen_at) from agent_sessions s where s.agent_id = a.id) as "seenAt"
  from agents a order by a.disabled_at is not null, a.is_sample, lower(a.name), a.id limit 1000`;
