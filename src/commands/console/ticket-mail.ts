/** What the page of a ticket shows of a mail: read in the desk's reading threads, the last ones kept for a while. */
import { shortened } from '../../console/ticket/mail-text.ts';
import type { FieldWords, KeptBack, MailPorts, MailWords, Unreadable } from '../../console/ticket/ports.ts';
import { mailRow, rawMail } from '../../ingest/agent-mails.ts';
import { answersForm } from '../../ingest/ingest-message.ts';
import type { MailLook } from '../../ingest/look-at-mail.ts';
import type { Explanation } from '../../ingest/understand/explanation.ts';
import type { Desk } from '../desk.ts';
import { LEFT_OUT_WORDS, WHY_WORDS } from '../why-words.ts';
import { mailShields, type Shields, shieldedHtml, shieldedWords } from './kept-back.ts';

/** Nobody reads more of a mail on a page; the rest is in the mail itself. UTF-16 code units. */
const TEXT_MAX = 20_000;
const MARKS_MAX = 200;
const NOT_TAKEN_MAX = 12;
const ATTACHMENTS_MAX = 50;

const KEPT_MAX = 200;
const KEPT_MS = 10 * 60_000;

export function ticketMails(desk: Desk, shields: Shields = mailShields(desk)): MailPorts {
  const { db } = desk;
  const kept = new Map<number, { readonly words: MailWords | Unreadable; readonly until: number }>();
  const keep = (id: number, words: MailWords | Unreadable): void => {
    kept.delete(id);
    kept.set(id, { words, until: performance.now() + KEPT_MS });
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  };
  const atHand = (id: number): MailWords | Unreadable | null => {
    const found = kept.get(id);
    if (found === undefined) return null;
    if (found.until > performance.now()) return found.words;
    kept.delete(id);
    return null;
  };
  return {
    // What is hidden changes while the words are kept.
    async atHand(id) {
      const words = atHand(id);
      return words === null ? null : shieldedWords(words, await shields.of(id));
    },
    async read(id) {
      const words = atHand(id) ?? (await readMail(desk, id));
      keep(id, words);
      return shieldedWords(words, await shields.of(id));
    },
    async html(id) {
      const raw = await rawMail(db, id);
      if (raw === null) return null;
      const shield = await shields.of(id);
      return shield.codes ?? shieldedHtml(await desk.mailParts.html(raw), shield);
    },
    async attachment(id, no): Promise<Uint8Array | KeptBack | null> {
      const raw = await rawMail(db, id);
      if (raw === null) return null;
      const { codes } = await shields.of(id);
      const bytes = codes === null ? await desk.mailParts.attachment(raw, no) : null;
      return codes ?? (bytes === null ? null : ((await shields.linksIn(bytes)) ?? bytes));
    },
  };
}

async function readMail(desk: Desk, id: number): Promise<MailWords | Unreadable> {
  const row = await mailRow(desk.db, id);
  const raw = row === null ? null : await rawMail(desk.db, id);
  if (row === null || raw === null) return { unreadable: 'The mail itself was erased.' };
  if (raw.length < row.size_bytes) return { unreadable: 'The mail is larger than the desk accepts.' };
  const look = await desk.look(raw, answersForm(desk.ingest, raw));
  return 'unreadable' in look
    ? { unreadable: `The mail cannot be read: ${look.unreadable}.` }
    : wordsOf(look);
}

function wordsOf(look: MailLook): MailWords {
  const { explanation } = look;
  return {
    subject: explanation.subject,
    ...shortened(explanation.source, TEXT_MAX),
    fields: explanation.fields.slice(0, MARKS_MAX).flatMap((field) => placed(explanation, field)),
    leftOut: explanation.leftOut.map(({ why, start, end }) => ({ why: LEFT_OUT_WORDS[why], start, end })),
    notTaken: explanation.notTaken
      .slice(0, NOT_TAKEN_MAX)
      .map(({ text, why }) => ({ text, why: WHY_WORDS[why] })),
    warnings: warningsOf(look),
    attachments: look.attachments
      .slice(0, ATTACHMENTS_MAX)
      .map(({ contentType, sizeBytes }) => ({ type: contentType, sizeBytes })),
    hasHtml: look.hasHtml,
  };
}

const warningsOf = ({ automatic, sealed, explanation }: MailLook): readonly string[] => [
  ...(automatic ? ['A machine or a list sent it.'] : []),
  ...(sealed ? ['Its words are encrypted or packed, and were not read.'] : []),
  ...(explanation.disagrees ? ['Its text and its HTML ask for different things.'] : []),
  ...(explanation.ownText.unsure ? ['What was left out may be the writer’s own words.'] : []),
  ...(explanation.ownText.forward === 'none' ? [] : ['It passes on somebody else’s mail.']),
];

/** From the own text, whose lines may have lost the marks of quotes, to the body as it came. */
function placed(
  { ownText, source }: Pick<Explanation, 'ownText' | 'source'>,
  { field, where, start, end }: FieldWords,
): readonly FieldWords[] {
  if (where === 'subject') return [{ field, where, start, end }];
  return ownText.lines.flatMap((line) => {
    const from = Math.max(start, line.start);
    const to = Math.min(end, line.start + line.length);
    if (from >= to) return [];
    const shift = line.sourceStart - line.start;
    // A line that was put together differently than it stands there is not pointed at.
    if (source.slice(from + shift, to + shift) !== ownText.text.slice(from, to)) return [];
    return [{ field, where, start: from + shift, end: to + shift }];
  });
}
