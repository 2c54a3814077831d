/** Parts of a mail. Whatever the sender wrote never gets an origin to run in, a name of its own or a type of its own. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Knex } from 'knex';
import { z } from 'zod';
import { parseReference, type TicketId } from '../../domain/ids.ts';
import type { Site } from '../areas.ts';
import { mailDocument, STYLE_HASH } from './mail-html.ts';
import type { TicketPorts } from './ports.ts';

export const FRAME_POLICY = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: [STYLE_HASH],
      formAction: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'self'"],
      sandbox: [],
    },
  },
  xFrameOptions: { action: 'sameorigin' as const },
};

export const FILE_POLICY = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
  },
};

export function mailRoutes(app: FastifyInstance, site: Site, { db, mails }: TicketPorts): void {
  const config = { access: 'viewer' } as const;
  const hide = (request: FastifyRequest, reply: FastifyReply) => site.hide(request, reply);

  app.get(
    '/tickets/:reference/mails/:mail/html',
    { config, helmet: FRAME_POLICY },
    async (request, reply) => {
      const id = await mailIn(db, request);
      const html = id === null ? null : await mails.html(id);
      if (html === null) return hide(request, reply);
      return reply.type('text/html; charset=utf-8').send(mailDocument(html));
    },
  );

  app.get('/tickets/:reference/mails/:mail/raw', { config, helmet: FILE_POLICY }, async (request, reply) => {
    const id = await mailIn(db, request);
    const raw = id === null ? null : await mails.raw(id);
    if (raw === null) return hide(request, reply);
    return sendFile(reply, `mail-${id}.eml`, raw);
  });

  app.get(
    '/tickets/:reference/mails/:mail/attachments/:no',
    { config, helmet: FILE_POLICY },
    async (request, reply) => {
      const id = await mailIn(db, request);
      const { no } = PARAMS.extend({ no: NUMBER })
        .catch({ mail: 0, no: 0, reference: null })
        .parse(request.params);
      // People count from one.
      const bytes = id === null || no === 0 ? null : await mails.attachment(id, no - 1);
      if (bytes === null) return hide(request, reply);
      return sendFile(reply, `mail-${id}-attachment-${no}.bin`, bytes);
    },
  );
}

/** Saved, never shown: neither the type nor the name is the sender's. */
export function sendFile(reply: FastifyReply, name: string, bytes: Uint8Array): FastifyReply {
  return reply
    .type('application/octet-stream')
    .header('content-disposition', `attachment; filename="${name}"`)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

const NUMBER = z
  .string()
  .regex(/^[1-9]\d{0,14}$/)
  .transform(Number);
const PARAMS = z.object({
  reference: z.string().transform((text): TicketId | null => parseReference(text)),
  mail: NUMBER,
});

/** The mail's number, if it is of this ticket's conversation. */
async function mailIn(db: Knex, request: FastifyRequest): Promise<number | null> {
  const params = PARAMS.safeParse(request.params);
  if (!params.success || params.data.reference === null) return null;
  const { reference: ticket, mail } = params.data;
  const found = await db.raw<{ rows: { id: number }[] }>(MAIL_OF_TICKET, { ticket, mail });
  return found.rows[0]?.id ?? null;
}

const MAIL_OF_TICKET = `
  select m.id from messages m join tickets t on t.conversation_id = m.conversation_id
  where m.id = :mail and t.id = :ticket and m.erased_at is null`;
