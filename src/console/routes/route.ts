import type { FastifyReply } from 'fastify';
import type { Pages } from '../pages.ts';
import type { ConsoleLog, ConsolePorts } from '../ports.ts';

/** What every group of routes works with. */
export interface RouteContext {
  readonly ports: ConsolePorts;
  readonly pages: Pages;
  /** The path under which the desk is published, '' for the root. No slash at the end. */
  readonly base: string;
  /** Scheme, host and port of the published address: where our own forms are sent from. */
  readonly origin: string;
  readonly log: ConsoleLog;
}

export const sendPage = (reply: FastifyReply, status: number, html: string): FastifyReply =>
  reply.code(status).type('text/html; charset=utf-8').send(html);

/** What may be logged of an error: its message may quote what a visitor typed, its code and name do not. */
export function codeOf(error: unknown): { readonly code: string } {
  if (!(error instanceof Error)) return { code: 'unknown' };
  const code = 'code' in error ? error.code : undefined;
  return { code: typeof code === 'string' ? code : error.name };
}
