import {
  isJapaneseObject,
  isJapaneseTopic,
  isJapaneseWhole,
  meansJapaneseEarlier,
  sparesJapanesePart,
} from '../japanese/objects.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf, says } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { fold, type Word } from '../sentences/words.ts';
import { type Draft, type Drafts, EMPTY_REQUEST } from './draft.ts';
import { ADJECTIVES, isGeneric } from './generic.ts';
import { looseNames } from './loose-names.ts';
import { type Mention, mentionsIn } from './mentions.ts';
import { noted, type Why } from './notes.ts';
import { isPartial, isPartOfAccount } from './partial.ts';
import { CALM, type Placed, textAt, unique } from './placed.ts';
import type { ReadSettings } from './read-settings.ts';

/** Whole workspaces and whole accounts. A workspace is the thing when nothing in it is named, or when it is asked for by itself. */
export function wholeDrafts(
  targets: readonly Placed[],
  statements: readonly Statement[],
  settings: ReadSettings,
  excluded: boolean,
  others: number,
): Drafts {
  const { lexicon } = settings;
  const asking = statements.filter((each) => settings.targets.has(each.role));
  const mentions = settings.targets.size > 1;
  // In a stop or a question of how far it is, "our account manager" names nothing.
  const account = asking.find(
    (each) => says(each, lexicon.everything) && (!mentions || speaksOfDeletion(each, lexicon)),
  );
  if (account !== undefined && others === 0) {
    const base = { start: account.start, statement: account, named: [] };
    const spares =
      lexicon.language === 'ja' && statements.some(({ role }) => role === 'keep' || role === 'negated');
    if (excluded || spares) return NOTHING;
    if (settings.targets.size === 1 && isPartOfAccount(account, lexicon))
      return refused('part_of_account', [account]);
    return only([{ ...base, scope: 'account', request: { ...EMPTY_REQUEST, scope: 'account' } }]);
  }
  const draft = (each: { readonly start: number; readonly statement: Statement }): Draft => ({
    scope: 'workspace',
    start: each.start,
    statement: each.statement,
    request: { ...EMPTY_REQUEST, scope: 'workspace' },
    named: [],
  });
  const workspaces = targets.filter((each) => each.kind === 'workspace' && each.statement.role !== 'form');
  const direct = workspaces.filter((each) => !each.place && isDirectObject(each, lexicon));
  // Next to other requests a workspace is a thing of its own only in a sentence of its own.
  const apart = (each: Placed): boolean =>
    !targets.some(
      (other) => other.kind !== 'workspace' && other.statement.sentence === each.statement.sentence,
    );
  // A stop names several workspaces without a verb in front of each.
  const things = mentions ? workspaces : direct;
  if (others > 0) {
    const isPlaceOf = ({ statement }: Placed): boolean =>
      !mentions &&
      THING_KINDS.some((kind) => kind !== 'user' && hitsOf(statement, lexicon.nouns[kind]).length > 0);
    const alone = things.filter(
      (each) => each.ref !== null && !each.place && apart(each) && !isPlaceOf(each),
    );
    return only(unique(alone).map((each) => draft(each)));
  }
  const separate = withoutSecondNames(unique(things.filter((each) => each.ref !== null)));
  if (separate.length > 1) return only(separate.map((each) => draft(each)));
  const saying = [
    ...asking,
    ...statements.filter(({ field, role }) => field === 'action' && role === 'form'),
  ];
  if (settings.targets.size === 1) {
    const other = saying.find((each) => speaksOfOthers(each, workspaces, lexicon));
    if (other !== undefined) return refused('other_object', [other]);
    const kept = lexicon.language === 'ja' ? statements.find(isKeptPart) : undefined;
    if (kept !== undefined) return refused('spared', [kept]);
    const named = asking.find((each) => namesOther(each, targets, settings));
    if (named !== undefined) return refused('other_object', [named]);
  }
  const bounded = asking.length > 0 && asking.every((each) => hasOtherObject(each, workspaces, lexicon));
  const partly = asking.some((each) => isPartial(each, workspaces, lexicon));
  if ((bounded || partly) && settings.targets.has('request') && settings.targets.size === 1)
    return refused('other_object', asking);
  const anchor = direct[0] ?? workspaces[0] ?? targets.find((each) => each.kind === 'workspace');
  if (anchor !== undefined) return only(excluded ? [] : [draft(anchor)]);
  const silent = asking.find((each) => meansEarlierWorkspace(each, statements, settings));
  return only(silent === undefined || excluded ? [] : [draft({ start: silent.start, statement: silent })]);
}

