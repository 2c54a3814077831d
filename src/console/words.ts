/** "Saturday 28 November 2026, 00:00 UTC", as the mails say it. @throws RangeError when it is no instant */
export function instantInWords(iso: string): string {
  const instant = new Date(iso);
  return `${WEEKDAYS[instant.getUTCDay()]} ${dateOf(instant)} ${instant.getUTCFullYear()}, ${timeOf(instant)} UTC`;
}

/** "28 November, 00:00" for lists whose heading says that times are UTC. @throws RangeError when it is no instant */
export function instantInShort(iso: string): string {
  const instant = new Date(iso);
  return `${dateOf(instant)}, ${timeOf(instant)}`;
}

/** "5 tries", "1 try". */
export const tries = (left: number): string => (left === 1 ? '1 try' : `${left} tries`);

/**
 * Text from elsewhere on one line: no control characters, nothing that turns the reading direction, so that what is
 * shown is what is stored, and no endless length.
 */
export function plain(text: string): string {
  const line = text.replace(CONTROLS, ' ').replace(DIRECTION, '').replace(/ {2,}/g, ' ').trim();
  return line.length <= VALUE_LENGTH_MAX ? line : `${line.slice(0, VALUE_LENGTH_MAX - 1)}…`;
}

const VALUE_LENGTH_MAX = 2_000;
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;
const DIRECTION = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

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

const dateOf = (instant: Date): string => `${instant.getUTCDate()} ${MONTHS[instant.getUTCMonth()]}`;

const timeOf = (instant: Date): string => instant.toISOString().slice(11, 16);
