import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import { z } from 'zod';
import { parseReference, referenceOf, type TicketId } from '../../domain/ids.ts';
import type { Site } from '../areas.ts';
import { page } from '../pages.ts';
import type { QueuePorts } from './ports.ts';
import { search } from './search.ts';
import { emptySearch, type SearchView, searchView } from './search-view.ts';

const SEARCH = page<SearchView>('queue/search');
/** UTF-16 code units. */
const TEXT_MAX = 200;

const number = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const QUERY = z.object({
  q: z
    .string()
    // No NUL, which no text in the database can hold, and no half of a sign.
    .transform((text) => text.toWellFormed().replaceAll('\0', ' ').trim().slice(0, TEXT_MAX).toWellFormed())
    .catch(''),
  tickets: number.nullable().catch(null),
  mails: number.nullable().catch(null),
});

/** `/search?q=`: one field for everything that an agent may have of a ticket or a mail. */
export function searchRoutes(
  { db, sentence }: Pick<QueuePorts, 'db' | 'sentence'>,
  app: FastifyInstance,
  { base, show }: Site,
): void {
  app.get('/search', { config: { access: 'viewer' } }, async (request, reply) => {
    const { q: text, tickets, mails } = QUERY.parse(request.query);
    if (text === '') return show(request, reply, SEARCH, emptySearch(''));
    const known = await ticketNamed(db, text);
    if (known !== null) return reply.redirect(`${base}/tickets/${referenceOf(known)}`, 303);
    const wanted = { text, ticketsBefore: tickets, mailsBefore: mails };
    return show(request, reply, SEARCH, searchView(wanted, await search(db, wanted), { base, sentence }));
  });
}

/** `PD-1042`, or just `1042`, where there is such a ticket. */
async function ticketNamed(db: Knex, text: string): Promise<TicketId | null> {
  const id = parseReference(text) ?? parseReference(`PD-${text}`);
  if (id === null) return null;
  return (await db('tickets').select('id').where({ id }).first()) === undefined ? null : id;
}