/**
 * "acme-inc (workspace ID kX3vN8pQ7d)" is one workspace said in two ways. Whether both mean the same cannot be told here,
 * so one draft is left for the two, and the workspace is asked back.
 */
function withoutSecondNames(named: readonly Placed[]): readonly Placed[] {
  const inOrder = named.toSorted((a, b) => a.start - b.start);
  return inOrder.filter((each, index) => {
    const before = inOrder[index - 1];
    return before === undefined || !isSecondName(before, each);
  });
}

function isSecondName(first: Placed, second: Placed): boolean {
  if (first.ref === null || second.ref === null || first.statement !== second.statement) return false;
  if ('id' in first.ref === 'id' in second.ref) return false;
  const { statement } = first;
  const between = statement.words.filter(({ start, end }) => start >= first.end && end <= second.start);
  const signs = statement.text.slice(first.end - statement.start, second.start - statement.start);
  return !between.some(({ text }) => AND.has(text)) && !/[&+;と]/.test(signs);
}

const AND = new Set('and und sowie et y e en plus also auch additionally as および ならびに'.split(' '));

const only = (drafts: readonly Draft[]): Drafts => ({ drafts, notes: [] });
const NOTHING = only([]);
const refused = (why: Why, places: readonly Statement[]): Drafts => ({
  drafts: [],
  notes: places.map((each) => noted(why, each)),
});

const speaksOfDeletion = (each: Statement, lexicon: Lexicon): boolean =>
  each.cancels || each.status || each.words.some(({ text }) => lexicon.deleteWords.has(text));

/**
 * Whether a request speaks of persons, users, sources or the like before it comes to a workspace, or without one: it is
 * for them then, however the workspace is named elsewhere. "with all its sources" behind the workspace is an aside.
 */
function speaksOfOthers(each: Statement, workspaces: readonly Placed[], lexicon: Lexicon): boolean {
  const mention = workspaces.find((other) => other.statement === each);
  const edge = mention?.start ?? each.end;
  const verb = each.words.findLastIndex(({ text }) => lexicon.deleteWords.has(text));
  const isBefore = (from: number): boolean => (each.words[from]?.start ?? edge) < edge;
  const persons = each.words.some(
    ({ text, start }, index) =>
      // "de me confirmer" tells whom to confirm to.
      index > verb &&
      ((PERSONS.has(text) &&
        !(text === 'me' && lexicon.language !== 'en') &&
        // "den Workspace X, wir brauchen ihn nicht mehr"
        (start < edge || (workspaces.length < 2 && !GENDERED.has(text)))) ||
        (OWNERS.has(text) && start < edge)),
  );
  return (
    persons ||
    THING_KINDS.some((kind) =>
      hitsOf(each, lexicon.nouns[kind]).some(
        // "l'espace" of "l'espace de travail" is no Unify space.
        ({ from }) =>
          isBefore(from) &&
          !isWorkspaceNoun(each.words[from], each, lexicon) &&
          // "Our pilot project has ended, so the workspace …"
          (kind !== 'project' || from > verb),
      ),
    )
  );
}

/** A name behind the deletion that no noun claims and that the workspace does not explain: some thing in it. */
function namesOther(
  each: Statement,
  targets: readonly Placed[],
  { lexicon, corroborated }: ReadSettings,
): boolean {
  if (lexicon.language === 'ja') return false;
  const deletion = each.words.find(({ text }) => lexicon.deleteWords.has(text));
  // Where the verb stands last, names stand before it.
  const [request] = VERB_LAST.has(lexicon.language) ? hitsOf(each, lexicon.acts.request) : [];
  const verb = each.words[request?.from ?? -1] ?? deletion;
  const own = targets.filter((other) => other.statement === each);
  const slugs = targets.flatMap(({ ref }) =>
    ref !== null && 'slug' in ref ? [ref.slug.replaceAll('-', '')] : [],
  );
  return looseNames(each, own, lexicon).some(({ text, start, end }) => {
    if (verb === undefined || start < verb.start) return false;
    if (!LOOSE_NAMES.has(lexicon.language) && !isQuoted(each, start)) return false;
    if (/^\s*(?:workspace|account)\b/i.test(each.text.slice(end - each.start))) return false;
    if (
      /\b(?:workspace|account)s?\s+(?:called\s+|named\s+|of\s+|for\s+)?["'“„«`]?$/i.test(
        each.text.slice(0, start - each.start),
      )
    )
      return false;
    const plain = fold(text).replace(/[^\p{L}\p{N}]/gu, '');
    return (
      !corroborated.has(plain) && !slugs.some((slug) => plain.startsWith(slug) || slug.startsWith(plain))
    );
  });
}

