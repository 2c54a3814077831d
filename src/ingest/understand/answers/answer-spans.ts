/** The value in a sentence that answers one of our questions. */

import { isUserId, workspaceRefOf } from '../requests/mentions.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { hasPhrase } from '../sentences/phrases.ts';
import type { Span } from '../sentences/pieces.ts';
import { fold, wordsOf } from '../sentences/words.ts';
import { type DateSettings, datesIn } from '../time/dates.ts';
import { type Field, KINDS, type Kind } from '../vocabulary/vocabulary.ts';
import { POINTING, SENTENCE } from './answer-words.ts';

/** `next`: where what is no part of the answer goes on. An empty value says that there is none. */
export interface AnswerSpan extends Span {
  readonly next: number;
}

/** What finding answers takes. */
export interface AnswerSettings {
  readonly lexicon: Lexicon;
  readonly dates: DateSettings;
  /** The words of the writer's own name: it may stand below a question that was not answered. */
  readonly own: ReadonlySet<string>;
}

/** `null`: no value that could be read for certain, so that the sentence stays prose. */
export function valueIn(field: Field, said: string, settings: AnswerSettings): AnswerSpan | null {
  if (said.length > SAID_MAX || /[?？]\s*$/.test(said)) return null;
  switch (field) {
    case 'timeFrame':
    case 'firstDay':
    case 'lastDay':
      return daysIn(said, settings);
    case 'user':
      return usersIn(said, settings.lexicon);
    default:
      return nameIn(field, said, settings) ?? pointerIn(said, settings.lexicon);
  }
}

/** "The second one", "the same as last time": an answer that names nothing here. */
function pointerIn(said: string, lexicon: Lexicon): AnswerSpan | null {
  const words = wordsOf(said);
  const points = words.length <= POINTER_WORDS && words.some(({ text }) => POINTING.has(text));
  return points && !acts(said, lexicon) ? { start: 0, end: 0, next: said.length } : null;
}
const POINTER_WORDS = 6;

/** Longer sentences are no answers. UTF-16 code units. */
const SAID_MAX = 400;

const UNKNOWN =
  /^(?:sorry[,.]? )?(?:(?:i|we) )?(?:really )?(?:don't know|do not know|dunno|idk|no idea|no clue|can't say|not sure|unknown|tbd|keine ahnung|weiß (?:ich|wir) (?:leider )?nicht|wissen wir (?:leider )?nicht|unbekannt|(?:je ne sais|nous ne savons|on ne sait|sais) pas|aucune idée|inconnue?|no (?:lo )?(?:sé|sabemos)|ni idea|desconocid[oa]|não (?:sei|sabemos)|(?:non|no) lo (?:so|sappiamo)|non (?:so|sappiamo)|weet ik niet|geen idee|onbekend|わかりません|分かりません|不明)/;

/** "I don't know": an answer that names nothing. */
export const isUnknown = (text: string, lexicon: Lexicon): boolean =>
  UNKNOWN.test(fold(text.trim())) || (hasPhrase(wordsOf(text), lexicon.acts.unsure) && text.length <= 60);

/** Words that do something in the sentence, so that it is more than an answer. */
function acts(text: string, lexicon: Lexicon): boolean {
  const { acts: known, deleteWords, notWords, cancelWords } = lexicon;
  const words = wordsOf(text);
  return (
    words.some(
      (word) => deleteWords.has(word.text) || notWords.includes(word.text) || cancelWords.has(word.text),
    ) ||
    [known.request, known.negation, known.keep, known.cancel, known.exclusion, known.condition].some((act) =>
      hasPhrase(words, act),
    ) ||
    doubts(text, lexicon)
  );
}

/** Words after which a name may be the wrong one. */
const doubts = (text: string, { acts: known, language }: Pick<Lexicon, 'acts' | 'language'>): boolean => {
  const words = wordsOf(text);
  return (
    [known.unsure, known.wavering, known.undecided, known.correction, known.doubt].some((act) =>
      hasPhrase(words, act),
    ) || words.some(({ text: word }) => CHOICES.has(word) || OR[language]?.includes(word))
  );
};

const CHOICES = new Set(
  'or maybe perhaps probably possibly think guess wait oder vielleicht vermutlich glaube peut-être quizá quizás talvez forse misschien denk'.split(
    ' ',
  ),
);
/** "Or", where it is no ordinary word of another language. */
const OR: Readonly<Record<string, readonly string[]>> = {
  fr: ['ou'],
  es: ['o', 'u', 'creo'],
  pt: ['ou', 'acho'],
  it: ['o', 'oppure', 'penso', 'credo'],
  nl: ['of'],
};

