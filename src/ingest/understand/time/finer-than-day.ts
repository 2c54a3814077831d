import type { Lexicon } from '../sentences/lexicon.ts';
import { says } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { fold } from '../sentences/words.ts';

/** Whether a statement speaks of hours, minutes, a time of day or a time zone. 00:00 and 23:59 are the ends of whole days. */
export function isFinerThanDay(statement: Statement, lexicon: Lexicon): boolean {
  if (says(statement, lexicon.timePhrases.finer)) return true;
  if (!/[\d０-９]/.test(statement.text)) return false;
  const text = fold(statement.text);
  for (const match of text.matchAll(/(?<![\d:./-])([01]?\d|2[0-3]):([0-5]\d)(?!\d|:\d\d:)/g)) {
    if (!/^(?:00?:00|23:59|24:00)$/.test(match[0])) return true;
  }
  // A whole day elsewhere is no whole day in UTC.
  if (
    /(?:00:00|23:59|24:00)(?::\d\d)?(?:\.\d{1,9})? ?(?:[+-](?!00:?00)\d\d:?\d\d|\(?(?:c|e|m|p)[de]?s?t\b|\(?bst\b|\(?mesz?\b|\(?mez\b|\(?jst\b|\(?ist\b|\(?local)/.test(
      text,
    )
  )
    return true;
  if (
    /(?<![a-z\d.,/-])\d{1,2} ?(?:am|pm|uhr|uur|u|h\d{2}|h(?![a-z\d])|時(?!間以内)|a\.m\.|p\.m\.|o'clock)(?![a-z])/.test(
      text,
    )
  )
    return true;
  const clock = says(statement, lexicon.timePhrases.clockWords);
  return clock && /(?<![\d.])(?:[01]?\d|2[0-3])\.[0-5]\d(?![.\d])/.test(text);
}
