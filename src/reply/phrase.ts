import { plain } from '../domain/words.ts';
import type { Counted, Wording } from './wording.ts';

/** How values stand in a sentence of any language: in place, with a number, as a day or instant, in a list. */

/** Puts values in the places of a text, all at once: what a value holds is never read as a place. */
export const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{([a-z]+)\}/g, (place, name: string) => values[name] ?? place);

/** "3 records", "1 record": the text of the number's plural category, with the number written out. */
export function counted(
  wording: Wording,
  forms: Counted,
  number: number,
  values: Readonly<Record<string, string>> = {},
): string {
  const form = forms[formatsOf(wording).plural.select(number)] ?? forms.other ?? '';
  return fill(form, { ...values, count: numberIn(wording, number) });
}

export const numberIn = (wording: Wording, number: number): string =>
  formatsOf(wording).number.format(number);

/** "Saturday 28 November 2026, 00:00 UTC". @throws RangeError when it is no instant */
export function instantIn(wording: Wording, iso: string): string {
  const instant = new Date(iso);
  return fill(wording.date.instant, {
    weekday: formatsOf(wording).weekday.format(instant),
    day: dateIn(wording, instant),
    time: instant.toISOString().slice(11, 16),
  });
}

/** "28 November 2026" for `2026-11-28`. */
export const dayIn = (wording: Wording, day: string): string => dateIn(wording, new Date(`${day}T00:00:00Z`));

function dateIn(wording: Wording, instant: Date): string {
  return formatsOf(wording)
    .day.formatToParts(instant)
    .map(({ type, value }) => (type === 'day' && value === '1' ? wording.date.firstOfMonth : value))
    .join('');
}

interface Formats {
  readonly plural: Intl.PluralRules;
  readonly number: Intl.NumberFormat;
  readonly weekday: Intl.DateTimeFormat;
  readonly day: Intl.DateTimeFormat;
  readonly list: Intl.ListFormat;
}

/** Made once for each language: making one takes longer than a whole mail may. */
const FORMATS = new Map<string, Formats>();

function formatsOf({ format }: Wording): Formats {
  const known = FORMATS.get(format);
  if (known !== undefined) return known;
  const made: Formats = {
    plural: new Intl.PluralRules(format),
    number: new Intl.NumberFormat(format),
    weekday: new Intl.DateTimeFormat(format, { weekday: 'long', timeZone: 'UTC' }),
    day: new Intl.DateTimeFormat(format, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }),
    list: new Intl.ListFormat(format, { type: 'conjunction' }),
  };
  FORMATS.set(format, made);
  return made;
}

/** "A, B and C". */
export const listed = (wording: Wording, parts: readonly string[]): string =>
  formatsOf(wording).list.format(parts);

/** A name from elsewhere between the language's quotation marks. */
export const quoted = (wording: Wording, name: string | undefined): string =>
  fill(wording.quoted, { text: plain(name ?? '') });

/** Sentences one after the other. */
export const sentences = (wording: Wording, parts: readonly string[]): string => parts.join(wording.gap);
