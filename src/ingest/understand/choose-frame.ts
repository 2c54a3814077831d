import { datesOf } from './dates.ts';
import type { Draft } from './draft.ts';
import { correctionOf, isOpen, restated } from './frame-corrections.ts';
import { isGeneric } from './generic.ts';
import { hitsOf, says } from './phrases.ts';
import type { ReadSettings } from './read-settings.ts';
import { isSpared } from './spared-days.ts';
import { isTimed, oneOf, readingsOf } from './statement-frames.ts';
import type { Statement } from './statements.ts';
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
  const alone = timed.length < 2;
  const correction = statements.filter(
    (each) => each.corrects && each.role !== 'negated' && each.role !== 'request' && alone,
  );
  const groups: readonly (readonly Statement[])[] = [
    correction.filter((each) => each.doubt && readingsOf(each, settings).length > 0),
    own,
    alone ? statements.filter((each) => each.role === 'request') : [],
    alone ? [] : shared(statements, drafts),
    statements.filter((each) => each.role === 'form'),
    alone || isSharedBack(own, settings) ? earlier(statements, own, settings) : [],
    alone || timed.length > 1 ? statements.filter((each) => tellsFrame(each, settings)) : [],
  ];
  for (const group of groups) {
    const reading = group === groups[0] ? correctionOf(group, statements, settings) : oneOf(group, settings);
    if (reading === null) continue;
    const said = group === groups[0] ? reading : restated(reading, group, statements, alone, settings);
    return isSpared(said, statements, settings) ? { ...said, frame: null } : said;
  }
  return null;
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

/** "The period is …", "Only March 2024.", "from 3 to 9 May 2024": a statement about the time of the data. */
function tellsFrame(each: Statement, settings: ReadSettings): boolean {
  const { lexicon, dates } = settings;
  if (each.role !== 'statement' || each.status) return false;
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
  return rest.every(({ text }) => isGeneric(text, lexicon)) && readingsOf(each, settings).length > 0;
}
