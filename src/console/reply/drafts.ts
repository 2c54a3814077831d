/** What agents write before it goes out: kept for a day, seen by its author alone, and sent once. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { About, Words } from './ports.ts';

export interface Draft extends Words {
  readonly id: string;
  readonly about: About;
  /** The mail that it became. */
  readonly sentAs: number | null;
}

/** @returns its id */
export async function keepDraft(db: Knex, agentId: number, about: About, words: Words): Promise<string> {
  const id = randomUUID();
  await db('reply_drafts').insert({
    id,
    agent_id: agentId,
    ...('ticket' in about ? { ticket_id: about.ticket } : { message_id: about.mail }),
    template: words.template,
    locale: words.locale,
    words: words.words,
  });
  return id;
}

/** `null` = it is not this agent's, is unknown, or its day is over. */
export async function draftOf(db: Knex, agentId: number, id: string): Promise<Draft | null> {
  const found = await db.raw<{ rows: DraftRow[] }>(FIND, [id, agentId, DRAFT_HOURS]);
  const [row] = found.rows;
  if (row === undefined) return null;
  const about = row.ticket_id === null ? { mail: row.message_id ?? 0 } : { ticket: row.ticket_id };
  const { template, locale, words, outbox_id: sentAs } = row;
  return { id, about, template, locale, words, sentAs };
}

/** Its words are in the mail from now on. */
export async function markSent(db: Knex, id: string, mail: number): Promise<void> {
  await db('reply_drafts').where({ id }).update({ outbox_id: mail, words: '' });
}

/** For a job: drafts hold what people asked and how they are called. */
export async function forgetDrafts(db: Knex): Promise<void> {
  await db.raw(FORGET, [DRAFT_HOURS]);
}

const DRAFT_HOURS = 24;

interface DraftRow {
  readonly ticket_id: number | null;
  readonly message_id: number | null;
  readonly template: string;
  readonly locale: string;
  readonly words: string;
  readonly outbox_id: number | null;
}

const FIND = `
  select ticket_id, message_id, template, locale, words, outbox_id from reply_drafts
  where id = ? and agent_id = ? and created_at > clock_timestamp() - make_interval(hours => ?)`;

const FORGET = `delete from reply_drafts where created_at < clock_timestamp() - make_interval(hours => ?)`;
