import { languageOf } from '../sentences/lexicon.ts';
import { compilePhrases, findPhrases, type PhraseSet } from '../sentences/phrases.ts';
import { fold, type Word, wordsOf } from '../sentences/words.ts';
import { VOCABULARIES } from '../vocabulary/index.ts';
import { type Field, KINDS, type Kind } from '../vocabulary/vocabulary.ts';
import { ALL_LABELS } from './all-labels.ts';

/** A quoted question or empty form line, with its number if it has one. */
export interface Asked {
  readonly number: number | null;
  /** `null`: it asks for no field, or for several. */
  readonly field: Field | null;
}

/** A quote is read this far back, in lines; each line and each question this far, in UTF-16 code units. */
const QUOTED_LINES_MAX = 60;
const ENTRY_MAX = 400;

const SIGN = /^(?:\(?(\d{1,2})[.):]\s+|[-*•·‣◦–—・]\s+)/;
const ENDS = /[?？:：]["'”»)\s]*$|か。\s*$/;

/** What quoted lines, without their marks, say or ask, in order: each paragraph, item of a list or question is one. */
export function askedIn(lines: readonly string[], last = QUOTED_LINES_MAX): readonly Asked[] {
  const entries: string[] = [];
  let open = false;
  for (const line of lines.slice(-last)) {
    const text = line.trim().slice(0, ENTRY_MAX);
    if (text === '') {
      open = false;
      continue;
    }
    const before = entries.at(-1);
    if (open && before !== undefined && !SIGN.test(text) && !ENDS.test(before))
      entries[entries.length - 1] = `${before} ${text}`.slice(0, ENTRY_MAX);
    else entries.push(text);
    open = true;
  }
  return entries.map((entry) => {
    const sign = SIGN.exec(entry);
    const number = sign?.[1] === undefined ? null : Number(sign[1]);
    return { number, field: fieldAsked(entry.slice(sign?.[0].length ?? 0), sign !== null) };
  });
}

/** The field that a question or an empty line of a form asks for. `listed`: it stood in a list. */
export function fieldAsked(entry: string, listed = false): Field | null {
  const text = fold(entry).slice(0, ENTRY_MAX);
  const mark = Math.max(text.lastIndexOf('?'), text.lastIndexOf('か。'));
  const asks = mark === -1 ? text : text.slice(0, mark);
  if (mark === -1) {
    const colon = /[:：]\s*$/.exec(text);
    if (colon !== null) return labelled(text.slice(0, colon.index));
    if (!listed || !PLEAS.test(text)) return null;
  }
  return labelled(asks) ?? nounIn(asks, languageOf(text));
}

const ASKABLE: ReadonlySet<Field> = new Set<Field>([
  ...['workspace', 'workspaceId', 'source', 'space', 'user', 'event', 'property', 'eventProperty'],
  ...['userProperty', 'project', 'timeFrame', 'firstDay', 'lastDay'],
] as Field[]);

function labelled(text: string): Field | null {
  const label = text.replace(/[*_\s]+$/, '').replace(/^[*_\s¿]+/, '');
  const field = ALL_LABELS.get(label) ?? ALL_LABELS.get(label.replace(/ ?[(（][^()（）]{1,30}[)）]$/, ''));
  return field !== undefined && ASKABLE.has(field) ? field : null;
}

/** What our questions say when they ask without a question mark. */
const PLEAS =
  /please|bitte|merci|indiqu|por favor|per favore|indichi|alstublieft|noem|controle|ください|確認/;

const FIELD_OF: Readonly<Record<Kind | 'time', Field>> = {
  workspace: 'workspace',
  source: 'source',
  space: 'space',
  user: 'user',
  event: 'event',
  eventProperty: 'property',
  userProperty: 'userProperty',
  project: 'project',
  time: 'timeFrame',
};
const CLAUSES: ReadonlySet<Field> = new Set<Field>(['event', 'property', 'userProperty']);

const DAY_WORDS = [
  ...['days', 'dates', 'time frame', 'timeframe', 'time range', 'date range', 'period', 'first day'],
  ...['tage', 'tagen', 'zeitraum', 'zeitspanne', 'datum', 'jours', 'période', 'plage', 'días', 'fechas'],
  ...['período', 'periodo', 'rango', 'dias', 'datas', 'giorni', 'date', 'dagen', 'periode'],
  ...['期間', '日付', '日間', '何日', '開始日', '日のデータ'],
];
const DAYS = compilePhrases(DAY_WORDS.map(fold), {});

/** The nouns of each language: "quelle" asks in French and is a source in German. */
const NOUNS: ReadonlyMap<string, readonly (readonly [Kind, PhraseSet])[]> = new Map(
  VOCABULARIES.map(({ language, nouns, classes }) => [
    language,
    KINDS.map((kind) => [kind, compilePhrases(nouns[kind] ?? [], classes)] as const),
  ]),
);

interface Hit {
  readonly field: Field;
  readonly from: number;
  readonly to: number;
}

function hitsIn(words: readonly Word[], languages: Iterable<string>): readonly Hit[] {
  const nouns = [...languages].flatMap((language) => NOUNS.get(language) ?? []);
  const sets = [...nouns, ['time', DAYS] as const];
  return sets
    .flatMap(([kind, set]) =>
      findPhrases(words, set).map(({ from, to }) => ({ field: FIELD_OF[kind], from, to })),
    )
    .filter(({ from }) => !isFrenchWhich(words, from))
    .sort((a, b) => a.from - b.from || b.to - a.to);
}

/** "De quelle période …?", which is too short to tell its language. */
const isFrenchWhich = (words: readonly Word[], at: number): boolean =>
  words[at]?.text === 'quelle' && (at === 0 || ['de', 'pour', 'dans'].includes(words[at - 1]?.text ?? ''));

/**
 * The kind of thing that is named first: "Which source is it about? …", "We could not find this source in the
 * workspace …". One question for two things ("Which workspace and source?") is none that one answer fits.
 */
function nounIn(text: string, language: string): Field | null {
  // Japanese says last what it is about: "no source that fits was found in the workspaces".
  const words = wordsOf(language === 'ja' ? text.slice(text.indexOf(FITTING) + 1) : text);
  const own = hitsIn(words, new Set([language, 'en']));
  const hits = own.length > 0 ? own : hitsIn(words, NOUNS.keys());
  const [first] = hits;
  if (first === undefined) return null;
  const next = hits.find(({ from }) => from >= first.to);
  if (next === undefined || next.field === first.field) return first.field;
  if (CLAUSES.has(first.field) && CLAUSES.has(next.field)) return 'event';
  const joins = words
    .slice(first.to, next.from)
    .some((word) => JOINTS.has(word.text) || JOINTS_OF[language]?.includes(word.text));
  return joins || next.from === first.to ? null : first.field;
}

const FITTING = '該当する';
const JOINTS = new Set(['and', 'or', 'und', 'oder', 'et', 'ou', 'と', 'や']);
/** Ordinary words in other languages. */
const JOINTS_OF: Readonly<Record<string, readonly string[]>> = {
  es: ['y', 'e', 'o'],
  pt: ['e'],
  it: ['e', 'o'],
  nl: ['en', 'of'],
};
