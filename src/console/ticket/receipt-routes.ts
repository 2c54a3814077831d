import type { FastifyInstance } from 'fastify';
import { parseReference, referenceOf } from '../../domain/ids.ts';
import type { Site } from '../areas.ts';
import type { ReceiptPorts } from './ports.ts';

/** The same two files as the customer gets. */
export function receiptRoutes(app: FastifyInstance, site: Site, receipts: ReceiptPorts): void {
  const config = { access: 'viewer' } as const;

  app.get('/tickets/:reference/receipt.json', { config }, async (request, reply) => {
    const id = parseReference((request.params as { readonly reference: string }).reference);
    const file = id === null ? null : await receipts.file(id);
    if (id === null || file === null) return site.hide(request, reply);
    return reply
      .type('application/json; charset=utf-8')
      .header('content-disposition', `attachment; filename="receipt-${referenceOf(id)}.json"`)
      .send(file);
  });

  app.get('/tickets/:reference/certificate.pdf', { config }, async (request, reply) => {
    const id = parseReference((request.params as { readonly reference: string }).reference);
    const bytes = id === null ? null : await receipts.certificate(id);
    if (id === null || bytes === null) return site.hide(request, reply);
    return reply
      .type('application/pdf')
      .header('content-disposition', `attachment; filename="certificate-${referenceOf(id)}.pdf"`)
      .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  });
}
