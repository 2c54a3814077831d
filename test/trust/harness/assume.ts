/** Whom the mails were written to, and who took them in, where nobody says so. */
import type { MailFile } from './files.ts';
import type { Options } from './options.ts';

export interface Identity {
  readonly deskAddress: string;
  /** As the setting TRUSTED_RECEIVED_BY has it; empty = no Received header is believed. */
  readonly trustedReceivedBy: string;
  readonly trustedAuthservId: string | null;
}

const DESK_ADDRESS = 'support@purgedesk.example';
const RECEIVED_BY = 'in.purgedesk.example';

/** What is told stands; the rest is what most of the mails say. */
export function identityOf(
  options: Pick<Options, 'deskAddress' | 'trustedReceivedBy' | 'trustedAuthservId'>,
  mails: readonly MailFile[],
): { readonly identity: Identity; readonly assumed: readonly string[] } {
  const hops = mails.map((mail) => topOf(mail.raw));
  const deskAddress =
    options.deskAddress ?? mostFrequent(hops.flatMap((hop) => hop.recipients)) ?? DESK_ADDRESS;
  const receivedBy =
    options.trustedReceivedBy ?? mostFrequent(hops.flatMap((hop) => hop.by ?? [])) ?? RECEIVED_BY;
  return {
    identity: { deskAddress, trustedReceivedBy: receivedBy, trustedAuthservId: options.trustedAuthservId },
    assumed: [
      ...(options.deskAddress === null ? [`the desk's address is ${deskAddress}`] : []),
      ...(options.trustedReceivedBy === null ? [`the desk's mail server is ${receivedBy}`] : []),
    ],
  };
}

const ADDRESS = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g;
/** Enough of a mail to hold the header of its last hop. */
const HEADER_READ = 65_536;

/** One vote a mail: the recipient of its last hop, or without one whom it is written to. */
function topOf(raw: Buffer): { readonly recipients: readonly string[]; readonly by: string | null } {
  const text = raw.toString('latin1', 0, HEADER_READ);
  const end = text.search(/\r?\n\r?\n/);
  const header = (end === -1 ? text : text.slice(0, end)).replace(/\r?\n[ \t]+/g, ' ');
  const field = (name: string): string | null =>
    new RegExp(`^${name}[ \\t]*:(.*)$`, 'im').exec(header)?.[1]?.trim() ?? null;
  const received = field('Received') ?? '';
  const by = /\bby\s+([A-Za-z0-9.-]+\.[A-Za-z0-9-]+)/i.exec(received)?.[1]?.toLowerCase() ?? null;
  const named = /\bfor\s+<?([^<>\s;]+@[^<>\s;]+)>?/i.exec(received)?.[1];
  const recipients = [named, field('Delivered-To'), field('To')]
    .flatMap((value) => (value ?? '').match(ADDRESS) ?? [])
    .map(untagged);
  return { recipients: recipients.slice(0, 1), by };
}

/** `desk+tag@…` is mail for `desk@…`. */
const untagged = (address: string): string => address.toLowerCase().replace(/\+[^@]*@/, '@');

/** The first of equals. */
function mostFrequent(values: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const most = [...counts].sort(([, a], [, b]) => b - a)[0];
  return most?.[0] ?? null;
}
