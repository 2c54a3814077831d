import { fold } from '../sentences/words.ts';
import { RETURNED_MAIL } from '../vocabulary/returned-mail.ts';

/**
 * Whether a text is a program's report that a mail did not arrive, was read or was complained about, without any field
 * that says so: it begins as such programs do, holds fields of a report (RFC 3464, 8098, 5965), or names a failure and
 * a detail that only a program gives, both before anything that looks like a request.
 * @param own - folded beginning of what is neither quoted nor a disclaimer, its lines joined
 * @param raw - the whole text
 * @param asksAt - where in `own` our matter is spoken of first; -1 = nowhere
 */
export function isReturnedMail(own: string, raw: string, asksAt: number): boolean {
  const opening = own.slice(0, OPENING);
  if (RETURNED_MAIL.openers.some((opener) => opening.includes(opener))) return true;
  const head = asksAt === -1 ? own : own.slice(0, asksAt);
  const early = head.slice(0, EARLY);
  if (RETURNED_MAIL.failures.some((failure) => early.includes(failure)) && hasDetail(head)) return true;
  return hasReportFields(raw);
}

/** Beginnings of the phrases: one look that most mails fail. Kept in step with them by a test. */
export const RETURNED_LOOK =
  /deliver|qmail-send|postfix program|mail (?:system|agent|server)|mailer-daemon|ed automatically by|warning message only|automated alert|original message was|did not reach|following (?:addresses|message|report)|failure|transcript|this report relates|abuse report|report for an|notificationtype|failed|not be sent|address not found|not relayed|rejected|tried to contact|permanent fatal|is delayed|been delayed|was blocked|mailbox (?:is )?full|allowed size|over quota|unknown user|user unknown|such user|invalid (?:user|recip|final)|unsolicited bulk|unzustell|zugestellt|zustell|zugestellt|übermittelt|ausgeliefert|von mail del|fehler bei|échec|pas pu être|pas été remis|non distrib|impossible de rem|entrega|entregue|consegn|recapit|bezorg|afgeleverd|aflevering|送信でき|信できま|送できま|達できま|届けでき|届けること|届きま|に失敗|宛先不明|返信されているメール|доставлен|письмо|dostarczona|leverer|leveres|-(?:mta|ua|recipient|code|date|until|id|rcpt-to|mail-from):|action: |disposition: |feedback-type:/;

const OPENING = 240;
const EARLY = 400;

const hasDetail = (head: string): boolean =>
  DETAIL.test(head) || RETURNED_MAIL.details.some((detail) => head.includes(detail));

/** A status or reply code (RFC 3463, RFC 5321 section 4.2), or an address in angle brackets. */
const DETAIL = /\b[245]\.\d{1,2}\.\d{1,3}\b|\b[45]\d\d[ -][a-z<#]|<[^<>\s@]{1,64}@[^<>\s]{1,255}>/;

const REPORT_CHARS_MAX = 20_000;

/** Two different fields of a report, each at the beginning of a line. */
function hasReportFields(raw: string): boolean {
  const seen = new Set<string>();
  for (const line of fold(raw.slice(0, REPORT_CHARS_MAX)).split('\n')) {
    const field = RETURNED_MAIL.reportFields.find((name) => line.startsWith(name));
    if (field !== undefined) seen.add(field.split(':')[0] ?? '');
    if (seen.size >= 2) return true;
  }
  return false;
}
