/** How instants, days and text from elsewhere stand in a sentence, in mails as on pages. English, UTC. */
import { dayOf } from './calendar.ts';

/** "Saturday 28 November 2026, 00:00 UTC". @throws RangeError when it is no instant */
export function instantInWords(iso: string): string {
  const instant = new Date(iso);
  return `${WEEKDAYS[instant.getUTCDay()]} ${dayInWords(dayOf(instant))}, ${timeOf(instant)} UTC`;
}

/** "28 November, 00:00" for lists whose heading says that times are UTC. @throws RangeError when it is no instant */
export function instantInShort(iso: string): string {
  const instant = new Date(iso);
  return `${instant.getUTCDate()} ${MONTHS[instant.getUTCMonth()]}, ${timeOf(instant)}`;
}

/** "28 November 2026" for `2026-11-28`. */
function dayInWords(day: string): string {
  const [year, month, date] = day.split('-').map(Number);
  return `${date} ${MONTHS[(month ?? 1) - 1]} ${year}`;
}

/**
 * Text from elsewhere on one line: no control characters (C0, C1, line separators), nothing that turns the reading
 * direction (bidi marks, embeddings, overrides, isolates), so that what is shown is what is stored; no endless length.
 */
export function plain(text: string): string {
  const line = plainLine(text);
  return line.length <= VALUE_LENGTH_MAX ? line : `${line.slice(0, VALUE_LENGTH_MAX - 1)}…`;
}

/** The same for a line of any length. */
export const plainLine = (text: string): string =>
  text.replace(CONTROLS, ' ').replace(DIRECTION, '').replace(/ {2,}/g, ' ').trim();

const VALUE_LENGTH_MAX = 300;
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;
const DIRECTION = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** Whether a text holds control characters other than line ends and tabs, or what turns the reading direction. */
export const holdsUnprintable = (text: string): boolean => UNPRINTABLE.test(text);

const UNPRINTABLE = /(?![\t\n])\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const timeOf = (instant: Date): string => instant.toISOString().slice(11, 16);
