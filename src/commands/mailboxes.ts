/** The mailboxes of the configuration, or the sandbox's, as the desk works with them. */
import type {
  Config,
  EnvelopeKind,
  MailboxSettings,
  OAuthSettings,
  MailLogin as WrittenLogin,
} from '../config.ts';
import { MAIN_MAILBOX } from '../config.ts';
import type { DeskIdentity } from '../domain/mail-facts.ts';
import type { MailLogin, TokenSource } from '../domain/mail-login.ts';
import type { MailboxAccount } from '../ingest/mailbox.ts';
import type { SmtpServer } from '../reply/smtp.ts';
import { mailTokens } from './mail-tokens.ts';

/** A mailbox that customers write to. What answers a mail leaves through the one that it came to. */
export interface DeskMailbox {
  /** By which tickets, logs and the database call it. */
  readonly name: string;
  readonly account: MailboxAccount;
  /** What its mails show. */
  readonly desk: DeskIdentity;
  /** BCP 47, for mails that do not tell their language; `null` = English. */
  readonly locale: string | null;
  readonly smtp: SmtpServer;
  readonly envelope: EnvelopeKind;
}

/** @param databaseUrl - where refresh tokens are kept; the configured one unless another is given */
export function configuredMailboxes(
  config: Config,
  databaseUrl = config.databaseUrl?.reveal() ?? null,
): readonly DeskMailbox[] {
  const key = config.secretKey?.reveal() ?? null;
  const tokensOf = mailTokens(databaseUrl === null || key === null ? null : { databaseUrl, key });
  const sources = new Map<OAuthSettings, TokenSource>();
  const login = (written: WrittenLogin): MailLogin =>
    written.kind === 'password'
      ? { kind: 'password', password: written.password }
      : { kind: 'oauth', tokens: kept(sources, written.oauth, tokensOf) };
  return config.mailboxes.map((settings) => deskMailbox(settings, config.desk.publicUrl, login));
}

function deskMailbox(
  { name, imap, smtp, address, displayName, signature, locale, envelope }: MailboxSettings,
  publicUrl: string,
  login: (written: WrittenLogin) => MailLogin,
): DeskMailbox {
  return {
    name,
    account: { ...imap, login: login(imap.login) },
    desk: { name: displayName, address, publicUrl, ...(signature === null ? {} : { signature }) },
    locale,
    smtp: {
      ...smtp,
      login: smtp.login === null ? null : { user: smtp.login.user, ...login(smtp.login) },
    },
    envelope,
  };
}

/** One token source for each client, however many servers take its tokens: the provider is asked once. */
function kept<Key, Value>(map: Map<Key, Value>, key: Key, make: (key: Key) => Value): Value {
  const value = map.get(key) ?? make(key);
  map.set(key, value);
  return value;
}

/** How often a mailbox in this very process is looked at besides IDLE. */
const SANDBOX_POLL_SECONDS = 5;

export function sandboxMailbox(mail: {
  readonly imapUrl: string;
  readonly smtpUrl: string;
  readonly desk: DeskIdentity;
}): DeskMailbox {
  const [imap, smtp] = [new URL(mail.imapUrl), new URL(mail.smtpUrl)];
  return {
    name: MAIN_MAILBOX,
    account: {
      host: imap.hostname,
      port: Number(imap.port),
      secure: false,
      user: decodeURIComponent(imap.username),
      login: { kind: 'password', password: { reveal: () => decodeURIComponent(imap.password) } },
      folder: 'INBOX',
      processedFolder: 'Processed',
      pollSeconds: SANDBOX_POLL_SECONDS,
    },
    desk: mail.desk,
    locale: null,
    smtp: { host: smtp.hostname, port: Number(smtp.port), secure: false, requireTls: false, login: null },
    envelope: 'verp',
  };
}
