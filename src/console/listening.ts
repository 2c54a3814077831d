import type { FastifyInstance } from 'fastify';
import { PurgedeskError } from '../domain/errors.ts';
import { codeOf } from './routes/route.ts';

export interface RunningConsole {
  /** Where this process listens, which a proxy may publish under another address. */
  readonly url: string;
  /** Takes no new requests, gives those under way a few seconds to end, and resolves when all is closed. */
  close(): Promise<void>;
}

/**
 * @param at.port - 0 = any free one
 * @throws PurgedeskError `PD_CONFIG_INVALID` when the address is taken or not allowed
 */
export async function listen(
  app: FastifyInstance,
  at: { readonly host: string; readonly port: number },
): Promise<RunningConsole> {
  try {
    const url = await app.listen({ host: at.host, port: at.port });
    // "Any address of this machine" is nothing that a browser opens.
    return { url: url.replace('//[::]:', '//[::1]:'), close: () => drain(app) };
  } catch (error) {
    await app.close();
    throw listenFault(error, at.port);
  }
}

/** A page that hangs must not keep the program from stopping. */
async function drain(app: FastifyInstance): Promise<void> {
  const impatience = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(impatience);
  }
}

const DRAIN_MS = 3_000;

function listenFault(error: unknown, port: number): unknown {
  const { code } = codeOf(error);
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error;
  return new PurgedeskError(
    'PD_CONFIG_INVALID',
    `the web pages cannot listen on port ${port}: ${LISTEN_FAULTS[code]}`,
    {
      details: { port, reason: code },
      remedy: 'set HTTP_HOST and HTTP_PORT to an address of this machine that is free',
      cause: error,
    },
  );
}

const LISTEN_FAULTS = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'the system does not allow it',
  EADDRNOTAVAIL: 'this machine does not have the address',
};
