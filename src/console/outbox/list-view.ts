import { referenceOf, ticketId } from '../../domain/ids.ts';
import { TEMPLATES } from '../../domain/mail-facts.ts';
import { plain } from '../../domain/words.ts';
import { type Delivery, deliveryOf, templateWords } from '../ticket/template-words.ts';
import {
  COUNTED_MAX,
  MAIL_STATUSES,
  type MailStatus,
  type OutboxFilter,
  type OutboxLine,
  type OutboxPage,
  type UndeliverableAddress,
} from './queries.ts';
import { errorInWords } from './words.ts';

export interface OutboxView {
  readonly page: { readonly title: string };
  readonly silences: readonly string[];
  readonly tabs: readonly {
    readonly label: string;
    readonly count: string | null;
    readonly href: string;
    readonly isHere: boolean;
  }[];
  readonly status: string;
  readonly templates: readonly {
    readonly value: string;
    readonly label: string;
    readonly isChosen: boolean;
  }[];
  readonly rows: readonly OutboxLineView[];
  readonly newer: string | null;
  readonly older: string | null;
  readonly isFiltered: boolean;
  readonly undeliverable: number;
}

interface OutboxLineView {
  readonly id: number;
  readonly to: string;
  readonly what: string;
  readonly writtenBy: string | null;
  readonly delivery: Delivery;
  readonly problem: string | null;
  readonly next: string | null;
  readonly tickets: readonly string[];
  readonly at: string;
}

const TAB_WORDS: Readonly<Record<MailStatus, string>> = {
  pending: 'Queued',
  sending: 'Being sent',
  sent: 'Sent',
  unknown: 'Not confirmed',
  failed: 'Given up',
  bounced: 'Came back',
};

export function outboxView(
  path: string,
  filter: OutboxFilter,
  { rows, hasNewer, hasOlder }: OutboxPage,
  about: {
    readonly counts: ReadonlyMap<MailStatus, number>;
    readonly silences: readonly string[];
    readonly undeliverable: readonly UndeliverableAddress[];
  },
): OutboxView {
  const link = (change: Partial<OutboxFilter>) =>
    `${path}${queryOf({ ...filter, before: null, after: null, ...change })}`;
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    page: { title: 'Outbox' },
    silences: about.silences,
    tabs: [
      { label: 'All', count: null, href: link({ status: null }), isHere: filter.status === null },
      ...MAIL_STATUSES.map((status) => ({
        label: TAB_WORDS[status],
        count: counted(about.counts.get(status)),
        href: link({ status }),
        isHere: filter.status === status,
      })),
    ],
    status: filter.status ?? '',
    templates: [
      { value: '', label: 'Every mail', isChosen: filter.template === null },
      ...TEMPLATES.map((name) => ({
        value: name,
        label: templateWords(name),
        isChosen: filter.template === name,
      })),
    ],
    rows: rows.map(lineView),
    newer: hasNewer && first !== undefined ? link({ after: first.id }) : null,
    older: hasOlder && last !== undefined ? link({ before: last.id }) : null,
    isFiltered: filter.status !== null || filter.template !== null,
    undeliverable: about.undeliverable.length,
  };
}

const counted = (count: number | undefined): string | null =>
  count === undefined ? null : count > COUNTED_MAX ? `${COUNTED_MAX}+` : String(count);

function queryOf({ status, template, before, after }: OutboxFilter): string {
  const query = new URLSearchParams({
    ...(status === null ? {} : { status }),
    ...(template === null ? {} : { template }),
    ...(before === null ? {} : { before: String(before) }),
    ...(after === null ? {} : { after: String(after) }),
  }).toString();
  return query === '' ? '' : `?${query}`;
}

function lineView(row: OutboxLine): OutboxLineView {
  return {
    id: row.id,
    to: row.recipient === null ? 'erased' : plain(row.recipient),
    what: templateWords(row.template),
    writtenBy: row.written_by === null ? null : plain(row.written_by),
    delivery: deliveryOf(row.status, row.attempts),
    problem: row.last_error === null || row.status === 'sent' ? null : errorInWords(row.last_error),
    next: nextOf(row),
    tickets: row.ticket_ids.map((id) => referenceOf(ticketId(id))),
    at: (row.sent_at ?? row.created_at).toISOString(),
  };
}

/** When it is tried next, of one that waits for that. */
export const nextOf = ({ status, attempts, next_attempt_at, not_before }: OutboxLine): string | null => {
  if (status !== 'pending') return null;
  return attempts > 0 ? next_attempt_at.toISOString() : (not_before?.toISOString() ?? null);
};

export interface UndeliverableView {
  readonly page: { readonly title: string };
  readonly mayClear: boolean;
  readonly rows: readonly {
    readonly hash: string;
    readonly address: string;
    readonly since: string;
    readonly why: string;
    readonly mail: number;
    readonly tickets: readonly string[];
  }[];
}

export const undeliverableView = (
  rows: readonly UndeliverableAddress[],
  mayClear: boolean,
): UndeliverableView => ({
  page: { title: 'Addresses whose mail comes back' },
  mayClear,
  rows: rows.map((row) => ({
    hash: row.hash,
    address: row.address === null ? 'erased' : plain(row.address),
    since: row.since.toISOString(),
    why:
      row.reason === 'bounced' ? 'A mail came back.' : 'The mail server says that there is no such mailbox.',
    mail: row.mail,
    tickets: row.ticket_ids.map((id) => referenceOf(ticketId(id))),
  })),
});
