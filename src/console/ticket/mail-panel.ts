/** The mail beside the fields: its words, each field's marked with its number. */
import { plain } from '../../domain/words.ts';
import { type Block, blocksOf, fieldOf, type Mark, type Part, partsOf } from './mail-text.ts';
import type { MailWords, Unreadable } from './ports.ts';
import type { MailInRow, TicketRecord } from './read-ticket.ts';
import type { FieldLine } from './what-is-asked.ts';

export interface MailPanel {
  readonly id: number;
  readonly from: string;
  readonly subject: readonly Part[];
  readonly at: string;
  readonly sizeBytes: string;
  /** Where its parts are. */
  readonly path: string;
  /** Set when it was not read for this page: where it is, and what was read when it came. */
  readonly later: {
    readonly href: string;
    readonly quotes: readonly { readonly label: string; readonly text: string }[];
  } | null;
  readonly problem: string | null;
  readonly words: {
    readonly blocks: readonly Block[];
    readonly cut: string | null;
    readonly warnings: readonly string[];
    readonly notTaken: readonly { readonly text: string; readonly why: string }[];
    readonly attachments: readonly {
      /** From 1. */
      readonly no: number;
      readonly label: string;
      readonly size: string;
    }[];
    readonly hasHtml: boolean;
  } | null;
}

/** Fields that a mail can speak of, as the table of fields names them. */
const LABELS: Readonly<Record<string, string>> = {
  scope: 'To delete',
  workspace: 'Workspace',
  source: 'Source',
  space: 'Unify space',
  users: 'Users',
  project: 'Project',
  events: 'Events',
  properties: 'Properties',
  timeFrame: 'Days',
  ticket: 'Ticket',
  code: 'Code',
};

/** The mail to show: the one that was asked for, else the one that opened the ticket. */
export function chosenMail({ ticket, mailsIn }: TicketRecord, asked: number | null): MailInRow | null {
  const id = asked ?? ticket.message_id;
  return mailsIn.find((mail) => mail.id === id) ?? null;
}

export function mailPanel(
  record: TicketRecord,
  mail: MailInRow,
  words: MailWords | Unreadable | null,
  {
    base,
    path,
    lines,
  }: { readonly base: string; readonly path: string; readonly lines: readonly FieldLine[] },
): MailPanel {
  const erased = mail.erased_at !== null || !mail.has_raw;
  const isReadable = words !== null && !('unreadable' in words) && !erased;
  return {
    id: mail.id,
    from: mail.author === null ? (erased ? 'erased' : 'nobody in particular') : plain(mail.author),
    subject: partsOf(isReadable ? words.subject.slice(0, SUBJECT_MAX) : (mail.subject ?? '')),
    at: mail.arrived_at.toISOString(),
    sizeBytes: bytesInWords(mail.size_bytes),
    path: `${base}/mails/${mail.id}`,
    later:
      erased || words !== null
        ? null
        : { href: `${path}?mail=${mail.id}#mail`, quotes: quotesOf(record, mail) },
    problem: erased
      ? 'The mail itself was erased.'
      : words !== null && 'unreadable' in words
        ? words.unreadable
        : null,
    words: isReadable ? shownWords(record, mail, words, lines) : null,
  };
}

const SUBJECT_MAX = 300;
const QUOTES_MAX = 20;

/** What was read when the mail came in, for a page that does not wait for it to be read again. */
const quotesOf = (record: TicketRecord, mail: MailInRow) =>
  (mail.quotes ?? [])
    .filter((quote) => isOurs(record, mail, fieldOf(quote).request))
    .slice(0, QUOTES_MAX)
    .map((quote) => ({ label: LABELS[fieldOf(quote).key] ?? plain(quote.field), text: plain(quote.text) }));

/** A mail that opened several tickets speaks of each; of any other mail nobody says which ticket its fields are for. */
const isOurs = ({ ticket }: TicketRecord, mail: MailInRow, request: number | null): boolean =>
  request === null || mail.id !== ticket.message_id || request === ticket.request_no;

function shownWords(
  record: TicketRecord,
  mail: MailInRow,
  words: MailWords,
  lines: readonly FieldLine[],
): MailPanel['words'] {
  return {
    blocks: blocksOf(words.text, marksOf(record, mail, words, lines), words.leftOut),
    cut: words.cut === 0 ? null : words.cut.toLocaleString('en'),
    warnings: words.warnings,
    notTaken: words.notTaken.map(({ text, why }) => ({ text: plain(text).slice(0, 120), why })),
    attachments: words.attachments.map(({ type, sizeBytes }, index) => ({
      no: index + 1,
      label: `Attachment ${index + 1} (${plain(type).slice(0, 60)})`,
      size: bytesInWords(sizeBytes),
    })),
    hasHtml: words.hasHtml,
  };
}

function marksOf(
  record: TicketRecord,
  mail: MailInRow,
  { fields }: MailWords,
  lines: readonly FieldLine[],
): readonly Mark[] {
  const seen = new Map<number, number>();
  return fields.flatMap((field) => {
    const { request, key } = fieldOf(field);
    const n = lines.find((line) => line.key === key)?.n ?? 0;
    if (field.where !== 'text' || n === 0 || !isOurs(record, mail, request)) return [];
    const count = (seen.get(n) ?? 0) + 1;
    seen.set(n, count);
    return [{ n, id: markId(n, count), label: LABELS[key] ?? key, start: field.start, end: field.end }];
  });
}

const markId = (n: number, count: number): string => (count === 1 ? `words-${n}` : `words-${n}-${count}`);
const LINKS_MAX = 5;

/** The table of fields with a link to the words that each came from. */
export function withMarks(lines: readonly FieldLine[], panel: MailPanel | null): readonly FieldLine[] {
  const ids = new Set(
    (panel?.words?.blocks ?? []).flatMap(({ pieces }) =>
      pieces.flatMap(({ around }) => around.flatMap(({ id }) => (id === null ? [] : [id]))),
    ),
  );
  return lines.map((line) => {
    const { n } = line;
    const marks = Array.from({ length: LINKS_MAX }, (_, index) => markId(n, index + 1)).filter((id) =>
      ids.has(id),
    );
    return { ...line, marks: marks.map((id) => ({ id })) };
  });
}

function bytesInWords(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  return bytes < 1_024 * 1_024
    ? `${Math.ceil(bytes / 1_024)} KB`
    : `${(bytes / 1_024 / 1_024).toFixed(1)} MB`;
}
