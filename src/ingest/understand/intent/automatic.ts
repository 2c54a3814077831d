import type { MailToRead } from '../mail-to-read.ts';
import { htmlToText } from '../own-text/html-text.ts';
import { linesOf, markQuotes } from '../own-text/quotes.ts';
import { withoutDisclaimers } from '../own-text/signature.ts';
import { fold } from '../sentences/words.ts';
import { MACHINE_WORDS } from '../vocabulary/machine.ts';
import { isReturnedMail, RETURNED_LOOK } from './returned-mail.ts';
import { isDaemon, isMailer, isUnattended } from './unattended.ts';

/** `report`: about a mail that failed, was read or was complained about, or of a daemon. `other`: any other program's. */
export type AutomaticKind = 'report' | 'other';

/** Whether a machine wrote the mail: see `automaticKind`. */
export const isAutomatic = (mail: MailToRead): boolean => automaticKind(mail) !== null;

/**
 * What kind of machine wrote the mail, `null` = a person: RFC 3834 (Auto-Submitted), RFC 3464, 8098 and 5965 (reports),
 * RFC 2919 and 2369 (lists), RFC 5546 (meetings), RFC 5321 section 4.5.5 (null path), what programs without those
 * fields write into their own, and what they say of themselves. `X-Auto-Response-Suppress` alone is no sign: Exchange
 * puts it into what people write. A person who mentions an absence and asks for something stays a person.
 */
export function automaticKind(mail: MailToRead): AutomaticKind | null {
  if (isReport(mail)) return 'report';
  const submitted = mail.header('auto-submitted').map(keywordOf);
  if (submitted.some((keyword) => keyword !== '' && keyword !== 'no')) return 'other';
  if (saysSoInFields(mail)) return 'other';
  const subject = fold(mail.subject.slice(0, SUBJECT_CHARS_MAX)).trimStart();
  if (startsWithOne(subject, SUBJECT_OPENERS)) return 'other';
  return !submitted.includes('no') && saysSoInWords(mail, subject) ? 'other' : null;
}

/** Openers by their first letter, so that most subjects are done after a few comparisons. */
const byLetter = (openers: readonly string[]): ReadonlyMap<string, readonly string[]> =>
  Map.groupBy(openers, (opener) => opener.slice(0, 1));
const SUBJECT_OPENERS = byLetter(MACHINE_WORDS.subjectOpeners);
const SUBJECT_HINTS = byLetter(MACHINE_WORDS.subjectHints);

const startsWithOne = (text: string, openers: ReadonlyMap<string, readonly string[]>): boolean =>
  openers.get(text.slice(0, 1))?.some((opener) => text.startsWith(opener)) === true;

const SUBJECT_CHARS_MAX = 300;
const FIELD_CHARS_MAX = 1_000;

