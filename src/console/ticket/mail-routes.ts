/** How parts of a mail are sent. Whatever the sender wrote never gets an origin to run in, a name of its own or a type of its own. */
import type { FastifyReply } from 'fastify';
import { STYLE_HASH } from './mail-html.ts';

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
  // The frame has no origin of its own to be kept apart.
  originAgentCluster: false,
};

export const FILE_POLICY = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
  },
};

/** Saved, never shown: neither the type nor the name is the sender's. */
export function sendFile(reply: FastifyReply, name: string, bytes: Uint8Array): FastifyReply {
  return reply
    .type('application/octet-stream')
    .header('content-disposition', `attachment; filename="${name}"`)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
