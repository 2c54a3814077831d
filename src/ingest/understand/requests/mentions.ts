import type { WorkspaceRef } from '../../../domain/request.ts';
import { JAPANESE } from '../japanese/lines.ts';
import {
  isCounted,
  isOtherWord,
  japaneseItem,
  japaneseLimit,
  japaneseNames,
  japaneseUsers,
  japaneseWorkspaces,
} from '../japanese/names.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf, type PhraseHit } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { fold, type Word } from '../sentences/words.ts';
import { KINDS, type Kind } from '../vocabulary/vocabulary.ts';

/** A thing named in a statement. `name` is `null` when only the kind is said ("one of our sources"). */
export interface Mention {
  readonly kind: Kind;
  readonly name: string | null;
  readonly start: number;
  readonly end: number;
  /** "not X": the writer says that it is not this one. */
  readonly rejected: boolean;
  /** Where something is ("in workspace X") and not what is to go. */
  readonly place: boolean;
  /** For a workspace: how to look it up. */
  readonly ref: WorkspaceRef | null;
  /** For an event property: the event it is limited to. */
  readonly event: string | null;
}

/** What a statement names by a noun ("source Web", `the "Web" source`), and workspaces by URL or ID alone. */
export function mentionsIn(
  statement: Statement,
  lexicon: Lexicon,
  corroborated: Corroborated,
): readonly Mention[] {
  const reader: Reader = { statement, lexicon, corroborated };
  const nouns = nounsIn(statement, lexicon);
  const mentions = nouns.flatMap((noun, index) => namedBy(noun, nouns[index + 1] ?? null, reader));
  const unnamed = mentions.every(
    // A Japanese list of users that is not read whole is not read in part.
    ({ kind, name }) =>
      kind === 'workspace' || (kind === 'user' && name === null && lexicon.language !== 'ja'),
  );
  const known = new Set(mentions.map((mention) => mention.name));
  const users = unnamed ? userMentions(reader).filter(({ name }) => !known.has(name)) : [];
  const bare = [...urlMentions(statement, lexicon), ...slugMentions(reader), ...idMentions(statement)];
  if (users.length === 0 && bare.length === 0 && mentions.length <= 1) return mentions;
  return [
    ...mentions,
    ...users,
    ...bare.filter((mention) => mention.name === null || !known.has(mention.name) || mention.rejected),
  ].sort((a, b) => a.start - b.start);
}

/** A slug or ID as an address of a workspace; `null` for anything that could be a name. */
export function workspaceRefOf(token: string, isId: boolean): WorkspaceRef | null {
  if (isWorkspaceId(token) || (isId && /^[A-Za-z0-9]{6,32}$/.test(token))) return { id: token };
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/.test(token) && !token.includes('--') && /[a-z]/.test(token)
    ? { slug: token }
    : null;
}

/**
 * Ten or more letters and digits, of which at least one is a capital, one small and one a digit. Longer ones must
 * look drawn by lot: a product's name ("Windows2022Server") is no ID.
 */
const isWorkspaceId = (token: string): boolean =>
  /^[A-Za-z0-9]{10,24}$/.test(token) &&
  /[A-Z]/.test(token) &&
  /[a-z]/.test(token) &&
  /\d/.test(token) &&
  (token.length === 10 || !/[A-Za-z]{6}/.test(token));

