import { isJapaneseUserTarget, pointsAtJapaneseUser } from '../japanese/objects.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { datesOf } from '../time/dates.ts';
import { type Draft, type Drafts, EMPTY_REQUEST } from './draft.ts';
import { propertyOf } from './form-fields.ts';
import { looseNames } from './loose-names.ts';
import type { Mention } from './mentions.ts';
import { noted } from './notes.ts';
import { CALM, LIST_WORDS, type Placed, spelledOut, unique } from './placed.ts';
import type { ReadSettings } from './read-settings.ts';
import { wholeDrafts } from './whole-drafts.ts';

/** What the mail wants deleted, in its order. */
export function draftsOf(
  all: readonly Placed[],
  statements: readonly Statement[],
  settings: ReadSettings,
): Drafts {
  const isTarget = (each: Placed): boolean =>
    settings.targets.has(each.statement.role) || each.statement.role === 'form';
  const targets = all.filter(isTarget);
  const means = (each: readonly Statement[], wanted: ReadonlySet<string>): boolean =>
    each.some(({ role, words }) => role === 'request' && words.some(({ text }) => wanted.has(text)));
  const pointsBack = means(statements, LIST_WORDS);
  const named = (kind: Mention['kind']): readonly Placed[] =>
    unique(targetsOf(kind, targets, all, pointsBack));
  const drafts: Draft[] = [];
  // An exclusion of days is for the time frame to judge; any other takes something out that cannot be told apart.
  const exclusions = statements.filter(
    (each) =>
      each.excludes &&
      settings.targets.has(each.role) &&
      (datesOf(each, settings.dates).length === 0 || takesOutJapaneseName(each, settings)) &&
      !takesOutListed(each, statements, settings),
  );
  const excluded = exclusions.length > 0;
  for (const each of quotedSource(named('source'), all, statements, settings))
    drafts.push(thingDraft('source', each, excluded));
  for (const each of named('space')) drafts.push(thingDraft('space', each, excluded));
  const pointsAtUser = statements.some((each) => each.role === 'request' && pointsAtJapaneseUser(each.text));
  drafts.push(
    ...usersApart(
      targets,
      pointsBack || pointsAtUser || means(statements, PERSON_WORDS) ? all : [],
      settings,
    ),
  );
  const events = eventsDraft(targets, all, excluded, pointsBack);
  if (events !== null) drafts.push(events);
  const whole = wholeDrafts(targets, statements, settings, excluded, drafts.length);
  drafts.push(...whole.drafts);
  return {
    drafts: drafts.sort((a, b) => a.start - b.start),
    notes: [...exclusions.map((each) => noted('excluded', each)), ...whole.notes],
  };
}

/** "ソース「Web」以外の2024年3月のデータ": what is taken out stands before the exclusion, and it is no day. */
function takesOutJapaneseName(each: Statement, { lexicon, dates }: ReadSettings): boolean {
  if (lexicon.language !== 'ja') return false;
  const ends = datesOf(each, dates).map(({ end }) => end);
  return hitsOf(each, lexicon.acts.exclusion).some((hit) => {
    const start = each.words[hit.from]?.start ?? 0;
    return !ends.some((end) => end <= start && start - end <= 6);
  });
}

/** The exclusion names what stands in a list of the mail, so that the list without it is what is meant (placed.ts). */
function takesOutListed(
  each: Statement,
  statements: readonly Statement[],
  { lexicon }: ReadSettings,
): boolean {
  const items = statements.filter((other) => other.item && other !== each);
  return (
    spelledOut(
      each,
      items.map(({ text }) => text.trim()),
      lexicon,
    ).length > 0
  );
}

/**
 * The mentions of a kind that are to go. When only the kind is said where the deletion is asked for, the names said
 * elsewhere ("The source is called X. Please delete what came in.") are meant, if there is just one.
 */
