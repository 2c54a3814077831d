/**
 * Every route of the web and who may call it. A route that is missing here, or that says something else of itself, fails
 * test/console/routes.test.ts, which then asks each of them in every role.
 */
import type { Access } from '../../src/console/access/guard.ts';

export interface RouteRow {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The pattern, as the route has it. */
  readonly path: string;
  readonly access: Access;
  /** A path with ids that are there on the filled desk; needed only where PARAMETERS knows none. */
  readonly example?: string;
  /** Programs send here from anywhere; what they send proves itself. */
  readonly anyOrigin?: true;
  /** What its example names is somebody's own, or is not on the filled desk: no role sees it. */
  readonly isHiddenFromAll?: true;
  /** The answer goes on for as long as somebody listens. */
  readonly stream?: true;
}

/** What stands for a parameter of a path unless the row has an example: ids of the filled desk. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  ':agent': '1',
  ':reference': 'PD-1001',
  ':store': 'archive',
  ':workspace': 'ws_acme',
};

const row =
  (method: RouteRow['method']) =>
  (path: string, access: Access, more: Omit<RouteRow, 'method' | 'path' | 'access'> = {}): RouteRow => ({
    method,
    path,
    access,
    ...more,
  });
const get = row('GET');
const post = row('POST');
const erase = row('DELETE');

/** Of the delivery of the filled desk. */
export const DELIVERY = '11111111-1111-4111-8111-111111111111';
/** Of nothing that there is. */
const UUID = '00000000-0000-4000-8000-000000000000';

