/** One committed message: read and authenticated first, then judged in the order own, automatic, author, intent. */
import type { Knex } from 'knex';
import { prepared } from '../db/prepared.ts';
import { asRows } from '../db/rows.ts';
import { storable } from '../db/storable.ts';
import { foldAscii } from '../domain/directory.ts';
import { assertNever } from '../domain/errors.ts';
import type { MailEvidence } from '../domain/evidence.ts';
import type { Handled, MailThread, UnderstoodMail } from '../domain/mail.ts';
import { headerFields } from '../domain/raw-header.ts';
import type { Understanding } from '../domain/request.ts';
import { failedMails } from './bounce-report.ts';
import type { CameBack, IngestDeps, StoredMessage } from './ports.ts';
import { retryAt } from './put-off.ts';
import type { MailFields } from './read-mail.ts';
import { isUnattended } from './understand/intent/unattended.ts';

/** A message with everything that can be found out without the database. */
export interface ReadMessage {
  readonly message: StoredMessage;
  readonly author: string | null;
  readonly content:
    | { readonly kind: 'unreadable'; readonly reason: string }
    | {
        readonly kind: 'read';
        readonly parsed: MailFields;
        /** It answers a form that was sent about a ticket. */
        readonly answersForm: boolean;
        readonly understanding: Understanding;
        readonly language: string;
        readonly disagrees: boolean;
        readonly asksAnyway: boolean;
        readonly sealed: boolean;
        readonly evidence: MailEvidence;
        /** What it is searched by. */
        readonly words: string;
      };
}

/** Reads one message. It touches no database; a mail that cannot be read is a value. */
export async function readMessage(deps: IngestDeps, message: StoredMessage): Promise<ReadMessage> {
  const unreadable = (reason: string): ReadMessage => ({
    message,
    author: null,
    content: { kind: 'unreadable', reason },
  });
  if (message.raw === null) return unreadable('the raw mail was erased');
  if (message.raw.length < message.size_bytes) return unreadable('the mail is larger than the desk accepts');
  const form = answersForm(deps, message.raw);
  const read = await deps.read(message.raw, form, message.arrived_at);
  if ('unreadable' in read) return unreadable(read.unreadable);
  const { fields: parsed, disagrees, asksAnyway, sealed, words, tellsLanguage } = read.reading;
  const language = (tellsLanguage ? null : deps.localeOf(message.mailbox)) ?? read.reading.language;
  const understanding = storable(read.reading.understanding);
  const evidence = storable(read.evidence);
  return {
    message,
    author: parsed.author,
    content: {
      kind: 'read',
      parsed,
      answersForm: form,
      understanding,
      language,
      disagrees,
      asksAnyway,
      sealed,
      evidence,
      words: storable(words),
    },
  };
}

/** What a mail said, for its row; `null` = it could not be read. */
export interface RowFacts {
  readonly author: string | null;
  readonly message_id_header: string | null;
  readonly in_reply_to: string | null;
  readonly reference_ids: readonly string[];
  readonly subject: string;
  readonly understanding: Understanding;
  readonly evidence: MailEvidence;
  readonly words: string;
}

export function rowFacts({ author, content }: Pick<ReadMessage, 'author' | 'content'>): RowFacts | null {
  if (content.kind === 'unreadable') return null;
  const { messageId, references } = threadOf(content.parsed);
  return {
    author,
    message_id_header: messageId,
    in_reply_to: storable(content.parsed.inReplyTo),
    reference_ids: references,
    subject: storable(content.parsed.subject.slice(0, SUBJECT_KEPT)),
    understanding: content.understanding,
    evidence: content.evidence,
    words: content.words,
  };
}

const threadOf = ({ messageId, references }: MailFields): MailThread => ({
  messageId: storable(messageId),
  references: storable(references.slice(-REFERENCES_KEPT)),
});

/** The columns that hold the facts of a mail, and of what type they come in a row `r` of JSON. */
export const FACT_COLUMNS = `author = r.author, message_id_header = r.message_id_header, in_reply_to = r.in_reply_to,
    reference_ids = array(select jsonb_array_elements_text(r.reference_ids)), subject = r.subject,
    understanding = r.understanding, evidence = r.evidence,
    words = to_tsvector('simple', concat_ws(' ', r.subject, r.author, replace(r.author, '@', ' '), r.words))`;
export const FACT_TYPES = `author text, message_id_header text, in_reply_to text, reference_ids jsonb, subject text,
    understanding jsonb, evidence jsonb, words text`;

