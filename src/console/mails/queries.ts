/** What the pages about mails read: a page at a time, by its index, however many mails there are. */
import type { Knex } from 'knex';
import type { MailEvidence } from '../../domain/evidence.ts';
import { DISPOSITIONS, type Disposition } from '../../domain/mail.ts';
import { CODES_OPEN, type MayHoldCode, shieldedSubject } from './secret-open.ts';

export interface MailFilter {
  /** Only those that wait for an agent. */
  readonly waiting: boolean;
  readonly disposition: Disposition | null;
  /** Only mails that came before, or after, the one with this number; at most one of the two is set. */
  readonly before: number | null;
  readonly after: number | null;
}

export interface MailListRow extends MayHoldCode {
  readonly id: number;
  readonly arrived_at: Date;
  readonly author: string | null;
  readonly subject: string | null;
  readonly disposition: Disposition | null;
  /** Fixed words, without any text of the mail. */
  readonly disposition_reason: string | null;
  readonly evidence: MailEvidence | null;
  readonly needs_agent: boolean;
  readonly retry_at: Date | null;
  readonly agent_by: string | null;
  readonly erased_at: Date | null;
  /** Numbers of the tickets that it opened, or of those of its conversation. */
  readonly tickets: readonly number[];
}

export interface MailPage {
  readonly rows: readonly MailListRow[];
  readonly hasNewer: boolean;
  readonly hasOlder: boolean;
}

const MAILS_A_PAGE = 50;

/** Newest first. */
export async function mailPage(db: Knex, filter: MailFilter): Promise<MailPage> {
  const { waiting, disposition, before, after } = filter;
  const wanted = [
    ...(waiting ? ['m.needs_agent'] : []),
    ...(disposition === null ? [] : ['m.disposition = :disposition']),
    ...(before === null ? [] : ['m.id < :before']),
    ...(after === null ? [] : ['m.id > :after']),
  ];
  const where = wanted.length === 0 ? '' : `where ${wanted.join(' and ')}`;
  const found = await db.raw<{ rows: MailListRow[] }>(
    `${ROWS} ${where} order by m.id ${after === null ? 'desc' : 'asc'} limit ${MAILS_A_PAGE + 1}`,
    { disposition, before, after },
  );
  const more = found.rows.length > MAILS_A_PAGE;
  const rows = found.rows.slice(0, MAILS_A_PAGE).map(shieldedSubject);
  return after === null
    ? { rows, hasNewer: before !== null, hasOlder: more }
    : { rows: rows.reverse(), hasNewer: more, hasOlder: true };
}

const ROWS = `
  select m.id, m.arrived_at, m.author, left(m.subject, 400) as subject, ${CODES_OPEN} as codes_open, m.disposition, m.disposition_reason, m.evidence,
    m.needs_agent, m.retry_at, m.agent_by, m.erased_at,
    array(select t.id from tickets t
      where t.message_id = m.id or t.conversation_id = m.conversation_id order by t.id limit 5) as tickets
  from messages m`;

/** How many mails wait for an agent, by what became of them; what lies above the bound is not counted. */
export async function waitingCounts(db: Knex): Promise<ReadonlyMap<Disposition, number>> {
  const found = await db.raw<{ rows: { disposition: Disposition; mails: number }[] }>(COUNTS, [
    [...DISPOSITIONS],
    WAITING_COUNTED_MAX + 1,
  ]);
  return new Map(found.rows.map(({ disposition, mails }) => [disposition, mails]));
}

export const WAITING_COUNTED_MAX = 999;

const COUNTS = `
  select kind.disposition, counted.mails from unnest(cast(? as text[])) as kind (disposition),
    lateral (select count(*) as mails from (
      select from messages m where m.needs_agent and m.disposition = kind.disposition limit ?) waiting) counted
  where counted.mails > 0`;

export interface MailDetail extends Omit<MailListRow, 'subject' | 'tickets'> {
  readonly status: 'pending' | 'done';
  readonly size_bytes: number;
  readonly kept_bytes: number | null;
  readonly subject: string | null;
  readonly agent_at: Date | null;
  readonly agent_note: string | null;
  readonly conversation_id: number | null;
  /** Of the tickets that it opened and of those of its conversation. */
  readonly tickets: readonly { readonly id: number; readonly state: string; readonly opened: boolean }[];
  /** What we wrote because of it. */
  readonly answers: readonly {
    readonly id: number;
    readonly template: string;
    readonly status: string;
    readonly at: string;
  }[];
}

export async function mailDetail(db: Knex, id: number): Promise<MailDetail | null> {
  const found = await db.raw<{ rows: MailDetail[] }>(DETAIL, [id]);
  const [row] = found.rows;
  return row === undefined ? null : shieldedSubject(row);
}

const LINKED_MAX = 50;

const DETAIL = `
  select m.id, m.status, m.arrived_at, m.size_bytes, octet_length(m.raw) as kept_bytes, m.author,
    left(m.subject, 1000) as subject, ${CODES_OPEN} as codes_open, m.disposition, m.disposition_reason, m.evidence, m.needs_agent, m.retry_at,
    m.agent_by, m.agent_at, m.agent_note, m.erased_at, m.conversation_id,
    coalesce((select jsonb_agg(jsonb_build_object('id', t.id, 'state', t.state, 'opened', t.message_id = m.id)
        order by t.id)
      from (select t.id, t.state, t.message_id from tickets t where t.message_id = m.id or t.conversation_id = m.conversation_id
        order by t.id limit ${LINKED_MAX}) t), '[]') as tickets,
    coalesce((select jsonb_agg(jsonb_build_object('id', o.id, 'template', o.template, 'status', o.status,
        'at', coalesce(o.sent_at, o.created_at)) order by o.id)
      from (select o.id, o.template, o.status, o.sent_at, o.created_at from outbox o where o.cause_message_id = m.id order by o.id limit ${LINKED_MAX}) o), '[]') as answers
  from messages m where m.id = ?`;
