import { daysOf, isComplete, type Parts } from './calendar-units.ts';
import type { Bare, DateAtom, DateOrder, Form, Numbers } from './date-atoms.ts';
import type { Token } from './time-tokens.ts';

/** The order of day and month that the unmistakable numeric dates of a mail agree on; `null` = none or both. */
export function orderIn(text: string): DateOrder | null {
  const found = new Set<DateOrder>();
  for (const match of text.matchAll(/(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2\d{4}(?![\d])/g)) {
    const order = orderOf(Number(match[1]), Number(match[3]));
    if (order !== null) found.add(order);
  }
  for (const [order, label] of LABELS) if (label.test(text)) found.add(order);
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

/** "From (DD/MM/YYYY): …": a form that says how its dates are to be written. */
const LABELS: readonly (readonly [DateOrder, RegExp])[] = [
  [
    'day-first',
    /\b(?:dd([/.-])mm\1(?:yyyy|yy)|tt([/.-])mm\2(?:jjjj|jj)|jj([/.-])mm\3a{2,4}|dd([/.-])mm\4a{2,4}|gg([/.-])mm\5a{2,4}|dd([/.-])mm\6jjjj)\b/i,
  ],
  ['month-first', /\bmm([/.-])dd\1(?:yyyy|yy)\b/i],
];

/** The order that two numbers settle by themselves: there is no 13th month. */
function orderOf(first: number, second: number): DateOrder | null {
  if (first > 12 && first <= 31 && second <= 12) return 'day-first';
  return second > 12 && second <= 31 && first <= 12 ? 'month-first' : null;
}

interface NumericSettings {
  readonly today: string | null;
  readonly order: DateOrder | null;
}

/** `2024-03-31`, `2024/3/31`, `31.03.2024`, `03/31/2024`, `2024-03`, `03/2024`, at a token that is a number. */
export function numericAt(
  tokens: readonly Token[],
  at: number,
  settings: NumericSettings,
  dottedDayFirst: boolean,
): Form | null {
  const [first, sign, second] = [tokens[at], glued(tokens, at + 1), glued(tokens, at + 2)];
  const separator = sign?.text ?? '';
  if (first === undefined || second?.kind !== 'number' || !/^[./-]$/.test(separator)) return null;
  const third =
    glued(tokens, at + 3)?.text === separator && glued(tokens, at + 4)?.kind === 'number'
      ? tokens[at + 4]
      : undefined;
  if (isYear(first)) return yearFirst(first, second, third, at, tokens);
  if (first.text.length > 2) return null;
  if (third !== undefined) {
    if (second.text.length > 2) return null;
    const dayFirst = separator === '.' && dottedDayFirst;
    const bare = isYear(third)
      ? dayBare(first, second, Number(third.text), dayFirst ? 'day-first' : settings.order)
      : third.text.length === 2
        ? shortYear(first, second, third, dayFirst, settings.today)
        : null;
    return bare === null ? null : { bare, to: at + 5 };
  }
  const monthly = separator === '/' || (first.text.length === 2 && (separator === '-' || dottedDayFirst));
  return isYear(second) && monthly && Number(first.text) <= 12
    ? {
        bare: bareOf({ unit: 'month', year: Number(second.text), nth: Number(first.text), day: null }),
        to: at + 3,
      }
    : null;
}

/** Year first is always year, month, day. `2023/24` is no month and no year either. */
function yearFirst(
  year: Token,
  second: Token,
  third: Token | undefined,
  at: number,
  tokens: readonly Token[],
): Form | null {
  if (second.text.length > 2) return null;
  const parts = { year: Number(year.text), nth: Number(second.text) };
  if (third !== undefined)
    return third.text.length > 2
      ? null
      : { bare: bareOf({ unit: 'day', ...parts, day: Number(third.text) }), to: at + 5 };
  const more = glued(tokens, at + 3)?.text === '.' && glued(tokens, at + 4) !== undefined;
  if (second.text.length !== 2 || more) return null;
  return parts.nth >= 1 && parts.nth <= 12
    ? { bare: bareOf({ unit: 'month', ...parts, day: null }), to: at + 3 }
    : null;
}

/** A day and a month as numbers, without a year: `03.05.`, `3/5`. Only the other end of a range makes it a date. */
export function dayMonthAt(
  tokens: readonly Token[],
  at: number,
  order: DateOrder | null,
  dottedDayFirst: boolean,
): Form | null {
  const [first, sign, second] = [tokens[at], glued(tokens, at + 1), glued(tokens, at + 2)];
  if (first?.kind !== 'number' || second?.kind !== 'number' || !/^[./]$/.test(sign?.text ?? '')) return null;
  if (first.text.length > 2 || second.text.length > 2) return null;
  const dotted = sign?.text === '.';
  const to = dotted && glued(tokens, at + 3)?.text === '.' ? at + 4 : at + 3;
  return { bare: dayBare(first, second, null, dotted && dottedDayFirst ? 'day-first' : order), to };
}

/** `31.` with what follows lent by the other end of the range. */
function dayBare(first: Token, second: Token, year: number | null, order: DateOrder | null): Bare {
  const numbers: Numbers = { first: Number(first.text), second: Number(second.text), year };
  const decided =
    orderOf(numbers.first, numbers.second) ?? (numbers.first === numbers.second ? 'day-first' : order);
  if (numbers.first > 12 && numbers.second > 12) return { ...OPEN, why: 'unreal' };
  return decided === null
    ? { ...OPEN, numbers }
    : { ...bareOf(inOrder(numbers, decided)), settles: orderOf(numbers.first, numbers.second) };
}

export const inOrder = ({ first, second, year }: Numbers, order: DateOrder): Parts =>
  order === 'day-first'
    ? { unit: 'day', year, nth: second, day: first }
    : { unit: 'day', year, nth: first, day: second };

/** A year of two digits is read only when one reading alone is a real day that is not still to come. */
function shortYear(first: Token, second: Token, third: Token, dayFirst: boolean, today: string | null): Bare {
  const [a, b, c] = [Number(first.text), Number(second.text), Number(third.text)];
  const readings: readonly Parts[] = [
    { unit: 'day', year: 2000 + c, nth: b, day: a },
    ...(dayFirst
      ? []
      : [
          { unit: 'day', year: 2000 + c, nth: a, day: b } as const,
          { unit: 'day', year: 2000 + a, nth: b, day: c } as const,
        ]),
  ];
  if (today === null) return OPEN;
  const past = new Set(
    readings.flatMap((parts) => {
      const day = daysOf(parts)?.from;
      return day !== undefined && day <= today ? [day] : [];
    }),
  );
  const [only] = past;
  return past.size === 1 && only !== undefined
    ? bareOf(
        readings.find((parts) => daysOf(parts)?.from === only) ?? {
          unit: 'day',
          year: null,
          nth: null,
          day: a,
        },
      )
    : OPEN;
}

const OPEN: Bare = {
  unit: 'day',
  days: null,
  why: 'order',
  parts: null,
  numbers: null,
  settles: null,
  weekday: false,
  relative: false,
};

/** An atom of what was said in full or in part. */
export function bareOf(parts: Parts): Bare {
  const days = daysOf(parts);
  const why: DateAtom['why'] = days !== null ? null : isComplete(parts) ? 'unreal' : 'incomplete';
  return { ...OPEN, unit: parts.unit, days, why, parts };
}

export const isYear = (token: Token | undefined): boolean =>
  token?.kind === 'number' && /^(?:19|20)\d\d$/.test(token.text);

/** The token at a place if no space stands before it. */
export function glued(tokens: readonly Token[], at: number): Token | undefined {
  const token = tokens[at];
  return token?.glued ? token : undefined;
}
