/** What must have become of every mail, request and row, worked out from what customers did and not from the desk. */
import type { Knex } from 'knex';
import pg from 'pg';
import type { Customers, Request } from './customers.ts';
import type { MailKind, Post } from './post.ts';

/** The dispositions that a mail of a kind may have. Budgets may silence whom the desk owes nothing. */
const DISPOSITIONS: Readonly<Record<Exclude<MailKind, 'copy'>, readonly string[]>> = {
  request: ['opened'],
  code: ['joined'],
  'wrong code': ['joined'],
  cancel: ['joined'],
  status: ['joined', 'silenced'],
  noise: ['other'],
  automatic: ['automatic'],
  forged: ['opened', 'other', 'silenced'],
  stranger: ['opened', 'other', 'silenced'],
  poison: ['unreadable'],
};

/** Every mail once, a copy as a copy, and each kind as it should be. */
export async function checkDispositions(db: Knex, post: Post): Promise<readonly string[]> {
  const rows = await db('messages').select<{ message_id_header: string | null; disposition: string }[]>(
    'message_id_header',
    'disposition',
  );
  const byId = Map.groupBy(rows, (row) => row.message_id_header ?? '');
  const breaches: string[] = [];
  for (const [id, written] of Map.groupBy(post.book, (mail) => mail.messageId)) {
    const first = written[0];
    if (first === undefined || first.kind === 'copy' || first.kind === 'poison') continue;
    const found = (byId.get(id) ?? []).map((row) => row.disposition);
    const copies = found.filter((disposition) => disposition === 'duplicate').length;
    const others = found.filter((disposition) => disposition !== 'duplicate');
    if (
      copies !== written.length - 1 ||
      others.length !== 1 ||
      !DISPOSITIONS[first.kind].includes(others[0] ?? '')
    )
      breaches.push(
        `a mail (${first.kind}, ${written.length} times) ended as ${found.join(', ') || 'nothing'}`,
      );
  }
  if (rows.length !== post.book.length)
    breaches.push(`${post.book.length} mails were delivered and ${rows.length} taken in`);
  return breaches;
}

interface TicketEnd {
  readonly message_id_header: string;
  readonly id: number;
  readonly state: string;
  readonly purged: boolean;
}

/** Confirmed and not cancelled: completed. Cancelled: kept, unless the purge came first and that was said. Else: kept. */
export async function checkTickets(db: Knex, customers: Customers): Promise<readonly string[]> {
  const { rows } = await db.raw<{ rows: TicketEnd[] }>(`
    select m.message_id_header, t.id, t.state, t.purge_started_at is not null as purged
    from messages m join tickets t on t.message_id = m.id`);
  const byId = Map.groupBy(rows, (row) => row.message_id_header);
  const breaches: string[] = [];
  for (const request of customers.requests.values()) {
    const [ticket, ...others] = byId.get(request.messageId) ?? [];
    if (ticket === undefined || others.length > 0) {
      breaches.push(
        `a request (${request.kind}) has ${others.length + (ticket === undefined ? 0 : 1)} tickets`,
      );
    } else if (!isRight(request, ticket)) {
      breaches.push(
        `ticket ${ticket.id} (${request.kind}, ${request.intention}, ${request.confirmed ? '' : 'not '}confirmed${request.cancelled ? ', cancelled' : ''}) ended as ${ticket.state}`,
      );
    }
  }
  const others = rows.filter((row) => !customers.requests.has(row.message_id_header));
  for (const { id, state, purged } of others) {
    if (purged || !['received', 'rejected', 'expired'].includes(state))
      breaches.push(`ticket ${id}, which no customer asked for, ended as ${state}`);
  }
  return breaches;
}

function isRight({ confirmed, cancelled }: Request, { state, purged }: TicketEnd): boolean {
  if (confirmed && !cancelled) return state === 'completed' && purged;
  if (cancelled) return state === 'cancelled' || state === 'expired';
  return !purged && ['expired', 'cancelled'].includes(state);
}

/** Deletes from an untouched copy of the customers' rows what the completed requests were about. */
export async function deleteAsAsked(db: Knex, customers: Customers, copyUrl: string): Promise<void> {
  const { rows } = await db.raw<{ rows: { message_id_header: string }[] }>(`
    select m.message_id_header from messages m join tickets t on t.message_id = m.id where t.state = 'completed'`);
  const copy = new pg.Client({ connectionString: copyUrl });
  await copy.connect();
  try {
    for (const { message_id_header } of rows) {
      for (const { table, where, values } of customers.requests.get(message_id_header)?.wish.rows ?? []) {
        await copy.query(`delete from ${table} where ${where}`, [...values]);
      }
    }
  } finally {
    await copy.end();
  }
}