function targetsOf(
  kind: Mention['kind'],
  targets: readonly Placed[],
  all: readonly Placed[],
  pointsBack: boolean,
): readonly Placed[] {
  const here = targets.filter((each) => each.kind === kind);
  const names = here.filter((each) => each.name !== null);
  if (names.length > 0) return names;
  const calm = all.filter(
    (each) => each.kind === kind && each.name !== null && (CALM.has(each.statement.role) || isAsSuch(each)),
  );
  const present = calm.filter(({ statement }) => statement.role !== 'past');
  const elsewhere = unique(unique(calm).length > 1 && present.length > 0 ? present : calm);
  if (elsewhere.length === 1 && (here.length > 0 || kind !== 'event')) return elsewhere;
  // "These are the sources: A, B, C. Please clear all of them."
  const list = elsewhere.filter((each) => each.statement.item);
  if (list.length === elsewhere.length && pointsBack) return elsewhere;
  return here.slice(0, 1);
}

function thingDraft(scope: 'source' | 'space', each: Placed, excluded: boolean): Draft {
  const name = excluded ? null : each.name;
  return {
    scope,
    start: each.start,
    statement: each.statement,
    request: { ...EMPTY_REQUEST, scope, [scope]: name },
    named: name === null ? [] : [[scope, each]],
  };
}

/** "… fed Boarding Gates. That's a source in our workspace.": the one name of the sentence before. */
function namedBefore(
  only: Placed,
  all: readonly Placed[],
  statements: readonly Statement[],
  lexicon: Lexicon,
): Placed | null {
  const says = all.find(
    (each) => each.kind === 'source' && each.name === null && THAT_IS.test(each.statement.text),
  );
  if (says === undefined) return null;
  const before = statements.filter(({ sentence }) => sentence === says.statement.sentence - 1);
  const names = before.flatMap((each) => looseNames(each, all, lexicon));
  const [name] = names;
  return name === undefined || names.length > 1 ? null : { ...only, ...name, name: name.text };
}

