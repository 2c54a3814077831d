import type { Knex } from 'knex';

/**
 * Name of the mailbox whose request opened the ticket's conversation: what is said about the ticket is said in its name.
 * `null` = not known, as of a deletion that was pressed in the app.
 */
export async function mailboxOfTicket(db: Knex, id: number): Promise<string | null> {
  const found = await db.raw<{ rows: { name: string | null }[] }>(MAILBOX_OF_TICKET, [id]);
  return found.rows[0]?.name ?? null;
}

const MAILBOX_OF_TICKET = `
  select b.name from tickets t join tickets first on first.conversation_id = t.conversation_id
    left join messages m on m.id = first.message_id left join mailboxes b on b.id = m.mailbox_id
  where t.id = ? order by first.id limit 1`;

/** Name of the mailbox that a mail came to; `null` = not known. */
export async function mailboxOfMail(db: Knex, id: number): Promise<string | null> {
  const row = await db('messages as m')
    .leftJoin('mailboxes as b', 'b.id', 'm.mailbox_id')
    .where('m.id', id)
    .first<{ name: string | null } | undefined>('b.name');
  return row?.name ?? null;
}