/** Where a sentence may go on with something else. */
const SEPARATOR = /[,;:]\s+|\s[–—-]\s|\n|、/g;

function separatorsIn(said: string): readonly Span[] {
  return [...said.matchAll(SEPARATOR)].map(({ index, 0: sign }) => ({
    start: index,
    end: index + sign.length,
  }));
}

/** Days, with what follows them up to words that do something: "…, delete those five days please". */
function daysIn(said: string, { lexicon, dates }: AnswerSettings): AnswerSpan | null {
  const all = spanOf(said, 0, said.length);
  if (isUnknown(said, lexicon)) return { start: 0, end: 0, next: said.length };
  const found = datesIn(said, dates);
  const last = found.at(-1);
  if (last === undefined)
    return hasPhrase(wordsOf(said), lexicon.timePhrases.allTime) && !acts(said, lexicon) ? all : null;
  const cut = separatorsIn(said).find(
    ({ start, end }) => start >= last.end && acts(said.slice(end), lexicon),
  );
  const head = cut === undefined ? all : spanOf(said, 0, cut.start, cut.end);
  return acts(said.slice(head.start, head.end), lexicon) ? null : head;
}

/** Identifiers at the start of the sentence, joined by commas and the like. */
function usersIn(said: string, lexicon: Lexicon): AnswerSpan | null {
  if (isUnknown(said, lexicon)) return { start: 0, end: 0, next: said.length };
  const tokens = [...said.matchAll(/[^\s,;、]+/g)].map((match) => ({
    text: match[0].replace(/^["“„«'<(]+|["”“»'>).:!]+$/g, ''),
    start: match.index,
    end: match.index + match[0].length,
  }));
  const opens = tokens.findIndex(({ text }) => isUserId(text));
  if (opens === -1 || tokens.slice(0, opens).some(({ text }) => !LEADS.has(fold(text)))) return null;
  const stop = tokens.findIndex(
    ({ text }, index) => index > opens && !isUserId(text) && !JOINTS.has(fold(text)),
  );
  const end = stop === -1 ? said.length : (tokens[stop - 1]?.end ?? 0);
  const rest = said.slice(end);
  // A name further on that nothing is said about may belong to the list, or not.
  const more = stop !== -1 && tokens.slice(stop).some(({ text }) => isUserId(text));
  return (more && !acts(rest, lexicon)) || doubts(rest, lexicon)
    ? null
    : spanOf(said, tokens[opens]?.start ?? 0, end, end);
}

const JOINTS = new Set('and und et y e en & plus as well'.split(' '));

const KIND_OF: Readonly<Partial<Record<Field, Kind>>> = {
  workspace: 'workspace',
  workspaceId: 'workspace',
  source: 'source',
  space: 'space',
  project: 'project',
  event: 'event',
  property: 'eventProperty',
  eventProperty: 'eventProperty',
  userProperty: 'userProperty',
};

function nameIn(field: Field, said: string, { lexicon, dates, own }: AnswerSettings): AnswerSpan | null {
  if (isUnknown(said, lexicon)) return { start: 0, end: 0, next: said.length };
  const separators = separatorsIn(said);
  const quoted = quotedIn(said);
  const [only, second] = quoted;
  const isWorkspace = field === 'workspace' || field === 'workspaceId';
  if (only !== undefined) {
    const cut = separators.find(({ start }) => start >= only.end);
    const head = said.slice(0, cut?.start ?? said.length);
    const named = nounsIn(head, lexicon);
    if (second !== undefined || named.some((kind) => kind !== KIND_OF[field])) return null;
    return acts(blanked(head, only), lexicon) || (cut !== undefined && doubts(said.slice(cut.end), lexicon))
      ? null
      : { ...only, next: cut?.end ?? said.length };
  }
  const cut = separators[0];
  const head = spanOf(said, 0, cut?.start ?? said.length, cut?.end);
  const rest = said.slice(head.next);
  if (doubts(rest, lexicon)) return null;
  const value = isWorkspace ? slugIn(said, head, lexicon) : bareIn(said, head, field, lexicon);
  if (value === null) return null;
  const text = said.slice(value.start, value.end);
  if (datesIn(text, dates).some(({ start, end }) => end - start >= text.length - 1)) return null;
  const words = wordsOf(text);
  if (words.every((word) => own.has(word.text)) || GREETINGS.has(words[0]?.text ?? '')) return null;
  if (isWorkspace) return namesAnother(rest, lexicon) ? null : value;
  if (cut === undefined) return value;
  // "Website Prod, Checkout API": a list of names, when each part is one and nothing but that.
  const parts = said.split(SEPARATOR);
  const listed = parts.filter(
    (part) =>
      part.trim() !== '' && looksNamed(part) && !acts(part, lexicon) && nounsIn(part, lexicon).length === 0,
  );
  if (listed.length === parts.length && !LEADS.has(fold(parts[0]?.trim().split(' ')[0] ?? '')))
    return spanOf(said, 0, said.length);
  return value;
}

/** First words of what is no name, however it is spelled. */
const GREETINGS = new Set(
  'please thanks thank hello hi hey dear regards best kind warm cheers see ask all any every not no yes never same bitte danke hallo guten viele mit freundliche freundlichen beste alle siehe bonjour merci cordialement bien tous toutes voir hola gracias saludos atentamente todos todas olá obrigado obrigada atenciosamente ciao grazie cordiali tutti tutte groeten met vriendelijke bedankt'.split(
    ' ',
  ),
);

/** "acme-inc, acme-eu": another address of a workspace follows. */
function namesAnother(rest: string, lexicon: Lexicon): boolean {
  const tokens = tokensOf(rest).map(({ text }) => text.replace(/[.,;:!]+$/, ''));
  const slugs = tokens.filter(
    (text) => workspaceRefOf(text, false) !== null && !lexicon.common.has(fold(text)),
  );
  return (
    slugs.some((text) => /[-\d]/.test(text)) ||
    (slugs.length > 0 && (tokens.length === 1 || JOINTS.has(fold(tokens[0] ?? ''))))
  );
}

/** The one address of a workspace in the first part of the sentence, behind words such as "it's". */
function slugIn(said: string, head: AnswerSpan, lexicon: Lexicon): AnswerSpan | null {
  const text = said.slice(head.start, head.end);
  const note = /\s\([^()]{0,60}\)$/.exec(text);
  const tokens = tokensOf(note === null ? text : text.slice(0, note.index));
  const at = tokens.findIndex(
    (token) => !isLead(token.text, lexicon) && !isNounOf('workspace', token.text, lexicon),
  );
  const token = tokens[at];
  if (token === undefined || !trails(tokens.slice(at + 1), 'workspace', lexicon)) return null;
  const plain = token.text.replace(/^["'`]+|["'`.]+$/g, '');
  const isLink = /^https?:\/\/\S+$/i.test(plain);
  if (!isLink && workspaceRefOf(plain, false) === null) return null;
  const word = fold(plain);
  if (lexicon.common.has(word) || isVerdict(word, lexicon)) return null;
  const start = head.start + token.start + token.text.indexOf(plain);
  const end = note === null ? start + plain.length : head.end;
  return { start, end, next: head.next };
}

/** A name of a source, a space, a project or an event: all of the part, or what stands behind "it's" and the like. */
function bareIn(said: string, head: AnswerSpan, field: Field, lexicon: Lexicon): AnswerSpan | null {
  const kind = KIND_OF[field];
  const tokens = tokensOf(said.slice(head.start, head.end));
  const [opening] = tokens;
  // "Source Website Prod" is for the readers of prose.
  if (kind === undefined || opening === undefined || isNounOf(kind, opening.text, lexicon)) return null;
  let at = 0;
  while (at < tokens.length && isLead(tokens[at]?.text ?? '', lexicon)) at += 1;
  let end = tokens.length;
  while (end > at + 1 && trails(tokens.slice(end - 1, end), kind, lexicon)) end -= 1;
  const left = tokens.slice(at, end);
  const [first, last] = [left[0], left.at(-1)];
  if (first === undefined || last === undefined || left.length > NAME_WORDS) return null;
  const text = said.slice(head.start + first.start, head.start + last.end);
  const named = left.length === 1 && at === 0 ? isPlainWord(text, lexicon) : looksNamed(text);
  if (
    !named ||
    acts(lowerOf(left), lexicon) ||
    lexicon.deleteWords.has(fold(first.text)) ||
    isVerdict(fold(text), lexicon)
  )
    return null;
  return { start: head.start + first.start, end: head.start + last.end, next: head.next };
}
const NAME_WORDS = 6;

/** One word in small letters is a name when it is no ordinary one. */
const isPlainWord = (text: string, lexicon: Lexicon): boolean => {
  const word = fold(text);
  return (
    looksNamed(text) ||
    (!lexicon.common.has(word) && /^[\p{L}\p{N}_.-]{2,64}$/u.test(text) && !isVerdict(word, lexicon))
  );
};

/** Words that point, agree or stop instead of naming. */
const isVerdict = (word: string, lexicon: Lexicon): boolean =>
  POINTING.has(word) ||
  SENTENCE.has(word) ||
  LEADS.has(word) ||
  VERDICTS.has(word) ||
  lexicon.deleteWords.has(word) ||
  lexicon.cancelWords.has(word);
const VERDICTS = new Set(
  'yes no ok okay nope yep none all any every everything both each nothing unknown later same idk dunno tbd n/a na see keine alle alles beide egal tous toutes aucune todos todas ninguno tutti tutte nessuno allemaal geen'.split(
    ' ',
  ),
);

/** Each word begins with a capital or digit, or has the signs of an identifier; small words may stand between. */
function looksNamed(text: string): boolean {
  const tokens = tokensOf(text.trim());
  const isName = (token: string): boolean =>
    /^[("'[]*[\p{Lu}\p{N}\p{Lo}]/u.test(token) || /[\d_/]|\p{L}-\p{L}|\p{Ll}\p{Lu}/u.test(token);
  const inner = (token: string): boolean =>
    /^(?:of|de|du|des|der|die|das|la|le|van|for|für|and|und|et|y|e|[&+|/-])$/.test(token) ||
    /^\([\p{L}\p{N} .-]{1,40}\)?$|^[\p{L}\p{N}.-]{1,40}\)$/u.test(token);
  return (
    tokens.length > 0 &&
    isName(tokens[0]?.text ?? '') &&
    tokens.every(({ text: token }) => isName(token) || inner(token)) &&
    !/^(?:and|und|et|y|e|&)$/.test(tokens.at(-1)?.text ?? '') &&
    !tokens.some(({ text: token }) => /^(?:and|und|et|y)$/.test(token) && tokens.length > 3)
  );
}

const lowerOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ text }) => text)
    .filter((text) => !/^\p{Lu}/u.test(text))
    .join(' ');

interface Token extends Span {
  readonly text: string;
}

const tokensOf = (text: string): readonly Token[] =>
  [...text.matchAll(/\S+/g)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));

/** Words in front of a name that say no more than "here it is". */
const LEADS = new Set(
  "only just nur solo sólo só apenas seulement juste alleen it it's its it’s is that that's that’s this would be the our my one called named name slug id yes sure es ist das heißt heisst nennt sich der die den dem unser unsere unseren ja c'est c’est s'appelle s’appelle il elle s'agit d'agit de la le les celle celui appelée appelé nommée nommé oui notre se llama llamada llamado el del al lo sí si nuestra nuestro la/ é a o da do chama-se chama chamada nossa nosso è lo chiama chiamata nostra nostro dat het heet genaamd onze".split(
    ' ',
  ),
);
const isLead = (text: string, { calledWords }: Lexicon): boolean => {
  const word = fold(text.replace(/[,:]$/, ''));
  // "The" may begin a name in a title's spelling only behind other words; "LA Store" is one.
  return (LEADS.has(word) && !/^\p{Lu}{2,}/u.test(text)) || calledWords.has(word);
};

const TRAILS = new Set(
  'one please pls thanks bitte danke svp merci gracias obrigado grazie graag です。 です'.split(' '),
);
const trails = (tokens: readonly Token[], kind: Kind, lexicon: Lexicon): boolean =>
  tokens.every(({ text }) => {
    const word = fold(text.replace(/[.!]+$/, ''));
    return TRAILS.has(word) || (/^\p{Ll}/u.test(text) && isNounOf(kind, text, lexicon));
  });

const isNounOf = (kind: Kind, text: string, lexicon: Lexicon): boolean =>
  hasPhrase(wordsOf(text), lexicon.nouns[kind]) && wordsOf(text).length === 1;

const nounsIn = (text: string, lexicon: Lexicon): readonly Kind[] =>
  KINDS.filter((kind) => hasPhrase(wordsOf(text), lexicon.nouns[kind]));

const QUOTED =
  /"[^"\n]{1,100}"|“[^”\n]{1,100}”|„[^“”\n]{1,100}[“”]|«[^»\n]{1,100}»|`[^`\n]{1,100}`|「[^」\n]{1,100}」|『[^』\n]{1,100}』/g;

const quotedIn = (said: string): readonly Span[] =>
  [...said.matchAll(QUOTED)].map((match) => ({ start: match.index, end: match.index + match[0].length }));

const blanked = (text: string, { start, end }: Span): string => `${text.slice(0, start)} ${text.slice(end)}`;

/** The part from `from` to `to` without the blanks and the stop around it. */
function spanOf(said: string, from: number, to: number, next = said.length): AnswerSpan {
  const part = said.slice(from, to);
  const lead = /^\s*/.exec(part)?.[0].length ?? 0;
  const end = from + part.replace(/[\s.!。]+$/, '').length;
  return { start: Math.min(from + lead, end), end, next };
}

/** Properties are written as programs write them, events as titles. */
export const fieldOfEvents = (text: string): Field =>
  /^[\p{Ll}\d]+(?:_[\p{Ll}\d]+)+$/u.test(text) ? 'property' : 'event';
