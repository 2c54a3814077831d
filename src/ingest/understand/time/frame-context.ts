import type { Lexicon } from '../sentences/lexicon.ts';
import type { Statement } from '../sentences/statements.ts';
import type { Placed } from './date-atoms.ts';
import type { Dated } from './dates.ts';
import { type Lead, type Tail, type TimeIndex, timeIndexOf } from './time-index.ts';
import { PhraseTable } from './time-phrases.ts';
import type { Token } from './time-tokens.ts';

/** What stands around a date and says what it is. */
export interface Context {
  readonly lead: Lead | null;
  /** The lead is "until the end of" or the like. */
  readonly ends: boolean;
  readonly tail: Tail | null;
  /** "not in March". */
  readonly denied: boolean;
  /** "the middle of", "two weeks before": days that nobody can count. */
  readonly partial: boolean;
  /** "about", "roughly". */
  readonly rough: boolean;
  /** The date of a letter, a meeting, a contract. */
  readonly aside: boolean;
  /** Another range stands before it whose month this one lends: "from 1 to 3 and from 7 to 9 May". */
  readonly chained: boolean;
  /** "the weekend of 9 and 10 November". */
  readonly weekend: boolean;
  /** A word for the data stands before it: "the events received …". */
  readonly data: boolean;
  /** "March data", "today's records": a word for the data stands behind it. */
  readonly dataBehind: boolean;
  /** "Remove last week": the date is what is to go. */
  readonly object: boolean;
  /** The other end is said as well, in words that are no date: "since 3 March until Easter". */
  readonly halved: boolean;
  /** Words of the statement besides the date: none or few = the date is the statement. */
  readonly others: number;
}

export function contextOf(
  statement: Statement,
  dated: Dated,
  first: Placed,
  last: Placed,
  lexicon: Lexicon,
): Context {
  if (first !== last) return foundContext(statement, dated, first, last, lexicon);
  const known = contexts.get(first);
  if (known !== undefined) return known;
  const context = foundContext(statement, dated, first, last, lexicon);
  contexts.set(first, context);
  return context;
}

/** A date belongs to one statement: what stands around it alone is found once. */
const contexts = new WeakMap<Placed, Context>();

function foundContext(
  statement: Statement,
  { tokens }: Dated,
  first: Placed,
  last: Placed,
  lexicon: Lexicon,
): Context {
  const index = timeIndexOf(lexicon.time);
  const end = beforeDate(tokens, first.fromToken);
  const lead = index.leads.before(tokens, end);
  const start = lead?.at ?? end;
  const denial = denialsOf(lexicon);
  const behind = behindDate(tokens, last.toToken);
  const tail = index.tails.at(tokens, behind);
  const tailed =
    tail === null || !closes(tokens, tail.at, tail.length, lead?.value ?? null) ? null : tail.value;
  const covered = tokens.slice(first.fromToken, last.toToken).filter(({ kind }) => kind !== 'sign').length;
  return {
    lead: lead?.value ?? null,
    ends: lead !== null && tokens.slice(lead.at, end).some(({ text }) => END_WORDS.has(text)),
    tail: tailed,
    denied: denial.before(tokens, start) !== null || denial.before(tokens, end) !== null,
    partial: isPartial(tokens, start, end, PARTS, lead?.value ?? null),
    rough: isPartial(tokens, start, end, ROUGH, lead?.value ?? null),
    ...surroundings(tokens, start, statement.text, index, lexicon),
    chained: isChained(tokens, start, index),
    object: lexicon.deleteWords.has(tokens[start - 1]?.text ?? ''),
    weekend: tokens.slice(Math.max(0, start - 2), end).some(({ text }) => WEEKENDS.has(text)),
    halved: isHalved(tokens, start, last.toToken, lead?.value ?? null, tailed, index),
    dataBehind: isDataBehind(tokens, last.toToken, index),
    others: statement.words.length - covered,
  };
}

