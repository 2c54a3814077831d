import { refuse } from './problem.ts';
import { Secret } from './secret.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** An IMAP server with the account on it, as a URL tells them. */
export interface ImapServer {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly user: string;
  /** `null` = another way to log in must be given. */
  readonly password: Secret | null;
  /** `null` = none is named. */
  readonly folder: string | null;
}

export function imapServer(text: string): ImapServer {
  const url = serverUrl(text, ['imap:', 'imaps:']);
  const secure = url.protocol === 'imaps:';
  if (!secure && !LOOPBACK.test(url.hostname)) return refuse('is imap:// without TLS; use imaps://');
  const [user, password] = [decoded(url.username), decoded(url.password)];
  const folder = decoded(url.pathname.slice(1));
  if (user === '') return refuse('lacks a user name');
  return {
    host: bareHost(url),
    port: url.port === '' ? (secure ? 993 : 143) : Number(url.port),
    secure,
    user,
    password: password === '' ? null : new Secret(password),
    folder: folder === '' ? null : folder,
  };
}

/** An SMTP server, and the account on it if it wants one. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly requireTls: boolean;
  /** `password: null` = another way to log in must be given. */
  readonly login: { readonly user: string; readonly password: Secret | null } | null;
}

export function smtpServer(text: string): SmtpServer {
  const url = serverUrl(text, ['smtp:', 'smtps:']);
  const secure = url.protocol === 'smtps:';
  const [user, password] = [decoded(url.username), decoded(url.password)];
  if (user === '' && password !== '') return refuse('has a password and no user name');
  return {
    host: bareHost(url),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTls: !secure && !LOOPBACK.test(url.hostname),
    login: user === '' ? null : { user, password: password === '' ? null : new Secret(password) },
  };
}

/** Where tokens are fetched (RFC 6749 section 3.2): secrets go there, so TLS or this machine. */
export function tokenUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return refuse('is not an https:// URL');
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) return refuse('is http:// without TLS');
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return refuse('holds a user name, a password or a #');
  return url.href;
}

function serverUrl(text: string, protocols: readonly string[]): URL {
  const url = URL.parse(text);
  if (url === null || !protocols.includes(url.protocol) || url.hostname === '') {
    const kinds = protocols.map((protocol) => `${protocol}//`).join(' or ');
    return refuse(`is not a ${kinds} URL (percent-encode special characters in user name and password)`);
  }
  if (url.search !== '' || url.hash !== '') {
    return refuse('holds a ? or #; percent-encode it if it belongs to user name or password');
  }
  return url;
}

const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').toLowerCase();

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('holds a % that starts no percent-encoding; write it as %25');
  }
}

export function publicUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return refuse('is not an https:// URL');
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    return refuse('is http:// without TLS; use https://, signed links go through it');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return refuse('holds more than a host and a path');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
