import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Page } from './pages.ts';
import type { ConsoleLog } from './ports.ts';

/** What the routes of every area work with. */
export interface Site {
  /** The path under which the desk is published, '' for the root. No slash at the end. */
  readonly base: string;
  /** Scheme, host and port of the published address: where our own forms are sent from. */
  readonly origin: string;
  readonly log: ConsoleLog;
  /** Answers with a page for an agent: within the frame of the console, with its navigation. */
  show<View extends { readonly page: { readonly title: string } }>(
    request: FastifyRequest,
    reply: FastifyReply,
    page: Page<View>,
    view: View,
    status?: number,
  ): FastifyReply;
  /** Answers with a page for somebody who is no agent. */
  showPublic<View extends { readonly page: { readonly title: string } }>(
    reply: FastifyReply,
    page: Page<View>,
    view: View,
    status?: number,
  ): FastifyReply;
  /** The same answer for what does not exist and for what this agent may not see. */
  hide(request: FastifyRequest, reply: FastifyReply): FastifyReply;
}

/** A part of the web with routes of its own. Each route says in `config.access` who may call it. */
export type Area = (app: FastifyInstance, site: Site) => void | Promise<void>;
