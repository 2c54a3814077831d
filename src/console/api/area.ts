/** What programs ask for: REST, OpenDSR, metrics; and the pages on which people look after it. */
import type { FastifyInstance } from 'fastify';
import type { Area } from '../areas.ts';
import { actOperations } from './acts.ts';
import { docsPage } from './docs-page.ts';
import { metricsRoute } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { openDsrOperations } from './opendsr.ts';
import { IDENTITY, OPENDSR_VERSION } from './opendsr-schemas.ts';
import type { Operation } from './operation.ts';
import type { ApiPorts } from './ports.ts';
import { type ApiServer, apiServer, serveOperation, speakJson } from './serve.ts';
import { suppressionOperation } from './suppressions.ts';
import { ticketOperations } from './tickets.ts';
import { tokenPages } from './tokens-page.ts';
import { webhookPages } from './webhooks-page.ts';

const REST = '/api/v1';
const PEERS = '/opendsr';

/** @param version - of this program */
export const apiArea =
  (ports: ApiPorts, version: string): Area =>
  async (app, site) => {
    const server = apiServer(ports, site.log);
    const rest = [...ticketOperations, ...actOperations(ports), suppressionOperation(ports)];
    const peers = openDsrOperations(ports);
    const all = [...rest, ...peers];
    const document = openApiDocument(all, ports.publicUrl, version);
    await app.register(async (scope) => serveRest(scope, server, rest, document), { prefix: REST });
    await app.register(async (scope) => servePeers(scope, server, peers), { prefix: PEERS });
    metricsRoute(app, server);
    docsPage(app, site, all, document);
    tokenPages(app, site, ports);
    webhookPages(app, site, ports);
  };

function serveRest(
  scope: FastifyInstance,
  server: ApiServer,
  operations: readonly Operation[],
  document: object,
): void {
  speakJson(scope, server.log);
  for (const operation of operations) serveOperation(scope, server, operation, REST);
  scope.get('/openapi.json', { config: { access: 'public' } }, async (_request, reply) =>
    reply.send(document),
  );
}

/** Every answer is signed, so that a peer knows whose word it is. */
function servePeers(scope: FastifyInstance, server: ApiServer, peers: readonly Operation[]): void {
  const { ports } = server;
  const domain = new URL(ports.publicUrl).hostname;
  speakJson(scope, server.log);
  scope.addHook('onSend', async (_request, reply, payload) => {
    if (typeof payload === 'string')
      reply.headers({
        'x-opendsr-processor-domain': domain,
        'x-opendsr-signature': ports.signForPeers(payload),
      });
    return payload;
  });
  for (const operation of peers) serveOperation(scope, server, operation, PEERS);
  const discovery = {
    api_version: OPENDSR_VERSION,
    processor_domain: domain,
    processor_certificate: `${ports.publicUrl}/opendsr/key`,
    supported_identities: [IDENTITY],
    supported_subject_request_types: ['erasure'],
    extensions: { [domain]: { signature: 'Ed25519', required: ['requested_by'] } },
  };
  scope.get('/discovery', { config: { access: 'public' } }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(JSON.stringify(discovery)),
  );
  scope.get('/key', { config: { access: 'public' } }, async (_request, reply) =>
    reply.type('application/x-pem-file').send(ports.peerKeyPem),
  );
}
