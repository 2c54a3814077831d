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
import type { Field } from './vocabulary/vocabulary.ts';
import { fold, type Word, wordsOf } from './words.ts';

/** What a clause does about deletion. `statement`: nothing of it. */
export type Role =
  | 'request'
  | 'negated'
  | 'keep'
  | 'question'
  | 'past'
  | 'orders'
  | 'form'
  | 'aside'
  | 'statement';

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

/** Cuts a text into statements and says what each does. */
export function statementsOf(text: string, lexicon: Lexicon): readonly Statement[] {
  const pieces = piecesOf(text, lexicon).slice(0, STATEMENTS_MAX);
  const statements: Statement[] = [];
  let lead: Role = 'statement';
  for (const [sentence, piece] of pieces.entries()) {
    const clauses = clausesOf(text, piece, lexicon).map((clause) =>
      judged(text, clause, piece, sentence, lexicon),
    );
    for (const [index, clause] of clauses.entries()) {
      statements.push({ ...clause, role: inherited(clause, index, clauses, lead, lexicon) });
    }
    // A list continues what its lead-in asked for.
    if (!piece.item && piece.field === null)
      lead = leadOf(statements.filter((each) => each.sentence === sentence));
    if (piece.field === 'action') lead = statements.at(-1)?.role ?? 'statement';
  }
  const ordered = new Set(
    statements.filter(({ role }) => role === 'orders').map(({ paragraph }) => paragraph),
  );
  return statements.map((each) => (ordered.has(each.paragraph) ? { ...each, role: 'orders' } : each));
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly paragraph: number;
  readonly item: boolean;
  readonly field: Field | null;
}

interface Prose {
  readonly start: number;
  readonly end: number;
  readonly item: boolean;
}

