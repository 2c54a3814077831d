import type { SmtpServer } from '../../src/reply/smtp.ts';

/** A server on loopback that wants neither TLS nor a login. */
export const smtpServerAt = (port: number, rest: Partial<SmtpServer> = {}): SmtpServer => ({
  host: '127.0.0.1',
  port,
  secure: false,
  requireTls: false,
  login: null,
  ...rest,
});
