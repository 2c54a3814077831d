/** Whether a mail that was written for an earlier decision still tells the truth. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { parseReference } from '../domain/ids.ts';
import type { MailFacts, TemplateName, TicketFacts } from '../domain/mail-facts.ts';
import type { HoldReason } from '../domain/ticket.ts';
import { type FactRow, factRowsOf } from './queue-mails.ts';

/** They tell of nothing that passes; nor does a sample. */
const LASTING: readonly TemplateName[] = ['agent_reply', 'pointers'];

/** Holds that customers are told of by a mail of their own. */
const TOLD: readonly HoldReason[] = ['billing', 'export', 'doubtful_cancel'];

/** Its code can still be answered, and its tickets stand where they stood. */
export async function isStillTrue(trx: Knex.Transaction, facts: MailFacts): Promise<boolean> {
  if (LASTING.includes(facts.template) || facts.test === true) return true;
  if (facts.challenge !== null && !(await isAnswerable(trx, facts.challenge.id))) return false;
  const ids = facts.tickets.map(({ reference }) => parseReference(reference));
  const rows = await factRowsOf(
    trx,
    ids.filter((id) => id !== null),
  );
  return facts.tickets.every((told, at) => {
    const row = rows.get(ids[at] ?? 0);
    return row !== undefined && isSame(told, row);
  });
}

async function isAnswerable(trx: Knex.Transaction, id: string): Promise<boolean> {
  const open = await trx('challenges')
    .select('id')
    .where({ id, answered_at: null, voided_at: null })
    .where('tries_left', '>', 0)
    .where('expires_at', '>', await deskNow(trx))
    .first();
  return open !== undefined;
}

const isSame = (told: TicketFacts, row: FactRow): boolean =>
  told.state === row.state &&
  told.asks.join() === row.asks.join() &&
  told.verified === (row.verified_at !== null) &&
  told.graceEndsAt === (row.grace_ends_at?.toISOString() ?? null) &&
  told.notBefore === (row.not_before?.toISOString() ?? null) &&
  TOLD.every((reason) => told.holds.includes(reason) === row.holds.includes(reason));
