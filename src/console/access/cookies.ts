import type { FastifyReply } from 'fastify';

/** Where the desk is published, as far as cookies depend on it. */
export interface Published {
  /** Scheme, host and port. */
  readonly origin: string;
  /** '' for the root. */
  readonly base: string;
}

const SESSION = 'purgedesk_session';
const BROWSER = 'purgedesk_browser';
const HANDOVER = 'purgedesk_handover';

const isSecure = ({ origin }: Published): boolean => origin.startsWith('https:');

/** RFC 6265bis section 4.1.3: such a name cannot be set by another host, nor without TLS. */
function named(name: string, published: Published): string {
  if (!isSecure(published)) return name;
  return published.base === '' ? `__Host-${name}` : `__Secure-${name}`;
}

export const sessionCookie = (published: Published): string => named(SESSION, published);
export const handoverCookie = (published: Published): string => named(HANDOVER, published);
export const browserCookie = (published: Published): string => named(BROWSER, published);

const attributes = (published: Published) => ({
  path: published.base === '' ? '/' : published.base,
  httpOnly: true,
  secure: isSecure(published),
});

export const setSession = (reply: FastifyReply, published: Published, token: string): FastifyReply =>
  reply.setCookie(sessionCookie(published), token, { ...attributes(published), sameSite: 'strict' });

export const clearSession = (reply: FastifyReply, published: Published): FastifyReply =>
  reply.clearCookie(sessionCookie(published), { ...attributes(published), sameSite: 'strict' });

/** Lax: the browser comes back from the provider, which is another site. */
export const setHandover = (reply: FastifyReply, published: Published, sealed: string): FastifyReply =>
  reply.setCookie(handoverCookie(published), sealed, {
    ...attributes(published),
    sameSite: 'lax',
    maxAge: HANDOVER_SECONDS,
  });

export const clearHandover = (reply: FastifyReply, published: Published): FastifyReply =>
  reply.clearCookie(handoverCookie(published), { ...attributes(published), sameSite: 'lax' });

/** How long somebody may take to sign in at the provider. */
export const HANDOVER_SECONDS = 600;

const YEAR_SECONDS = 31_536_000;

export const setBrowser = (reply: FastifyReply, published: Published, mark: string): FastifyReply =>
  reply.setCookie(browserCookie(published), mark, {
    ...attributes(published),
    sameSite: 'strict',
    maxAge: YEAR_SECONDS,
  });
