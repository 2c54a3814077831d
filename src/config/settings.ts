import { z } from 'zod';
import { readCrashAt } from '../domain/crash-label.ts';
import { reading } from './problem.ts';
import { Secret } from './secret.ts';
import { imapServer, publicUrl, smtpServer, tokenUrl } from './servers.ts';
import { ENVELOPES, LOG_LEVELS } from './types.ts';
import {
  dnsServers,
  folderName,
  hostNames,
  locale,
  plainAddress,
  printable,
  secretKey,
  wholeNumber,
  words,
} from './values.ts';

export interface Setting {
  /** One sentence or two, word for word as docs/configuration.md has it. */
  readonly doc: string;
  readonly example: string;
  /** In words, for the documentation. */
  readonly fallback: string;
  /** Also read from the file named by `NAME_FILE`; its value is never printed. */
  readonly secret?: true;
  readonly schema: z.ZodType;
}

/** Every setting of the environment, in the order in which the documentation shows them. */
export const SETTINGS = {
  DATABASE_URL: {
    doc: 'The desk’s own PostgreSQL database.',
    example: 'postgres://purgedesk:secret@db.example.org/purgedesk',
    fallback: 'an embedded database under `DATA_DIR`',
    secret: true,
    schema: z
      .string()
      .refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), 'is not a postgres:// URL')
      .transform((text) => new Secret(text))
      .optional(),
  },
  IMAP_URL: {
    doc: 'The mailbox that customers write to: account, server and folder (INBOX if left out). More of them stand in purgedesk.yaml. `imap://` without TLS is accepted on loopback only. Percent-encode special characters in user name and password.',
    example: 'imaps://desk%40example.org:secret@mail.example.org/INBOX',
    fallback: 'sandbox mail',
    secret: true,
    schema: reading(imapServer).optional(),
  },
  SMTP_URL: {
    doc: 'The server that takes the desk’s mails. `smtp://` insists on STARTTLS, except on loopback.',
    example: 'smtps://desk%40example.org:secret@mail.example.org',
    fallback: 'sandbox mail',
    secret: true,
    schema: reading(smtpServer).optional(),
  },
  DESK_ADDRESS: {
    doc: 'The address that customers write to and that the desk writes from. Needed with a real mailbox.',
    example: 'privacy@example.org',
    fallback: 'the sandbox’s desk',
    schema: plainAddress.optional(),
  },
  DESK_NAME: {
    doc: 'The name beside that address.',
    example: 'Example privacy desk',
    fallback: '`purgedesk support`',
    schema: z
      .string()
      .max(100, 'is longer than 100 characters')
      .regex(/^\P{Cc}*$/u, 'holds a control character')
      .default('purgedesk support'),
  },
  DESK_SIGNATURE: {
    doc: 'One more line under every mail, below that name: a company, an address, where to get help.',
    example: 'Example Ltd, 1 Example Street, Dublin',
    fallback: 'none',
    schema: words(200).optional(),
  },
  DESK_LOCALE: {
    doc: 'The language of an answer to a mail that does not tell its own, like `de`.',
    example: 'de',
    fallback: '`en`',
    schema: locale.optional(),
  },
  MAIL_ENVELOPE: {
    doc: 'Where bounces go, by the envelope sender: `verp` gives each mail an address of its own (`privacy+bounce.…@example.org`; your server must deliver such subaddresses to the mailbox), `address` the desk’s address, `null` no address at all, so that a mail that bounces later is never heard of.',
    example: 'verp',
    fallback: '`verp`',
    schema: z.enum(ENVELOPES, `is not one of ${ENVELOPES.join(', ')}`).optional(),
  },
  MAIL_OAUTH_TOKEN_URL: {
    doc: 'For a mailbox without a password: the token endpoint of the OAuth 2.0 provider. It takes `MAIL_OAUTH_CLIENT_ID` and a client secret or a refresh token too, and user names without passwords in `IMAP_URL` and `SMTP_URL`. See [mailboxes.md](mailboxes.md).',
    example: 'https://oauth2.googleapis.com/token',
    fallback: 'the mailbox is opened with a password',
    schema: reading(tokenUrl).optional(),
  },
  MAIL_OAUTH_CLIENT_ID: {
    doc: 'What the desk is called at that provider.',
    example: 'purgedesk.apps.googleusercontent.com',
    fallback: 'none',
    schema: printable(500).optional(),
  },
  MAIL_OAUTH_CLIENT_SECRET: {
    doc: 'What the desk shows to that provider. Without a refresh token the desk asks in its own name (client credentials).',
    example: 'the-secret-that-the-provider-gave',
    fallback: 'none',
    secret: true,
    schema: printable(1000)
      .transform((text) => new Secret(text))
      .optional(),
  },
  MAIL_OAUTH_SCOPE: {
    doc: 'What the desk asks that provider for.',
    example: 'https://outlook.office365.com/.default',
    fallback: 'none is named',
    schema: z
      .string()
      .regex(/^[!-~ ]{1,1000}$/, 'is not 1 to 1000 printable characters')
      .optional(),
  },
  MAIL_OAUTH_REFRESH_TOKEN: {
    doc: 'The refresh token that the mailbox’s owner was given when they allowed the desk in.',
    example: 'the-token-that-the-provider-gave',
    fallback: 'the desk asks in its own name',
    secret: true,
    schema: printable(8000)
      .transform((text) => new Secret(text))
      .optional(),
  },
  DNS_SERVERS: {
    doc: 'Resolvers for SPF, DKIM and DMARC, as IP addresses with optional ports, comma-separated.',
    example: '127.0.0.1:53,[2001:db8::53]:53',
    fallback: 'the system’s resolvers',
    schema: reading(dnsServers).default([]),
  },
  TRUSTED_RECEIVED_BY: {
    doc: 'Host names of your own mail servers, comma-separated: the newest Received header written by one of them tells the sender’s IP address for SPF.',
    example: 'mx1.example.org,mx2.example.org',
    fallback: 'none; SPF is not evaluated',
    schema: reading(hostNames).default([]),
  },
  TRUSTED_AUTHSERV_ID: {
    doc: 'The authserv-id of the Authentication-Results header that your own mail server adds at the top and removes from incoming mail. With it the desk believes that header instead of checking for itself.',
    example: 'mx.example.org',
    fallback: 'none; the desk checks for itself',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9._-]+$/, 'is not one authserv-id')
      .toLowerCase()
      .optional(),
  },
  TRUSTED_ARC_SEALERS: {
    doc: 'Domains of mail forwarders, comma-separated, whose ARC seal agents are shown as trusted. A seal only explains why a forwarded mail lost its signature: it never makes a mail authenticated.',
    example: 'lists.example.org,google.com',
    fallback: 'none is trusted',
    schema: reading(hostNames).default([]),
  },
  PUBLIC_URL: {
    doc: 'Where customers and agents reach the web pages; links in mails begin with it. Needed with a real mailbox. `http://` is accepted on loopback only.',
    example: 'https://privacy.example.org',
    fallback: '`http://HTTP_HOST:HTTP_PORT`',
    schema: reading(publicUrl).optional(),
  },
  SECRET_KEY: {
    doc: 'The key behind codes, links and hashes: 32 bytes or more, as hex or base64. Needed with a real mailbox. Keep it: with another key every open code and link is void. `openssl rand -base64 32` makes one.',
    example: '$(openssl rand -base64 32)',
    fallback: 'the sandbox makes one',
    secret: true,
    schema: reading(secretKey).optional(),
  },
  PURGE_ENABLED: {
    doc: 'Only the exact word `true` lets purges start; with anything else a ticket stops after its rehearsal and waits.',
    example: 'true',
    fallback: 'off',
    schema: z
      .string()
      .transform((text) => text === 'true')
      .default(false),
  },
  LOG_LEVEL: {
    doc: 'One of trace, debug, info, warn, error, silent.',
    example: 'info',
    fallback: '`info`',
    schema: z.enum(LOG_LEVELS, `is not one of ${LOG_LEVELS.join(', ')}`).default('info'),
  },
  POLL_SECONDS: {
    doc: 'How often the mailbox is searched even when the server announces nothing, 5 to 3600.',
    example: '30',
    fallback: '`30`',
    schema: wholeNumber(5, 3600).default(30),
  },
  IMAP_PROCESSED_FOLDER: {
    doc: 'The folder that mails are moved to once they are stored; made if missing.',
    example: 'Processed',
    fallback: '`Processed`',
    schema: folderName.default('Processed'),
  },
  HTTP_HOST: {
    doc: 'The address that the web server listens on.',
    example: '127.0.0.1',
    fallback: '`127.0.0.1`',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9.:-]+$/, 'is not an IP address or a host name')
      .default('127.0.0.1'),
  },
  HTTP_PORT: {
    doc: 'The port that the web server listens on; 0 takes a free one.',
    example: '8080',
    fallback: '`8080`',
    schema: wholeNumber(0, 65_535).default(8080),
  },
  DATA_DIR: {
    doc: 'The folder for what a machine without services needs: the embedded database and the sandbox’s keys.',
    example: '.purgedesk',
    fallback: '`.purgedesk`',
    schema: z.string().default('.purgedesk'),
  },
  PURGEDESK_CONFIG: {
    doc: 'The path of purgedesk.yaml.',
    example: '/etc/purgedesk/purgedesk.yaml',
    fallback: '`./purgedesk.yaml` if it exists',
    schema: z.string().optional(),
  },
  SUPPRESSION_TOKEN: {
    doc: 'What a system has to show that asks over HTTP who must not be taken in again: 32 characters or more. Unset, there is no such address. `openssl rand -hex 32` makes one.',
    example: '$(openssl rand -hex 32)',
    fallback: 'the list is not served',
    secret: true,
    schema: z
      .string()
      .regex(/^[!-~]{32,512}$/, 'is not 32 to 512 printable characters without spaces')
      .transform((text) => new Secret(text))
      .optional(),
  },
  OIDC_ISSUER: {
    doc: 'The OpenID Connect provider with which agents may sign in, by its issuer. It takes `OIDC_CLIENT_ID` and `OIDC_CLIENT_SECRET` too; there, allow the redirect to `PUBLIC_URL` followed by `/sign-in/callback`.',
    example: 'https://login.example.org',
    fallback: 'agents sign in with password and code only',
    schema: reading(publicUrl).optional(),
  },
  OIDC_CLIENT_ID: {
    doc: 'What the desk is called at that provider.',
    example: 'purgedesk',
    fallback: 'no provider',
    schema: z
      .string()
      .regex(/^[!-~]{1,200}$/, 'is not 1 to 200 printable characters without spaces')
      .optional(),
  },
  OIDC_CLIENT_SECRET: {
    doc: 'What the desk shows to that provider.',
    example: 'the-secret-that-the-provider-gave',
    fallback: 'no provider',
    secret: true,
    schema: z
      .string()
      .regex(/^[!-~]{8,512}$/, 'is not 8 to 512 printable characters without spaces')
      .transform((text) => new Secret(text))
      .optional(),
  },
  CRASH_AT: {
    doc: 'For fault tests only: the process kills itself at the point with this label, with `#n` when it comes there for the nth time. Never set it in production.',
    example: 'ingest.committed',
    fallback: 'unset',
    schema: z
      .string()
      .refine((text) => readCrashAt(text) !== null, 'is not a label')
      .optional(),
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