const THAT_IS = /^\s*(?:that|it|this|which)(?:['’]s| is)\s+(?:a|one of|the|our)\b/i;

/** "we noticed that "Store Locator" has been storing … delete it for this source": the one name in quotes that is left. */
function quotedSource(
  sources: readonly Placed[],
  all: readonly Placed[],
  statements: readonly Statement[],
  { lexicon, targets }: ReadSettings,
): readonly Placed[] {
  const [
    only = all.find(
      (each) => each.kind === 'source' && each.name === null && THAT_IS.test(each.statement.text),
    ),
  ] = sources;
  if (only === undefined || sources.length > 1 || only.name !== null || targets.size > 1) return sources;
  const told = namedBefore(only, all, statements, lexicon);
  if (told !== null) return [told];
  const loose = statements
    .filter((each) => CALM.has(each.role) || targets.has(each.role))
    .flatMap((each) =>
      looseNames(each, all, lexicon)
        .filter(({ start }) => /["“„«`「]/.test(each.text.charAt(start - each.start - 1)))
        .map((name) => ({ ...only, ...name, name: name.text })),
    );
  const names = unique(loose);
  return names.length === 1 ? names : sources;
}

/** "Don't delete the source X itself": what is in it may still be meant. */
const isAsSuch = ({ statement, end }: Placed): boolean =>
  (statement.role === 'negated' || statement.role === 'keep') &&
  /^["'”»`]?\s*(?:itself|as such|as a whole)\b/i.test(statement.text.slice(end - statement.start));

/** One request for all users, or one a sentence when the mail speaks of several workspaces. */
function usersApart(
  targets: readonly Placed[],
  listed: readonly Placed[],
  settings: ReadSettings,
): readonly Draft[] {
  const workspaces = unique(targets.filter((each) => each.kind === 'workspace' && each.ref !== null));
  const sentences = new Set(
    targets.filter((each) => each.kind === 'user').map(({ statement }) => statement.sentence),
  );
  if (workspaces.length < 2 || sentences.size < 2)
    return [usersOf(targets, listed, settings)].filter((draft) => draft !== null);
  return [...sentences].flatMap((sentence) => {
    const draft = usersOf(
      targets.filter(({ statement }) => statement.sentence === sentence),
      [],
      settings,
    );
    return draft === null ? [] : [draft];
  });
}

/** "この方": the one end user that the mail tells of. */
function onlyUser(mentions: readonly Placed[]): string | null {
  const told = unique(
    mentions.filter(
      ({ kind, name, statement }) => kind === 'user' && name !== null && CALM.has(statement.role),
    ),
  );
  return told.length === 1 ? (told[0]?.name ?? null) : null;
}

/** End users: identifiers behind the noun, and in lists and clauses that go with a request about users. */
function usersOf(
  targets: readonly Placed[],
  listed: readonly Placed[],
  settings: ReadSettings,
): Draft | null {
  const beside = targets.some(({ kind, name }) => name !== null && kind !== 'user' && kind !== 'workspace');
  const isMeant = (each: Placed): boolean => each.kind === 'user' && !(beside && isAside(each, settings));
  const here = targets.filter(isMeant);
  const pointed = settings.lexicon.language === 'ja' ? onlyUser(listed) : null;
  const list = listed.filter(
    (each) =>
      isMeant(each) &&
      (each.statement.item ||
        each.name === pointed ||
        (settings.lexicon.language !== 'ja' && each.name !== null && CALM.has(each.statement.role))),
  );
  const mentions = here.some(({ name }) => name !== null) ? here : [...here, ...list];
  const [first] = mentions;
  const named = unique(mentions.filter((each) => each.name !== null));
  if (first === undefined) return null;
  const strong = named.length > 0 || first.statement.field === 'user' || isUserTarget(first, settings);
  if (!strong) return null;
  return {
    scope: 'user',
    start: (named[0] ?? first).start,
    statement: (named[0] ?? first).statement,
    request: {
      ...EMPTY_REQUEST,
      scope: 'user',
      users: named.flatMap(({ name }) => (name === null ? [] : [name])),
    },
    named: named.map((each, index) => [`users.${index}`, each] as const),
  };
}

/** Where the mail asks for something else, "please let dpo@y.example know" is no request to delete that person. */
const isAside = ({ name, statement }: Placed, { lexicon }: ReadSettings): boolean =>
  name?.includes('@') === true &&
  !statement.item &&
  statement.field === null &&
  hitsOf(statement, lexicon.nouns.user).length === 0 &&
  !statement.words.some(({ text }) => lexicon.deleteWords.has(text) || ALIKE.has(text));

const ALIKE = new Set(
  'same likewise too dasselbe gleiche ebenso auch même aussi pareil mismo también igual mesmo também stesso anche hetzelfde ook 同様 同じ'.split(
    ' ',
  ),
);

/** "delete an end user", "the data of some users": the noun is the thing, and not an aside ("for our customers"). */
function isUserTarget(each: Placed, { lexicon }: ReadSettings): boolean {
  const { statement } = each;
  if (lexicon.language === 'ja')
    return isJapaneseUserTarget(statement.text.slice(each.end - statement.start));
  const at = statement.words.findIndex((word) => word.end > each.start);
  const verb = statement.words.slice(0, at).findLastIndex((word) => lexicon.deleteWords.has(word.text));
  const things = [lexicon.nouns.source, lexicon.nouns.space, lexicon.nouns.event, lexicon.nouns.project];
  const direct =
    verb !== -1 &&
    at - verb <= USER_WORDS &&
    !statement.words.slice(verb + 1, at + 1).some(({ apart }) => apart) &&
    !things.some((nouns) => hitsOf(statement, nouns).some(({ from }) => from > verb && from < at));
  const noun = each.statement.text.slice(each.start - each.statement.start, each.end - each.statement.start);
  return (
    direct &&
    /user|profile|subject|nutzer|utilisateur|usuario|utilizador|usuário|utent|gebruiker|ユーザー/i.test(noun)
  );
}

const PERSON_WORDS: ReadonlySet<string> = new Set(
  'him her them they his hers person persons people customer customers user users'.split(' '),
);

/** So many words may stand between the deletion and the users. */
const USER_WORDS = 9;

/**
 * "We sent the property email with the event Signup. Please remove this property": names of the kind that the request
 * leaves open.
 */
function saidBefore(
  asked: readonly Placed[],
  all: readonly Placed[],
  pointsBack: boolean,
): readonly Placed[] {
  const isProperty = ({ kind }: Placed): boolean => kind === 'eventProperty' || kind === 'userProperty';
  const before = (isKind: (each: Placed) => boolean): readonly Placed[] => {
    const open =
      asked.some((each) => isKind(each) && each.name === null) ||
      (pointsBack && asked.every(({ kind }) => kind === 'project'));
    if (
      !open ||
      asked.some((each) => each.kind !== 'project' && each.kind !== 'workspace' && each.name !== null)
    )
      return [];
    const kept = all.filter(({ statement }) => statement.role === 'keep' || statement.role === 'negated');
    const isKept = (each: Placed): boolean =>
      kept.some((other) => other.name === each.name || other.statement.text.includes(each.name ?? ''));
    return all.filter(
      (each) => isKind(each) && each.name !== null && CALM.has(each.statement.role) && !isKept(each),
    );
  };
  // "remove this property from that event" is about the property.
  const openProperty = asked.some((each) => isProperty(each) && each.name === null);
  return openProperty
    ? before(isProperty)
    : [...before(isProperty), ...before(({ kind }) => kind === 'event')];
}

function eventsDraft(
  asked: readonly Placed[],
  all: readonly Placed[],
  excluded: boolean,
  pointsBack: boolean,
): Draft | null {
  const targets = [...asked, ...saidBefore(asked, all, pointsBack)];
  const spared = (each: Placed): boolean =>
    /\bonly\b.*propert/i.test(each.statement.text) && each.kind === 'event';
  const limits = new Set(targets.flatMap((each) => (each.event === null ? [] : [each.event])));
  const isProperty = (each: Placed): boolean => each.kind === 'eventProperty' || each.kind === 'userProperty';
  // A property of events and one of users may have the same name.
  const properties = (['eventProperty', 'userProperty'] as const)
    .flatMap((kind) => unique(targets.filter((each) => each.kind === kind && each.name !== null)))
    .sort((a, b) => a.start - b.start);
  const events = unique(
    targets.filter(
      (each) => each.kind === 'event' && each.name !== null && !limits.has(each.name) && !spared(each),
    ),
  );
  const nouns = targets.filter((each) => each.kind === 'event' || isProperty(each));
  const [first] = [...events, ...properties].sort((a, b) => a.start - b.start);
  const anchor = first ?? nouns[0];
  const projects = unique(
    all.filter((each) => each.kind === 'project' && each.name !== null && each.statement.role !== 'keep'),
  );
  if (anchor === undefined || (first === undefined && projects.length === 0)) return null;
  const project = projects.length === 1 ? (projects[0] ?? null) : null;
  return {
    scope: 'events',
    start: anchor.start,
    statement: anchor.statement,
    request: {
      ...EMPTY_REQUEST,
      scope: 'events',
      events: excluded ? [] : events.flatMap(({ name }) => (name === null ? [] : [name])),
      properties: excluded ? [] : properties.map(propertyOf),
      project: project?.name ?? null,
    },
    named: [
      ...events.map((each, index) => [`events.${index}`, each] as const),
      ...properties.map((each, index) => [`properties.${index}.name`, each] as const),
      ...(project === null ? [] : [['project', project] as const]),
    ],
  };
}