/** The end of the words in front of a date, without brackets, colons and the time at which its day begins. */
function beforeDate(tokens: readonly Token[], at: number): number {
  let end = at;
  while (end > 0 && at - end < 8) {
    const text = tokens[end - 1]?.text ?? '';
    if (/^["'“”„«(:,[]$/.test(text)) end -= 1;
    else if (tokens[end - 2]?.text === ':' && /^(?:00|59)$/.test(text) && tokens[end - 2]?.glued) end -= 3;
    else break;
  }
  return end;
}

function behindDate(tokens: readonly Token[], at: number): number {
  let next = at;
  while (next < at + 3 && /^[,)"'”]$/.test(tokens[next]?.text ?? '')) next += 1;
  return next;
}

/** A single short word ("from 3 May on") counts only where it ends a clause, or it begins the next: "3 May on server A". */
function closes(tokens: readonly Token[], to: number, length: number, lead: Lead | null): boolean {
  if (length > 1 || (tokens[to - 1]?.text.length ?? 0) > 3) return true;
  const next = tokens[to];
  return (lead === 'from' || lead === 'since') && (next === undefined || next.kind === 'sign');
}

const END_WORDS = new Set('end ende fin fine final finales fim eind einde'.split(' '));

const denials = new WeakMap<readonly string[], PhraseTable<true>>();

function denialsOf({ notWords }: Lexicon): PhraseTable<true> {
  const known = denials.get(notWords);
  if (known !== undefined) return known;
  const built = new PhraseTable(notWords.map((phrase) => [phrase, true] as const));
  denials.set(notWords, built);
  return built;
}

/** Words before a date by which it is only a part, or less or more than what it says. */
const PARTS = new Set(
  'pre post half week weeks days part parts middle mid early late end beginning start weekend weekends hälfte woche wochen anfang mitte ende début debut fin mi milieu courant semaine semaines quinzaine décade jours principios primeros comienzos quincena mediados finales mitad semana semanas início meados fim inizio metà fine settimana settimane begin eind helft einde medio midden dagen weken metade quinzena bimestre quadrimestre começo comeco inicio final finais primeiros primeiras meio summer autumn winter spring verão verao inverno outono primavera zomer herfst najaar voorjaar lente natal carnaval páscoa kerst pasen'.split(
    ' ',
  ),
);
const ROUGH = new Set(
  'around about approximately approx circa ca roughly etwa ungefähr vers environ hacia aproximadamente aprox cerca rond ongeveer omstreeks verso intorno torno volta'.split(
    ' ',
  ),
);
/** "two weeks before": a span that a date only ends. */
const SPANS = new Set(
  'day days week weeks month months hour hours year years tag tage tagen woche wochen monat monate monaten stunden jour jours semaine semaines mois heures día días dia dias semana semanas mes meses mês horas giorno giorni settimana settimane mese mesi ore dag dagen week weken maand maanden uur'.split(
    ' ',
  ),
);
const GLUE = new Set(
  "of the in des de di del do da dell van the du ' - , . der dem den dias dagen".split(' '),
);

function isPartial(
  tokens: readonly Token[],
  start: number,
  end: number,
  words: ReadonlySet<string>,
  lead: Lead | null,
): boolean {
  // The lead itself says it ("since the start of"), or the word stands before it ("the middle of March").
  let at = start - 1;
  if (words === PARTS && (lead === 'before' || lead === 'after') && SPANS.has(tokens[at]?.text ?? ''))
    return true;
  if (lead !== null && lead !== 'within' && lead !== 'from') {
    return words === ROUGH && words.has(tokens[at]?.text ?? '');
  }
  for (let steps = 0; steps < 4; steps += 1, at -= 1) {
    const text = tokens[at]?.text ?? '';
    // "It is about 1 to 5 May": what it concerns.
    if (text === 'about' && /^(?:is|s)$/.test(tokens[at - 1]?.text ?? '')) return false;
    if (words.has(text)) return true;
    if (!GLUE.has(text) || (text === ',' && at === start - 1)) break;
  }
  return start < end && words.has(tokens[end - 1]?.text ?? '') && lead === 'within';
}

/** How far in front of a date a word still says whose date it is: closer for a letter than for the data. */
const NEAR = 7;
const NEAR_ASIDE = 3;

/** The nearest telling word before a date in the same part of the sentence. */
function surroundings(
  tokens: readonly Token[],
  start: number,
  written: string,
  { asides, dataWords }: TimeIndex,
  { collectWords }: Lexicon,
): { readonly aside: boolean; readonly data: boolean } {
  const isData = (text: string): boolean => dataWords.has(text) || collectWords.has(text);
  for (let at = start - 1; at >= 0 && at >= start - NEAR; at -= 1) {
    const { text = '', kind } = tokens[at] ?? {};
    if (kind === 'sign' && /^[,;:)]$/.test(text)) break;
    if (isData(text)) return { aside: false, data: true };
    if (start - at > NEAR_ASIDE) continue;
    if (asides.has(text) && !isInName(tokens, at, written, asides)) return { aside: true, data: false };
    if (HAPPENED.has(text)) {
      // "the records moved in March", but "the source that we moved in March".
      const before = tokens.slice(Math.max(0, at - NEAR_ASIDE), at);
      const data = before.some((token) => isData(token.text));
      return { aside: !data, data };
    }
  }
  return { aside: false, data: false };
}

/** "the event Call Ended in March": a capital in front of another. */
function isInName(
  tokens: readonly Token[],
  at: number,
  written: string,
  asides: ReadonlySet<string>,
): boolean {
  const [token, next] = [tokens[at], tokens[at + 1]];
  const isCapital = (each: Token | undefined): boolean =>
    each?.kind === 'word' && /\p{Lu}/u.test(written.charAt(each.start));
  return isCapital(token) && isCapital(next) && !asides.has(next?.text ?? '');
}

/** What happens to a thing, and not to its data: "which we switched off in March". */
export const HAPPENED: ReadonlySet<string> = new Set(
  'use used using unused created added opened built registered switched turned installed launched connected migrated retired decommissioned closed replaced offline expired terminated bought acquired deployed disabled deactivated shut archived abandoned discontinued genutzt benutzt verwendet abgeschaltet ausgeschaltet stillgelegt installiert angelegt eingerichtet umgezogen utilisée utilisé utilisons désactivée désactivé arrêtée arrêté installée installé usada usado usamos apagada desactivada instalada creada utilizada usata usato disattivata spenta installata desativada desligada criada gebruikt gebruiken uitgeschakeld uitgezet geïnstalleerd aangemaakt'.split(
    ' ',
  ),
);

const WEEKENDS = new Set('weekend wochenende week-end'.split(' '));

/** Numbers that are joined stand right before the words that lead a date in. */
function isChained(tokens: readonly Token[], start: number, index: TimeIndex): boolean {
  let at = start;
  while (at > 0 && at > start - 4 && CHAIN.has(tokens[at - 1]?.text ?? '')) at -= 1;
  if (at === start) return false;
  if (ORDINALS.has(tokens[at - 1]?.text ?? '') && tokens[at - 2]?.kind === 'number') at -= 1;
  const last = tokens[at - 1];
  if (last?.kind !== 'number' || last.text.length > 2) return false;
  let before = at - 1;
  if (ARTICLES.has(tokens[before - 1]?.text ?? '')) before -= 1;
  const joint = index.joints.before(tokens, before);
  if (joint?.value !== 'range') return false;
  const first = tokens[ORDINALS.has(tokens[joint.at - 1]?.text ?? '') ? joint.at - 2 : joint.at - 1];
  return first?.kind === 'number' && first.text.length <= 2;
}

const CHAIN = new Set(
  ', ; & + and then also well as again und sowie dann et puis y luego e poi en dan plus'.split(' '),
);
const ORDINALS = new Set('st nd rd th . º ª'.split(' '));
const ARTICLES = new Set('the den dem der le el il o'.split(' '));

function isDataBehind(tokens: readonly Token[], to: number, { dataWords }: TimeIndex): boolean {
  const at = tokens[to]?.text === "'" && tokens[to + 1]?.text === 's' ? to + 2 : to;
  return dataWords.has(tokens[at]?.text ?? '') && tokens[at]?.kind === 'word';
}

/** Whether a word for the other end of a range stands on the other side of a date. */
function isHalved(
  tokens: readonly Token[],
  start: number,
  to: number,
  lead: Lead | null,
  tail: Tail | null,
  index: TimeIndex,
): boolean {
  if (lead === 'until' || lead === 'before') {
    for (let at = start; at > 0 && at > start - NEAR; at -= 1) {
      const text = tokens[at - 1]?.text ?? '';
      if (/^[,;:)]$/.test(text)) return false;
      const opening = index.leads.before(tokens, at)?.value;
      if (opening === 'since' || opening === 'after' || opening === 'between') return true;
    }
    return false;
  }
  if (tail !== null) return false;
  const behind = behindDate(tokens, to);
  return index.joints.at(tokens, behind)?.value === 'range' && tokens[behind]?.kind === 'word';
}
