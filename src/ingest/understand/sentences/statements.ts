import {
  isJapaneseWish,
  japaneseAsks,
  japaneseCuts,
  japaneseVerbOf,
  japaneseWonders,
} from '../japanese/clauses.ts';
import { JAPANESE } from '../japanese/lines.ts';
import type { Field } from '../vocabulary/vocabulary.ts';
import { cancelsIn } from './cancels.ts';
import type { Lexicon } from './lexicon.ts';
import {
  type Hits,
  hitsOf,
  type PhraseHit,
  type PhraseSet,
  type Searched,
  says,
  searchPhrases,
} from './phrases.ts';
import { type Piece, piecesOf, type Span } from './pieces.ts';
import { type Role, roleOf } from './roles.ts';
import { fold, type Word, wordsOf } from './words.ts';

/** One clause of prose, one item of a list or one line of a form. Offsets are those of the own text. */
export interface Statement {
  readonly role: Role;
  readonly start: number;
  readonly end: number;
  /** The own text with line ends as spaces, so that offsets hold. */
  readonly text: string;
  readonly words: readonly Word[];
  readonly hits: Hits;
  /** Clauses of one sentence share it. */
  readonly sentence: number;
  readonly paragraph: number;
  readonly item: boolean;
  readonly field: Field | null;
  readonly asks: boolean;
  readonly cancels: boolean;
  readonly status: boolean;
  readonly corrects: boolean;
  /** Corrects for certain, so that a correction that cannot be read must be asked about. */
  readonly doubt: boolean;
  readonly excludes: boolean;
  readonly undecided: boolean;
}

/** A mail with more sentences is not read in part (see requests.ts). */
export const STATEMENTS_MAX = 2_000;

/** No sentence is longer. What is beyond is not read, and neither are the names of its mail (requests.ts). UTF-16 code units. */
export const SENTENCE_MAX = 6_000;

/** Cuts a text into statements and says what each does. `read`: what its pieces are read as, by what stands around. */
export function statementsOf(
  text: string,
  lexicon: Lexicon,
  read: (pieces: readonly Piece[]) => readonly Piece[] = (pieces) => pieces,
): readonly Statement[] {
  const pieces = read(piecesOf(text, lexicon)).slice(0, STATEMENTS_MAX);
  const statements: Statement[] = [];
  let lead: Role = 'statement';
  for (const [sentence, piece] of pieces.entries()) {
    const first = statements.length;
    const clauses = clausesOf(text, piece, sentence, lexicon);
    const conditional = clauses.findIndex((each) => isCondition(each, lexicon));
    for (const [index, clause] of clauses.entries()) {
      const role = inherited(clause, index, clauses, lead, lexicon);
      const depends = role === 'request' && conditional !== -1 && conditional < index;
      const listed = clause.item && clause.role === 'statement' && role === 'request';
      statements.push({
        ...clause,
        role: depends ? 'question' : role,
        // "Sim Abort" in a list of events is a name.
        cancels: clause.cancels && !listed,
        hits: listed ? nounsOnly(clause, lexicon) : clause.hits,
      });
    }
    // A list continues what its lead-in asked for.
    if (!piece.item && piece.field === null) lead = leadOf(statements.slice(first));
    if (piece.field === 'action') lead = statements.at(-1)?.role ?? 'statement';
  }
  const ordered = new Set(
    statements.filter(({ role }) => role === 'orders').map(({ paragraph }) => paragraph),
  );
  const wonders = lexicon.language === 'ja' && japaneseWonders(statements);
  return statements.map((each) => {
    if (ordered.has(each.paragraph)) return { ...each, role: 'orders' };
    return wonders && each.role === 'request' && isJapaneseWish(each.text)
      ? { ...each, role: 'question' }
      : each;
  });
}

function clausesOf(text: string, piece: Piece, sentence: number, lexicon: Lexicon): readonly Statement[] {
  const flat = text.slice(piece.start, piece.end).replaceAll('\n', ' ');
  const words = flat.length > SENTENCE_MAX ? [] : wordsOf(withoutNames(flat), piece.start);
  const read: Searched = { words, hits: searchPhrases(words, lexicon.book) };
  const whole: Whole = { flat, start: piece.start, asks: asksIn(flat, lexicon), piece, sentence };
  const cuts = piece.field === null ? cutsIn(flat, read, piece, lexicon) : [];
  if (cuts.length === 0) return [judged(whole, { start: piece.start, end: piece.end }, read, lexicon)];
  const edges = [0, ...cuts, flat.length];
  // A Japanese sentence asks by its last verb.
  const asks = (index: number): boolean =>
    whole.asks && (lexicon.language !== 'ja' || index === edges.length - 2);
  return edges.slice(0, -1).map((from, index) => {
    const span = { start: piece.start + from, end: piece.start + (edges[index + 1] ?? flat.length) };
    const own = words.filter((word) => word.start >= span.start && word.end <= span.end);
    return judged(
      { ...whole, asks: asks(index) },
      span,
      { words: own, hits: searchPhrases(own, lexicon.book) },
      lexicon,
    );
  });
}

