/** Who else looks at a ticket: told by their browsers every so often, and forgotten soon. Never a lock. */
import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import { parseReference, type TicketId } from '../../domain/ids.ts';
import type { Site } from '../areas.ts';

const SHOWN_SECONDS = 60;
const NAMED_MAX = 5;

export async function viewersOf(db: Knex, ticket: TicketId, exceptAgent: number): Promise<readonly string[]> {
  const found = await db.raw<{ rows: { name: string }[] }>(VIEWERS, {
    ticket,
    agent: exceptAgent,
    seconds: SHOWN_SECONDS,
    most: NAMED_MAX,
  });
  return found.rows.map(({ name }) => name);
}

const VIEWERS = `
  select a.name from ticket_viewers v join agents a on a.id = v.agent_id
  where v.ticket_id = :ticket and v.agent_id <> :agent and a.disabled_at is null
    and v.seen_at > clock_timestamp() - make_interval(secs => :seconds)
  order by a.name limit :most`;

export function presenceRoutes(app: FastifyInstance, site: Site, db: Knex): void {
  app.post('/tickets/:reference/viewing', { config: { access: 'viewer' } }, async (request, reply) => {
    const id = parseReference((request.params as { readonly reference: string }).reference);
    const { agent } = request;
    if (id === null || agent === null) return site.hide(request, reply);
    const seen = await db.raw<{ rowCount: number }>(SEEN, { ticket: id, agent: agent.agentId });
    if (seen.rowCount === 0) return site.hide(request, reply);
    await db.raw(FORGET, { seconds: SHOWN_SECONDS });
    return reply
      .type('application/json; charset=utf-8')
      .send({ also: await viewersOf(db, id, agent.agentId) });
  });
}

const SEEN = `
  insert into ticket_viewers (ticket_id, agent_id) select id, cast(:agent as bigint) from tickets where id = :ticket
  on conflict (ticket_id, agent_id) do update set seen_at = clock_timestamp()`;

const FORGET = `delete from ticket_viewers where seen_at < clock_timestamp() - make_interval(secs => :seconds)`;