/** An end user's identifier: an address, or a token with a digit and no spaces. */
export const isUserId = (token: string): boolean =>
  (/^[^\s@<>]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}$/.test(token) ||
    (/^[\p{L}\p{N}][\p{L}\p{N}_:.|#/-]{1,120}$/u.test(token) &&
      /\d/.test(token) &&
      /[_:|#-]|[A-Za-z][./]?\d|^\d{2,}$/.test(token))) &&
  !/^\d{4}-\d{2}-\d{2}$/.test(token) &&
  !/^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$/.test(token) &&
  !/^(?:19|20)\d\d$/.test(token) &&
  !/^PD-\d+$/i.test(token) &&
  !/^\d{1,2}(?::|[.]$)/.test(token) &&
  !/^\d+(?:st|nd|rd|th)$/.test(token) &&
  !/^q[1-4]$/i.test(token);

/** Slugs that something beside the text speaks for. */
export interface Corroborated {
  readonly has: (token: string) => boolean;
  /** Every such slug begins with it; none = there is no such slug. */
  readonly hint?: string;
}

interface Reader {
  readonly statement: Statement;
  readonly lexicon: Lexicon;
  readonly corroborated: Corroborated;
}

interface Noun {
  readonly kind: Kind;
  readonly from: number;
  readonly to: number;
}

/** Above the number of mentions that is read at all (requests.ts), so that nothing is cut off unseen. */
const NOUNS_MAX = 1_001;

/** Nouns from left to right; of two that overlap, the longer one, then the more specific kind. */
function nounsIn(statement: Statement, lexicon: Lexicon): readonly Noun[] {
  // "my user account" speaks of no end user.
  const accounts = hitsOf(statement, lexicon.everything);
  const hits: Noun[] = [];
  for (const kind of KINDS) {
    for (const hit of hitsOf(statement, lexicon.nouns[kind])) {
      if (isInName(statement, hit, kind)) continue;
      if (accounts.some((each) => each.from <= hit.from && hit.to <= each.to)) continue;
      hits.push({ from: hit.from, to: hit.to, kind });
    }
  }
  if (hits.length <= 1) return hits;
  hits.sort((a, b) => a.from - b.from || b.to - a.to);
  const nouns: Noun[] = [];
  for (const hit of hits) {
    const last = nouns.at(-1);
    if (last === undefined || hit.from >= last.to) nouns.push(hit);
  }
  return nouns.slice(0, NOUNS_MAX);
}

/** "Customer Forum", "Visitor WiFi": a capitalised noun before a capital is part of a name, where it is for persons. */
function isInName({ words, text, start }: Statement, hit: PhraseHit, kind: Kind): boolean {
  const [word, next] = [words[hit.from], words[hit.to]];
  const before = words[hit.from - 1];
  if (word === undefined || !(kind === 'user' || kind === 'event' || kind === 'project')) return false;
  if (/^\s*[:=]/.test(text.slice(word.end - start))) return false;
  const isCapital = (each: Word): boolean => /^\p{Lu}/u.test(text.slice(each.start - start));
  const joined = (left: Word | undefined, right: Word | undefined): boolean =>
    left !== undefined &&
    right !== undefined &&
    isCapital(left) &&
    isCapital(right) &&
    text.slice(left.end - start, right.start - start) === ' ';
  // "Endnutzer KD-55810": an identifier goes on with no name.
  const isId = next !== undefined && isUserId(text.slice(next.start - start, next.end - start));
  return (kind === 'user' && joined(word, next) && !isId) || (hit.from > 1 && joined(before, word));
}

function namedBy(noun: Noun, next: Noun | null, reader: Reader): readonly Mention[] {
  const { words } = reader.statement;
  const [first, last] = [words[noun.from], words[noun.to - 1]];
  if (first === undefined || last === undefined) return [];
  const stop = next === null ? reader.statement.end : (words[next.from]?.start ?? reader.statement.end);
  if (reader.lexicon.language === 'ja') return japaneseMentions(noun.kind, first, last, stop, reader);
  const common = { kind: noun.kind, place: isPlace(noun, reader), rejected: false, ref: null, event: null };
  const found =
    noun.kind === 'workspace'
      ? workspaceNames(first, last, stop, reader)
      : namesAround(noun.kind, first, last, stop, reader);
  if (found.length === 0) return [{ ...common, name: null, start: first.start, end: last.end }];
  const nounRejected = isRejected(first.start, reader);
  return found.map((name) => ({
    ...common,
    name: name.text,
    start: name.start,
    end: name.end,
    rejected: nounRejected || isRejected(name.start, reader),
    event: noun.kind === 'eventProperty' ? limitBehind(found.at(-1)?.end ?? name.end, reader) : null,
    ref:
      noun.kind === 'workspace'
        ? workspaceRefOf(
            name.text,
            /\bids?\b|identifier/.test(last.text) ||
              /\bid\b/i.test(textBetween(reader, last.end, name.start)),
          )
        : null,
  }));
}

/** As namedBy, by the order of words in Japanese. */
function japaneseMentions(
  kind: Kind,
  first: Word,
  last: Word,
  stop: number,
  reader: Reader,
): readonly Mention[] {
  const { text, start } = reader.statement;
  const noun = { text, from: first.start - start, to: last.end - start, stop: stop - start };
  if (isOtherWord(noun)) return [];
  const common = { kind, place: false, rejected: false, ref: null, event: null };
  const names =
    kind === 'workspace'
      ? japaneseWorkspaces(noun)
      : kind === 'user'
        ? japaneseUsers(noun, isUserId)
        : japaneseNames(noun);
  if (names.length === 0) return [{ ...common, name: null, start: first.start, end: last.end }];
  const isId = /id/i.test(text.slice(noun.from, (names[0]?.start ?? 0) + 1));
  return names.map((name) => ({
    ...common,
    name: name.text,
    start: start + name.start,
    end: start + name.end,
    rejected: name.rejected,
    event:
      kind === 'eventProperty'
        ? japaneseLimit(noun, { first: names[0]?.start ?? noun.from, end: names.at(-1)?.end ?? noun.to })
        : null,
    ref: kind === 'workspace' ? workspaceRefOf(name.text, isId) : null,
  }));
}

/** `email on Signup`, `ip of the event "Login"`: the event that a property is limited to. */
function limitBehind(end: number, reader: Reader): string | null {
  const { text, start } = reader.statement;
  const link =
    /^\s?["'”»`]?\s*[,(]?\s*(?:only )?(?:(?:on|of|for|from|in|with|bei|beim|am|im|sur|de|em|do|da|no|na|su|sul|del|nel|van|vom|des)\s+|(?:sull|dell|nell)['’])(?:the |das |dem |le |l'|el |o |il |het )?((?:event|ereignis|événement|evento|gebeurtenis)s?\s+)?/iu.exec(
      text.slice(end - start, end - start + 60),
    );
  if (link === null) return null;
  const at = end - start + link[0].length;
  const name = quotedAt(text, at)?.text ?? nameRun(text.slice(at, at + NAME_MAX), 'event', reader.lexicon);
  return name === '' || /^(?:all|every|any)\b/i.test(name) ? null : name;
}

export interface Name {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const textBetween = (reader: Reader, from: number, to: number): string =>
  reader.statement.text.slice(from - reader.statement.start, Math.max(from, to) - reader.statement.start);

/** "in (our) workspace": up to three words before the noun, one is a place word. */
function isPlace(noun: Noun, { statement, lexicon }: Reader): boolean {
  for (let at = noun.from - 1; at >= Math.max(0, noun.from - 4); at -= 1) {
    const word = statement.words[at]?.text ?? '';
    if (lexicon.placeWords.has(word)) return true;
    if (lexicon.deleteWords.has(word)) return false;
  }
  return false;
}

/** Whether "not", "instead of" … stands right before, articles and nouns aside. */
function isRejected(at: number, { statement, lexicon }: Reader): boolean {
  const place = at - statement.start;
  if (FORMER.test(statement.text.slice(Math.max(0, place - 60), place))) return true;
  const before = fold(statement.text.slice(Math.max(0, place - 80), place)).replace(/["'“”„«`(\s]+$/g, '');
  const trimmed = before.replace(
    /(?:\s(?:the|our|my|from|in|of|for|das|die|den|der|le|la|el|o|a|il|het|de))+$/,
    '',
  );
  return lexicon.notWords.some(
    (word) =>
      trimmed.endsWith(word) && !/[\p{L}\p{N}]/u.test(trimmed.charAt(trimmed.length - word.length - 1)),
  );
}

/** "used to have the slug X", "formerly X": a name of the past. */
const FORMER =
  /\b(?:used to (?:be|have)|formerly|previously|was (?:once )?(?:called|named)|renamed from|früher|vorher|anciennement|avant|antes|anteriormente|prima|voorheen)\b[^.;]{0,40}$/i;

const OPENERS = new Map([
  ['"', '"'],
  ['“', '”'],
  ['„', '“”"'],
  ['”', '”'],
  ['«', '»'],
  ['»', '«'],
  ['‹', '›'],
  ["'", "'"],
  ['‘', '’'],
  ['‚', '‘’'],
  ['`', '`'],
  ['「', '」'],
  ['『', '』'],
  ['*', '*'],
  ['_', '_'],
  ['<', '>'],
  ['[', ']'],
]);
const NAME_MAX = 120;

/** A quoted text that begins at `at` of the statement's text. */
export function quotedAt(text: string, at: number): { text: string; from: number; to: number } | null {
  const closers = OPENERS.get(text.charAt(at));
  if (closers === undefined) return null;
  for (let end = at + 1; end < Math.min(text.length, at + NAME_MAX); end += 1) {
    if (!closers.includes(text.charAt(end))) continue;
    if (/[\p{L}\p{N}]/u.test(text.charAt(end + 1)) && text.charAt(end) === "'") continue;
    const inner = text.slice(at + 1, end);
    const lead = inner.length - inner.trimStart().length;
    const name = inner.trim();
    return name === '' ? null : { text: name, from: at + 1 + lead, to: at + 1 + lead + name.length };
  }
  return null;
}

/** Moves behind link words ("called", "with the slug"), colons and opening brackets. */
export function skipLinks(text: string, from: number, lexicon: Lexicon): number {
  let at = from;
  for (let steps = 0; steps < 6; steps += 1) {
    at += /^[\s:：=(（~]*(?:[-–—]\s)?/.exec(text.slice(at, at + 20))?.[0].length ?? 0;
    const word = /^[\p{L}'’]+(?:-[\p{L}]+)?/u.exec(text.slice(at, at + 30))?.[0] ?? '';
    if (word === '' || !lexicon.linkWords.has(fold(word)) || /^[.@_-]\w/.test(text.slice(at + word.length)))
      return at;
    at += word.length;
  }
  return at;
}

/** The longest run of signs without a space, less the punctuation around it. */
function tokenAt(text: string, at: number): string {
  const run = /^\S+/.exec(text.slice(at, at + 200))?.[0] ?? '';
  return run.replace(/[.,;:!?)\]）。、」”"'»]+$/, '').replace(/['’]s$/, '');
}

function workspaceNames(first: Word, last: Word, stop: number, reader: Reader): readonly Name[] {
  const { statement, lexicon } = reader;
  const { text, start } = statement;
  const linked = skipLinks(text, last.end - start, lexicon);
  const comma = /^,\s+(?=["'`“„«]?[a-z0-9]+(?:-[a-z0-9]+)+["'`”»]?[\s,.;)])/.exec(
    text.slice(linked, linked + 80),
  );
  const at = linked + (comma?.[0].length ?? 0);
  const quoted = at < stop - start ? quotedAt(text, at) : null;
  if (quoted !== null) return [{ text: quoted.text, start: start + quoted.from, end: start + quoted.to }];
  const token = at < stop - start ? tokenAt(text, at) : '';
  const labelled =
    /\b(?:slug|id)\b|[:=：]/i.test(text.slice(last.end - start, at)) || /slug|id$/.test(last.text);
  if (!isWorkspaceToken(token, labelled, false, reader)) {
    const before = [...beforeNoun(first, reader, true), ...appositionBefore(first, reader)].slice(0, 1);
    return before.length > 0 ? before : appositionBehind(last, stop, reader);
  }
  const name = { text: token, start: start + at, end: start + at + token.length };
  const plural = isPlural(first, last, reader);
  const names = [name, ...moreWorkspaces(at + token.length, stop, plural, reader)];
  // "all his workspaces admin …": one plain word behind a plural is no name.
  const plain = !labelled && !/[-\d]/.test(token) && !reader.corroborated.has(token);
  return plural && plain && names.length === 1 ? [] : names;
}

/** "The workspace is the same as last time, sakura-07.": a slug behind the last comma or colon. */
function appositionBehind(last: Word, stop: number, reader: Reader): readonly Name[] {
  const { text, start } = reader.statement;
  const tail = text.slice(last.end - start, stop - start);
  const list = listBehind(last.end - start + tail.search(/:\s+[a-z0-9-]{3,63}[\s,]/), stop, reader);
  if (tail.includes(':') && list.length > 1) return list;
  const found = /[,:–—]\s+["'`“„«]?([a-z0-9-]{3,63})["'`”»]?\s*[.!)]*\s*$/.exec(tail);
  const token = found?.[1] ?? '';
  const slugLike = /\d|-/.test(token) && isWorkspaceToken(token, true, false, reader);
  if (found === null || !slugLike) return [];
  const at = last.end + found.index + found[0].indexOf(token);
  return [{ text: token, start: at, end: at + token.length }];
}

/** "the workspaces are two: a-1 and b-2.": a list of slugs behind a colon that ends the sentence. */
function listBehind(colon: number, stop: number, reader: Reader): readonly Name[] {
  const { text, start } = reader.statement;
  const at = colon + (/^:\s+/.exec(text.slice(colon, colon + 8))?.[0].length ?? 0);
  const token = tokenAt(text, at);
  if (!/\d|-/.test(token) || !isWorkspaceToken(token, true, false, reader)) return [];
  const more = moreWorkspaces(at + token.length, stop, true, reader);
  const end = more.at(-1)?.end ?? start;
  return /^\s*[.!)]*\s*$/.test(text.slice(end - start, stop - start))
    ? [{ text: token, start: start + at, end: start + at + token.length }, ...more]
    : [];
}

/** "acme-eu, our workspace, …": a slug with a hyphen or a digit before the comma. */
function appositionBefore(first: Word, reader: Reader): readonly Name[] {
  const { text, start } = reader.statement;
  const head = text.slice(0, first.start - start);
  const found =
    /(?<=^|[\s("'`])([a-z0-9-]{3,63})["'`]?,\s+(?:our|the|this|my|that|unser|notre|nuestro|nosso|il nostro|onze)\s+$/i.exec(
      head,
    );
  const token = found?.[1] ?? '';
  if (found === null || !/\d|-/.test(token) || !isWorkspaceToken(token, true, false, reader)) return [];
  return [{ text: token, start: start + found.index, end: start + found.index + token.length }];
}

/** `workspaces a-one, b-two and c-three`: the slugs behind the first. */
function moreWorkspaces(from: number, stop: number, plural: boolean, reader: Reader): readonly Name[] {
  const { text, start } = reader.statement;
  const names: Name[] = [];
  let at = from;
  for (let count = 0; count < LIST_MAX; count += 1) {
    const joint = /^(?:,\s*(?:and\s+)?|\s+(?:and|&|und|et|y|e|en)\s+)/.exec(text.slice(at, at + 12))?.[0];
    const token = joint === undefined ? '' : tokenAt(text, at + joint.length);
    const plain = plural || token.includes('-') || reader.corroborated.has(token) || isWorkspaceId(token);
    if (joint === undefined || !plain || !isWorkspaceToken(token, false, false, reader)) break;
    at += joint.length;
    if (start + at >= stop) break;
    names.push({ text: token, start: start + at, end: start + at + token.length });
    at += token.length;
  }
  return names;
}

/** "workspaces", "i workspace": more than one is to be named. */
const isPlural = (first: Word, last: Word, { statement, lexicon }: Reader): boolean => {
  const before = statement.words.findLast(({ end }) => end <= first.start)?.text ?? '';
  return (
    (/s$|bereichen?$|werkruimten$/.test(last.text) && !/^(?:des|dieses|unseres|meines)$/.test(before)) ||
    (lexicon.language === 'it' && /^(?:i|due|tre|quattro|nei|dei|ai|dai)$/.test(before))
  );
};

/** Words that look like a slug but are ordinary words name no workspace. */
function isWorkspaceToken(token: string, labelled: boolean, before: boolean, reader: Reader): boolean {
  const { lexicon, corroborated } = reader;
  const ref = workspaceRefOf(token, false);
  if (ref === null) return false;
  if ('id' in ref || corroborated.has(token)) return true;
  const parts = token.split('-');
  if (parts.every((part) => isOrdinary(part, lexicon))) return false;
  if (!labelled && !before && parts.length === 1 && isBeforeArticle(token, reader)) return false;
  if (before)
    return (
      (parts.length > 1 && !parts.some((part) => isOrdinary(part, lexicon) && lexicon.linkWords.has(part))) ||
      /\d/.test(token)
    );
  return (
    labelled ||
    parts.length > 1 ||
    (!/(?:ly|ing|ed|tion|ment|able|ible|ous|ful)$/.test(token) &&
      !(ROMANCE.has(lexicon.language) && ADJECTIVE.test(token)))
  );
}

/** "behind this link", "without the": an article or the like behind a plain word makes it no name. */
function isBeforeArticle(token: string, { statement: { words } }: Reader): boolean {
  const at = words.findIndex(({ text }) => text === token);
  return at !== -1 && ARTICLES.has(words[at + 1]?.text ?? '');
}
const ARTICLES = new Set(
  'the a an this that these those our my your his her its their der die das den dem ein eine unser unsere le la les un une notre nos el los las una nuestro nuestra o os as um uma nosso nossa il lo gli i nostro nostra het een onze'.split(
    ' ',
  ),
);

/** Where adjectives stand behind the noun ("le workspace inactif"), a plain word that ends like one is no slug. */
const ROMANCE = new Set(['fr', 'es', 'pt', 'it']);
const ADJECTIVE =
  /(?:[éèáíóú]e?s?|i[fv][eao]?|eux|euse|elle?|al[ei]?|[ai]d[oa]s?|[aiu]t[oaie]|os[oaie]|ent[ei]?|ant[ei]?|ici[oa]|aire|ari[oa]|ique|ic[oa])$/;

const isOrdinary = (word: string, lexicon: Lexicon): boolean =>
  lexicon.common.has(word) ||
  lexicon.deleteWords.has(word) ||
  lexicon.linkWords.has(word) ||
  lexicon.placeWords.has(word) ||
  lexicon.andWords.has(word) ||
  /^\d+$/.test(word);

/** `"Web" source`, `the Website Prod source`, "our acme-inc workspace". */
function beforeNoun(first: Word, reader: Reader, workspace: boolean): readonly Name[] {
  const from = Math.max(reader.statement.start, first.start - 2 * NAME_MAX);
  const start = from;
  const head = reader.statement.text
    .slice(from - reader.statement.start, first.start - reader.statement.start)
    .trimEnd();
  const closer = head.charAt(head.length - 1);
  if (/["”“»«'’`」』*]/.test(closer)) {
    for (let open = head.length - 2; open >= Math.max(0, head.length - NAME_MAX); open -= 1) {
      if (!(OPENERS.get(head.charAt(open)) ?? '').includes(closer)) continue;
      const quoted = quotedAt(head, open);
      if (quoted !== null && quoted.to >= head.length - 2)
        return [{ text: quoted.text, start: start + quoted.from, end: start + quoted.to }];
    }
    return [];
  }
  if (workspace) {
    const token = /\S+$/.exec(head)?.[0] ?? '';
    if (!isWorkspaceToken(token, false, true, reader)) return [];
    return [{ text: token, start: start + head.length - token.length, end: start + head.length }];
  }
  const note = /\s\([\p{L}\p{N}_-]{1,12}\)$/u.exec(head)?.[0] ?? '';
  const capitals = capitalsBefore(head.slice(0, head.length - note.length), reader.lexicon);
  const run = capitals === '' ? isA(head, reader.lexicon) : `${capitals}${note}`;
  return run === '' ? [] : [{ text: run, start: start + head.length - run.length, end: start + head.length }];
}

/** "Referral Widget is a source in …": the name before "is a". */
function isA(head: string, lexicon: Lexicon): string {
  const verb =
    /\s(?:is|ist|est|es|é|è)\s+(?:(?:a|the|our|one of our|ein|eine|unsere|une|una|um|uma)\s*)?$/i.exec(head);
  return verb === null ? '' : capitalsBefore(head.slice(0, verb.index), lexicon);
}

/** The capitalised words that end a text; an ordinary word at its front is left out ("The Website Prod"). */
function capitalsBefore(head: string, lexicon: Lexicon): string {
  if (isShouted(head)) return '';
  let at = head.length;
  for (let count = 0; count < 6; count += 1) {
    const word = /(?:^|\s)(\S+)\s*$/.exec(head.slice(Math.max(0, at - 60), at))?.[1];
    if (
      word === undefined ||
      !/^[\p{Lu}\d&]|^\(\p{Lu}|^[a-z]+[A-Z]/u.test(word) ||
      /[.,;:!?)]$/.test(word) ||
      /["”“»«]/.test(word)
    )
      break;
    const from = head.lastIndexOf(word, at);
    const initial = head.slice(0, from).trim() === '' || /[.!?:]\s*$/.test(head.slice(0, from));
    if (
      ((initial && lexicon.common.has(fold(word))) || STARTERS.has(fold(word))) &&
      !/^\p{Lu}{2,}$/u.test(word)
    )
      break;
    if (lexicon.deleteWords.has(fold(word)) || lexicon.acts.request.byFirst.has(fold(word))) break;
    at = from;
  }
  return head.slice(at).trim();
}

function namesAround(kind: Kind, first: Word, last: Word, stop: number, reader: Reader): readonly Name[] {
  const { statement, lexicon } = reader;
  const at = skipLinks(statement.text, last.end - statement.start, lexicon);
  const after = namesFrom(
    kind,
    statement.text.slice(0, Math.max(at, stop - statement.start)),
    at,
    reader,
  ).map((name) => ({
    ...name,
    start: name.start + statement.start,
    end: name.end + statement.start,
  }));
  if (after.length > 0 || kind === 'user') return after;
  const before = beforeNoun(first, reader, false);
  return before.length > 0 ? before : calledBehind(kind, last, stop, reader);
}

/** "the source in there that feeds the shop is called X": the name behind the word that announces it. */
function calledBehind(kind: Kind, last: Word, stop: number, reader: Reader): readonly Name[] {
  const { statement, lexicon } = reader;
  const called = statement.words.find(
    ({ text, start }) => start >= last.end && start < stop && lexicon.calledWords.has(text),
  );
  const text = statement.text.slice(0, stop - statement.start);
  // "one source in it, Customer Forum."
  const comma = /^[^,;:.]{0,40},\s+(?=\S[^,;:]*$)/.exec(text.slice(last.end - statement.start))?.[0].length;
  // "The source name in the list is X"
  const said = /^\s*name\b[^.;:,]{0,30}?\bis\s+/i.exec(text.slice(last.end - statement.start))?.[0].length;
  if (called === undefined && comma === undefined && said === undefined) return [];
  const from =
    said !== undefined
      ? last.end - statement.start + said
      : called === undefined
        ? last.end - statement.start + (comma ?? 0)
        : skipLinks(text, called.end - statement.start, lexicon);
  const names = namesFrom(kind, text, from, reader);
  const ends = /^["'”»`]?\s*[.!)]*\s*$/.test(text.slice(names.at(-1)?.end ?? 0));
  return called === undefined && said === undefined && !ends
    ? []
    : names.map((name) => ({
        ...name,
        start: name.start + statement.start,
        end: name.end + statement.start,
      }));
}

/** A list of names: `A, B and C`, quoted or bare. Places count from the start of `text`. */
export function namesFrom(
  kind: Kind,
  text: string,
  from: number,
  reader: Pick<Reader, 'lexicon'>,
): readonly Name[] {
  const names: Name[] = [];
  let at = from;
  for (let count = 0; count < LIST_MAX; count += 1) {
    const quoted = quotedAt(text, at);
    const bare = quoted === null ? bareAt(kind, text, at, reader.lexicon) : null;
    const name = quoted ?? bare;
    if (name === null) break;
    names.push({ text: name.text, start: name.from, end: name.to });
    at = quoted === null ? name.to : behindCloser(text, name.to);
    const joint =
      /^[)\]]?\s*(?:[,;、]\s*(?:(?:and|or|und|et|y|e|en|sowie|as well as)\s+)?|(?:(?:and|or|und|et|y|en|e|sowie|as well as)(?![\p{L}\p{N}-])\s*|(?:&|\+|と|、)\s*))(?:(?:the|also|die|der|la|le|el|los|las|les|o|a|os|as|il|de|het)\s+)?/u.exec(
        text.slice(at, at + 40),
      )?.[0];
    if (joint === undefined) break;
    at += joint.length;
  }
  return names;
}

/** The place behind the sign that closes a quotation, which French sets off with a space: `« Web »`. */
const behindCloser = (text: string, at: number): number =>
  at + (/^\s{0,3}\S/.exec(text.slice(at, at + 4))?.[0].length ?? 0);

const LIST_MAX = 200;

function bareAt(
  kind: Kind,
  text: string,
  at: number,
  lexicon: Lexicon,
): { text: string; from: number; to: number } | null {
  if (kind === 'user') {
    const token = tokenAt(text, at).replace(/^[<(]|>$/g, '');
    const from = text.indexOf(token, at);
    return token !== '' && isUserId(token) ? { text: token, from, to: from + token.length } : null;
  }
  // In a line of capitals a capital says nothing.
  if (isShouted(text)) return null;
  const run = nameRun(text.slice(at, at + NAME_MAX), kind, lexicon);
  if (DATE_LIKE.test(run)) return null;
  return run === '' ? null : { text: run, from: at, to: at + run.length };
}

/** All in capitals. */
const isShouted = (text: string): boolean => !/\p{Ll}/u.test(text) && /\p{Lu}{2,}\s+\p{Lu}{2,}/u.test(text);

/** What stands where a name could and is a day, a month's day or a year. */
const DATE_LIKE = /^(?:(?:19|20)\d\d(?:[-/.]\d|$|\s)|\d{1,2}(?:[./-]\d|\.?(?:st|nd|rd|th)?(?:$|\s)))/;

/** Capitalised words, numbers and identifiers in a row, with `(prod)` or `&` between them. */
function nameRun(text: string, kind: Kind, lexicon: Lexicon): string {
  let at = 0;
  let end = 0;
  for (let count = 0; count < 8; count += 1) {
    const word = /^\s?(\S+)/.exec(text.slice(at));
    if (word === null) break;
    const raw = word[1] ?? '';
    const bare = raw.replace(/[.,;:!?。、」]+$/, '').replace(/['’]s$/, '');
    const inner = bare.replace(/^\(|\)$/g, '');
    const closes = bare.endsWith(')') && !bare.startsWith('(');
    const core = closes ? bare.replace(/\)+$/, '') : bare;
    if (core === '' || (count > 0 && bare.startsWith('(') && !isShortNote(text.slice(at).trimStart()))) break;
    if (!belongs(core, inner, count, kind, lexicon, core.length < raw.length)) break;
    if (
      count > 0 &&
      (lexicon.months.has(fold(core)) ||
        /^(?:19|20)\d\d\b|^\d{1,2}[./]|^q[1-4]$/i.test(core) ||
        (/^\d{1,2}$/.test(core) &&
          !endsName(text.slice(at + word[0].length), core.length < raw.length, lexicon)))
    )
      break;
    end = at + (word[0].length - raw.length) + core.length;
    if (core.length < raw.length) break;
    at += word[0].length;
  }
  return text
    .slice(0, end)
    .trim()
    .replace(/[\s&+/-]+$/, '');
}

/** A small number belongs to a name ("Lab Freezer 2") unless a date goes on behind it. */
function endsName(rest: string, closed: boolean, lexicon: Lexicon): boolean {
  if (closed) return true;
  const [next = '', second = ''] = rest
    .trimStart()
    .split(/\s+/, 2)
    .map((word) => fold(word).replace(/[.,;:!?)]+$/, ''));
  const isMonth = (word: string): boolean => lexicon.months.has(word);
  // "Load Test 02 del workspace", but "02 de mayo".
  if (OF_WORDS.has(next)) return !(isMonth(second) || /^\d|^(?:mes|mês|mois|mese)$/.test(second));
  return next === '' || !(isMonth(next) || RANGE_WORDS.has(next) || /^\d|^[-–—]/.test(next));
}

const OF_WORDS = new Set('of de del do du di van'.split(' '));

const RANGE_WORDS = new Set(
  'to until till through thru and bis und au à et al hasta y a até e alle fino tot t/m en de of von du del do di van'.split(
    ' ',
  ),
);

/** `(prod)`, `(EU)`: one word in brackets is part of the name. */
const isShortNote = (text: string): boolean =>
  /^\([\p{L}\p{N}_-]{1,12}\)/u.test(text) && !/^\((?:slug|id|see|in|the|not|and|all|only)\b/i.test(text);

/** `closed`: a punctuation mark ends the name here, so that a capital is no sentence start. */
function belongs(
  word: string,
  inner: string,
  count: number,
  kind: Kind,
  lexicon: Lexicon,
  closed: boolean,
): boolean {
  if (count === 0 && word.startsWith('(')) return false;
  if (/^[^\p{L}\p{N}(&+/|–-]/u.test(word) || /[<>"“”„«»]/.test(word) || word.includes('://')) return false;
  if (/^[&+/|–-]$/.test(word)) return count > 0;
  const folded = fold(inner);
  const isProperty = kind === 'eventProperty' || kind === 'userProperty';
  if (isProperty && count === 0 && /^[a-z]{2,40}$/.test(word))
    return !NO_PROPERTY.has(word) && !isFunctionWord(word, lexicon);
  if (count === 0 && lexicon.common.has(folded) && !/^[\p{Lu}\d]{2,}$/u.test(inner))
    return /^\p{Lu}/u.test(inner) && !lexicon.placeWords.has(folded) && !STARTERS.has(folded);
  if (/^\p{Lu}|^\d/u.test(inner) || /[a-z]\p{Lu}/u.test(inner))
    return !(count > 0 && !closed && STARTERS.has(folded));
  if (count > 0 && word.startsWith('(')) return true;
  if (/[_]|\d|.-./.test(inner)) return !folded.split('-').every((part) => lexicon.common.has(part));
  if (/[\p{Script=Han}\p{Script=Katakana}]/u.test(inner)) return true;
  return false;
}

const isFunctionWord = (word: string, lexicon: Lexicon): boolean =>
  lexicon.linkWords.has(word) ||
  lexicon.placeWords.has(word) ||
  lexicon.andWords.has(word) ||
  lexicon.deleteWords.has(word) ||
  STARTERS.has(word);

/** Small words that follow "property" and name none. */
const NO_PROPERTY = new Set(
  'must should shall will can may was were has have had be been that which who whose when since before after until during received collected sent only should names name values value there here you your us our they their itself as at by so if not no any some every each all too also again please both abaixo acima seguintes suivantes siguientes seguenti ci-dessous ci-dessus debajo arriba sotto sopra'.split(
    ' ',
  ),
);

/** Capitalised words that begin a sentence and no name. */
const STARTERS = new Set(
  'the this that these those we i it please everything all only data our my and from in for to workspace source thanks thank bitte wir die der das nous merci per por el la un we kunt graag'.split(
    ' ',
  ),
);

/** Identifiers of end users that stand without a noun: "the data of jane@x.com", "delete user_8812". */
function userMentions(reader: Reader): readonly Mention[] {
  const { statement } = reader;
  if (!USER_SIGN.test(statement.text)) return [];
  if (statement.words.some((word) => MEMBER.has(word.text))) return [];
  const tokens = [...statement.text.matchAll(USER_TOKEN)].map((match) => ({
    index: match.index,
    name: match[0].replace(/[.:!?]+$/, ''),
  }));
  // Beside one that tells itself the others are of its kind: a list must not be read in part.
  if (!tokens.some(({ name }) => isTypedUser(name))) return [];
  return tokens.flatMap(({ index, name }) => {
    if (!(isTypedUser(name) || /^[A-Za-z]{1,12}[_:.]?\d{2,}$|^[A-Za-z]{1,12}[_:-]\w*\d\w*$/.test(name)))
      return [];
    if (!isUserId(name)) return [];
    const start = statement.start + index;
    if (name.includes('@') && isAddressee(start, start + name.length, reader)) return [];
    return [
      {
        kind: 'user' as const,
        name,
        start,
        end: start + name.length,
        rejected: isRejected(start, reader),
        place: false,
        ref: null,
        event: null,
      },
    ];
  });
}

/** "Send the code to x@y.example", "Please copy legal@y.example": somebody to write to, no end user. */
function isAddressee(start: number, end: number, { statement, lexicon }: Reader): boolean {
  const verb = statement.words.findLast(
    (word) => word.end <= start && (CONTACT.has(word.text) || lexicon.deleteWords.has(word.text)),
  );
  const before = statement.text.slice(0, start - statement.start);
  if (verb === undefined ? WRITES.test(before) : CONTACT.has(verb.text)) return true;
  const written = verb === undefined ? '' : before.slice(verb.end - statement.start);
  return WRITES.test(written) || WRITES_JAPANESE.test(statement.text.slice(end - statement.start));
}

/** Words behind which an address is one to write to, unless a word for deleting comes in between. */
const CONTACT = new Set(
  'copy cc bcc send sends sending answer answers reply respond forward inform notify loop receipt confirmation response senden sende sendet schicken schicke schickt mailen antworten antwort kopie bestätigung quittung weiterleiten informieren benachrichtigen envoyer envoyez copie répondre répondez réponse reçu informer informez transférer enviar envíe envíen envie enviem copia responder responda respuesta confirmación recibo informar avisar avise copiar cópia resposta confirmação inviare inviate inviatelo mandare mandate rispondere rispondete risposta conferma ricevuta informare sturen stuur stuurt kopie antwoorden antwoord bevestiging doorsturen informeren'.split(
    ' ',
  ),
);
/** "Mail the receipt to …", "email us at …": the verb, not the noun of "users with the email …". */
const WRITES = /\be?-?mail\s+(?:the|a|an|your|us|me|it|this|that|all|everything)\b[^.;]*$/i;
const WRITES_JAPANESE = /^\s*(?:に|へ|まで|宛て?に?)[^。]{0,16}?(?:送|連絡|知らせ|返信|転送|cc)/i;

/** An address, or an identifier that says "user". */
const isTypedUser = (name: string): boolean =>
  isUserId(name) &&
  (name.includes('@') ||
    /^(?:user|usr|cust|customer|u|uid|anon|member|visitor|profile|client|cliente|utente|kunde|kd|nutzer|klant|gebruiker|usuario|utilisateur|utilizador)[_:-]/i.test(
      name,
    ));

/** Japanese stands beside an identifier without a space. */
const USER_TOKEN = new RegExp(`(?<=^|[\\s("'<\`“„«${JAPANESE}])[^\\s,;()<>"“”'\`«»${JAPANESE}]{3,120}`, 'g');

/** What every identifier that tells itself has: a cheap look before the search. */
const USER_SIGN = /@|[a-z][_:-]/i;

/** People who work in the workspace are its members, not end users whose data it holds. */
const MEMBER = new Set(
  'colleague colleagues member members teammate admin owner login access seat invite invitation kollege kollegin kollegen collègue collega compañero colega contact reach write call'.split(
    ' ',
  ),
);

/** The names in an item of a list whose kind the words before the list said. */
export function itemMentions(statement: Statement, kind: Kind, lexicon: Lexicon): readonly Mention[] {
  if (kind === 'user') return userTokens(statement.text, statement.start).map(userMention);
  const japanese = lexicon.language === 'ja';
  const item = japanese ? japaneseItem(statement.text) : null;
  const names = japanese
    ? [item].filter((name) => name !== null)
    : namesFrom(kind, statement.text, statement.text.length - statement.text.trimStart().length, { lexicon });
  const [opener] = statement.words;
  const linked =
    opener !== undefined && (lexicon.placeWords.has(opener.text) || lexicon.linkWords.has(opener.text));
  const plain = opener !== undefined && lexicon.common.has(opener.text) && /^\s*\p{Ll}/u.test(statement.text);
  const dated = /\d{4}-\d|\d[./]\d/.test(statement.text);
  const whole =
    japanese || linked || plain || dated
      ? undefined
      : /^\s*([^(–—:;,.]{1,60}?)\s*(?:[(–—:;,.].*)?$/.exec(statement.text)?.[1];
  const found =
    names.length > 0 || whole === undefined
      ? names
      : [
          {
            text: whole,
            start: statement.text.indexOf(whole),
            end: statement.text.indexOf(whole) + whole.length,
          },
        ];
  return found.flatMap(({ text, start, end }) => {
    const ref = kind === 'workspace' ? workspaceRefOf(text, false) : null;
    if (kind === 'workspace' && ref === null) return [];
    const place = { start: statement.start + start, end: statement.start + end };
    return [{ kind, name: text, ...place, rejected: false, place: false, ref, event: null }];
  });
}

/** The identifiers of end users in a text, each once. `offset` is added to every place. */
export function userTokens(text: string, offset: number): readonly Name[] {
  const seen = new Set<string>();
  const addressed = text.includes('@');
  return [...text.matchAll(LISTED_USER)].flatMap((match): Name[] => {
    const token = match[0].replace(/[.:!?]+$/, '').replace(/^mailto:/, '');
    // Beside addresses a small number is a count or an article.
    if (addressed && /^\d{1,4}$/.test(token)) return [];
    if (isCounted(text, match.index + match[0].length) || !isUserId(token) || seen.has(token)) return [];
    seen.add(token);
    const start = offset + match.index + match[0].indexOf(token);
    return [{ text: token, start, end: start + token.length }];
  });
}

const LISTED_USER = new RegExp(`[^\\s,;<>"“”()${JAPANESE}]+`, 'g');

const userMention = ({ text, start, end }: Name): Mention => ({
  kind: 'user',
  name: text,
  start,
  end,
  rejected: false,
  place: false,
  ref: null,
  event: null,
});

const URL_PATH = new RegExp(
  `https?://app\\.[a-z0-9.-]{3,100}(?::\\d{1,5})?/([^\\s/?#<>"')\\]${JAPANESE}]{1,64})`,
  'gi',
);
const RESERVED = new Set(
  'login logout signin signup docs help support settings account workspaces workspace auth api status pricing about home dashboard invite admin confirm'.split(
    ' ',
  ),
);

/** A link into the app names the workspace in its first path segment. */
/** "its display name is Landing Page" beside a link. */
function displayName(statement: Statement, lexicon: Lexicon): Pick<Mention, 'name' | 'start' | 'end'> {
  const found = /\b(?:name is|has (?:the )?name|is called|is named)\s+/i.exec(statement.text);
  const at = found === null ? -1 : found.index + found[0].length;
  const [name, ...more] = at === -1 ? [] : namesFrom('source', statement.text, at, { lexicon });
  return name === undefined || more.length > 0
    ? { name: null, start: statement.start, end: statement.start }
    : { name: name.text, start: statement.start + name.start, end: statement.start + name.end };
}

export function urlMentions(statement: Statement, lexicon: Lexicon): readonly Mention[] {
  if (!statement.text.includes('://')) return [];
  return [...statement.text.matchAll(URL_PATH)].flatMap((match) => {
    const name = (match[1] ?? '').replace(/[.,;:!]+$/, '');
    const ref = workspaceRefOf(name, false);
    if (ref === null || RESERVED.has(name)) return [];
    const at = match.index + match[0].indexOf(name, match[0].indexOf('/', 8));
    const workspace = placed(statement, at, name, ref);
    // A link to a source is not one to the workspace as a whole.
    const rest = statement.text.slice(match.index + match[0].length);
    return /^\/sources?\/[^\s/]/.test(rest)
      ? [workspace, { ...workspace, ...displayName(statement, lexicon), kind: 'source', ref: null }]
      : [workspace];
  });
}

/** `acme-inc (that's the slug)`, `acme-inc is the slug`; and "in acme-inc" when the sender's domain says the same. */
function slugMentions(reader: Reader): readonly Mention[] {
  const { statement, corroborated } = reader;
  const { text } = statement;
  const hint = corroborated.hint ?? null;
  const saysSlug = /slug/i.test(text);
  if (!saysSlug && (hint === null || !text.toLowerCase().includes(hint))) return [];
  const found: Mention[] = [];
  for (const match of statement.text.matchAll(
    /(?<=^|[\s("'`“„«])([a-z0-9][a-z0-9-]{1,62})["'`”»]?(?=[\s,.;:)!?]|$)/g,
  )) {
    const name = match[1] ?? '';
    const ref = workspaceRefOf(name, false);
    if (ref === null) continue;
    const at = match.index;
    const known = corroborated.has(name);
    if (!saysSlug && !known) continue;
    const after = statement.text.slice(at + match[0].length, at + match[0].length + 60);
    const called =
      saysSlug &&
      /^\s*(?:\([^()]{0,40}\bslug\b|(?:is|ist|est|é|es|è) (?:the|our|my|der|le|el|o|lo|unser) (?:workspace )?slug\b)/i.test(
        after,
      );
    const before =
      fold(statement.text.slice(Math.max(0, at - 20), at))
        .trimEnd()
        .split(/\s+/)
        .at(-1) ?? '';
    const announced =
      saysSlug &&
      /\bslug(?: name)?(?:\s+(?:is|was|being|now|now is|lautet|ist|est|es|é|è))?\s*[:=]?\s*["'`“„«]?$/i.test(
        statement.text.slice(Math.max(0, at - 40), at),
      );
    const inside = known && (reader.lexicon.placeWords.has(before) || /[a-z]-?\d|-[a-z]/.test(name));
    if (((called || announced) && !isOrdinary(name, reader.lexicon)) || inside) {
      found.push({ ...placed(statement, at, name, ref), rejected: isRejected(statement.start + at, reader) });
    }
  }
  return found;
}

function idMentions(statement: Statement): readonly Mention[] {
  if (!/\d/.test(statement.text)) return [];
  return [...statement.text.matchAll(/(?<![\w@./:-])[A-Za-z0-9]{10,24}(?![\w@-]|\.\w)/g)].flatMap((match) =>
    isWorkspaceId(match[0]) ? [placed(statement, match.index, match[0], { id: match[0] })] : [],
  );
}

const placed = (statement: Statement, at: number, name: string, ref: WorkspaceRef): Mention => ({
  kind: 'workspace',
  name,
  start: statement.start + at,
  end: statement.start + at + name.length,
  rejected: false,
  place: true,
  ref,
  event: null,
});
