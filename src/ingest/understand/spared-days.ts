import type { TimeFrame } from '../../domain/calendar.ts';
import { type Days, daysOf } from './calendar-units.ts';
import type { DateAtom } from './date-atoms.ts';
import { type DateSettings, datedOf } from './dates.ts';
import { contextOf } from './frame-context.ts';
import { isGeneric } from './generic.ts';
import type { Lexicon } from './lexicon.ts';
import { hitsOf } from './phrases.ts';
import type { ReadSettings } from './read-settings.ts';
import type { Statement } from './statements.ts';

/** Days that a statement takes out: "not March", "except for the week of 3 March". A month without a year is that of any. */
function sparedIn(statement: Statement, settings: DateSettings, lexicon: Lexicon): readonly DateAtom[] {
  const dated = datedOf(statement, settings);
  if (settings.words.boundsBehind === true) return sparedBehind(statement, dated.atoms, lexicon);
  const exclusions = hitsOf(statement, lexicon.acts.exclusion).map(
    ({ to }) => statement.words[to - 1]?.end ?? 0,
  );
  return dated.atoms.filter((atom) => {
    const start = statement.start + atom.start;
    const behind = exclusions.some((end) => end <= start && leadsTo(statement, end, start, lexicon));
    return behind || contextOf(statement, dated, atom, atom, lexicon).denied;
  });
}

/** "4月15日分は残してください", "3月を除く2024年": what takes days out stands behind them. */
function sparedBehind(
  statement: Statement,
  atoms: readonly DateAtom[],
  { acts }: Lexicon,
): readonly DateAtom[] {
  if (statement.role === 'keep' || statement.role === 'negated') return atoms;
  const exclusions = hitsOf(statement, acts.exclusion).map(({ from }) => statement.words[from]?.start ?? 0);
  return atoms.filter(({ end }) => exclusions.some((start) => start >= statement.start + end));
}

/** Nothing but small words stands between an exclusion and a date: "except for the week of 3 March". */
const leadsTo = ({ words }: Statement, from: number, to: number, lexicon: Lexicon): boolean =>
  words
    .filter(({ start, end }) => start >= from && end <= to)
    .every(({ text }) => isGeneric(text, lexicon) || EXCEPTED.has(text));

const EXCEPTED = new Set(
  'week weeks month months day days quarter year week data woche wochen monat monats tage tag semaine mois jour semana mes mês día dia settimana mese giorno weken maand dag dem den der des le la les el los il lo gli de het vom du del'.split(
    ' ',
  ),
);

/** Days of the frame are taken out: "all of 2024 except March". No range says that. */
export function isSpared(
  { frame }: { readonly frame: TimeFrame | null },
  statements: readonly Statement[],
  settings: ReadSettings,
): boolean {
  if (frame === null) return false;
  return statements.some(
    (each) =>
      each.role !== 'orders' &&
      sparedIn(each, settings.dates, settings.lexicon).some((atom) => touches(atom, frame)),
  );
}

function touches({ days, parts }: DateAtom, frame: TimeFrame): boolean {
  if (days !== null) return overlaps(days, frame);
  if (parts === null || parts.nth === null) return true;
  const years = [frame.from, frame.to].map((day) => (day === null ? null : Number(day.slice(0, 4))));
  return years.some((year) => {
    const named = year === null ? null : daysOf({ ...parts, year });
    return named === null || overlaps(named, frame);
  });
}

const overlaps = (days: Days, { from, to }: TimeFrame): boolean =>
  (to === null || days.from <= to) && (from === null || from <= days.to);
