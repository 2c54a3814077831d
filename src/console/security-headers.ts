import type { FastifyInstance } from 'fastify';

/** Where browsers tell what our policy kept a page from doing; below the path of the desk. */
export const REPORTS = '/csp-reports';

/** What every answer carries. Pages for everybody run no script at all. */
export const securityHeaders = (isSecure: boolean, base: string) => ({
  contentSecurityPolicy: { useDefaults: false, directives: reported(PUBLIC, base) },
  // A link must not travel in a Referer. It makes browsers send `Origin: null` with our own forms.
  referrerPolicy: { policy: 'no-referrer' as const },
  xFrameOptions: { action: 'deny' as const },
  strictTransportSecurity: isSecure ? { maxAge: 31_536_000, includeSubDomains: false } : (false as const),
});

/** Pages for agents run our one script, which may turn our own pages into elements and nothing else. Before any route. */
export function sendHeaders(app: FastifyInstance, base: string): void {
  app.addHook('onRoute', (route) => {
    const access = route.config?.access;
    if (access === undefined || access === 'public' || access === 'token') return;
    route.helmet ??= { contentSecurityPolicy: { useDefaults: false, directives: reported(AGENTS, base) } };
  });
}

/** Of the two ways to ask for reports this is the one that every browser knows, also without TLS. */
const reported = <Directives extends object>(directives: Directives, base: string) => ({
  ...directives,
  reportUri: [`${base}${REPORTS}`],
});

const PUBLIC = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
  requireTrustedTypesFor: ["'script'"],
  trustedTypes: ["'none'"],
  // On a machine without TLS the browser would look for the stylesheet at https:// and find nothing.
  upgradeInsecureRequests: null,
};

/** For a page for everybody that shows a mail in a frame. */
export const FRAMING = {
  contentSecurityPolicy: { useDefaults: false, directives: { ...PUBLIC, frameSrc: ["'self'"] } },
};

const AGENTS = {
  ...PUBLIC,
  scriptSrc: ["'self'"],
  connectSrc: ["'self'"],
  frameSrc: ["'self'"],
  trustedTypes: ['purgedesk'],
};
