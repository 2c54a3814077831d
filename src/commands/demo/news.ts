/** What the desk decided and sent since the last look, read from its own database and the customers' mailboxes. */
import type { Knex } from 'knex';
import type { Canonical } from '../../domain/canonical.ts';
import { referenceOf, ticketId } from '../../domain/ids.ts';
import { isUnreadable, parseMessage } from '../../ingest/parse-message.ts';
import { decisionInWords } from './decision-words.ts';
import type { Step } from './steps.ts';

/** A mail as its recipient found it in the mailbox. */
export interface ReceivedMail {
  readonly address: string;
  readonly template: string;
  readonly ticketIds: readonly number[];
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly references: readonly string[];
}

export interface News {
  readonly decisions: readonly Extract<Step, { kind: 'decision' }>[];
  readonly mails: readonly (ReceivedMail & { readonly at: string })[];
}

export interface NewsReader {
  next(): Promise<News>;
}

/** @param inboxOf - the raw mails in the mailbox of an address */
export function readNews(db: Knex, inboxOf: (address: string) => Promise<readonly Buffer[]>): NewsReader {
  const toldEvents = new Map<number, number>();
  const toldMails = new Set<number>();
  return {
    async next() {
      const events = await db.raw<{ rows: EventRow[] }>(EVENTS);
      const fresh = events.rows.filter((row) => row.seq > (toldEvents.get(row.ticket_id) ?? 0));
      for (const row of fresh) toldEvents.set(row.ticket_id, row.seq);
      const outbox = await db.raw<{ rows: MailRow[] }>(SENT_MAILS, [[...toldMails]]);
      for (const row of outbox.rows) toldMails.add(row.id);
      return { decisions: fresh.map(decisionOf), mails: await received(outbox.rows, inboxOf) };
    },
  };
}

interface EventRow {
  readonly ticket_id: number;
  readonly seq: number;
  readonly at: Date;
  readonly type: string;
  readonly was: string;
  readonly became: string;
  readonly actor: string;
  readonly details: Readonly<Record<string, Canonical>>;
  readonly reasons: readonly string[];
  readonly holds: readonly string[];
}

/** `holds`: those that stood right after the event. */
const EVENTS = `
  select e.ticket_id, e.seq, e.at, e.type, e.was, e.became, e.actor, e.details, t.reasons,
    array(select h.reason from holds h
      where h.ticket_id = e.ticket_id and h.placed_at <= e.at and (h.lifted_at is null or h.lifted_at > e.at)
      order by h.id) as holds
  from ticket_events e join tickets t on t.id = e.ticket_id order by e.at, e.ticket_id, e.seq`;

interface MailRow {
  readonly id: number;
  readonly recipient: string;
  readonly template: string;
  readonly ticket_ids: readonly number[];
  readonly message_id_header: string;
  readonly created_at: Date;
}

const SENT_MAILS = `
  select id, recipient, template, ticket_ids, message_id_header, created_at from outbox
  where status = 'sent' and not id = any(cast(? as bigint[])) order by id`;

const decisionOf = (row: EventRow): News['decisions'][number] => ({
  kind: 'decision',
  at: row.at.toISOString(),
  who: row.actor,
  ticket: referenceOf(ticketId(row.ticket_id)),
  event: row.type,
  was: row.was,
  became: row.became,
  holds: row.holds,
  text: decisionInWords(row),
});

async function received(
  rows: readonly MailRow[],
  inboxOf: (address: string) => Promise<readonly Buffer[]>,
): Promise<News['mails']> {
  const addresses = [...new Set(rows.map((row) => row.recipient))];
  const boxes = await Promise.all(
    addresses.map(async (address) => [address, await readMails(await inboxOf(address))] as const),
  );
  const byAddress = new Map(boxes);
  return rows.map((row) => {
    const found = byAddress.get(row.recipient)?.get(row.message_id_header);
    if (found === undefined) throw new Error(`the ${row.template} mail was sent and is in no mailbox`);
    return {
      at: row.created_at.toISOString(),
      address: row.recipient,
      template: row.template,
      ticketIds: row.ticket_ids,
      messageId: row.message_id_header,
      ...found,
    };
  });
}

/** By Message-ID. */
async function readMails(
  raws: readonly Buffer[],
): Promise<ReadonlyMap<string, Pick<ReceivedMail, 'subject' | 'text' | 'references'>>> {
  const parsed = await Promise.all(raws.map(parseMessage));
  return new Map(
    parsed.flatMap((mail) =>
      isUnreadable(mail) || mail.messageId === null
        ? []
        : [[mail.messageId, { subject: mail.subject, text: mail.text ?? '', references: mail.references }]],
    ),
  );
}