/** The first word of a structured field, without comments, quotes and parameters. */
const keywordOf = (value: string): string =>
  fold(withoutComments(value.slice(0, FIELD_CHARS_MAX)).replace(/"/g, '').split(/[;,]/)[0] ?? '').trim();

/** RFC 5322 section 3.2.2: comments nest. */
function withoutComments(value: string): string {
  if (!value.includes('(')) return value;
  let depth = 0;
  let kept = '';
  for (const sign of value) {
    if (sign === '(') depth += 1;
    else if (sign === ')' && depth > 0) depth -= 1;
    else if (depth === 0) kept += sign;
  }
  return kept;
}

function isReport(mail: MailToRead): boolean {
  if (REPORTS.has(mail.mediaType) || mail.partTypes.some((type) => REPORTS.has(type))) return true;
  if (mail.header('x-failed-recipients').length > 0) return true;
  return isMailer(fromOf(mail));
}

/** The author's address, or what stands in the place of one. */
function fromOf(mail: MailToRead): string {
  const from = fold((mail.header('from')[0] ?? '').slice(0, FIELD_CHARS_MAX));
  return mail.author ?? from.slice(from.lastIndexOf('<') + 1).replace(/>.*/, '');
}

function saysSoInFields(mail: MailToRead): boolean {
  if (isDaemon(fromOf(mail))) return true;
  if (mail.mediaType === 'text/calendar' || mail.partTypes.some((type) => MEETING.test(type))) return true;
  const all = (name: string): readonly string[] => mail.header(name).map(keywordOf);
  if ([...all('precedence'), ...all('x-precedence')].some((word) => PRECEDENCES.has(word))) return true;
  if (PRESENT.some((name) => all(name).some((word) => word !== 'no'))) return true;
  // An empty From and an empty path are the same thing: nobody to answer.
  if ([...mail.header('return-path'), ...mail.header('from')].some(isNullPath)) return true;
  if (all('delivered-to').includes('autoresponder')) return true;
  if (all('x-mailer').some((word) => /^(?:vacation|autorespon|auto-respon)|\bautoresponder\b/.test(word)))
    return true;
  return all('content-class').includes('urn:content-classes:calendarmessage');
}

const isNullPath = (value: string): boolean => value.slice(0, FIELD_CHARS_MAX).replace(/[<>\s]/g, '') === '';

/** The media types of reports (RFC 6522, 3464, 6533, 8098, 5965). */
const REPORTS = new Set([
  'multipart/report',
  'message/delivery-status',
  'message/global-delivery-status',
  'message/disposition-notification',
  'message/global-disposition-notification',
  'message/feedback-report',
]);
/** A part with a method is a meeting program's message, not somebody's file (RFC 6047 section 2.4). */
const MEETING = /^text\/calendar; method=./;
const PRECEDENCES = new Set(['bulk', 'junk', 'list', 'auto_reply', 'auto-reply', 'autoreply']);

/** Fields whose presence is enough, unless they say "no". */
const PRESENT = [
  'list-id',
  'list-unsubscribe',
  'list-post',
  'list-help',
  'list-subscribe',
  'list-owner',
  'list-archive',
  'x-mailing-list',
  'mailing-list',
  'x-autoreply',
  'x-auto-reply',
  'x-autorespond',
  'x-auto-respond',
  'x-autoresponse',
  'x-autoresponder',
  'x-autoreply-from',
  'x-mail-autoreply',
  'x-autogenerated',
  'x-amazon-auto-reply',
  'x-vacation',
  'x-auto-submitted',
  'x-auto-reply-from',
  'x-autoreply-to',
  'x-autoanswer',
  'x-away-message',
  'x-mailer-daemon-error',
  'x-ms-exchange-message-is-ndr',
  'x-amz-sns-message-id',
  'x-listserver',
  'x-list',
  'x-mlserver',
  'x-ml-name',
  'x-mailman-version',
  'x-zendesk-auto-response',
  'x-osticket-loop',
  'x-loop',
  'x-cron-env',
  'x-jira-fingerprint',
  'x-rt-loop-prevention',
  'x-roundup-loop',
  'x-otrs-loop',
  'x-ms-exchange-generated-message-source',
  'x-purgedesk-loop',
];

const BODY_CHARS_MAX = 3_000;
/** Beginnings of all phrases below, but for those of self-mentions that stand above. */
const FIRST_LOOK =
  /autom|auto-?(?:gener|repl|resp)|offic|vacation|holiday|leave|away|travel|longer|not monitored|do not re|büro|urlaub|abwesen|erreichbar|elternzeit|haus|absent|cong|vacanc|bureau|oficina|ausente|vacaciones|escrit|férias|ufficio|sede|assent|ferie|vacanz|kantoor|aanwezig|afwezig|vakantie|verlof|不在|休|外出|自動|返信|送信専用|received|reçu|recib|receb|ricevut|ontvangen|erhalten|eingegangen|contact|created|ihre anfrage|ihre nachricht|bedankt voor|gracias por|obrigado por|grazie per|受|問い合|human|held|approv|moderat|boxbe|spamarrest|read|gelesen|lu$|leído|lid[ao]|lett[ao]|gelezen|開封/;

function saysSoInWords(mail: MailToRead, subject: string): boolean {
  const hinted = startsWithOne(subject, SUBJECT_HINTS) || isUnattended(mail.author ?? '');
  const suppresses = mail
    .header('x-auto-response-suppress')
    .some((value) => /\b(?:all|autoreply)\b/i.test(value));
  const raw = mail.text !== null && mail.text.trim() !== '' ? mail.text : (mail.html ?? '');
  const look = aboveQuote(fold(raw.slice(0, BODY_CHARS_MAX)));
  if (RETURNED_LOOK.test(look) && saysItReturned(mail, raw)) return true;
  // Most mails ask for something and are done here.
  if (!suppresses && ASKS.test(look) && !SELF_LOOK.test(look)) return false;
  if (!hinted && !FIRST_LOOK.test(look)) return false;
  const body = fold(ownWords(mail));
  const has = (phrases: readonly string[]): boolean => phrases.some((phrase) => body.includes(phrase));
  const own = has(MACHINE_WORDS.selfMentions);
  const acknowledged = has(MACHINE_WORDS.acknowledgements);
  // "We have received your request to delete …" speaks of our matter and asks for nothing.
  if (acknowledged && (own || suppresses)) return true;
  if (ASKS.test(body)) return false;
  if (hinted || own) return true;
  if (has(MACHINE_WORDS.absences) && (suppresses || has(MACHINE_WORDS.absenceDetails))) return true;
  if (acknowledged && (REFERENCE.test(body) || REFERENCE.test(subject))) return true;
  if (has(MACHINE_WORDS.receipts)) return body.length < RECEIPT_CHARS_MAX;
  return has(MACHINE_WORDS.challenges);
}

const RECEIPT_CHARS_MAX = 600;

function saysItReturned(mail: MailToRead, raw: string): boolean {
  const own = fold(ownWords(mail));
  return isReturnedMail(own, raw, own.search(ASKS));
}

/** A quick cut: up to the first thing that looks like a quote or a disclaimer. */
function aboveQuote(folded: string): string {
  let end = folded.length;
  for (const sign of ['\n>', '\nfrom:', '\n---', '\n___', ...CONFIDENTIAL]) {
    const at = folded.indexOf(sign);
    if (at !== -1 && at < end) end = at;
  }
  return folded.slice(0, end);
}

const CONFIDENTIAL = [
  '<blockquote',
  'confiden',
  'intended',
  'vertraulich',
  'riservat',
  'vertrouwelijk',
  '機密',
];

/** The beginnings of what a program says of itself. */
const SELF_LOOK =
  /autom|auto-?gener|do not re|don't re|monitored|system.generated|antworten|répond|respond|conteste|rispond|op dit bericht|op deze e-mail|beantwoord|自動|返信|送信専用/;

/** The beginning of what is neither quoted nor a disclaimer, with its lines joined. */
function ownWords(mail: MailToRead): string {
  const text =
    mail.text !== null && mail.text.trim() !== ''
      ? mail.text
      : htmlToText((mail.html ?? '').slice(0, HTML_CHARS_MAX));
  const { own } = markQuotes(linesOf(text.slice(0, BODY_CHARS_MAX)), false);
  return withoutDisclaimers(own)
    .map((line) => line.text.trim())
    .join(' ');
}

const HTML_CHARS_MAX = 40_000;

/** A number that a ticket system gave: "#4711", "[Ticket 4711]", "case number 4711". */
const REFERENCE =
  /#\s?\d{3,}|(?:ticket|case|request|reference|vorgang|anfrage|fall|référence|demande|caso|solicitud|referencia|pedido|richiesta|zaak|aanvraag|番号)\D{0,20}\d{3,}/;

/** Whether a text holds a word about our matter at all; no such word, no request. */
export const speaksOfOurMatter = (text: string): boolean => ASKS.test(fold(text));

/** Words about our matter: to delete, to stop, how it stands, or a code. */
const ASKS =
  /delet|eras|purg|remov|cancel|\bstop\b|withdraw|status|progress|lösch|entfern|storn|widerruf|supprim|effac|annul|borr|elimin|suprim|apag|exclu|remova|cancell|rimuov|verwijder|wissen|annuleer|intrek|削除|消去|取り消|取消|キャンセル|(?<![\d+/.-])\d{3} ?\d{3}(?!\d|[/.-]\d)|workspace|arbeitsbereich/;