const LABEL_MAX = 45;
const BULLET = /^\s*(?:[-*•·‣◦–—+]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+/;

function piecesOf(text: string, lexicon: Lexicon): readonly Piece[] {
  const pieces: Piece[] = [];
  let paragraph = 0;
  let prose: Prose | null = null;
  const flush = (): void => {
    if (prose !== null) pieces.push(...sentencesOf(text, prose, paragraph));
    prose = null;
  };
  let start = 0;
  let open: Field | null = null;
  let afterField = false;
  for (const line of text.split('\n')) {
    const end = start + line.length;
    const trimmed = line.trim();
    const fields = trimmed === '' ? [] : fieldsIn(line, start, lexicon);
    const bullet = BULLET.exec(line)?.[0].length ?? 0;
    if (trimmed === '') {
      flush();
      afterField = false;
      paragraph += 1;
      if (open !== null && !listFollows(text, end)) open = null;
    } else if (fields.length > 0) {
      flush();
      for (const field of fields) pieces.push({ ...field, paragraph, item: false });
      afterField = true;
      const last = fields.at(-1);
      open =
        last !== undefined && LISTED.has(last.field) && awaitsList(text, last) && BULLET.exec(line) === null
          ? last.field
          : null;
    } else if (open !== null && (bullet > 0 || /^\s/.test(line))) {
      pieces.push({ start: start + bullet, end, paragraph, item: false, field: open });
    } else if (afterField && bullet === 0 && continues(text.slice(pieces.at(-1)?.start, start - 1), line)) {
      const last = pieces.pop();
      if (last !== undefined) pieces.push({ ...last, end });
    } else if (bullet > 0) {
      flush();
      afterField = false;
      prose = { start: start + bullet, end, item: true };
    } else if (prose !== null && continues(text.slice(prose.start, prose.end), line)) {
      prose = { start: (prose as Prose).start, end, item: (prose as Prose).item };
    } else {
      flush();
      open = null;
      afterField = false;
      prose = { start, end, item: false };
    }
    start = end + 1;
  }
  flush();
  return pieces;
}

/** Fields whose value may be a list on the lines below. */
const LISTED: ReadonlySet<Field> = new Set<Field>([
  'user',
  'event',
  'property',
  'eventProperty',
  'userProperty',
  'timeFrame',
]);

/** Nothing stands behind the field's name, or a list that goes on. */
const awaitsList = (text: string, piece: Span): boolean =>
  /^\s*$|,\s*$/.test(text.slice(piece.start, piece.end));

const listFollows = (text: string, at: number): boolean =>
  BULLET.test(text.slice(at).trimStart().slice(0, 20));

/** A line continues the one before when that was wrapped: long, or the next begins in lower case. */
function continues(before: string, line: string): boolean {
  const last = before.slice(before.lastIndexOf('\n') + 1).trimEnd();
  if (/[:：]$/.test(last) && last.length < 60) return false;
  return last.length >= 50 || /^\s*[\p{Ll}("“„«]/u.test(line) || /[,;]$/.test(last);
}

/** The form fields in one line: `Name: value`, several divided by commas or bars, or a name and a wide gap. */
function fieldsIn(
  line: string,
  offset: number,
  lexicon: Lexicon,
): readonly (Omit<Piece, 'paragraph' | 'item'> & { field: Field })[] {
  const cuts = [...line.matchAll(/[,;|]\s{1,4}(?=[\p{L}])/gu)].map((cut) => cut.index);
  const edges = [0, ...cuts.map((cut) => cut + 1), line.length];
  const parts = edges
    .slice(0, -1)
    .map((from, index) => fieldIn(line.slice(from, edges[index + 1]), offset + from, lexicon));
  const found = parts.filter((part) => part !== null);
  if (found.length === parts.length)
    return found.map((part) => ({ ...part, end: trimEnd(line, part.end - offset) + offset }));
  const whole = fieldIn(line, offset, lexicon);
  return whole === null ? [] : [whole];
}

const trimEnd = (line: string, end: number): number => line.slice(0, end).replace(/[,;|\s]+$/, '').length;

function fieldIn(
  line: string,
  offset: number,
  lexicon: Lexicon,
): { start: number; end: number; field: Field } | null {
  const bullet = BULLET.exec(line)?.[0].length ?? /^\s*/.exec(line)?.[0].length ?? 0;
  const rest = line.slice(bullet);
  const divider = /[:：=\t|]| {2,}| [-–—] |\.{2,}/.exec(rest.slice(0, LABEL_MAX + 5));
  if (divider === null) return null;
  const label = fold(
    rest
      .slice(0, divider.index)
      .replace(/[*_.…\s]+$/, '')
      .replace(/^[*_|\s]+/, ''),
  ).replace(/\s+/g, ' ');
  const field = lexicon.fields.get(label);
  if (field === undefined) return null;
  const skipped = /^[.…\s:：=|*_–—-]*/.exec(rest.slice(divider.index))?.[0].length ?? 0;
  // What is asked for may be said by the name alone: "To be deleted: source X".
  const start = field === 'action' ? bullet : bullet + divider.index + skipped;
  return { start: offset + start, end: offset + line.trimEnd().length, field };
}

/** Sentences of a run of prose. A dot after a number or a short form ends none. */
function sentencesOf(
  text: string,
  prose: { readonly start: number; readonly end: number; readonly item: boolean },
  paragraph: number,
): readonly Piece[] {
  const body = text.slice(prose.start, prose.end);
  const pieces: Piece[] = [];
  let start = 0;
  for (const stop of body.matchAll(/[.!?…]+["'”»)]?\s+|[。！？]/g)) {
    const end = stop.index + stop[0].length;
    if (
      isAbbreviation(body.slice(Math.max(start, stop.index - 12), stop.index + 1), body.slice(end, end + 12))
    )
      continue;
    pieces.push({
      start: prose.start + start,
      end: prose.start + end,
      paragraph,
      item: prose.item,
      field: null,
    });
    start = end;
  }
  if (start < body.length) {
    pieces.push({ start: prose.start + start, end: prose.end, paragraph, item: prose.item, field: null });
  }
  return pieces;
}

function isAbbreviation(before: string, after: string): boolean {
  if (/(?:^|\s)\d{1,2}\.$/.test(before))
    return /^[\p{L}\d]/u.test(after) && !/^\p{Lu}\p{Ll}+ (?:the|this|we|it)\b/u.test(after);
  return (
    /(?:^|[\s(])(?:e\.g|i\.e|etc|no|nr|vs|approx|incl|inc|ltd|corp|mr|mrs|ms|dr|z\.b|d\.h|bzw|ca|art|st|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|p|\p{L})\.$/iu.test(
      before,
    ) && !/^(?:please|we|the|it|this|bitte)\b/i.test(after)
  );
}

/** Clauses of a sentence: contrasts ("…, but", "…; only") begin a new one. */
function clausesOf(text: string, piece: Piece, lexicon: Lexicon): readonly Span[] {
  if (piece.field !== null) return [piece];
  const flat = text.slice(piece.start, piece.end).replaceAll('\n', ' ');
  const words = wordsOf(flat);
  const read: Searched = { words, hits: searchPhrases(words, lexicon.book) };
  const cuts = new Set<number>();
  for (const hit of hitsOf(read, lexicon.acts.contrast)) {
    const at = words[hit.from]?.start ?? 0;
    if (at > 0 && /[,;:–—-]\s*$/.test(flat.slice(0, at))) cuts.add(at);
  }
  for (const stop of flat.matchAll(/;\s|\s[–—]\s|,\s(?=and |then )/g)) {
    if (!isDateDash(flat, stop.index, stop[0].length, lexicon)) cuts.add(stop.index + 1);
  }
  const requests = hitsOf(read, lexicon.acts.request);
  for (const hit of hitsOf(read, lexicon.acts.negation)) {
    const at = words[hit.from]?.start ?? 0;
    if (requests.some((request) => request.to <= hit.from) || cuts.size > 0) cuts.add(cutBefore(flat, at));
  }
  for (const hit of hitsOf(read, lexicon.acts.keep)) {
    const at = words[hit.from]?.start ?? 0;
    if (requests.some((request) => request.to <= hit.from)) cuts.add(cutBefore(flat, at));
  }
  const edges = [0, ...[...cuts].filter((cut) => cut > 0).sort((a, b) => a - b), flat.length];
  return edges.slice(0, -1).map((from, index) => ({
    start: piece.start + from,
    end: piece.start + (edges[index + 1] ?? flat.length),
  }));
}

/** A dash between two dates joins them. */
function isDateDash(flat: string, at: number, length: number, { time }: Lexicon): boolean {
  const after = fold(flat.slice(at + length, at + length + 20)).replace(/^the /, '');
  return (
    /\d$/.test(flat.slice(0, at).trimEnd()) ||
    /^\d/.test(after) ||
    time.months.flat().some((month) => after.startsWith(month))
  );
}

/** The comma or "and" before a place, else the place itself. */
function cutBefore(flat: string, at: number): number {
  const comma = Math.max(flat.lastIndexOf(', ', at), flat.lastIndexOf(' (', at));
  const and = flat.lastIndexOf(' and ', at);
  return Math.max(comma, and) > 0 ? Math.max(comma, and) + 1 : at;
}

function judged(text: string, clause: Span, piece: Piece, sentence: number, lexicon: Lexicon): Statement {
  const flat = text.slice(clause.start, clause.end).replaceAll('\n', ' ');
  const whole = text.slice(piece.start, piece.end);
  const words = wordsOf(withoutLinks(flat), clause.start);
  const read: Searched = { words, hits: searchPhrases(words, lexicon.book) };
  const has = (set: PhraseSet): boolean => says(read, set);
  const { acts } = lexicon;
  const asks = /[?？]["'”»)\s]*$/.test(whole);
  return {
    role: roleOf(flat, read, asks, clause.start, piece, lexicon),
    start: clause.start,
    end: clause.end,
    text: flat,
    ...read,
    sentence,
    paragraph: piece.paragraph,
    item: piece.item,
    field: piece.field,
    asks,
    cancels: has(acts.cancel) && !has(acts.notCancel),
    status: has(acts.status),
    corrects: has(acts.correction) || has(acts.doubt),
    doubt: has(acts.doubt),
    excludes: has(acts.exclusion),
    undecided: has(acts.undecided),
  };
}

/** Words inside links, addresses and quoted names do nothing in a sentence. Same length, so that offsets hold. */
const withoutLinks = (flat: string): string =>
  flat
    .replace(/https?:\/\/\S{1,2000}|(?<![^\s<(:,;])[^\s<>(:,;]{1,64}@[^\s<>(,;]{1,190}/gi, (link) =>
      '/'.repeat(link.length),
    )
    .replace(
      /"[^"]{1,100}"|“[^”]{1,100}”|„[^“”]{1,100}[“”]|«[^»]{1,100}»|`[^`]{1,100}`|「[^」]{1,100}」/g,
      (name) => '/'.repeat(name.length),
    );

interface Span {
  readonly start: number;
  readonly end: number;
}

function roleOf(
  flat: string,
  read: Searched,
  asks: boolean,
  offset: number,
  piece: Piece,
  lexicon: Lexicon,
): Role {
  const { acts } = lexicon;
  const { words } = read;
  if (says(read, acts.orders)) return 'orders';
  if (piece.field === 'aside') return 'aside';
  if (piece.field !== null && piece.field !== 'action') return 'form';
  const requests = requestsIn(read, flat, lexicon);
  if (says(read, acts.negation)) return 'negated';
  if (requests.length === 0 && says(read, acts.keep)) return 'keep';
  if (piece.field === 'action') {
    const deletes = words.some((word) => lexicon.deleteWords.has(word.text));
    return deletes ? 'request' : 'form';
  }
  const first = requests[0];
  if (first === undefined) {
    if (asks) return 'question';
    return says(read, acts.past) ? 'past' : 'statement';
  }
  const harmless = hitsOf(read, acts.harmless);
  const free = (hit: PhraseHit): boolean =>
    !harmless.some((each) => hit.from < each.to && each.from < hit.to);
  if (hitsOf(read, acts.condition).some(free)) return 'question';
  const blocked = hitsOf(read, acts.question).some(
    (hit) => free(hit) && hit.from < (requests.at(-1)?.to ?? 0) && !isApart(flat, words, hit, first, offset),
  );
  if (blocked) return 'question';
  return asks && !isPolite(words, requests) ? 'question' : 'request';
}

/** Deletions asked for: by phrase, or a bare imperative at the start of the clause. */
function requestsIn(read: Searched, flat: string, lexicon: Lexicon): readonly PhraseHit[] {
  const { words } = read;
  const reports = hitsOf(read, lexicon.acts.past);
  // "need a confirmation that it was deleted" reports a deletion and asks for none.
  const told = (hit: PhraseHit): boolean =>
    reports.some((each) => each.from < hit.to && hit.from < each.to && each.to >= hit.to);
  const cancels = says(read, lexicon.acts.cancel) && !says(read, lexicon.acts.notCancel);
  const other = (hit: PhraseHit): boolean =>
    words
      .slice(hit.from, hit.to - 1)
      .some(({ text }) => PAPERS.has(text) || (cancels && lexicon.cancelWords.has(text)));
  const hits = hitsOf(read, lexicon.acts.request).filter((hit) => !told(hit) && !other(hit));
  const first = words[0];
  const starts =
    first !== undefined && lexicon.imperatives.has(first.text) && !/^\s*\S+\s*(?:[:=]|$)/.test(flat);
  return starts ? [{ from: 0, to: 1 }, ...hits] : hits;
}

/** "request a confirmation of the deletion" asks for a paper. */
const PAPERS = new Set(
  'confirmation proof certificate evidence status update report receipt statement copy information bestätigung nachweis confirmation preuve attestation confirmación prueba confirmação prova conferma bevestiging bewijs'.split(
    ' ',
  ),
);

/** Whether a comma or the like divides a question's words from the request behind them. */
function isApart(
  flat: string,
  words: readonly Word[],
  hit: PhraseHit,
  request: PhraseHit,
  offset: number,
): boolean {
  if (hit.from >= request.from) return false;
  const from = words[hit.to - 1]?.end ?? 0;
  const to = words[request.from]?.start ?? from;
  return /[,;:–—]/.test(flat.slice(from - offset, to - offset));
}

const POLITE = new Set([
  ...[
    'can',
    'could',
    'would',
    'will',
    'please',
    'kindly',
    'können',
    'könnten',
    'könntet',
    'würden',
    'bitte',
    'pourriez',
  ],
  ...[
    'pouvez',
    'pourriez-vous',
    'pouvez-vous',
    'podrían',
    'podría',
    'pueden',
    'puede',
    'podem',
    'poderiam',
    'pode',
    'poderia',
  ],
  ...['potete', 'potreste', 'può', 'potrebbe', 'kunnen', 'kunt', 'zouden', 'willen', 'wilt', 'kun'],
]);

const isPolite = (words: readonly Word[], requests: readonly PhraseHit[]): boolean =>
  requests.some((hit) => POLITE.has(words[hit.from]?.text ?? '')) ||
  /[くれい]/.test(words.at(-1)?.text ?? '');

/** A clause without an act of its own shares that of its sentence; an item of a list that of the words before the list. */
function inherited(
  clause: Statement,
  index: number,
  clauses: readonly Statement[],
  lead: Role,
  lexicon: Lexicon,
): Role {
  if (clause.role !== 'statement') return clause.role;
  if (clauses.some(({ role }) => role === 'request')) return 'request';
  const before = clauses[index - 1];
  const opens = lexicon.acts.contrast.byFirst.has(clause.words[0]?.text ?? '');
  if (before?.role === 'negated' && opens && namesScope(clause, lexicon)) return 'request';
  return clause.item ? lead : clause.role;
}

const namesScope = (clause: Statement, lexicon: Lexicon): boolean =>
  Object.values(lexicon.nouns).some((nouns) => says(clause, nouns));

const leadOf = (clauses: readonly Statement[]): Role => {
  const last = clauses.at(-1)?.role ?? 'statement';
  return last === 'request' || last === 'negated' || last === 'keep' ? last : 'statement';
};