/** HEAD goes with every GET. The files under /assets/ are public, all of them, and not listed. */
export const ROUTES: readonly RouteRow[] = [
  // For everybody
  get('/', 'public'),
  get('/healthz', 'public'),
  get('/readyz', 'public'),
  get('/receipt-key', 'public'),
  get('/.well-known/purgedesk-receipt-key', 'public'),
  get('/c/:token', 'public', { example: `/c/${'A'.repeat(32)}` }),
  post('/c/:token', 'public', { example: `/c/${'A'.repeat(32)}` }),

  get('/s/:token', 'public', { example: `/s/${'A'.repeat(32)}` }),
  get('/s/:token/cancel/:reference', 'public', { example: `/s/${'A'.repeat(32)}/cancel/PD-1` }),
  post('/s/:token/cancel/:reference', 'public', { example: `/s/${'A'.repeat(32)}/cancel/PD-1` }),
  post('/s/:token/renew', 'public', { example: `/s/${'A'.repeat(32)}/renew` }),
  get('/s/:token/receipt/:reference', 'public', { example: `/s/${'A'.repeat(32)}/receipt/PD-1` }),
  get('/s/:token/certificate/:reference', 'public', { example: `/s/${'A'.repeat(32)}/certificate/PD-1` }),

  // For everybody, in the sandbox only
  get('/sandbox/people/:who', 'public', { example: '/sandbox/people/ada' }),
  get('/sandbox/people/:who/mails/:no', 'public', { example: '/sandbox/people/ada/mails/1' }),
  post('/sandbox/people/:who/mails', 'public', { example: '/sandbox/people/ada/mails' }),
  post('/sandbox/clock', 'public'),

  // For programs
  post('/csp-reports', 'public', { anyOrigin: true }),
  get('/api/suppressions/:workspace', 'token'),
  post('/callbacks/http-store/:store', 'public', { anyOrigin: true }),

  // Signing in and out, agents
  get('/sign-in', 'public'),
  post('/sign-in', 'public'),
  post('/sign-in/sample', 'public'),
  post('/sign-out', 'viewer'),
  get('/set-up/:link', 'public', { example: `/set-up/${'A'.repeat(43)}` }),
  post('/set-up/:link', 'public', { example: `/set-up/${'A'.repeat(43)}` }),
  get('/account', 'viewer'),
  post('/account/password', 'viewer'),
  get('/account/codes', 'viewer'),
  post('/account/codes', 'viewer'),
  post('/account/sessions', 'viewer'),
  get('/agents', 'admin'),
  post('/agents', 'admin'),
  get('/agents/:agent', 'admin'),
  post('/agents/:agent/role', 'admin'),
  post('/agents/:agent/enable', 'admin'),
  post('/agents/:agent/disable', 'admin'),
  post('/agents/:agent/reset', 'admin'),

  // Queue, search, live news
  get('/queue', 'viewer'),
  post('/queue/assign', 'agent'),
  get('/search', 'viewer', { example: '/search?q=acme' }),
  post('/queue/views', 'viewer'),
  post('/queue/views/:id/remove', 'viewer', { example: '/queue/views/1/remove' }),
  get('/live', 'viewer', { example: '/live?about=queue', stream: true }),

  // Tickets
  get('/tickets/:reference', 'viewer'),
  get('/tickets/:reference/receipt.json', 'viewer', { isHiddenFromAll: true }),
  get('/tickets/:reference/certificate.pdf', 'viewer', { isHiddenFromAll: true }),
  post('/tickets/:reference/viewing', 'viewer'),

  // Acts on tickets
  get('/tickets/:reference/hold', 'agent'),
  post('/tickets/:reference/hold', 'agent'),
  get('/tickets/:reference/release', 'agent'),
  post('/tickets/:reference/release', 'agent'),
  get('/tickets/:reference/note', 'agent'),
  post('/tickets/:reference/note', 'agent'),
  get('/tickets/:reference/correct', 'agent'),
  post('/tickets/:reference/correct', 'agent'),
  get('/tickets/:reference/checklist', 'agent'),
  post('/tickets/:reference/checklist', 'agent'),
  get('/tickets/:reference/retry', 'agent'),
  post('/tickets/:reference/retry', 'agent'),
  get('/tickets/:reference/approve', 'approver'),
  post('/tickets/:reference/approve', 'approver'),
  get('/tickets/:reference/vouch', 'approver'),
  post('/tickets/:reference/vouch', 'approver'),
  get('/tickets/:reference/residue', 'approver'),
  post('/tickets/:reference/residue', 'approver'),
  get('/tickets/:reference/cancel', 'approver'),
  post('/tickets/:reference/cancel', 'approver'),
  get('/tickets/:reference/reject', 'approver'),
  post('/tickets/:reference/reject', 'approver'),

  // Mails, outbox, templates
  get('/mails', 'viewer'),
  get('/mails/:id', 'viewer', { example: '/mails/1' }),
  get('/mails/:id/html', 'viewer', { example: '/mails/1/html' }),
  get('/mails/:id/raw', 'viewer', { example: '/mails/1/raw' }),
  get('/mails/:id/attachments/:no', 'viewer', { example: '/mails/1/attachments/1' }),
  get('/mails/:id/open', 'agent', { example: '/mails/1/open' }),
  post('/mails/:id/open', 'agent', { example: '/mails/1/open' }),
  post('/mails/:id/done', 'agent', { example: '/mails/1/done' }),
  get('/mails/:id/reply', 'agent', { example: '/mails/1/reply' }),
  post('/mails/:id/reply', 'agent', { example: '/mails/1/reply' }),
  get('/tickets/:reference/reply', 'agent'),
  post('/tickets/:reference/reply', 'agent'),
  get('/replies/:draft', 'agent', { example: `/replies/${UUID}`, isHiddenFromAll: true }),
  get('/replies/:draft/html', 'agent', { example: `/replies/${UUID}/html`, isHiddenFromAll: true }),
  post('/replies/:draft', 'agent', { example: `/replies/${UUID}`, isHiddenFromAll: true }),
  get('/outbox', 'viewer'),
  get('/outbox/undeliverable', 'viewer'),
  post('/outbox/undeliverable', 'agent'),
  get('/outbox/:id', 'viewer', { example: '/outbox/1' }),
  get('/outbox/:id/html', 'viewer', { example: '/outbox/1/html' }),
  post('/outbox/:id/retry', 'agent', { example: '/outbox/1/retry' }),
  post('/outbox/:id/give-up', 'approver', { example: '/outbox/1/give-up' }),
  get('/templates', 'viewer'),
  get('/templates/:name', 'viewer', { example: '/templates/received' }),
  get('/templates/:name/html', 'viewer', { example: '/templates/received/html' }),
  post('/templates/:name/test', 'admin', { example: '/templates/received/test' }),

  // Customers, sandbox

  // Operations, insight, directory, audit
  get('/operations', 'viewer'),
  post('/operations/halt', 'approver'),
  get('/operations/resume', 'approver'),
  post('/operations/resume', 'approver'),
  get('/operations/stores/:store', 'approver'),
  post('/operations/stores/:store/brake', 'approver'),
  post('/operations/stores/:store/release', 'approver'),
  post('/operations/audit-check', 'agent'),
  get('/directory', 'viewer'),
  get('/directory/workspaces/:workspace', 'viewer'),
  get('/directory/workspaces/:workspace/lift', 'approver'),
  post('/directory/workspaces/:workspace/lift', 'approver'),
  get('/directory/stops', 'viewer'),
  get('/directory/import', 'admin'),
  post('/directory/import', 'admin'),
  post('/directory/import/apply', 'admin'),
  get('/audit', 'viewer'),
  get('/insight', 'viewer'),
  get('/insight/csv/:table', 'viewer', { example: '/insight/csv/states' }),
  get('/queue.csv', 'viewer'),

  // API
  get('/metrics', 'token'),
  get('/api/docs', 'public'),
  get('/api-tokens', 'admin'),
  post('/api-tokens', 'admin'),
  post('/api-tokens/:id/revoke', 'admin', { example: '/api-tokens/1/revoke' }),
  get('/webhooks', 'viewer'),
  post('/webhooks/:id/redeliver', 'admin', { example: `/webhooks/${DELIVERY}/redeliver` }),
  get('/api/v1/openapi.json', 'public'),
  get('/api/v1/tickets', 'token'),
  get('/api/v1/tickets/:reference', 'token'),
  get('/api/v1/tickets/:reference/events', 'token'),
  get('/api/v1/tickets/:reference/mails', 'token'),
  get('/api/v1/tickets/:reference/receipt', 'token'),
  post('/api/v1/tickets/:reference/hold', 'token'),
  post('/api/v1/tickets/:reference/release', 'token'),
  post('/api/v1/tickets/:reference/cancel', 'token'),
  post('/api/v1/tickets/:reference/notes', 'token'),
  get('/api/v1/suppressions/:workspace', 'token'),
  get('/opendsr/discovery', 'public'),
  get('/opendsr/key', 'public'),
  post('/opendsr/requests', 'token'),
  get('/opendsr/requests/:id', 'token', { example: `/opendsr/requests/${UUID}` }),
  erase('/opendsr/requests/:id', 'token', { example: `/opendsr/requests/${UUID}` }),
];
