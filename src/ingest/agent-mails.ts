/** Mails for agents: those that wait for one, and what each is known to be. */
import type { Knex } from 'knex';
import type { MailEvidence } from '../domain/evidence.ts';
import type { Disposition } from '../domain/mail.ts';

export interface MailRow {
  readonly id: number;
  readonly status: 'pending' | 'done';
  readonly arrived_at: Date;
  readonly size_bytes: number;
  readonly author: string | null;
  readonly disposition: Disposition | null;
  /** Fixed words, without any text of the mail. */
  readonly disposition_reason: string | null;
  readonly evidence: MailEvidence | null;
  readonly needs_agent: boolean;
  readonly retry_at: Date | null;
  readonly agent_by: string | null;
  readonly agent_at: Date | null;
  readonly agent_note: string | null;
  /** When the desk forgot who wrote it and what it said. */
  readonly erased_at: Date | null;
  /** Numbers of the tickets that it opened. */
  readonly tickets: readonly number[];
}

const LIST_MAX = 1_000;

/** Newest first: those that wait for an agent, or all there are. */
export async function listMails(db: Knex, how: { readonly all: boolean }): Promise<readonly MailRow[]> {
  const where = how.all ? '' : 'where m.needs_agent';
  const result = await db.raw<{ rows: MailRow[] }>(`${ROWS} ${where} order by m.id desc limit ?`, [LIST_MAX]);
  return result.rows;
}

export async function mailRow(db: Knex, id: number): Promise<MailRow | null> {
  const result = await db.raw<{ rows: MailRow[] }>(`${ROWS} where m.id = ?`, [id]);
  return result.rows[0] ?? null;
}

/** `null` = there is no such mail, or its bytes were erased. */
export async function rawMail(db: Knex, id: number): Promise<Buffer | null> {
  const row = await db('messages').select<{ raw: Buffer | null }[]>('raw').where({ id }).first();
  return row?.raw ?? null;
}

const ROWS = `
  select m.id, m.status, m.arrived_at, m.size_bytes, m.author, m.disposition, m.disposition_reason, m.evidence,
    m.needs_agent, m.retry_at, m.agent_by, m.agent_at, m.agent_note, m.erased_at,
    array(select t.id from tickets t where t.message_id = m.id order by t.id) as tickets
  from messages m`;

/** @returns false when it does not wait for an agent, or no longer */
export async function takeOffList(db: Knex, id: number, agent: string): Promise<boolean> {
  const rows = await db('messages')
    .where({ id, needs_agent: true })
    .update({ needs_agent: false, agent_by: agent, agent_at: db.raw('desk_now()') });
  return rows === 1;
}
