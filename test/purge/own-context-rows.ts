/** Rows of the desk's own past, written as they would stand there so many days later. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { ContextKind } from '../../src/purge/stores/own-context-due.ts';
import type { TestDesk } from '../tickets/desk.ts';

const ago = (db: Knex, days: number) => db.raw('desk_now() - make_interval(secs => ?)', [days * 86_400]);

export interface PastTicket {
  readonly id: number;
  readonly conversation: number;
}

/** A ticket with one party, a note on a hold, and its conversation unless that is given. */
export async function pastTicket(
  desk: TestDesk,
  how: { readonly requested?: number; readonly closed: number | null; readonly conversation?: number },
): Promise<PastTicket> {
  const { db } = desk;
  const requested = ago(db, how.requested ?? (how.closed ?? 0) + 1);
  const who = `ada-${randomUUID()}@acme.example`;
  let conversation = how.conversation;
  if (conversation === undefined) {
    const [row] = await db('conversations').insert(
      { requester: who, requester_hash: desk.hash(who), subject: 'Deletion', opened_at: requested },
      'id',
    );
    conversation = row.id as number;
  }
  const [ticket] = await db('tickets').insert(
    {
      conversation_id: conversation,
      request_no: 0,
      origin: 'mail',
      scope: 'user',
      request: JSON.stringify({ scope: 'user', users: ['u1'] }),
      requester: who,
      requester_hash: desk.hash(who),
      requested_at: requested,
      due_at: ago(db, -30),
      reasons: ['because'],
      state: how.closed === null ? 'needs_details' : 'expired',
      state_since: requested,
      closed_at: how.closed === null ? null : ago(db, how.closed),
    },
    'id',
  );
  const id = ticket.id as number;
  await db('parties').insert({
    ...{ ticket_id: id, workspace_id: 'ws_acme', address: who, role: 'owner', since: requested },
  });
  await db('holds').insert({
    ...{ ticket_id: id, reason: 'agent', note: 'rang her', placed_by: 'agent:grace', placed_at: requested },
    ...{ lifted_at: requested, lifted_by: 'agent:grace', lift_note: 'all well' },
  });
  return { id, conversation };
}

export async function pastMessage(
  desk: TestDesk,
  how: {
    readonly arrived: number;
    readonly conversation?: number;
    readonly status?: 'pending' | 'done';
    readonly disposition?: string;
    readonly needsAgent?: boolean;
    readonly bytes?: number;
  },
): Promise<number> {
  const { db } = desk;
  const isDone = how.status !== 'pending';
  const disposition = how.disposition ?? (how.conversation === undefined ? 'other' : 'opened');
  const [row] = await db('messages').insert(
    {
      content_hash: randomUUID(),
      size_bytes: how.bytes ?? 7,
      raw: Buffer.from('a mail.'),
      arrived_at: ago(db, how.arrived),
      status: isDone ? 'done' : 'pending',
      disposition: isDone ? disposition : null,
      needs_agent: how.needsAgent ?? false,
      conversation_id: how.conversation ?? null,
      author: 'ada@acme.example',
      message_id_header: `<${randomUUID()}@acme.example>`,
      reference_ids: ['<one@acme.example>'],
      subject: 'Delete me',
      understanding: '{"intent":"delete"}',
      evidence: '{"notes":[]}',
    },
    'id',
  );
  return row.id as number;
}

export async function pastReply(
  desk: TestDesk,
  how: {
    readonly created: number;
    readonly tickets?: readonly PastTicket[];
    readonly status?: string;
    readonly template?: string;
    readonly attempts?: number;
  },
): Promise<number> {
  const { db } = desk;
  const tickets = how.tickets ?? [];
  const template = how.template ?? 'status';
  const [row] = await db('outbox').insert(
    {
      key: randomUUID(),
      conversation_id: tickets[0]?.conversation ?? null,
      ticket_ids: tickets.map(({ id }) => id),
      template,
      locale: 'en',
      recipient: 'ada@acme.example',
      recipient_hash: desk.hash('ada@acme.example'),
      before_verification: true,
      facts: JSON.stringify({ template, tag: null, tickets: [] }),
      message_id_header: `<${randomUUID()}@desk.example>`,
      in_reply_to: '<one@acme.example>',
      reference_ids: ['<one@acme.example>'],
      created_at: ago(db, how.created),
      status: how.status ?? 'sent',
      attempts: how.attempts ?? 1,
    },
    'id',
  );
  return row.id as number;
}

const OWN_TABLES = ['messages', 'outbox', 'tickets', 'conversations'] as const;
const TICKET_TABLES = ['parties', 'holds', 'ticket_events', 'purge_steps', 'checklist_ticks', 'agent_notes'];

/** A checksum over every row of the desk's own past but those of one kind with these ids, and what belongs to them. */
export async function restOf(db: Knex, kind: ContextKind, ids: readonly number[]): Promise<string> {
  const parts: string[] = [];
  const sum = async (table: string, column: string, without: readonly number[]) => {
    const found = await db.raw<{ rows: [{ sum: string }] }>(
      `select md5(coalesce(string_agg(r::text, '|' order by r::text), '')) as sum from ${table} r
       where not r.${column} = any(:without)`,
      { without: [...without] },
    );
    parts.push(`${table} ${found.rows[0].sum}`);
  };
  for (const table of OWN_TABLES) await sum(table, 'id', table === kind ? ids : []);
  for (const table of TICKET_TABLES) await sum(table, 'ticket_id', kind === 'tickets' ? ids : []);
  return parts.join('\n');
}
