import type { Draft } from '../requests/draft.ts';
import { isGeneric } from '../requests/generic.ts';
import type { ReadSettings } from '../requests/read-settings.ts';
import { hitsOf, says } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import type { DateAtom } from './date-atoms.ts';
import { datesOf } from './dates.ts';
import { HAPPENED } from './frame-context.ts';
import { correctionOf, isAllWell, isOpen, pointsAtDays, restated } from './frame-corrections.ts';
import { hasLooseDays, isSpared, trimmed } from './spared-days.ts';
import { isTimed, oneOf, readingsOf } from './statement-frames.ts';
import { type FrameReading, isFinerThanDay } from './time-frames.ts';

/**
 * The time frame of one request. Its own sentence decides; then form fields; then what other statements say about the
 * time of the data. Two different answers are none: the desk asks back.
 */
export function chooseFrame(
  draft: Draft,
  drafts: readonly Draft[],
  statements: readonly Statement[],
  settings: ReadSettings,
): FrameReading | null {
  const timed = drafts.filter(({ scope }) => scope === 'source' || scope === 'events');
  const own = statements.filter((each) => each.sentence === draft.statement.sentence && isOpen(each));
  const asked = own.some(({ role }) => role !== 'statement');
  const alone = timed.length < 2;
  const correction = statements.filter(
    (each) => each.corrects && each.role !== 'negated' && each.role !== 'request' && alone,
  );
  // In the order in which they count, each looked for when those before it give nothing.
  const groups: readonly (() => readonly Statement[])[] = [
    () => correction.filter((each) => each.doubt && readingsOf(each, settings).length > 0),
    () => (alone ? rewritten(statements, settings) : []),
    () => (asked ? own : []),
    () => (alone ? statements.filter((each) => each.role === 'request') : []),
    () =>
      asked ? [] : own.filter((each) => tellsOfData(each, settings) || isPointedAt(statements, settings)),
    () => (alone ? [] : shared(statements, drafts)),
    () => statements.filter((each) => each.role === 'form' && !OTHER_LINES.has(each.field)),
    () => (alone || isSharedBack(own, settings) ? earlier(statements, own, settings) : []),
    () => (alone || timed.length > 1 ? statements.filter((each) => tellsFrame(each, settings)) : []),
    () => statements.filter((each) => isFrameLine(each, settings)),
  ];
  for (const [nth, members] of groups.entries()) {
    const corrects = nth === 0;
    const group = members();
    const reading = corrects ? correctionOf(group, statements, settings) : oneOf(group, settings);
    if (reading === null) continue;
    const given = corrects ? reading : restated(reading, group, statements, alone, settings);
    const said = trimmed(given, statements, settings);
    const doubtful =
      isSpared(said, statements, settings) ||
      hasLooseDays(statements, settings) ||
      (!corrects && alone && isContradicted(said, group, statements, settings));
    return doubtful ? { ...said, frame: null } : said;
  }
  return alone && isPointedAt(statements, settings) ? pointedAt(statements, settings) : null;
}

/** "Last month it logged names. Please delete that month.": the only date of the mail is the one that is meant. */
function pointedAt(statements: readonly Statement[], { dates }: ReadSettings): FrameReading | null {
  const told = statements.filter(({ role }) => role === 'statement' || role === 'past');
  const atoms = told.flatMap((each) => datesOf(each, dates));
  const [only, ...more] = atoms;
  if (only?.days == null || more.length > 0 || !only.relative || only.unit !== 'span') return null;
  if (dates.today === null || only.days.to >= dates.today) return null;
  return { frame: { ...only.days }, problem: null, start: only.start, end: only.end };
}

/** "I was wrong, it is February that must go": the last request, when it corrects the ones before it. */
function rewritten(statements: readonly Statement[], settings: ReadSettings): readonly Statement[] {
  if (!statements.some(({ role, field, doubt }) => role === 'request' && field === null && doubt)) return [];
  const timed = statements.filter(
    (each) => each.role === 'request' && each.field === null && readingsOf(each, settings).length > 0,
  );
  const last = timed.at(-1);
  return timed.length > 1 && last?.doubt === true ? [last] : [];
}

/** Lines of a form in which a date is that of something else. */
const OTHER_LINES: ReadonlySet<Statement['field']> = new Set<Statement['field']>(['ticket', 'link', 'aside']);

/** "Affected period: 1 to 5 May 2024", a line of the mail's own that is no form. */
const isFrameLine = (each: Statement, { lexicon }: ReadSettings): boolean =>
  each.role === 'aside' &&
  each.field === null &&
  hitsOf(each, lexicon.timePhrases.frameNouns).some(({ from }) => from < OPENING_WORDS);

/** "The right end is 9 May 2024", "also everything before 2020": behind the frame, and more or other than it. */
function amends(each: Statement, settings: ReadSettings): boolean {
  if (each.role !== 'statement' && each.role !== 'aside') return false;
  if (each.field !== null || each.status || !isTimed(each, settings)) return false;
  const adds = each.words.slice(0, 2).some(({ text }) => ADDS.has(text));
  const ends =
    each.words.some(({ text }) => EDGES.has(text)) && each.words.some(({ text }) => RIGHT.has(text));
  return (adds || ends) && readingsOf(each, settings).length > 0;
}