/** Languages in which a capital inside a sentence makes a name: German writes all nouns so. */
const LOOSE_NAMES: ReadonlySet<string> = new Set(['en', 'fr', 'es', 'pt', 'it', 'nl']);

const isQuoted = ({ text, start }: Statement, at: number): boolean =>
  /["“„«`]/.test(text.charAt(at - start - 1));

const PERSONS = new Set(
  'me him her his hers them their theirs himself herself themselves mich ihn ihm moi lui leur leurs él ella ellos ellas suyos eu ele ela eles elas dele dela deles lui lei loro mij hem haar hun hen 私 彼 彼女'.split(
    ' ',
  ),
);
/** Words for persons that stand for a workspace as well. */
const GENDERED: ReadonlySet<string> = new Set(['ihn', 'ihm', 'hem']);
/** "borren sus datos en el workspace X"; behind the workspace it is the workspace's own ("con todos sus datos"). */
const OWNERS = new Set(['su', 'sus', 'son', 'sa', 'ses']);
const THING_KINDS = ['source', 'space', 'user', 'event', 'eventProperty', 'userProperty', 'project'] as const;

/**
 * Whether a request is for a thing that is no whole workspace: "delete the API key of workspace X". Only general words
 * ("all the data you still have") may stand between the verb and the workspace.
 */
function hasOtherObject(each: Statement, workspaces: readonly Placed[], lexicon: Lexicon): boolean {
  // Japanese is weighed by isPartial: its verb stands last.
  if (lexicon.language === 'ja') return false;
  const { words } = each;
  if (saysWhichData(words, lexicon)) return true;
  const request = hitsOf(each, lexicon.acts.request)[0];
  const said = words.findIndex((word) => lexicon.deleteWords.has(word.text));
  // "können weg", "nehmt … raus"
  const verb = said === -1 && lexicon.language !== 'en' ? (request?.to ?? 0) - 1 : said;
  if (verb === -1) return false;
  const mention = workspaces.find((other) => other.statement === each);
  const at = mention === undefined ? -1 : words.findIndex((word) => word.end > mention.start);
  const own = wordsOnWorkspace(words, at, each, lexicon);
  const general = (word: Word | undefined): boolean =>
    word === undefined ||
    own.has(word) ||
    // "Art. 17 Abs. 1 lit. a"
    /^(?:\d{1,2}|[a-z])$/.test(word.text) ||
    (isGeneric(word.text, lexicon) && !lexicon.partWords.has(word.text)) ||
    isWorkspaceNoun(word, each, lexicon);
  const asked = request?.from ?? 0;
  const isVerbLast = VERB_LAST.has(lexicon.language);
  if (at === -1)
    return !(
      words.slice(verb + 1, verb + (ADJECTIVE_LAST.has(lexicon.language) ? 4 : 3)).every(general) &&
      (!isVerbLast || words.slice(asked, verb).every(general))
    );
  // "the Lumen Labs workspace": capitals right before the noun are its name.
  let named = at;
  while (named > verb + 1 && isNamePart(each, words[named - 1])) named -= 1;
  // "Nel workspace X eliminate le dashboard", "löschen Sie im Workspace X die Berichte"
  const free =
    isInside(words, at, lexicon) && !words.slice(0, Math.max(verb, at)).some(({ text }) => ALL.has(text));
  const next = words.slice(words.findLastIndex(({ end }) => end <= (mention?.end ?? 0)) + 1);
  const object = untilComma(verb < at ? next : words.slice(verb + 1));
  if (free && lexicon.language !== 'en' && !object.every(general)) return true;
  if (verb < at)
    return hasPronounObject(words, verb, at, lexicon) || !words.slice(verb + 1, named).every(general);
  let place = words.slice(0, at).findLastIndex((word) => lexicon.placeWords.has(word.text));
  if (place === -1 || !words.slice(place + 1, at).every(general)) return false;
  // "Alpha und den Workspace X"
  if (lexicon.andWords.has(words[place - 1]?.text ?? '') && place - 2 >= asked && !general(words[place - 2]))
    return true;
  if (!isVerbLast) return !general(words[place - 1]);
  // The verb stands last: "alle Berichte aus dem Workspace X löschen". "den Workspace" alone is the thing itself.
  while (lexicon.placeWords.has(words[place - 1]?.text ?? '')) place -= 1;
  if (DIRECT_ARTICLES.has(words[place]?.text ?? '')) return false;
  // "Die Testdaten im Workspace X sollen gelöscht werden"
  if (asked >= place && !general(words[place - 1])) return true;
  // "im Workspace X bitte die Berichte löschen"
  const behind = words.filter(
    ({ start }) => start >= (mention?.end ?? 0) && start < (words[verb]?.start ?? 0),
  );
  const inside = isInside(words, at, lexicon);
  return !words.slice(asked, place).every(general) || (inside && !behind.every(general));
}

/** "old data", "dati vecchi": some of the data, wherever they are. */
const saysWhichData = (words: readonly Word[], { language, partWords }: Lexicon): boolean =>
  words.some(
    ({ text }, index) =>
      WHAT.has(text) &&
      [words[index - 1], ADJECTIVE_LAST.has(language) ? words[index + 1] : undefined].some(
        (word) => word !== undefined && !word.apart && partWords.has(word.text),
      ),
  );
const WHAT: ReadonlySet<string> = new Set(
  'data daten datensätze datensatz inhalte gegevens dati informationen informazioni'.split(' '),
);

/** "in our workspace", "dal workspace": the word that says so, and two more at most. */
function isInside(words: readonly Word[], at: number, lexicon: Lexicon): boolean {
  const isNoun = ({ text }: Word): boolean => lexicon.nouns.workspace.byFirst.has(text);
  const noun = words.findLastIndex((word, index) => index <= at && isNoun(word));
  return words.slice(Math.max(0, noun - 3), Math.max(0, noun)).some(({ text }) => INSIDE.has(text));
}
const INSIDE: ReadonlySet<string> = new Set(
  'im in aus innerhalb uit binnen nel nello nella dal dallo dalla dans en em no na'.split(' '),
);
/** Words for all that is in a workspace. */
const ALL: ReadonlySet<string> = new Set(
  'data all everything daten datensätze inhalte alles alle sämtliche données tout toutes tous datos todo todos todas dados tudo dati tutto tutti tutte gegevens allemaal'.split(
    ' ',
  ),
);

/** The next few words, up to a comma or the like. */
function untilComma(words: readonly Word[]): readonly Word[] {
  const end = words.findIndex(({ apart }, index) => apart || index === OBJECT_WORDS);
  return end === -1 ? words : words.slice(0, end);
}
const OBJECT_WORDS = 4;

/** Where "old" stands behind "data". */
const ADJECTIVE_LAST: ReadonlySet<string> = new Set(['fr', 'es', 'pt', 'it']);

/** Where a verb that asks can stand behind its object. */
const VERB_LAST: ReadonlySet<string> = new Set(['de', 'nl']);

/**
 * What is said of the workspace whose name begins at a word, and so is no part of its data: "our old workspace X",
 * "il workspace vuoto X".
 */
function wordsOnWorkspace(
  words: readonly Word[],
  at: number,
  each: Statement,
  lexicon: Lexicon,
): ReadonlySet<Word> {
  const isNoun = (index: number): boolean => isWorkspaceNoun(words[index], each, lexicon);
  let first = words.findLastIndex((_, index) => index <= at && isNoun(index));
  if (first === -1) return new Set();
  const behind = words.slice(first, at).filter(({ text }) => lexicon.partWords.has(text));
  while (isNoun(first - 1)) first -= 1;
  let from = first;
  const describes = ({ text }: Word): boolean => ADJECTIVES.has(text) || lexicon.partWords.has(text);
  for (let word = words[from - 1]; word !== undefined && describes(word); word = words[from - 1]) from -= 1;
  return new Set([...words.slice(from, first), ...behind]);
}

const DIRECT_ARTICLES = new Set(['den']);

/** "la supprimer de notre workspace", "elimínenla del workspace": the pronoun is the thing, the workspace where it is. */
const hasPronounObject = (words: readonly Word[], verb: number, at: number, lexicon: Lexicon): boolean =>
  lexicon.language !== 'en' &&
  lexicon.imperatives.has(words[verb]?.text ?? '') &&
  ((PRONOUNS_BEFORE.has(words[verb - 1]?.text ?? '') && /(?:r|re|n|s)$/.test(words[verb]?.text ?? '')) ||
    BOUND_PRONOUN.test(words[verb]?.text ?? '') ||
    // "quítenme del workspace"
    (/(?:[aeirdnáéíê]|-)(?:me|nos|moi|nous)$/.test(words[verb]?.text ?? '') &&
      lexicon.placeWords.has(words[verb + 1]?.text ?? ''))) &&
  words.slice(verb + 1, at).some(({ text }) => lexicon.placeWords.has(text));

const BOUND_PRONOUN = /-(?:le|la|les|lo|los|las|o|a|os|as)$|[aeirdnáéíê](?:lo|la|los|las)$|^l'/;
const PRONOUNS_BEFORE = new Set(['le', 'la', 'les', 'lo', 'los', 'las', 'l']);

const isNamePart = (each: Statement, word: Word | undefined): boolean =>
  word !== undefined &&
  (ADJECTIVES.has(word.text) || /^\p{Lu}/u.test(textAt([each], word.start, word.end).text));

const isWorkspaceNoun = (word: Word | undefined, each: Statement, lexicon: Lexicon): boolean =>
  hitsOf(each, lexicon.nouns.workspace).some(
    (hit) => word !== undefined && each.words.slice(hit.from, hit.to).includes(word),
  );

const isKeptPart = ({ role, text }: Statement): boolean =>
  (role === 'keep' || role === 'negated') && sparesJapanesePart(fold(text));

/** "delete (the complete) workspace X": a deletion word stands before it and nothing else is between. */
function isDirectObject(each: Placed, lexicon: Lexicon): boolean {
  if (lexicon.language === 'ja')
    return isJapaneseObject(fold(each.statement.text.slice(each.end - each.statement.start)));
  const before = each.statement.words
    .filter((word) => word.end <= each.start)
    .slice(-7)
    .map((word) => word.text);
  const at = before.findLastIndex((word) => lexicon.deleteWords.has(word));
  return (
    at !== -1 &&
    !before
      .slice(at + 1)
      .some(
        (word, index, rest) =>
          lexicon.placeWords.has(word) && word !== 'of' && !(word === 'del' && rest[index + 1] === 'tutto'),
      )
  );
}

/** "purge whatever is left of it", after a sentence that named a workspace and nothing else. */
function meansEarlierWorkspace(
  each: Statement,
  statements: readonly Statement[],
  { lexicon, corroborated }: ReadSettings,
): boolean {
  // "this one can be wiped:" and a link in the next line
  const next = /[:：]\s*$/.test(each.text) ? statements.find(({ start }) => start > each.start) : undefined;
  const before = statements.filter(
    (other) => (other.start < each.start || other === next) && CALM.has(other.role),
  );
  const mentions = before.flatMap((other) => mentionsIn(other, lexicon, corroborated));
  const points =
    lexicon.language === 'ja'
      ? pointsBackInJapanese(each, before, mentions, lexicon)
      : each.words.some(({ text }) => PRONOUNS.has(text));
  const kinds = new Set(
    mentions.filter(({ kind, name }) => name !== null || kind !== 'project').map(({ kind }) => kind),
  );
  return (
    points &&
    kinds.size === 1 &&
    kinds.has('workspace') &&
    hitsOf(each, lexicon.nouns.source).length === 0 &&
    (lexicon.language !== 'ja' || before.every((other) => isWholeTopic(other, mentions)))
  );
}

/** "すべてのデータを削除してください"; or right behind the sentence that names the workspace, no object at all. */
function pointsBackInJapanese(
  each: Statement,
  before: readonly Statement[],
  mentions: readonly Mention[],
  lexicon: Lexicon,
): boolean {
  if (!says(each, lexicon.acts.request)) return false;
  const text = fold(each.text);
  const named = before.findLast(({ start, end }) =>
    mentions.some((mention) => mention.name !== null && start <= mention.start && mention.end <= end),
  );
  const next = named !== undefined && each.sentence - named.sentence === 1;
  return meansJapaneseEarlier(text) || (next && isJapaneseWhole(text));
}

/** In what is said of a workspace before, it is spoken of as a whole: "Xは解約しました", not "Xのソースは". */
const isWholeTopic = (other: Statement, mentions: readonly Mention[]): boolean =>
  mentions
    .filter(({ name, start, end }) => name !== null && other.start <= start && end <= other.end)
    .every(({ end }) => isJapaneseTopic(fold(other.text.slice(end - other.start))));

const PRONOUNS = new Set(
  'data archive rest leftovers remains remainder copies backups it this that everything all them whatever there its es alles sie das tout le la lo ello todo tudo isso tutto ciò het dit dat ihn ihm diesen daten dati eliminarlo eliminatelo eliminalo cancellarlo cancellatelo cancellalo rimuoverlo rimuovetelo'.split(
    ' ',
  ),
);
