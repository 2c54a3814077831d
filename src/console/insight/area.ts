import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { csvLine } from '../../domain/csv.ts';
import type { Area } from '../areas.ts';
import { page } from '../pages.ts';
import { readQuery } from '../queue/filter.ts';
import { periodOf } from './period.ts';
import type { InsightPorts } from './ports.ts';
import { readInsight } from './read-days.ts';
import { TABLES, type TableName, tableOf } from './tables.ts';
import { ticketLines } from './ticket-lines.ts';
import { type InsightView, insightView } from './view.ts';

const INSIGHT = page<InsightView>('insight/show');

/** How requests came and went, for people who would rather look than read; and the same for spreadsheets. */
export const insightArea =
  (ports: InsightPorts): Area =>
  (app, site) => {
    app.get('/insight', { config: { access: 'viewer' } }, async (request, reply) => {
      const now = await ports.now();
      const period = periodOf(request.query, now);
      const insight = await readInsight(ports.db, period);
      return site.show(request, reply, INSIGHT, insightView(insight, period, now, site.base));
    });

    app.get('/insight/csv/:table', { config: { access: 'viewer' } }, async (request, reply) => {
      const { table } = request.params as { readonly table: string };
      if (!isTable(table)) return site.hide(request, reply);
      const period = periodOf(request.query, await ports.now());
      const { head, rows } = tableOf(table, await readInsight(ports.db, period), period);
      return asFile(reply, `${table}-${period.from}-${period.to}`).send(
        MARK + [head, ...rows].map(csvLine).join(''),
      );
    });

    // The list of the queue as it is filtered there.
    app.get('/queue.csv', { config: { access: 'viewer' } }, async (request, reply) => {
      const { filter } = readQuery(request.query);
      const lines = ticketLines(ports.db, filter, request.agent?.agentId ?? 0);
      return asFile(reply, 'tickets').send(Readable.from(marked(lines)));
    });
  };

/** Without it spreadsheets read UTF-8 as something else; `purgedesk directory import` and others skip it. */
const MARK = '\uFEFF';

async function* marked(lines: AsyncIterable<string>): AsyncGenerator<string> {
  yield MARK;
  yield* lines;
}

const isTable = (name: string): name is TableName => TABLES.some((table) => table === name);

const asFile = (reply: FastifyReply, name: string): FastifyReply =>
  reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${name}.csv"`);
