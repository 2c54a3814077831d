import type { MailEvidence, Standing } from '../../domain/evidence.ts';
import { referenceOf, ticketId } from '../../domain/ids.ts';
import { DISPOSITIONS, type Disposition } from '../../domain/mail.ts';
import { plain } from '../../domain/words.ts';
import type { MailFilter, MailListRow, MailPage } from './queries.ts';
import { WAITING_COUNTED_MAX } from './queries.ts';
import {
  DISPOSITION_LABELS,
  type Label,
  NOT_LOOKED_AT,
  STANDING_WORDS,
  sentenceOf,
  WHY_WAITING,
} from './words.ts';

export interface MailListView {
  readonly page: { readonly title: string };
  readonly tabs: readonly {
    readonly label: string;
    readonly count: string | null;
    readonly href: string;
    readonly isHere: boolean;
  }[];
  readonly kinds: readonly { readonly value: string; readonly label: string; readonly isChosen: boolean }[];
  readonly show: 'waiting' | 'all';
  readonly rows: readonly MailLineView[];
  readonly newer: string | null;
  readonly older: string | null;
  readonly isFiltered: boolean;
}

interface MailLineView {
  readonly id: number;
  readonly at: string;
  readonly from: string;
  readonly isKnown: boolean;
  readonly subject: string;
  readonly label: Label;
  readonly standing: Label;
  readonly why: string;
  readonly waits: boolean;
  readonly seenBy: string | null;
  readonly tickets: readonly string[];
}

/** @param path - of the list, with the base */
export function mailListView(
  path: string,
  filter: MailFilter,
  { rows, hasNewer, hasOlder }: MailPage,
  waiting: ReadonlyMap<Disposition, number>,
  standing: (evidence: MailEvidence) => Standing,
): MailListView {
  const link = (change: Partial<MailFilter>) =>
    `${path}${queryOf({ ...filter, before: null, after: null, ...change })}`;
  const total = [...waiting.values()].reduce((sum, count) => sum + count, 0);
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    page: { title: filter.waiting ? 'Mails that wait for you' : 'Mails' },
    tabs: [
      {
        label: 'Waiting',
        count: total === 0 ? null : counted(total),
        href: link({ waiting: true }),
        isHere: filter.waiting,
      },
      { label: 'All mails', count: null, href: link({ waiting: false }), isHere: !filter.waiting },
    ],
    kinds: [
      { value: '', label: 'Every kind', isChosen: filter.disposition === null },
      ...DISPOSITIONS.map((kind) => ({
        value: kind,
        label: `${DISPOSITION_LABELS[kind].words}${filter.waiting && waiting.has(kind) ? ` (${counted(waiting.get(kind) ?? 0)})` : ''}`,
        isChosen: filter.disposition === kind,
      })),
    ],
    show: filter.waiting ? 'waiting' : 'all',
    rows: rows.map((row) => lineView(row, standing)),
    newer: hasNewer && first !== undefined ? link({ after: first.id }) : null,
    older: hasOlder && last !== undefined ? link({ before: last.id }) : null,
    isFiltered: filter.disposition !== null || filter.before !== null || filter.after !== null,
  };
}

const counted = (count: number): string =>
  count > WAITING_COUNTED_MAX ? `${WAITING_COUNTED_MAX}+` : String(count);

function queryOf({ waiting, disposition, before, after }: MailFilter): string {
  const query = new URLSearchParams({
    ...(waiting ? {} : { show: 'all' }),
    ...(disposition === null ? {} : { kind: disposition }),
    ...(before === null ? {} : { before: String(before) }),
    ...(after === null ? {} : { after: String(after) }),
  }).toString();
  return query === '' ? '' : `?${query}`;
}

function lineView(row: MailListRow, standing: (evidence: MailEvidence) => Standing): MailLineView {
  const erased = row.erased_at !== null;
  return {
    id: row.id,
    at: row.arrived_at.toISOString(),
    from: row.author === null ? (erased ? 'Erased' : 'No plain author') : plain(row.author),
    isKnown: row.author !== null,
    subject: subjectOf(row),
    label: labelOf(row.disposition),
    standing: row.evidence === null ? NOT_LOOKED_AT : STANDING_WORDS[standing(row.evidence)],
    why: whyOf(row),
    waits: row.needs_agent,
    seenBy: row.agent_by === null ? null : plain(row.agent_by),
    tickets: row.tickets.map((id) => referenceOf(ticketId(id))),
  };
}

export const labelOf = (disposition: Disposition | null): Label =>
  disposition === null ? { words: 'Not decided yet', tone: 'info' } : DISPOSITION_LABELS[disposition];

export function subjectOf(row: Pick<MailListRow, 'subject' | 'erased_at' | 'disposition'>): string {
  const subject = plain(row.subject ?? '');
  if (subject !== '') return subject;
  if (row.erased_at !== null) return '(erased)';
  return row.disposition === 'unreadable' ? '(not read)' : '(no subject)';
}

/** What was noted about the mail; of one that is not decided, what it waits for. */
export function whyOf(row: Pick<MailListRow, 'disposition' | 'disposition_reason' | 'retry_at'>): string {
  if (row.disposition === null)
    return row.retry_at === null
      ? 'The desk has not come to it yet.'
      : 'Who sent it cannot be looked up now. The desk tries again later.';
  return row.disposition_reason === null
    ? WHY_WAITING[row.disposition]
    : sentenceOf(plain(row.disposition_reason));
}
