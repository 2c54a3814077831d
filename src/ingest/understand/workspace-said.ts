import type { WorkspaceSaid } from '../../domain/mail.ts';
import type { DeletionRequest, Understanding, WorkspaceRef } from '../../domain/request.ts';
import { namesJapaneseOwner } from './japanese/names.ts';
import type { MailToRead } from './mail-to-read.ts';
import { fieldMentions } from './requests/form-fields.ts';
import { isGeneric } from './requests/generic.ts';
import { type Mention, mentionsIn } from './requests/mentions.ts';
import { type Lexicon, lexiconFor } from './sentences/lexicon.ts';
import { type Statement, statementsOf } from './sentences/statements.ts';
import { fold, type Word } from './sentences/words.ts';
import { datesIn, orderIn } from './time/dates.ts';
import { explain } from './understand.ts';

/**
 * How a mail speaks of the workspace that its requests leave open, so that the directory may complete one. The parser
 * itself is the judge: the mail is read once more with a slug in the place of the name, or with a slug in a line of its
 * own where it names none. Only if then every open request holds that slug, and nothing else reads otherwise, there was
 * no doubt, denial, alternative or condition in the way.
 */
export function workspaceSaid(mail: MailToRead): WorkspaceSaid {
  const { understanding, ownText, language } = explain(mail);
  const lexicon = lexiconFor(language);
  const open = understanding.requests.filter(isOpen);
  if (open.length === 0 || ownText.text.length > TEXT_MAX) return UNCLEAR;
  const statements = statementsOf(ownText.text, lexicon);
  const named = statements.flatMap((each) => namesIn(each, lexicon));
  // The subject may name another one than the text.
  const subject = statementsOf(mail.subject, lexicon).flatMap((each) => namesIn(each, lexicon));
  const names = new Set([...named, ...subject].map(({ name }) => fold(name)));
  const both = slugAndId([...named, ...subject]);
  if (both !== null) {
    const once = standingIn(ownText.text, named).replace(BRACKETED, '');
    return fits(understanding, read(mail, once)) ? both : UNCLEAR;
  }
  if (names.size > 1 || named.some(({ usable }) => !usable)) return UNCLEAR;
  const [first] = named;
  if (first === undefined) {
    if (names.size > 0 || namesSomebody(statements, mail, lexicon)) return UNCLEAR;
    const asked = read(mail, `${ownText.text}\n\nWorkspace: ${STAND_IN}\n`);
    return fits(understanding, asked) ? { kind: 'none' } : UNCLEAR;
  }
  const isFit = fits(understanding, read(mail, standingIn(ownText.text, named)));
  return isFit ? { kind: 'named', name: first.name } : UNCLEAR;
}

/** The text with one slug in the place of every name. */
function standingIn(text: string, named: readonly WorkspaceName[]): string {
  let changed = text;
  for (const { start, end } of [...named].sort((a, b) => b.start - a.start)) {
    changed = `${changed.slice(0, start)}${STAND_IN}${changed.slice(end)}`;
  }
  return changed;
}

/** One slug and one ID, however often, and nothing else. */
function slugAndId(named: readonly WorkspaceName[]): Extract<WorkspaceSaid, { kind: 'both' }> | null {
  if (named.some(({ ref, denied }) => ref === null || denied)) return null;
  const refs = named.flatMap(({ ref }) => ref ?? []);
  const slugs = new Set(refs.flatMap((ref) => ('slug' in ref ? [ref.slug] : [])));
  const ids = new Set(refs.flatMap((ref) => ('id' in ref ? [ref.id] : [])));
  const [[slug], [id]] = [[...slugs], [...ids]];
  return slugs.size === 1 && ids.size === 1 && slug !== undefined && id !== undefined
    ? { kind: 'both', slug, id }
    : null;
}

const UNCLEAR: WorkspaceSaid = { kind: 'unclear' };

/** Reads twice, so it is for mails that a person types. UTF-16 code units. */
const TEXT_MAX = 20_000;

/** Any slug would do: what matters is where the parser takes one. */
const STAND_IN = 'qx-standin';

/** "(ID …)" behind the slug. */
const BRACKETED = new RegExp(`(?<=${STAND_IN}) ?[([][^()[\\]]{0,60}${STAND_IN}[)\\]]`, 'g');

/** `account` names none and `events` finds its workspace by the project. */
const isOpen = ({ scope, workspace }: DeletionRequest): boolean =>
  workspace === null && scope !== 'account' && scope !== 'events';

const read = (mail: MailToRead, text: string): Understanding =>
  explain({ ...mail, text, html: null }).understanding;

/** The second reading differs from the first in nothing but the open workspaces, and it fills them all. */
function fits(first: Understanding, second: Understanding): boolean {
  if (first.intent !== second.intent || first.requests.length !== second.requests.length) return false;
  if (first.problems.join() !== second.problems.join()) return false;
  return first.requests.every((request, index) => {
    const filled = isOpen(request) ? { ...request, workspace: { slug: STAND_IN } } : request;
    return JSON.stringify(filled) === JSON.stringify(second.requests[index]);
  });
}

