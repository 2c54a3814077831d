import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { datesOf } from '../time/dates.ts';
import { KINDS } from '../vocabulary/vocabulary.ts';
import type { Draft } from './draft.ts';
import { type Note, noted } from './notes.ts';
import type { Placed } from './placed.ts';
import type { ReadSettings } from './read-settings.ts';

/**
 * Words that make a request smaller or larger than what it names: a part that is to stay, days where the scope knows
 * none, things inside each other, a row of identifiers, more things that were not read. The desk asks back.
 */
export function limitsIn(
  drafts: readonly Draft[],
  statements: readonly Statement[],
  mentions: readonly Placed[],
  settings: ReadSettings,
): readonly Note[] {
  const whole = drafts.some(({ scope }) => scope === 'workspace');
  const untimed = drafts.some(({ scope }) => scope === 'workspace' || scope === 'user' || scope === 'space');
  const timed = drafts.some(({ scope }) => scope === 'source' || scope === 'events');
  return statements.flatMap((each) => {
    const asks = each.role === 'request' && each.field === null;
    return [
      ...(whole && keepsPart(each, mentions, settings) ? [noted('kept_part', each)] : []),
      ...(asks && untimed && !timed && hasDays(each, settings) ? [noted('days_not_possible', each)] : []),
      ...(asks && isInside(each, mentions) ? [noted('inside', each)] : []),
      ...(asks && hasMore(each, mentions, settings.lexicon) ? [noted('more_unread', each)] : []),
    ];
  });
}

/** "… but keep the user properties": something in the workspace stays. "Keep us posted" and another workspace do not. */
function keepsPart(each: Statement, mentions: readonly Placed[], { lexicon }: ReadSettings): boolean {
  if (each.role !== 'keep' && each.role !== 'negated') return false;
  if (each.words.some(({ text }) => NOTHING.has(text))) return false;
  const named = mentions.filter(({ statement, name }) => statement === each && name !== null);
  if (named.some(({ kind }) => kind === 'workspace')) return false;
  const speaks = KINDS.some((kind) => kind !== 'workspace' && hitsOf(each, lexicon.nouns[kind]).length > 0);
  return speaks || each.words.some(({ text }) => PARTS.has(text));
}

const NOTHING = new Set(
  'nothing no none nobody neither nichts keine kein rien aucun nada nessun nessuna niets geen'.split(' '),
);
const PARTS = new Set(
  'data audience audiences dashboards reports report settings schema daten données datos dados dati gegevens'.split(
    ' ',
  ),
);

/** Days that belong to the data ("all data from 2023", "older than two years"), not to what has been or is due. */
function hasDays(each: Statement, { dates, lexicon }: ReadSettings): boolean {
  if (/\b(?:older|newer|younger) than\b/i.test(each.text)) return true;
  const verb = each.words.find(({ text }) => lexicon.deleteWords.has(text));
  return datesOf(each, dates).some((atom) => {
    if (verb !== undefined && atom.start < verb.start) return false;
    const before = each.text.slice(Math.max(0, atom.start - each.start - 30), atom.start - each.start);
    const lead =
      /(?:\b(?:of|from|since|between|in|for|during|before|until|up to|after|data|received|collected)|['’]s)\s+(?:the\s+)?$/i.test(
        before,
      );
    const told =
      /\b(?:which|that|who|we|i|they|was|were|had|by|on|asked|wrote|closed|created|deleted|dated)\b[^,;]*$/i.test(
        before,
      );
    return lead && !told;
  });
}

/** "user u_1 of source Web": one thing in another, which no scope says. */
function isInside(each: Statement, mentions: readonly Placed[]): boolean {
  const here = mentions.filter(
    ({ statement, name, kind }) => statement === each && name !== null && INSIDE.has(kind),
  );
  return here.some((inner) =>
    here.some(
      (outer) =>
        outer.kind !== inner.kind &&
        outer.start > inner.end &&
        /^["'”»`]?\s+(?:of|in|from|within|inside)\s+(?:the\s+|our\s+)?(?:unify\s+)?(?:data\s+)?(?:source|space)s?\s*["'“„«`]?$/i.test(
          each.text.slice(inner.end - each.start, outer.start - each.start),
        ),
    ),
  );
}

const INSIDE: ReadonlySet<Placed['kind']> = new Set<Placed['kind']>(['user', 'source', 'space']);

const OR_WORDS: Readonly<Record<string, string>> = {
  en: 'or',
  de: 'oder',
  fr: 'ou',
  es: 'o|u',
  pt: 'ou',
  it: 'o|oppure',
  nl: 'of',
};
const JAPANESE_OR = /^[」』)]*\s*(?:または|もしくは|あるいは|か(?=[A-Za-z「]))/;

/** "lumen-labs or lumen-eu", also behind a note in brackets: of two one is meant. */
function isAlternative(text: string, { language }: Lexicon): boolean {
  const word = OR_WORDS[language];
  if (word === undefined) return JAPANESE_OR.test(text);
  const behind = text.replace(/^["'”»`)\]]*\s*(?:[([][^()[\]]{0,60}[)\]]\s*)?,?\s*/, '');
  return new RegExp(
    `^(?:${word})\\s+(?!(?:else|so|later|earlier|before|after|the like|more|less|at least)\\b)\\S`,
    'i',
  ).test(behind);
}

/** "user_10 to user_20", "… and its twin", "and everyone at y.example": more than what was read. */
function hasMore(each: Statement, mentions: readonly Placed[], lexicon: Lexicon): boolean {
  const here = mentions.filter(({ statement, name }) => statement === each && name !== null);
  return here.some(({ kind, end }) => {
    const text = each.text.slice(end - each.start);
    if (
      kind === 'user' &&
      /^["'”»`]?\s*(?:to|through|thru|until|up to|\.\.\.?|–|-)\s*["'“„«`]?\S*\d/i.test(text)
    )
      return true;
    if (isAlternative(text, lexicon)) return true;
    return /^["'”»`)]*\s*(?:,\s*)?(?:and|plus|as well as|along with|&)\s+(?:also\s+)?(?:(?:the|its|all|our|any|two|three|four)\s+){0,2}(?:others?|other \w+|twins?|everyone|everybody|anyone|anybody|rest|similar|related|more|another|siblings?|remaining|few|couple|friends?|counterpart)\b/i.test(
      text,
    );
  });
}
