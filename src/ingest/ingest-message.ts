/** One committed message: read and authenticated first, then judged in the order own, automatic, author, intent. */
import type { Knex } from 'knex';
import { storable } from '../db/storable.ts';
import { foldAscii } from '../domain/directory.ts';
import type { MailEvidence } from '../domain/evidence.ts';
import type { Handled, UnderstoodMail } from '../domain/mail.ts';
import type { Understanding } from '../domain/request.ts';
import { authorOf, isUnreadable, type ParsedMessage, parseMessage } from './parse-message.ts';
import type { IngestDeps, StoredMessage } from './ports.ts';
import { closerReading } from './understand/answers/answers.ts';
import { explain, type MailToRead, mailToRead } from './understand/understand.ts';

/** A message with everything that can be found out without the database. */
export interface ReadMessage {
  readonly message: StoredMessage;
  readonly author: string | null;
  readonly content:
    | { readonly kind: 'unreadable'; readonly reason: string }
    | {
        readonly kind: 'read';
        readonly parsed: ParsedMessage;
        readonly understanding: Understanding;
        readonly language: string;
        readonly disagrees: boolean;
        readonly evidence: MailEvidence;
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
  const parsed = await parseMessage(message.raw);
  if (isUnreadable(parsed)) return unreadable(parsed.unreadable);
  const author = authorOf(parsed);
  try {
    const reading = explain(mailToRead(parsed, answersForm(deps, parsed)));
    const understanding = storable(reading.understanding);
    const evidence = storable(await deps.authenticate(message.raw, author, message.arrived_at));
    const { language, disagrees } = reading;
    return {
      message,
      author,
      content: { kind: 'read', parsed, understanding, language, disagrees, evidence },
    };
  } catch (error) {
    // Whatever a mail does to the reader, the next mail is handled and an agent sees this one.
    deps.log('error', 'a mail could not be understood', {
      message: message.id,
      code: error instanceof Error ? error.name : 'unknown',
    });
    return unreadable('the mail could not be understood');
  }
}

/** What the mails of a set said, in one statement: threads are looked up by it when replies are written. */
export async function writeFacts(trx: Knex.Transaction, mails: readonly ReadMessage[]): Promise<void> {
  const rows = mails.flatMap(({ message, author, content }) =>
    content.kind === 'unreadable'
      ? []
      : [
          {
            id: message.id,
            author,
            message_id_header: storable(content.parsed.messageId),
            in_reply_to: storable(content.parsed.inReplyTo),
            reference_ids: storable(content.parsed.references.slice(-REFERENCES_KEPT)),
            subject: storable(content.parsed.subject.slice(0, SUBJECT_KEPT)),
            understanding: content.understanding,
            evidence: content.evidence,
          },
        ],
  );
  if (rows.length > 0) await trx.raw(WRITE_FACTS, [JSON.stringify(rows)]);
}

const WRITE_FACTS = `
  update messages m set author = r.author, message_id_header = r.message_id_header, in_reply_to = r.in_reply_to,
    reference_ids = array(select jsonb_array_elements_text(r.reference_ids)), subject = r.subject,
    understanding = r.understanding, evidence = r.evidence
  from jsonb_to_recordset(cast(? as jsonb)) as r (id bigint, author text, message_id_header text, in_reply_to text,
    reference_ids jsonb, subject text, understanding jsonb, evidence jsonb)
  where m.id = r.id`;

/**
 * Decides what becomes of one message.
 * @param isRepeated - the same content was handled before
 */
export async function decideMessage(
  trx: Knex.Transaction,
  deps: IngestDeps,
  mail: ReadMessage,
  isRepeated: boolean,
): Promise<Handled> {
  if (mail.content.kind === 'unreadable') {
    return {
      disposition: 'unreadable',
      reason: mail.content.reason,
      conversationId: null,
      needsAgent: true,
    };
  }
  const { parsed, understanding, language, disagrees, evidence } = mail.content;
  if (isOwn(deps, mail.author, parsed)) return done('own', 'one of our own mails came back');
  if (understanding.autoReply) return automatic(trx, deps, mail.message, parsed);
  if (isRepeated) return done('duplicate', 'the same content was handled before');
  if (mail.author === null) {
    return { ...done('other', 'there is not exactly one plain author'), needsAgent: true };
  }
  // A stop is heard all the same: it only holds.
  if (disagrees && understanding.intent !== 'cancel') {
    return {
      ...done('other', 'the text and the HTML of the mail ask for different things'),
      needsAgent: true,
    };
  }
  return deps.handle(trx, {
    messageId: mail.message.id,
    author: mail.author,
    standing: deps.standingOf(evidence),
    understanding,
    language,
    closer: closer(mailToRead(parsed, answersForm(deps, parsed))),
    answersForm: answersForm(deps, parsed),
    addressedTo: [...parsed.to, ...parsed.cc],
    references: storable([...parsed.references, ...(parsed.inReplyTo === null ? [] : [parsed.inReplyTo])]),
    subject: storable(parsed.subject),
    arrivedAt: mail.message.arrived_at,
  });
}

function closer(mail: MailToRead): UnderstoodMail['closer'] {
  const reading = closerReading(mail);
  return { ...reading, answersTo: (...asked) => storable(reading.answersTo(...asked)) };
}

/** A form that was sent about a ticket. One that asked what to delete at all belongs to none: its answer is a new request. */
function answersForm(deps: IngestDeps, parsed: ParsedMessage): boolean {
  const answered = parsed.inReplyTo === null ? null : deps.ownMail(parsed.inReplyTo);
  return answered?.template === 'needs_details' && answered.tag !== null;
}

const REFERENCES_KEPT = 50;
const SUBJECT_KEPT = 500;

const done = (disposition: Handled['disposition'], reason: string): Handled => ({
  disposition,
  reason,
  conversationId: null,
  needsAgent: false,
});

/** The loop check comes first of all: our mark, our Message-ID or our own address. */
function isOwn(deps: IngestDeps, author: string | null, parsed: ParsedMessage): boolean {
  return (
    parsed.header('x-purgedesk-loop').some((value) => value.trim() === deps.instanceId) ||
    (parsed.messageId !== null && deps.ownMail(parsed.messageId) !== null) ||
    (author !== null && author === foldAscii(deps.deskAddress))
  );
}

/** Never answered. A report that quotes mails of ours marks those as undeliverable. */
async function automatic(
  trx: Knex.Transaction,
  deps: IngestDeps,
  message: StoredMessage,
  parsed: ParsedMessage,
): Promise<Handled> {
  const isReport = parsed.contentType.reportType === 'delivery-status' || parsed.returnPath === '';
  const bounced = isReport ? await deps.bounced(trx, ownMessageIdsIn(deps, message)) : 0;
  return bounced > 0
    ? { ...done('automatic', `${bounced} mail(s) of ours could not be delivered`), needsAgent: true }
    : done('automatic', 'automatic mail is not answered');
}

/** Reports quote the headers of the mail that failed in parts of many types: our keyed mark is looked for everywhere. */
function ownMessageIdsIn(deps: IngestDeps, message: StoredMessage): readonly string[] {
  const text = message.raw?.toString('latin1', 0, REPORT_READ) ?? '';
  const ids = [...text.matchAll(/<[^<>\s@]{1,200}@[^<>\s@]{1,200}>/g)].map((match) => match[0]);
  return [...new Set(ids)].filter((id) => deps.ownMail(id) !== null);
}

const REPORT_READ = 200_000;