const asksIn = (flat: string, { language }: Lexicon): boolean =>
  language === 'ja' ? japaneseAsks(flat) : /[?？]["'”»)\s]*$/.test(flat) && !TAG.test(flat);

/** "Delete it, ok?" asks for a nod and not for an answer. */
const TAG =
  /,\s*¿?(?:ok|okay|okey|alright|please|thanks|danke|bitte|merci|svp|d['’]accord|gracias|vale|dale|obrigad[oa]|blz|beleza|tá|tá bom|tá bem|viu|grazie|bedankt)\s*[?？]\s*$/i;

/** Where clauses of a sentence begin, in order: at contrasts ("…, but", "…; only"), negations and what is to be kept. */
function cutsIn(flat: string, read: Searched, { start, item }: Piece, lexicon: Lexicon): readonly number[] {
  if (lexicon.language === 'ja') return japaneseCuts(flat, read, start, lexicon.acts);
  const cuts = new Set<number>();
  const at = (hit: PhraseHit): number => (read.words[hit.from]?.start ?? start) - start;
  for (const hit of hitsOf(read, lexicon.acts.contrast)) {
    if (at(hit) > 0 && /[,;:–—-]\s*$/.test(flat.slice(Math.max(0, at(hit) - 4), at(hit)))) cuts.add(at(hit));
  }
  // A dash in a quoted name divides nothing.
  for (const stop of withoutNames(flat).matchAll(/;\s|\s[–—]\s|,\s(?=and |then )/g)) {
    // "Donors – Archive" in a list is one name.
    if (item && /^\s[–—]\s\p{Lu}/u.test(flat.slice(stop.index))) continue;
    if (!isDateDash(flat, stop.index, stop[0].length, lexicon)) cuts.add(stop.index + 1);
  }
  const requests = hitsOf(read, lexicon.acts.request);
  const opens = lexicon.imperatives.has(read.words[0]?.text ?? '');
  const asked = (hit: PhraseHit): boolean =>
    (opens && hit.from > 0) || requests.some((request) => request.to <= hit.from);
  for (const hit of hitsOf(read, lexicon.acts.negation)) {
    if (asked(hit) || cuts.size > 0) cuts.add(cutBefore(flat, at(hit)));
  }
  for (const hit of hitsOf(read, lexicon.acts.keep)) {
    if (asked(hit)) cuts.add(cutBefore(flat, at(hit)));
  }
  return [...cuts].filter((cut) => cut > 0).sort((a, b) => a - b);
}

/** A dash between two dates joins them. */
function isDateDash(flat: string, at: number, length: number, { months }: Lexicon): boolean {
  const after = fold(flat.slice(at + length, at + length + 20)).replace(/^the /, '');
  return (
    /\d$/.test(flat.slice(0, at).trimEnd()) ||
    /^\d/.test(after) ||
    [...months].some((month) => after.startsWith(month))
  );
}

/** The comma or "and" before a place, else the place itself. */
function cutBefore(flat: string, at: number): number {
  // A bracket that is closed again divides nothing.
  const bracket = flat.lastIndexOf(' (', at) > flat.lastIndexOf(')', at) ? flat.lastIndexOf(' (', at) : -1;
  const stop = Math.max(flat.lastIndexOf(', ', at), flat.lastIndexOf('; ', at), bracket);
  const and = flat.lastIndexOf(' and ', at);
  return Math.max(stop, and) > 0 ? Math.max(stop, and) + 1 : at;
}

/** The sentence that a clause belongs to. */
interface Whole {
  readonly flat: string;
  readonly start: number;
  readonly asks: boolean;
  readonly piece: Piece;
  readonly sentence: number;
}

function judged(whole: Whole, span: Span, read: Searched, lexicon: Lexicon): Statement {
  const { piece, asks, sentence } = whole;
  const flat = whole.flat.slice(span.start - whole.start, span.end - whole.start);
  const has = (set: PhraseSet): boolean => says(read, set);
  const { acts } = lexicon;
  return {
    role: roleOf(flat, read, asks, span.start, piece, lexicon),
    ...span,
    text: flat,
    ...read,
    sentence,
    paragraph: piece.paragraph,
    item: piece.item,
    field: piece.field,
    asks,
    cancels: cancelsIn(read, acts).length > 0,
    status: has(acts.status) || (asks && has(acts.finished) && !has(acts.condition) && !has(acts.general)),
    corrects: has(acts.correction) || has(acts.doubt),
    doubt: has(acts.doubt),
    excludes: excludes(read, lexicon),
    undecided: has(acts.undecided) && !has(acts.doubt),
  };
}

/** "Delete nothing outside of these days" takes nothing out of what was said. */
function excludes(read: Searched, { acts, timePhrases }: Lexicon): boolean {
  if (!says(read, acts.exclusion)) return false;
  const pointed = hitsOf(read, timePhrases.backReference);
  // "nessuno escluso": what ends in the exclusion says that nothing is taken out.
  const none = hitsOf(read, acts.harmless);
  return hitsOf(read, acts.exclusion).some(
    ({ from, to }) =>
      !none.some((hit) => hit.from < from && hit.to === to) &&
      (!NOTHING.has(read.words[from - 1]?.text ?? '') ||
        !pointed.some((hit) => hit.from >= to && hit.from <= to + 1)),
  );
}

const NOTHING = new Set('nothing nichts rien nada nulla niente niets'.split(' '));

/** Words inside links, addresses and quoted names do nothing in a sentence. Same length, so that offsets hold. */
const withoutNames = (flat: string): string => {
  const bare = /[@:："“„«`「『]/.test(flat) ? masked(flat) : flat;
  return bare.replace(NAMED_THING, (name) => '/'.repeat(name.length));
};

/** "source Price Feed", "project Order Desk": capitals behind the noun are a name. */
const NAMED_THING =
  /(?<=\b(?:source|sources|space|project|event|events) )\p{Lu}[\p{L}\p{N}&/-]*(?: \p{Lu}[\p{L}\p{N}&/-]*){0,5}/gu;

/** Japanese stands beside links and addresses without a space. */
const LINK = new RegExp(
  `https?:\\/\\/[^\\s${JAPANESE}]{1,2000}|(?<![^\\s<(:,;${JAPANESE}])[^\\s<>(:,;${JAPANESE}]{1,64}@[^\\s<>(,;${JAPANESE}]{1,190}`,
  'gi',
);

const masked = (flat: string): string =>
  flat
    .replace(LINK, (link) => '/'.repeat(link.length))
    .replace(
      /"[^"]{1,100}"|“[^”]{1,100}”|„[^“”]{1,100}[“”]|«[^»]{1,100}»|`[^`]{1,100}`|「[^」]{1,100}」|『[^』]{1,100}』/g,
      (name) => '/'.repeat(name.length),
    );

/** An item of a list is a thing, whatever its words do elsewhere; one with a noun may also say of which time. */
function nounsOnly(clause: Statement, lexicon: Lexicon): Hits {
  const { nouns, timePhrases } = lexicon;
  const sets = [...Object.values(nouns), ...(namesScope(clause, lexicon) ? [timePhrases.allTime] : [])];
  return new Map(sets.flatMap((set) => (says(clause, set) ? [[set, hitsOf(clause, set)] as const] : [])));
}

/** "If the board agrees, just delete …": a clause that only sets a condition for those behind it. */
function isCondition(clause: Statement, { acts }: Lexicon): boolean {
  if (clause.role === 'request' || clause.field !== null) return false;
  const harmless = hitsOf(clause, acts.harmless);
  return hitsOf(clause, acts.condition).some(
    (hit) => !harmless.some((each) => hit.from < each.to && each.from < hit.to),
  );
}

/** A clause without an act of its own shares that of its sentence; an item of a list that of the words before the list. */
function inherited(
  clause: Statement,
  index: number,
  clauses: readonly Statement[],
  lead: Role,
  lexicon: Lexicon,
): Role {
  if (clause.role !== 'statement') return clause.role;
  if (lexicon.language === 'ja')
    return japaneseVerbOf(clauses.slice(index + 1)) ?? (clause.item ? lead : clause.role);
  if (clauses.some(({ role }) => role === 'request')) return 'request';
  const before = clauses[index - 1];
  const opens = lexicon.acts.contrast.byFirst.has(clause.words[0]?.text ?? '');
  if (before?.role === 'negated' && opens && namesScope(clause, lexicon)) return 'request';
  return clause.item ? lead : clause.role;
}

const namesScope = (clause: Statement, lexicon: Lexicon): boolean =>
  Object.values(lexicon.nouns).some((nouns) => says(clause, nouns));

const leadOf = (clauses: readonly Statement[]): Role => {
  // "Two deletions in workspace X (not the workspace itself):" leads on with what stands before the brackets.
  const open = clauses.filter(({ text }, index) => index === 0 || !/^\s*\(/.test(text));
  const last = open.at(-1)?.role ?? 'statement';
  return last === 'request' || last === 'negated' || last === 'keep' ? last : 'statement';
};