/** The facts of a mail that is not decided yet. */
export async function writeFacts(trx: Knex.Transaction, mail: ReadMessage): Promise<void> {
  const facts = rowFacts(mail);
  if (facts !== null) await prepared(trx, WRITE_FACTS, [asRows([{ id: mail.message.id, ...facts }])]);
}

const WRITE_FACTS = `
  update messages m set ${FACT_COLUMNS}
  from jsonb_to_recordset(cast(? as jsonb)) as r (id bigint, ${FACT_TYPES})
  where m.id = r.id`;

/** Not decided: the mail is read again at that instant, in desk time. */
export interface PutOff {
  readonly retryAt: Date;
}

/** What is left to do about a message, as far as the message itself tells. */
type Judged =
  | { readonly kind: 'handled'; readonly handled: Handled }
  | ({ readonly kind: 'put_off' } & PutOff)
  /** These mails of ours came back. */
  | { readonly kind: 'bounces'; readonly came: CameBack; readonly asksAnyway: boolean }
  | { readonly kind: 'understood'; readonly mail: UnderstoodMail };

/** How a message stands to those before it. `now`: desk time. */
export interface Before {
  /** The same content was handled before. */
  readonly isRepeated: boolean;
  readonly now: Date;
}

/** Decides what becomes of one message. */
export async function decideMessage(
  trx: Knex.Transaction,
  deps: IngestDeps,
  mail: ReadMessage,
  before: Before,
): Promise<Handled | PutOff> {
  const judged = judgeMessage(deps, mail, before);
  switch (judged.kind) {
    case 'handled':
      return judged.handled;
    case 'put_off':
      return { retryAt: judged.retryAt };
    case 'bounces': {
      const handled = automatic(await deps.bounced(trx, judged.came));
      return judged.asksAnyway ? askingAnyway(handled) : handled;
    }
    case 'understood':
      return deps.handle(trx, judged.mail, before.now);
    default:
      return assertNever(judged);
  }
}

/**
 * What a message tells by itself. Touches nothing.
 *
 * What comes back to us and what machines write is told first, also where the bytes are odd: neither is ever answered, and a
 * report about a mail of ours must be heard however it was put together.
 */
export function judgeMessage(deps: IngestDeps, mail: ReadMessage, { isRepeated, now }: Before): Judged {
  if (mail.content.kind === 'unreadable') return forAgents('unreadable', mail.content.reason);
  const { parsed, understanding, language, disagrees, asksAnyway, evidence } = mail.content;
  if (isOwn(deps, mail.author, parsed)) return handled('own', 'one of our own mails came back');
  if (understanding.autoReply) {
    const came = bouncesIn(deps, mail.message, parsed);
    const asks = asksAnyway && !isRepeated;
    if (came.messageIds.length + came.outboxIds.length > 0)
      return { kind: 'bounces', came, asksAnyway: asks };
    return { kind: 'handled', handled: asks ? askingAnyway(automatic(0)) : automatic(0) };
  }
  if (isRepeated) return handled('duplicate', 'the same content was handled before');
  if (parsed.review !== null || mail.author === null) {
    return forAgents('other', parsed.review ?? 'there is not exactly one plain author');
  }
  if (isUnattended(mail.author)) {
    const reason = 'nobody reads at the address that it came from';
    return understanding.intent === 'other' ? handled('automatic', reason) : forAgents('automatic', reason);
  }
  // A stop is heard all the same, in the next lines too: it only holds.
  if (wantsNoAnswer(parsed) && understanding.intent !== 'cancel') {
    const reason = 'its sender asks for no automatic answer of any kind';
    return understanding.intent === 'other' ? handled('automatic', reason) : forAgents('automatic', reason);
  }
  // An answering machine that does not say so may still write to the envelope sender; people answer to Reply-To.
  if (
    envelopeAddresses(parsed).some((address) => deps.bounceOf(address) !== null) &&
    understanding.intent !== 'cancel'
  ) {
    // Whatever it says, a person may have meant it: an unclear "yes" too.
    return forAgents('automatic', 'it came to an address to which only mail systems write');
  }
  if (disagrees && understanding.intent !== 'cancel') {
    return forAgents('other', 'the text and the HTML of the mail ask for different things');
  }
  if (mail.content.sealed && understanding.intent !== 'cancel') {
    return forAgents('other', 'the words of the mail are encrypted or packed');
  }
  const standing = deps.standingOf(evidence);
  const isCancel = understanding.intent === 'cancel';
  if (standing === 'undetermined' && !isCancel) {
    const again = retryAt(mail.message.put_off_at, now);
    if (again !== null) return { kind: 'put_off', retryAt: again };
  }
  return {
    kind: 'understood',
    mail: {
      messageId: mail.message.id,
      author: mail.author,
      // A stop only pauses: it does not wait for proof.
      standing: standing === 'undetermined' && isCancel ? 'unproven' : standing,
      understanding,
      language,
      closer: closer(deps, mail.message, mail.content.answersForm),
      answersForm: mail.content.answersForm,
      addressedTo: [...parsed.to, ...parsed.cc],
      references: storable([...parsed.references, ...(parsed.inReplyTo === null ? [] : [parsed.inReplyTo])]),
      subject: storable(parsed.subject),
      thread: threadOf(parsed),
      arrivedAt: mail.message.arrived_at,
    },
  };
}

