import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseReference, type TicketId } from '../../domain/ids.ts';
import { readActionFacts } from '../actions/facts.ts';
import { actionPanel } from '../actions/panel.ts';
import type { Area } from '../areas.ts';
import { page } from '../pages.ts';
import { chosenMail } from './mail-panel.ts';
import type { TicketPorts } from './ports.ts';
import { presenceRoutes, viewersOf } from './presence.ts';
import { readTicket, type TicketRecord } from './read-ticket.ts';
import { receiptRoutes } from './receipt-routes.ts';
import { TIMELINE_KINDS } from './timeline.ts';
import { type TicketView, ticketView } from './view.ts';

const TICKET = page<TicketView>('ticket/show');

/** Everything about one ticket on one page. Nothing here changes a ticket. */
export const ticketArea =
  (ports: TicketPorts): Area =>
  (app, site) => {
    app.get('/tickets/:reference', { config: { access: 'viewer' } }, async (request, reply) => {
      const id = referenceIn(request);
      const { agent } = request;
      if (id === null || agent === null) return site.hide(request, reply);
      const [record, facts] = await Promise.all([readTicket(ports.db, id), readActionFacts(ports.db, id)]);
      if (record === null) return site.hide(request, reply);
      const { show: kind, from, mail, sent } = QUERY.parse(request.query);
      const [words, letter, progress, receipt, viewers] = await Promise.all([
        chosenWords(ports, record, mail),
        sent === null ? null : ports.sent(sent, id),
        record.ticket.state === 'purging' ? ports.progress(id) : null,
        record.ticket.has_receipt ? ports.receipts.check(id) : null,
        viewersOf(ports.db, id, agent.agentId),
      ]);
      const view = ticketView(record, {
        base: site.base,
        wanted: { kind, from },
        ports,
        mail: words,
        sent: sent === null || letter === null ? null : { id: sent, ...letter },
        actions: facts === null ? null : actionPanel(facts, agent),
        progress,
        receipt,
        viewers,
      });
      return site.show(request, reply, TICKET, view);
    });
    presenceRoutes(app, site, ports.db);
    receiptRoutes(app, site, ports.receipts);
  };

const MAIL = z.coerce.number().int().min(1).max(1e15).nullable().catch(null);

/** What cannot be read is as if it had not been asked for. */
const QUERY = z.object({
  show: z.enum(TIMELINE_KINDS).catch('all'),
  from: z.coerce.number().int().min(0).max(100_000).catch(0),
  mail: MAIL,
  sent: MAIL,
});

/** A mail is read only for whoever asks for it: the page itself is as fast as its look-ups. */
async function chosenWords({ mails }: TicketPorts, record: TicketRecord, asked: number | null) {
  const row = chosenMail(record, asked);
  if (row === null || !row.has_raw) return row === null ? null : { row, words: null };
  return { row, words: asked === null ? await mails.atHand(row.id) : await mails.read(row.id) };
}

const referenceIn = ({ params }: FastifyRequest): TicketId | null =>
  parseReference((params as { readonly reference: string }).reference);
