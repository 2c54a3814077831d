/** Finds tickets and mails by what an agent has of them: a number, a workspace, an address, words. Reads only. */
import type { Knex } from 'knex';
import type { Disposition } from '../../domain/mail.ts';
import { CODES_OPEN, type MayHoldCode, shieldedSubject } from '../mails/secret-open.ts';
import { readRows, type TicketRow } from './read-queue.ts';

const FOUND_A_PAGE = 25;
/** A search that takes longer has too many hits to be of use. */
const SEARCH_MS_MAX = 3_000;
/** Workspaces of like name: more than one means by a search. */
const WORKSPACES_MAX = 50;

export interface Search {
  /** Trimmed, not empty. */
  readonly text: string;
  /** Only tickets, or mails, with a lower number; `null` = from the newest on. */
  readonly ticketsBefore: number | null;
  readonly mailsBefore: number | null;
}

export interface FoundMail extends MayHoldCode {
  readonly id: number;
  readonly arrived_at: Date;
  readonly author: string | null;
  readonly subject: string | null;
  readonly disposition: Disposition | null;
  readonly needs_agent: boolean;
  /** Numbers of the tickets of its conversation. */
  readonly tickets: readonly number[];
}

export interface Found {
  readonly tickets: readonly TicketRow[];
  readonly moreTickets: boolean;
  readonly mails: readonly FoundMail[];
  readonly moreMails: boolean;
}

/** `too_broad`: it names only what must not occur, or too much fits. */
export type SearchEnd = { readonly kind: 'found'; readonly found: Found } | { readonly kind: 'too_broad' };

export async function search(db: Knex, wanted: Search): Promise<SearchEnd> {
  try {
    return await db.transaction(async (trx) => {
      await trx.raw(`set transaction read only; set local statement_timeout = ${SEARCH_MS_MAX}`);
      if (!(await canBeSearched(trx, wanted.text))) return { kind: 'too_broad' };
      const ids = await ticketIds(trx, wanted);
      const mails = await mailsOf(trx, wanted);
      const tickets = await readRows(trx, ids.slice(0, FOUND_A_PAGE));
      return {
        kind: 'found',
        found: {
          tickets,
          moreTickets: ids.length > FOUND_A_PAGE,
          mails: mails.slice(0, FOUND_A_PAGE),
          moreMails: mails.length > FOUND_A_PAGE,
        },
      };
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === OUT_OF_TIME) return { kind: 'too_broad' };
    throw error;
  }
}

/** SQLSTATE `query_canceled`. */
const OUT_OF_TIME = '57014';

/** Whether words are left that an index can look up: `-delete` alone would go through everything. */
async function canBeSearched(trx: Knex.Transaction, text: string): Promise<boolean> {
  const found = await trx.raw<{ rows: [{ tree: string }] }>(
    `select querytree(websearch_to_tsquery('simple', ?)) as tree`,
    [text],
  );
  return found.rows[0].tree !== 'T';
}

async function ticketIds(trx: Knex.Transaction, wanted: Search): Promise<readonly number[]> {
  const { text, ticketsBefore } = wanted;
  const name = text.toLowerCase();
  const named = await trx.raw<{ rows: { id: string }[] }>(WORKSPACES, { text, name, most: WORKSPACES_MAX });
  // As values, not as another query: the planner then knows that few tickets have them.
  const workspaces = named.rows.map(({ id }) => id);
  const found = await trx.raw<{ rows: { id: number }[] }>(workspaces.length === 0 ? BY_REQUESTER : TICKETS, {
    name,
    workspaces,
    before: ticketsBefore ?? Number.MAX_SAFE_INTEGER,
    limit: FOUND_A_PAGE + 1,
  });
  return found.rows.map(({ id }) => id);
}

const WORKSPACES = `
  select id from workspaces where id = :text or slug = :name
  union
  (select id from workspaces
   where to_tsvector('simple', slug || ' ' || name) @@ websearch_to_tsquery('simple', :text) limit :most)`;

const BY_REQUESTER = `
  select t.id from tickets t where t.requester = :name and t.id < :before order by t.id desc limit :limit`;

const TICKETS = `
  select id from (
    (${BY_REQUESTER})
    union
    (select t.id from tickets t where t.workspace_ids && cast(:workspaces as text[]) and t.id < :before
     order by t.id desc limit :limit)
  ) found order by id desc limit :limit`;

/**
 * Words that few mails have are looked up in the index, and what they are in is put in order. Words that many have are
 * met soon by going through the mails from the newest on. Which of the two it is, only the index knows.
 */
async function mailsOf(trx: Knex.Transaction, { text, mailsBefore }: Search): Promise<readonly FoundMail[]> {
  const before = mailsBefore ?? Number.MAX_SAFE_INTEGER;
  const hits = await trx.raw<{ rows: { id: number }[] }>(HITS, { text, most: HITS_MAX + 1 });
  const isRare = hits.rows.length <= HITS_MAX;
  const ids = hits.rows.map(({ id }) => id).filter((id) => id < before);
  const newest = ids.sort((one, other) => other - one).slice(0, FOUND_A_PAGE + 1);
  const found = await trx.raw<{ rows: FoundMail[] }>(
    isRare ? MAILS_BY_NUMBER : MAILS,
    isRare ? { ids: newest } : { text, before, limit: FOUND_A_PAGE + 1 },
  );
  return found.rows.map(shieldedSubject);
}

/** Beyond this many, one mail in a few hundred has the words even where there are a million. */
const HITS_MAX = 3_000;

const HITS = `select id from messages where words @@ websearch_to_tsquery('simple', :text) limit :most`;

const COLUMNS = `
  select m.id, m.arrived_at, m.author, m.subject, ${CODES_OPEN} as codes_open, m.disposition, m.needs_agent,
    array(select t.id from tickets t where t.conversation_id = m.conversation_id order by t.id limit 20) as tickets
  from messages m`;

const MAILS_BY_NUMBER = `${COLUMNS} where m.id = any(:ids) order by m.id desc`;

const MAILS = `${COLUMNS}
  where m.words @@ websearch_to_tsquery('simple', :text) and m.id < :before
  order by m.id desc limit :limit`;