export function closer(
  deps: Pick<IngestDeps, 'closer'>,
  { raw }: Pick<StoredMessage, 'raw'>,
  form: boolean,
): UnderstoodMail['closer'] {
  const reading = deps.closer(raw ?? Buffer.alloc(0), form);
  return {
    ...reading,
    workspace: async () => storable(await reading.workspace()),
    answersTo: async (...asked) => storable(await reading.answersTo(...asked)),
  };
}

/** Exchange's word for every kind of automatic answer; it lists single kinds in what people write. */
const wantsNoAnswer = (parsed: MailFields): boolean =>
  parsed.header.get('x-auto-response-suppress')?.some((value) => /\ball\b/i.test(value)) === true;

/** A form that was sent about a ticket. One that asked what to delete at all belongs to none: its answer is a new request. */
export function answersForm(deps: Pick<IngestDeps, 'ownMail'>, raw: Buffer): boolean {
  const field = headerFields(raw)?.find(({ name }) => name === 'in-reply-to');
  const answered = field === undefined ? null : deps.ownMail(field.value);
  return answered?.template === 'needs_details' && answered.tag !== null;
}

const ASKS_ANYWAY = 'an automatic mail asks for a deletion, or to stop one: automatic mail is not answered';
const REFERENCES_KEPT = 50;
const SUBJECT_KEPT = 500;

const handled = (disposition: Handled['disposition'], reason: string): Judged => ({
  kind: 'handled',
  handled: { disposition, reason, conversationId: null, needsAgent: false },
});

const forAgents = (disposition: Handled['disposition'], reason: string): Judged => ({
  kind: 'handled',
  handled: { disposition, reason, conversationId: null, needsAgent: true },
});

/** The loop check comes first of all: our mark, our Message-ID or our own address. */
function isOwn(deps: IngestDeps, author: string | null, parsed: MailFields): boolean {
  return (
    parsed.header.get('x-purgedesk-loop')?.some((value) => value.trim() === deps.instanceId) === true ||
    (parsed.messageId !== null && deps.ownMail(parsed.messageId) !== null) ||
    (author !== null && deps.deskAddresses.some((address) => author === foldAscii(address)))
  );
}

/** Never answered. A report that mails of ours did not arrive marks those as undeliverable. */
const automatic = (bounced: number): Handled => ({
  disposition: 'automatic',
  reason:
    bounced > 0 ? `${bounced} mail(s) of ours could not be delivered` : 'automatic mail is not answered',
  conversationId: null,
  needsAgent: bounced > 0,
});

const askingAnyway = (handledAs: Handled): Handled => ({
  ...handledAs,
  reason: ASKS_ANYWAY,
  needsAgent: true,
});

/** A report goes to the envelope sender of what it is about, which tells the mail even where nothing of it is quoted. */
function bouncesIn(deps: IngestDeps, { raw }: StoredMessage, parsed: MailFields): CameBack {
  const outboxIds = envelopeAddresses(parsed).flatMap((address) => deps.bounceOf(address) ?? []);
  const report = {
    reportType: parsed.contentType.reportType,
    returnPath: parsed.returnPath,
    subject: parsed.subject,
    isOurs: outboxIds.length > 0,
  };
  const failed = raw === null ? null : failedMails(raw, report, (id) => deps.ownMail(id) !== null);
  return failed === null
    ? { messageIds: [], outboxIds: [] }
    : { messageIds: failed, outboxIds: [...new Set(outboxIds)] };
}

/** Whom it was delivered to, as far as its header says; servers note the envelope in fields of their own. */
const envelopeAddresses = ({ to, cc, header }: MailFields): readonly string[] => [
  ...to,
  ...cc,
  ...(['delivered-to', 'x-original-to', 'envelope-to'] as const).flatMap((name) =>
    (header.get(name) ?? []).slice(0, 3).map((value) => value.trim().replace(/^<|>$/g, '')),
  ),
];
