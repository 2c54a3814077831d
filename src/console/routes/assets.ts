import type { FastifyInstance } from 'fastify';
import type { Assets } from '../assets.ts';

/**
 * Stylesheets, scripts and the icon. Pages ask for them with their version, so a browser may keep them; modules, which
 * ask for one another, have it in their path.
 */
export function assetRoutes(app: FastifyInstance, assets: Assets): void {
  for (const { name, type, body } of assets.files) {
    const path = name.replace(/^js\//, `js-${assets.version}/`);
    app.get(`/assets/${path}`, { config: { access: 'public' } }, async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=86400').type(type).send(body),
    );
  }
}
