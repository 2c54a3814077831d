/** A look at a server that sends our mail: connection, TLS and login; no mail, unless one is asked for. */
import nodemailer from 'nodemailer';
import type { MailLogin } from '../domain/mail-login.ts';

export interface SmtpAccount {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly requireTls: boolean;
  readonly login: ({ readonly user: string } & MailLogin) | null;
}

const PROBE_MS = 9_000;

/**
 * @param test - a mail to send as well, with this envelope sender (RFC 5321), empty for the null one
 * @throws an error with the `code` of the mailer or the system, and `responseCode` where the server answered
 */
export async function probeSmtp(
  account: SmtpAccount,
  test: {
    readonly from: string;
    readonly to: string;
    readonly text: string;
    readonly sender: string;
  } | null = null,
): Promise<void> {
  const { host, port, secure, requireTls, login } = account;
  const mailer = nodemailer.createTransport({
    host,
    port,
    secure,
    requireTLS: requireTls,
    ignoreTLS: !secure && !requireTls,
    tls: { minVersion: 'TLSv1.2' },
    ...(login === null ? {} : { auth: await authOf(login) }),
    connectionTimeout: PROBE_MS,
    greetingTimeout: PROBE_MS,
    socketTimeout: PROBE_MS,
    dnsTimeout: PROBE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as Parameters<typeof nodemailer.createTransport>[0]);
  try {
    await mailer.verify();
    if (test === null) return;
    await mailer.sendMail({
      from: test.from,
      to: test.to,
      subject: 'purgedesk: a test of the way out',
      text: test.text,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      envelope: { from: test.sender, to: [test.to] },
    });
  } finally {
    mailer.close();
  }
}

async function authOf(login: { readonly user: string } & MailLogin): Promise<object> {
  return login.kind === 'password'
    ? { user: login.user, pass: login.password.reveal() }
    : { type: 'OAuth2', user: login.user, accessToken: await login.tokens.accessToken() };
}
