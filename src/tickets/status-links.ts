/** The links in mails that lead to the page of a ticket. A link proves that somebody reads the mailbox, and no more. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { prepared } from '../db/prepared.ts';
import { asRows } from '../db/rows.ts';
import { forMany } from '../db/together.ts';
import { addHours } from '../domain/calendar.ts';
import { keyed, sha256 } from '../domain/canonical.ts';

export interface StatusLink {
  /** A UUID. */
  readonly id: string;
  readonly ticketIds: readonly number[];
  /** Keyed hash of the one address that the mail went to. */
  readonly recipientHash: string;
  /** The language of the mail. BCP 47. */
  readonly locale: string;
  readonly expiresAt: Date;
}

/** Each mail brings a new one, so that one of them always outlives the waiting time. */
const LIFETIME_HOURS = 7 * 24;

/** Writes the row of a link; the link itself is derived when the mail is sent. */
export async function issueStatusLink(
  trx: Knex.Transaction,
  link: Omit<StatusLink, 'id' | 'expiresAt'> & { readonly key: Uint8Array; readonly now: Date },
): Promise<{ readonly id: string }> {
  const id = randomUUID();
  await insertLink(trx, {
    id,
    link_hash: sha256(statusTokenOf(link.key, id)),
    ticket_ids: link.ticketIds,
    recipient_hash: link.recipientHash,
    locale: link.locale,
    created_at: link.now,
    expires_at: addHours(link.now, LIFETIME_HOURS),
  });
  return { id };
}

const insertLink = forMany(async (trx: Knex.Transaction, links: readonly object[]) => {
  await prepared(trx, INSERT_LINKS, [asRows(links)]);
  return links.map(() => undefined);
});

const INSERT_LINKS = `
  insert into status_links (id, link_hash, ticket_ids, recipient_hash, locale, created_at, expires_at)
  select id, link_hash, ticket_ids, recipient_hash, locale, created_at, expires_at
  from jsonb_to_recordset(cast(? as jsonb)) as r (id uuid, link_hash text, ticket_ids bigint[], recipient_hash text,
    locale text, created_at timestamptz, expires_at timestamptz)`;

/** 192 bits, base64url, 32 characters. */
export const statusTokenOf = (key: Uint8Array, id: string): string =>
  keyed(key, 'status-link', id).subarray(0, 24).toString('base64url');

/** What the page's forms carry: it is of one link, and nobody has it who has not opened the page. */
export const statusFormOf = (key: Uint8Array, token: string): string =>
  keyed(key, 'status-form', token).subarray(0, 24).toString('base64url');

/** The link of a token, expired or not; `null` = there is none. Locks nothing. */
export async function findStatusLink(db: Knex, token: string): Promise<StatusLink | null> {
  const row = await db('status_links')
    .where({ link_hash: sha256(token) })
    .first<LinkRow | undefined>(COLUMNS);
  return row === undefined
    ? null
    : {
        id: row.id,
        ticketIds: row.ticket_ids.map(Number),
        recipientHash: row.recipient_hash,
        locale: row.locale,
        expiresAt: row.expires_at,
      };
}

interface LinkRow {
  readonly id: string;
  readonly ticket_ids: readonly (number | string)[];
  readonly recipient_hash: string;
  readonly locale: string;
  readonly expires_at: Date;
}

const COLUMNS = ['id', 'ticket_ids', 'recipient_hash', 'locale', 'expires_at'] as const;
