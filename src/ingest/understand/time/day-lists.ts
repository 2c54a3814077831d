import type { Form } from './date-atoms.ts';
import { formAt } from './date-forms.ts';
import { jointAt } from './date-joints.ts';
import { afterOrdinal, dayNumber, type FormSettings, yearAt } from './date-words.ts';
import { bareOf, dayMonthAt, glued } from './numeric-dates.ts';
import type { Token } from './time-tokens.ts';

/** Days behind a day whose month they share: `March 3-5, 2024`, `3, 5 and 7` after a month. */
export function daysBehind(
  tokens: readonly Token[],
  { bare, to }: Form,
  settings: FormSettings,
): readonly (Form & { readonly from: number })[] {
  if (bare.unit !== 'day' || bare.parts?.nth == null) return [];
  const days: (Form & { readonly from: number })[] = [];
  if (bare.parts.year !== null) return [];
  for (let at = to; days.length < DAYS_MAX; ) {
    const joint = jointAt(tokens, at, settings.index);
    const day = joint === null ? null : dayNumber(tokens[joint.to]);
    if (joint === null || day === null) break;
    const end = afterOrdinal(tokens, joint.to + 1);
    if (formAt(tokens, joint.to, settings) !== null || isInNumber(tokens, joint.to, end)) break;
    const year = yearAt(tokens, end, settings);
    const form: Form = {
      bare: bareOf({ unit: 'day', year: year?.year ?? null, nth: null, day }),
      to: year?.to ?? (tokens[end - 1]?.text === '.' ? end - 1 : end),
    };
    days.push({ ...form, from: joint.to });
    at = form.to;
    if (year !== null) break;
  }
  return days;
}

const isInNumber = (tokens: readonly Token[], at: number, to: number): boolean => {
  const next = glued(tokens, to);
  return (
    next?.kind === 'word' ||
    (/^[:./]$/.test(next?.text ?? '') && glued(tokens, to + 1)?.kind === 'number') ||
    tokens[at + 1]?.text === '%'
  );
};

/** More days than that behind one month are a list of numbers. */
const DAYS_MAX = 10;

interface DayChain {
  /** The days, if a date with all its parts ends the chain. */
  readonly days: readonly (Form & { readonly from: number })[];
  /** Index of the token behind what has been looked at. */
  readonly to: number;
}

/**
 * Days, or a day and month as numbers, that joints tie to a date with all its parts: `3. bis 7. Mai 2024`, `3, 5 and` in
 * front of `7 March`. The whole chain is read at once, so that a long list of numbers is looked at once.
 */
export function dayChainAt(tokens: readonly Token[], at: number, settings: FormSettings): DayChain {
  const days: (Form & { readonly from: number })[] = [];
  const { order, index } = settings;
  let seen = at + 1;
  for (let next = at; ; ) {
    const day = dayNumber(tokens[next]);
    if (day === null) return { days: [], to: seen };
    const monthed = dayMonthAt(tokens, next, order, index.dottedDayFirst);
    if (monthed !== null && isTiedToNumbers(tokens, monthed.to, settings))
      return { days: [...days, { ...monthed, from: next }], to: monthed.to };
    const to = afterOrdinal(tokens, next + 1);
    seen = to;
    const joint = jointAt(tokens, to, index);
    if (joint === null) return { days: [], to };
    const bare = bareOf({ unit: 'day', year: null, nth: null, day });
    const isDay = days.length > 0 || isLedIn(tokens, at, to, settings);
    days.push({ bare: isDay ? bare : { ...bare, why: 'vague', parts: null }, to, from: next });
    const other = formAt(tokens, joint.to, settings);
    if (other !== null) {
      const { unit, relative } = other.bare;
      const tied = unit === 'day' && !relative && tokens[joint.to]?.kind !== 'word' && !isYearless(other);
      return { days: tied ? days : [], to };
    }
    next = joint.to;
  }
}

function isTiedToNumbers(tokens: readonly Token[], to: number, settings: FormSettings): boolean {
  const joint = jointAt(tokens, to, settings.index);
  if (joint === null || joint.kind === 'list' || !isNumericDate(tokens, joint.to)) return false;
  return formAt(tokens, joint.to, settings)?.bare.unit === 'day';
}

const isYearless = (form: Form): boolean => form.bare.why === 'incomplete' && form.bare.parts?.nth === null;

const isNumericDate = (tokens: readonly Token[], at: number): boolean =>
  tokens[at]?.kind === 'number' && /^[./-]$/.test(glued(tokens, at + 1)?.text ?? '');

/** A number that could belong to a name ("Kiosk 3 to 5 March 2024") is no day for certain. */
function isLedIn(tokens: readonly Token[], at: number, to: number, { index }: FormSettings): boolean {
  const before = tokens[at - 1];
  if (to > at + 1 || before === undefined || before.kind === 'sign') return before?.text !== '#';
  if (glued(tokens, to)?.kind === 'sign') return true;
  return (
    index.leads.before(tokens, at) !== null ||
    index.weekdays.before(tokens, at) !== null ||
    LED.has(before.text)
  );
}

const LED = new Set(
  'so also donc entonces quindi então dus only just nur solo seulement the den dem der le el il o dia día days tagen jours días giorni dias dagen date dates are is were was'.split(
    ' ',
  ),
);
