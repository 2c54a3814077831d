import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { AGAIN } from './access/again.ts';
import { guardRoutes } from './access/guard.ts';
import type { AccessPorts } from './access/ports.ts';
import { type Alarm, watchAlarms } from './alarms.ts';
import type { Area, Site } from './areas.ts';
import { consoleHome, loadAssets } from './assets.ts';
import { listen, type RunningConsole } from './listening.ts';
import { FAULT, NOT_FOUND, OLD_FORM, UNREADABLE } from './notices.ts';
import { loadPages } from './pages.ts';
import type { ConsoleLog, ConsolePorts } from './ports.ts';
import { assetRoutes } from './routes/assets.ts';
import { callbackRoutes } from './routes/callbacks.ts';
import { confirmationRoutes } from './routes/confirmation.ts';
import { healthRoutes } from './routes/health.ts';
import { keyRoutes } from './routes/keys.ts';
import { overviewRoutes } from './routes/overview.ts';
import { codeOf, type RouteContext, sendPage } from './routes/route.ts';
import { suppressionRoutes } from './routes/suppressions.ts';
import { securityHeaders, sendHeaders } from './security-headers.ts';
import { shellOf } from './shell.ts';

export interface ConsoleOptions {
  readonly ports: ConsolePorts;
  /** Who is signed in; nobody, if left out. */
  readonly access?: AccessPorts;
  /** What agents must know on whatever page they are; nothing, if left out. Asked for with every page, so it must be quick. */
  readonly alarms?: () => Promise<readonly Alarm[]>;
  /** What there is beside the pages that everybody can reach; nothing, if left out. */
  readonly areas?: readonly Area[];
  /** Where visitors reach the desk; its path, if any, begins every link, and a proxy takes it off again. */
  readonly publicUrl: string;
  readonly log: ConsoleLog;
}

/**
 * Serves the web pages until `close`.
 * @param options.port - 0 = any free one
 * @throws PurgedeskError `PD_CONFIG_INVALID` when the address is taken or not allowed
 */
export async function startConsole(
  options: ConsoleOptions & { readonly host: string; readonly port: number },
): Promise<RunningConsole> {
  return listen(await buildConsole(options), options);
}

/** The pages without a network: requests are injected. */
export async function buildConsole(options: ConsoleOptions): Promise<FastifyInstance> {
  const published = new URL(options.publicUrl);
  const base = published.pathname.replace(/\/+$/, '');
  const home = consoleHome();
  const assets = loadAssets(home);
  const pages = loadPages(home, { base, version: assets.version });
  const { origin } = published;
  const context: RouteContext = { ports: options.ports, pages, base, origin, log: options.log };

  const site: Site = {
    base,
    origin,
    log: options.log,
    show: (request, reply, page, view, status = 200) =>
      sendPage(reply, status, pages.renderPage(page, view, { desk: shellOf(request, base) })),
    showPublic: (reply, page, view, status = 200) => sendPage(reply, status, pages.renderPage(page, view)),
    hide: (_request, reply) => sendPage(reply, 404, pages.render('notice', NOT_FOUND)),
  };

  const app = Fastify(LIMITS);
  sendHeaders(app, base);
  await app.register(helmet, securityHeaders(published.protocol === 'https:', base));
  await app.register(cookie);
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex, nofollow' });
  });
  // Forms are all that pages send; whatever else comes is refused unread.
  app.removeAllContentTypeParsers();
  await app.register(formbody, { bodyLimit: LIMITS.bodyLimit });
  guardRoutes(app, {
    access: options.access ?? NOBODY,
    base,
    origin,
    hide: site.hide,
    askAgain: (request, reply) =>
      site.showPublic(reply, AGAIN, { page: { title: 'One moment' }, href: `${base}${request.url}` }),
    refuseForm: (_request, reply) => sendPage(reply, 403, pages.render('notice', OLD_FORM)),
  });
  watchAlarms(app, options);
  app.setNotFoundHandler((request, reply) => site.hide(request, reply));
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = statusOf(error);
    if (status >= 500) {
      // The route's pattern, never the URL: a link is a secret.
      const route = request.routeOptions.url ?? 'none';
      options.log('error', 'a page could not be made', { route, method: request.method, ...codeOf(error) });
    }
    return sendPage(reply, status, pages.render('notice', status >= 500 ? FAULT : UNREADABLE));
  });

  healthRoutes(app, context);
  assetRoutes(app, assets);
  confirmationRoutes(app, context);
  keyRoutes(app, context);
  overviewRoutes(app, context);
  suppressionRoutes(app, context);
  await callbackRoutes(app, context);
  for (const area of options.areas ?? []) await area(app, site);
  return app;
}

const NOBODY: AccessPorts = { findSession: async () => null };
const URL_LENGTH_MAX = 2_048;
const NOWHERE = '/nothing-here';

const LIMITS = {
  // Requests carry links that are secrets; what is worth a line is logged by hand.
  logger: false,
  /** Bytes. A form is six digits. */
  bodyLimit: 4_096,
  /** A silent connection. */
  connectionTimeout: 30_000,
  /** A request that arrives drop by drop. */
  requestTimeout: 15_000,
  /** An answer that does not come, as when the database hangs. */
  handlerTimeout: 15_000,
  keepAliveTimeout: 5_000,
  maxRequestsPerSocket: 1_000,
  // The proxy in front is on this machine; from anywhere else the header is a visitor's own word.
  trustProxy: 'loopback',
  routerOptions: { maxParamLength: URL_LENGTH_MAX },
  // Fastify answers such addresses before any hook runs: without our headers, in JSON, repeating the address.
  rewriteUrl: (request: { url?: string | undefined }) =>
    isReadable(request.url ?? '') ? (request.url ?? NOWHERE) : NOWHERE,
};

function isReadable(url: string): boolean {
  if (url.length > URL_LENGTH_MAX) return false;
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '');
    return true;
  } catch {
    return false;
  }
}

const statusOf = (error: FastifyError): number =>
  error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 600
    ? error.statusCode
    : 500;
