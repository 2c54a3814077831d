import type { FastifyInstance } from 'fastify';
import { keysView } from '../views.ts';
import { type RouteContext, sendPage } from './route.ts';

/** Where the keys are published with which receipts are checked: for people, and for programs. Public, always. */
export function keyRoutes(app: FastifyInstance, { ports, pages }: RouteContext): void {
  app.get('/receipt-key', { config: { access: 'public' } }, async (_request, reply) =>
    sendPage(reply, 200, pages.render('keys', keysView(await ports.receiptKeys()))),
  );
  // RFC 8615
  app.get('/.well-known/purgedesk-receipt-key', { config: { access: 'public' } }, async (_request, reply) => {
    const keys = await ports.receiptKeys();
    return reply.send({
      keys: keys.map(({ publicKey, pem, fingerprint, firstUsedAt, isCurrent }) => ({
        algorithm: 'Ed25519',
        publicKey,
        pem,
        sha256: fingerprint,
        firstUsedAt,
        current: isCurrent,
      })),
    });
  });
}
