/** What the processes of a run tell each other. Plain values only. */
import type { Identity } from './assume.ts';
import type { Maildir } from './maildir.ts';
import type { Before } from './outcome.ts';
import type { MailReport, ParseReport } from './report.ts';

/** The servers of a run, and what every desk on them has in common. */
export interface Place {
  readonly folder: string;
  readonly postgresUrl: string;
  readonly dnsServer: string;
  readonly identity: Identity;
  readonly secretKey: string;
  /** ISO 8601: when the mails arrive. */
  readonly instant: string;
  readonly before: Before;
}

/** One desk with the mails that it gets. */
export interface Job {
  /** Unique in the run; also the name of its databases and its mailbox. */
  readonly name: string;
  readonly imapUrl: string;
  readonly maildir: Maildir;
  readonly mails: readonly { readonly file: string; readonly path: string }[];
  readonly atOnce: boolean;
}

export type LaneAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly lines: readonly MailReport[] }
  | { readonly kind: 'failed'; readonly why: string };

export type ReaderAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'read'; readonly parse: ParseReport };

export const DESK_TEMPLATE = 'trust_desk';
export const CUSTOMERS_TEMPLATE = 'trust_customers';

/** For what reads settings and needs no servers. */
export const NO_DESK = {
  database: 'postgres://nobody@127.0.0.1:9/nothing',
  customers: 'postgres://nobody@127.0.0.1:9/nothing',
  imap: 'imap://nobody:nothing@127.0.0.1:9',
  smtp: 'smtp://127.0.0.1:9',
};

/** The same server, another database. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
