import type { FastifyInstance } from 'fastify';
import type { Assets } from '../assets.ts';

/** The stylesheet and the icon. Pages ask for them with their version, so a browser may keep them. */
export function assetRoutes(app: FastifyInstance, assets: Assets): void {
  for (const { name, type, body } of assets.files) {
    app.get(`/assets/${name}`, async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=86400').type(type).send(body),
    );
  }
}