const ADDS = new Set(
  'also plus additionally and moreover auch zusätzlich und aussi et también y anche e também ook en'.split(
    ' ',
  ),
);
const EDGES = new Set(
  'end start beginning ende anfang beginn fin début final inicio fine inizio fim início einde begin'.split(
    ' ',
  ),
);
const RIGHT = new Set(
  'right correct real actual true richtig richtige richtiges tatsächliche bonne vraie correcto correcta real giusto giusta corretta correto correta juiste'.split(
    ' ',
  ),
);

/** Another sentence that gives the days of the data gives other days, and nobody said which ones count. */
function isContradicted(
  { frame }: FrameReading,
  group: readonly Statement[],
  statements: readonly Statement[],
  settings: ReadSettings,
): boolean {
  if (frame === null) return false;
  const others = statements.filter((each) => !group.includes(each));
  const from = Math.max(...group.map(({ start }) => start));
  if (others.some((each) => each.start > from && amends(each, settings))) return true;
  const telling = others.filter((each) => isFrameLine(each, settings) || tellsFrame(each, settings));
  return telling
    .flatMap((each) => readingsOf(each, settings))
    .some(
      ({ frame: other }) =>
        other !== null &&
        other.from !== null &&
        other.to !== null &&
        (other.from !== frame.from || other.to !== frame.to),
    );
}

/** Sentences that ask and name no thing: "From all of these please erase November 2023." */
function shared(statements: readonly Statement[], drafts: readonly Draft[]): readonly Statement[] {
  const named = new Set(drafts.map(({ statement }) => statement.sentence));
  return statements.filter(({ role, sentence }) => role === 'request' && !named.has(sentence));
}

const isSharedBack = (own: readonly Statement[], { lexicon }: ReadSettings): boolean =>
  own.some((each) => says(each, lexicon.timePhrases.backReference));

/** "… during that quarter": the statements before that give a frame. */
function earlier(
  statements: readonly Statement[],
  own: readonly Statement[],
  settings: ReadSettings,
): readonly Statement[] {
  const requests = statements.filter((each) => each.role === 'request');
  const back = [...own, ...requests].filter((each) => says(each, settings.lexicon.timePhrases.backReference));
  if (back.length === 0) return [];
  const calm = statements.filter((each) => each.role === 'statement' || each.role === 'past');
  const told = calm.filter(
    (each) =>
      readingsOf(each, settings).length > 0 ||
      (isTimed(each, settings) && isFinerThanDay(each, settings.lexicon)),
  );
  const at = Math.max(...back.map(({ start }) => start));
  const before = told.filter(({ start }) => start < at);
  return before.length > 0 ? before : told;
}

const OPENING_WORDS = 3;

const isPointedAt = (statements: readonly Statement[], settings: ReadSettings): boolean =>
  statements.some((each) => each.role === 'request' && pointsAtDays(each, settings));

const RUNNING = new Set('running live runs ran läuft lief online'.split(' '));

/** "It got e-mail addresses from 3 to 9 May": days of the data, and not of what was done with the thing. */
function tellsOfData(each: Statement, settings: ReadSettings): boolean {
  if (each.words.some(({ text }) => HAPPENED.has(text) || RUNNING.has(text))) return false;
  return readingsOf(each, settings).every(
    ({ frame }) => frame === null || (frame.from !== null && frame.to !== null),
  );
}

/** "The period is …", "Only March 2024.", "from 3 to 9 May 2024": a statement about the time of the data. */
function tellsFrame(each: Statement, settings: ReadSettings): boolean {
  const { lexicon, dates } = settings;
  if (each.role !== 'statement' || each.status || isAllWell(each)) return false;
  const found = datesOf(each, dates);
  // A word of Japanese is a single sign.
  const most = lexicon.language === 'ja' ? 50 : 14;
  if (found.length === 0) return says(each, lexicon.timePhrases.allTime) && each.words.length < most;
  const nouns = hitsOf(each, lexicon.timePhrases.frameNouns);
  // "The period came in a report …"
  if (nouns.some(({ from }) => from < OPENING_WORDS)) return true;
  const rest = each.words.filter((word) =>
    found.every((date) => word.end <= date.start || word.start >= date.end),
  );
  if (nouns.length > 0) return rest.length <= most;
  if (isReasoned(each, found)) return readingsOf(each, settings).some(({ frame }) => frame !== null);
  if (each.words.some(({ text }) => PAPERS.has(text))) return false;
  return rest.every(({ text }) => isGeneric(text, lexicon)) && readingsOf(each, settings).length > 0;
}

/** "From the 1st to the 5th of May 2024, because …": days at the beginning, and only a reason behind them. */
function isReasoned({ words, text, start }: Statement, dates: readonly DateAtom[]): boolean {
  const [first, last] = [dates[0], dates.at(-1)];
  if (first === undefined || last === undefined || first === last) return false;
  if (words.filter(({ end }) => end <= first.start).length > OPENING_WORDS) return false;
  return REASON.test(text.slice(last.end - start));
}

/** "Our reference: 2024-05-03" */
const PAPERS = new Set(
  'reference ref number no file case ticket invoice date referenz aktenzeichen zeichen datum rechnung référence dossier facture référence referencia factura expediente fecha riferimento fattura pratica referência fatura processo referentie kenmerk factuur'.split(
    ' ',
  ),
);

const REASON =
  /^[\s,;:(–—-]*(?:because|since then|as the|as we|due to|weil|denn|wegen|parce|car|puisque|porque|ya que|perché|poiché|pois|omdat|want)(?![\p{L}])/iu;
