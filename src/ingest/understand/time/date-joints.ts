import { glued, isYear } from './numeric-dates.ts';
import type { Joint, TimeIndex } from './time-index.ts';
import type { Token } from './time-tokens.ts';

export interface FoundJoint {
  readonly kind: Joint;
  /** Index of the token at which the next date may begin. */
  readonly to: number;
  /** The second end is said to be the end of a unit: "to the end of March". */
  readonly ends: boolean;
}

/** What joins a date that ends before a token to the next: "to", "-", "(inclusive) until Monday, the", "and", ", ". */
export function jointAt(tokens: readonly Token[], at: number, index: TimeIndex): FoundJoint | null {
  const start = skipFillers(tokens, at, index, BEFORE);
  let next = start;
  let comma = false;
  if (tokens[next]?.text === ',' && index.joints.at(tokens, next + 1) !== null) {
    next += 1;
    comma = true;
  }
  const found = index.joints.at(tokens, next);
  if (found === null) {
    // "3 March 2024 (00:00 UTC) 5 March": nothing joins them.
    return comma ? { kind: 'list', to: next, ends: false } : null;
  }
  const phrase = tokens.slice(next, found.at);
  // `2024-01-01/2024-01-31` is an interval of ISO 8601; `Q1/Q2 2024` are two quarters.
  if (phrase[0]?.text === '/' && isYear(tokens[found.at]))
    return { kind: 'range', to: found.at, ends: false };
  const doubled = found.value === 'range' ? index.joints.at(tokens, found.at) : null;
  const behind = doubled?.value === 'range' && phrase[0]?.kind === 'sign' ? doubled.at : found.at;
  return {
    kind: found.value,
    to: skipFillers(tokens, behind, index, AFTER),
    ends: phrase.some(({ text }) => END_WORDS.has(text)),
  };
}

const END_WORDS = new Set('end ende fin fine final finales fim eind einde'.split(' '));

const INCLUSIVE =
  'utc gmt inclusive incl included including inclusief inklusive inkl einschließlich inclus incluido incluidos incluso compreso inclusivo ( ) " “ ” \' [ ]';
const BEFORE: ReadonlySet<string> = new Set(INCLUSIVE.split(' '));
const AFTER: ReadonlySet<string> = new Set(
  `${INCLUSIVE} the den dem der le el il o os la day dag dia día tag jour giorno on am op ,`.split(' '),
);

const FILLERS_MAX = 12;

/** Articles, weekdays, brackets and the times that begin or end a day. */
function skipFillers(
  tokens: readonly Token[],
  at: number,
  index: TimeIndex,
  words: ReadonlySet<string>,
): number {
  let next = at;
  while (next < at + FILLERS_MAX) {
    const text = tokens[next]?.text ?? '';
    const weekday = words === AFTER ? index.weekdays.at(tokens, next) : null;
    if (words.has(text)) next += 1;
    else if (text === '.' && BEFORE.has(tokens[next - 1]?.text ?? '')) next += 1;
    else if (glued(tokens, next + 1)?.text === ':' && /^(?:00?|23|24)$/.test(text)) next += 3;
    else if (weekday !== null) next = weekday.at;
    else if (words === AFTER && index.weekdayShorts.has(text) && isBesideDate(tokens, next)) next += 1;
    else break;
  }
  return next;
}

const isBesideDate = (tokens: readonly Token[], at: number): boolean =>
  tokens[at + 1]?.kind === 'number' || (tokens[at + 1]?.kind === 'sign' && tokens[at + 2]?.kind === 'number');
