import type { FastifyInstance } from 'fastify';
import { RUNNING } from '../notices.ts';
import { overviewView } from '../views.ts';
import { type RouteContext, sendPage } from './route.ts';

/** The front door: in the sandbox everything at a glance, elsewhere only that the desk is running. */
export function overviewRoutes(app: FastifyInstance, { ports, pages }: RouteContext): void {
  app.get<{ Querystring: { readonly live?: unknown } }>(
    '/',
    { config: { access: 'public' } },
    async (request, reply) => {
      const overview = await ports.overview();
      if (overview === null) return sendPage(reply, 200, pages.render('notice', RUNNING));
      // Whoever reads or copies turns the refresh off; the address carries it, so nothing is stored.
      const isLive = request.query.live !== 'off';
      return sendPage(reply, 200, pages.render('overview', overviewView(overview, isLive)));
    },
  );
}