interface WorkspaceName {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** As what the parser took it; `null` = a name. */
  readonly ref: WorkspaceRef | null;
  readonly denied: boolean;
  /** False where the parser took it for a slug or an ID and let it go all the same, or where the writer denies it. */
  readonly usable: boolean;
}

/** Names of workspaces in a statement: those of the parser, and capitals beside the bare noun ("our Acme Inc workspace"). */
const namesIn = (each: Statement, lexicon: Lexicon): readonly WorkspaceName[] =>
  mentionsOf(each, lexicon)
    .filter(({ kind }) => kind === 'workspace')
    .flatMap(({ name, start, end, rejected, ref }) =>
      name === null
        ? capitalsAround(each, start, end, lexicon)
        : [{ name, start, end, ref, denied: rejected, usable: !rejected && ref === null }],
    );

const NAME_WORDS_MAX = 5;

function capitalsAround(
  each: Statement,
  from: number,
  to: number,
  lexicon: Lexicon,
): readonly WorkspaceName[] {
  const { words } = each;
  const isCapital = (word: Word): boolean =>
    /^[\p{Lu}\p{N}]/u.test(each.text.slice(word.start - each.start)) && !isGeneric(word.text, lexicon);
  const joined = (left: Word, right: Word): boolean =>
    /^(?: | & )$/.test(each.text.slice(left.end - each.start, right.start - each.start));
  const behind = words.filter(({ start }) => start >= to);
  while (behind[0] !== undefined && !isCapital(behind[0]) && isGeneric(behind[0].text, lexicon))
    behind.shift();
  const before = words.filter(({ end }) => end <= from).reverse();
  const run = (row: readonly Word[], inOrder: boolean): readonly Word[] => {
    const taken: Word[] = [];
    for (const word of row.slice(0, NAME_WORDS_MAX + 1)) {
      const last = taken.at(-1);
      if (!isCapital(word) || (last !== undefined && !(inOrder ? joined(last, word) : joined(word, last))))
        break;
      taken.push(word);
    }
    return inOrder ? taken : taken.reverse();
  };
  return [run(behind, true), run(before, false)].flatMap((taken) => {
    const [first, last] = [taken[0], taken.at(-1)];
    if (first === undefined || last === undefined) return [];
    const name = each.text.slice(first.start - each.start, last.end - each.start);
    const usable = taken.length <= NAME_WORDS_MAX;
    return [{ name, start: first.start, end: last.end, ref: null, denied: false, usable }];
  });
}

const mentionsOf = (each: Statement, lexicon: Lexicon): readonly Mention[] =>
  each.field !== null && each.field !== 'action' && each.field !== 'link'
    ? fieldMentions(each, lexicon)
    : mentionsIn(each, lexicon, NOBODY);

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Whether the mail names anybody or anything that is not accounted for: "… of Globex", "… in acme-inc". Capitals, and
 * words of no dictionary that are hyphenated or stand behind "in" or "of", when they are no date and not the name of a
 * thing; in the line that greets and in the writer's own name they mean nothing.
 */
function namesSomebody(statements: readonly Statement[], mail: MailToRead, lexicon: Lexicon): boolean {
  const own = new Set(fold(mail.authorName ?? '').split(/[\s,]+/));
  const greeting = statements[0] !== undefined && isGreeting(statements[0]) ? statements[0] : null;
  return statements.some((each) => {
    if (each === greeting || each.field === 'aside') return false;
    if (lexicon.language === 'ja' && namesJapaneseOwner(each.text)) return true;
    const known = [
      ...mentionsOf(each, lexicon).filter(({ name }) => name !== null),
      ...datesIn(each.text, { today: null, order: orderIn(each.text), words: lexicon.time }, each.start),
    ];
    return each.words.some((word, index) => {
      if (known.some(({ start, end }) => word.start < end && start < word.end)) return false;
      if (lexicon.common.has(word.text) || own.has(word.text)) return false;
      if (index === 0 && opens(each, word, lexicon)) return false;
      const text = each.text.slice(word.start - each.start, word.end - each.start);
      return /^\p{Lu}|\p{L}[-_]\p{L}/u.test(text) || isPlace(each.words.slice(0, index), lexicon);
    });
  });
}

/** Behind "in", "of our" and the like. */
function isPlace(before: readonly Word[], lexicon: Lexicon): boolean {
  const last = before.findLast(({ text }) => !ARTICLES.has(text));
  return (
    last !== undefined && before.length > 0 && (lexicon.placeWords.has(last.text) || last.text === 'for')
  );
}

const ARTICLES = new Set(
  'the a an our my your der die das dem den unser unsere le la les notre el los il lo o os de het'.split(' '),
);

const isGreeting = (each: Statement): boolean =>
  /^\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day))\b/i.test(each.text) &&
  each.words.length <= 6;

/** A sentence begins with a capital: only a verb of the trade there is surely no name. */
const opens = (each: Statement, word: Word, lexicon: Lexicon): boolean =>
  each.role === 'form' || lexicon.imperatives.has(word.text) || lexicon.deleteWords.has(word.text);
