import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Knex } from 'knex';
import { parseReference } from '../../domain/ids.ts';
import type { Area, Site } from '../areas.ts';
import { codeOf } from '../routes/route.ts';
import { type News, openNews } from './news.ts';
import type { About, LivePorts } from './ports.ts';
import { hasTicket, openVersions } from './versions.ts';

/** Shorter than what proxies wait for a byte, and than a silent connection may last here. */
const HEARTBEAT_MS = 15_000;
/** How soon a browser may ask again, in seconds, where too many listen. */
const RETRY_SECONDS = 30;

/**
 * `/live?about=queue` and `/live?about=PD-1042`: server-sent events. `change`: ask for the page again. `end`: the session
 * is over. What changed is not said here: the page knows what its reader may see.
 */
export const liveArea =
  (db: Knex, ports: LivePorts): Area =>
  (app, site) => {
    const news = openNews(openVersions(db), (error) =>
      site.log('warn', 'what changed cannot be read; it is tried again', codeOf(error)),
    );
    // Before the server waits for answers to end, which these would never do by themselves.
    app.addHook('preClose', async () => news.close());
    app.get(
      '/live',
      { config: { access: 'viewer', isUnattended: true }, exposeHeadRoute: false },
      async (request, reply) => {
        const about = aboutOf(request);
        if (about === null || (typeof about === 'number' && !(await hasTicket(db, about))))
          return site.hide(request, reply);
        return send(request, reply, { about, news, ports, site });
      },
    );
  };

function aboutOf({ query }: FastifyRequest): About | null {
  const { about } = query as Readonly<Record<string, unknown>>;
  if (typeof about !== 'string') return null;
  return about === 'queue' || about === 'operations' ? about : parseReference(about);
}

interface Sending {
  readonly about: About;
  readonly news: News;
  readonly ports: LivePorts;
  readonly site: Site;
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { about, news, ports, site }: Sending,
): FastifyReply {
  const { raw } = reply;
  // Gone while its session was looked up: nothing would ever tell of its end.
  const isGone = (): boolean => raw.destroyed || request.raw.socket.destroyed;
  if (isGone()) return reply.hijack();
  const token = request.sessionToken ?? '';
  const agentId = request.agent?.agentId ?? 0;
  const end = (event: string): void => {
    stop?.();
    clearInterval(heartbeat);
    raw.end(event);
  };
  const stop = news.listen({
    about,
    agentId,
    tell: () => void raw.write('event: change\ndata:\n\n'),
    end: () => end(''),
  });
  if (stop === null) return reply.code(503).header('retry-after', RETRY_SECONDS).send();
  // A session that ended elsewhere ends here: at the next heartbeat.
  const heartbeat = setInterval(() => {
    if (isGone()) return end('');
    ports.isSignedIn(token).then(
      (isIn) => (isIn ? raw.write(':\n\n') : end('event: end\ndata:\n\n')),
      (error) => {
        site.log('warn', 'a session cannot be looked up', codeOf(error));
        end('');
      },
    );
  }, ports.heartbeatMs ?? HEARTBEAT_MS);
  heartbeat.unref();
  raw.on('close', () => end(''));
  // The answer never ends by itself: the time limit of pages is not for it.
  reply.hijack();
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    // Some proxies keep an answer until it is whole.
    'x-accel-buffering': 'no',
  });
  raw.write(':\n\n');
  return reply;
}
