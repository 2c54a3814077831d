/** What browsers tell of our content policy: a page of ours that breaks it is a fault, or somebody's script. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Site } from '../areas.ts';
import { rateLimit } from '../rate-limit.ts';
import { REPORTS } from '../security-headers.ts';

/** Bytes. A browser sends one report, or a few at once. */
const BODY_MAX = 16_384;
const REPORTS_MAX = 10;
const LIMIT = { takesMax: 60, windowMs: 60_000, addressesMax: 10_000 };
/** Lines in the log; more are counted only. */
const LINES = { takesMax: 20, windowMs: 60_000, addressesMax: 1 };

/**
 * Anybody can send here, so nothing of a report is taken over as it is: the directive's name if it is one, the part of
 * the desk that the page belongs to, and of what kind the thing was.
 */
export async function reportRoutes(app: FastifyInstance, site: Site): Promise<void> {
  const nowMs = () => performance.now();
  const senders = rateLimit({ ...LIMIT, nowMs });
  const lines = rateLimit({ ...LINES, nowMs });
  const parts = new Set(['/', '/c', '/receipt-key']);
  app.addHook('onRoute', ({ url }) => {
    parts.add(firstPart(url));
  });
  let count = 0;
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      ['application/csp-report', 'application/reports+json'],
      { parseAs: 'string', bodyLimit: BODY_MAX },
      (_request, body, done) => done(null, body),
    );
    scope.post(REPORTS, { config: { access: 'public' } }, async (request, reply) => {
      if (senders.take(request.ip) > 0) return reply.code(429).send();
      for (const report of reportsIn(request.body)) {
        count += 1;
        if (lines.take('all') > 0) continue;
        site.log('warn', 'a browser kept a page from doing what our policy forbids', {
          directive: DIRECTIVE.test(report.directive) ? report.directive : 'unknown',
          page: partOf(report.page, parts, site),
          blocked: kindOf(report.blocked, site),
          count,
        });
      }
      return reply.code(204).send();
    });
  });
}

interface Report {
  readonly directive: string;
  readonly page: string;
  readonly blocked: string;
}

const field = z.string().max(4_096).catch('');
const OLD = z.object({
  'csp-report': z.object({
    'effective-directive': field,
    'violated-directive': field,
    'document-uri': field,
    'blocked-uri': field,
  }),
});
const NEW = z.object({
  type: z.literal('csp-violation'),
  body: z.object({ effectiveDirective: field, documentURL: field, blockedURL: field }),
});

/** Both forms in which browsers send them; whatever is neither is none. */
function reportsIn(body: unknown): readonly Report[] {
  const sent = typeof body === 'string' ? parsed(body) : null;
  const old = OLD.safeParse(sent);
  if (old.success) {
    const report = old.data['csp-report'];
    const directive = report['effective-directive'] || (report['violated-directive'].split(' ')[0] ?? '');
    return [{ directive, page: report['document-uri'], blocked: report['blocked-uri'] }];
  }
  return (Array.isArray(sent) ? sent.slice(0, REPORTS_MAX) : []).flatMap((item) => {
    const one = NEW.safeParse(item);
    if (!one.success) return [];
    const { effectiveDirective, documentURL, blockedURL } = one.data.body;
    return [{ directive: effectiveDirective, page: documentURL, blocked: blockedURL }];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const DIRECTIVE = /^[a-z-]{3,40}$/;

const firstPart = (path: string): string => `/${path.split('/')[1] ?? ''}`;

/** `/tickets/…`: what comes after may be a secret, and what is no part of ours somebody made up. */
function partOf(page: string, parts: ReadonlySet<string>, { origin, base }: Site): string {
  if (!URL.canParse(page)) return 'unknown';
  const url = new URL(page);
  if (url.origin !== origin || !url.pathname.startsWith(`${base}/`)) return 'elsewhere';
  const part = firstPart(url.pathname.slice(base.length));
  return parts.has(part) ? part : 'unknown';
}

function kindOf(blocked: string, { origin }: Site): string {
  if (['inline', 'eval', 'wasm-eval', 'trusted-types-sink', 'trusted-types-policy'].includes(blocked))
    return blocked;
  if (!URL.canParse(blocked)) return 'unknown';
  return new URL(blocked).origin === origin ? 'ours' : 'elsewhere';
}
