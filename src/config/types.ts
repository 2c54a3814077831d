import type { Policy } from '../domain/policy.ts';
import type { Webhook } from '../notify/webhooks.ts';
import type { StoreCatalogue } from '../purge/catalogue.ts';
import type { Secret } from './secret.ts';

/** A client of an OAuth 2.0 provider that may use a mailbox (RFC 6749). */
export interface OAuthSettings {
  /** The token endpoint; https, or http on loopback. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** `null` = a public client; then there is a refresh token. */
  readonly clientSecret: Secret | null;
  readonly scope: string | null;
  /** `null` = the client asks in its own name (RFC 6749 section 4.4). */
  readonly refreshToken: Secret | null;
}

/** How an account of a mail server is opened. */
export type MailLogin =
  | { readonly kind: 'password'; readonly password: Secret }
  | { readonly kind: 'oauth'; readonly oauth: OAuthSettings };

export interface ImapSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. `false` only on loopback. */
  readonly secure: boolean;
  readonly user: string;
  readonly login: MailLogin;
  readonly folder: string;
  readonly processedFolder: string;
  readonly pollSeconds: number;
}

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly secure: boolean;
  /** STARTTLS or nothing. `false` only with `secure` or on loopback. */
  readonly requireTls: boolean;
  readonly login: ({ readonly user: string } & MailLogin) | null;
}

export const ENVELOPES = ['verp', 'address', 'null'] as const;
/** Where bounces of a mailbox's mails go: to an address of each mail's own, to the mailbox's address, or nowhere. */
export type EnvelopeKind = (typeof ENVELOPES)[number];

/** One mailbox that customers write to, with everything about the mails that answer it. */
export interface MailboxSettings {
  /** By which tickets, logs and the database call it. */
  readonly name: string;
  readonly imap: ImapSettings;
  readonly smtp: SmtpSettings;
  readonly address: string;
  /** Beside the address, and under every mail. */
  readonly displayName: string;
  /** One more line under every mail. */
  readonly signature: string | null;
  /** BCP 47; for mails that do not tell their language. `null` = English. */
  readonly locale: string | null;
  readonly envelope: EnvelopeKind;
}

/** An OpenID Connect provider, and what the desk is there. */
export interface ProviderSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** Everything that is set from outside, checked and frozen. */
export interface Config {
  /** `null` = the embedded database under `dataDir`. */
  readonly databaseUrl: Secret | null;
  /** The first one answers for what no mailbox of today stands for. Empty = sandbox mail. */
  readonly mailboxes: readonly MailboxSettings[];
  /** The first mailbox's name and address; the address is never null with a real mailbox. */
  readonly desk: { readonly name: string; readonly address: string | null; readonly publicUrl: string };
  /** At least 32 bytes. Never null with a real mailbox; the sandbox makes its own. */
  readonly secretKey: Secret<Buffer> | null;
  /** `host:port` each; empty = the system's resolver. */
  readonly dnsServers: readonly string[];
  /** Lower case; empty = no Received header is believed. */
  readonly trustedReceivedBy: readonly string[];
  /** Domains, lower case, whose ARC seal is shown as trusted; empty = nobody's. */
  readonly trustedSealers: readonly string[];
  readonly trustedAuthservId: string | null;
  readonly logLevel: LogLevel;
  readonly http: { readonly host: string; readonly port: number };
  readonly dataDir: string;
  /** `null` = the suppression list is not served over HTTP. */
  readonly suppressionToken: Secret | null;
  /** Who vouches for agents; `null` = they sign in with a password and a code only. */
  readonly provider: ProviderSettings | null;
  /** Label at which the process kills itself: fault tests only. */
  readonly crashAt: string | null;
  /** From purgedesk.yaml, save for `purgeEnabled`, which is PURGE_ENABLED. */
  readonly policy: Policy;
  /** As purgedesk.yaml has them, each `${NAME}` resolved; wrapped because they hold passwords. */
  readonly stores: Secret<StoreCatalogue>;
  /** Where other systems want to hear of tickets; wrapped because they hold secrets. */
  readonly webhooks: Secret<readonly Webhook[]>;
  /** `host` or `host:port` each, to which an app may have the status of its requests sent; empty = nowhere. */
  readonly callbackHosts: readonly string[];
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
