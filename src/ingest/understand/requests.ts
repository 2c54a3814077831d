import {
  type DeletionRequest,
  type EvidenceSpan,
  MAX_CLAUSES,
  type Problem,
  type Scope,
} from '../../domain/request.ts';
import { chooseFrame } from './choose-frame.ts';
import { type DateSettings, datesOf } from './dates.ts';
import { isDelayed, namesDayToCome } from './delays.ts';
import { fieldMentions, propertyOf } from './form-fields.ts';
import { ADJECTIVES, isGeneric } from './generic.ts';
import type { Lexicon } from './lexicon.ts';
import { itemMentions, type Mention, mentionsIn } from './mentions.ts';
import { hasDetour, isPartial, isPartOfAccount } from './partial.ts';
import { hitsOf, says } from './phrases.ts';
import { STATEMENTS_MAX, type Statement } from './statements.ts';
import type { Word } from './words.ts';

export interface RequestsReading {
  readonly requests: readonly DeletionRequest[];
  readonly problems: readonly Problem[];
  readonly evidence: readonly EvidenceSpan[];
}

export interface ReadSettings {
  readonly lexicon: Lexicon;
  readonly dates: DateSettings;
  /** Slugs that the sender's own domain speaks for: "hooli" of ada@hooli.example. */
  readonly corroborated: ReadonlySet<string>;
  /** Roles whose statements say what is to go: requests; for a cancel or a status question all that speak of it. */
  readonly targets: ReadonlySet<Statement['role']>;
  /** The own text was longer than what is read, so that a negation may be missing. */
  readonly truncated: boolean;
}

/** A mention with the statement that it stands in. */
export interface Placed extends Mention {
  readonly statement: Statement;
}

/** More than a person asks for in one mail. A mail beyond is not read in part: its names are asked back. */
const MENTIONS_MAX = 1_000;
const DRAFTS_MAX = 50;

/** Puts together what the statements name: one request a thing. */
export function readRequests(statements: readonly Statement[], settings: ReadSettings): RequestsReading {
  const spoken = statements.filter(({ role }) => role !== 'orders' && role !== 'aside');
  const placed = placedAll(spoken, settings);
  const tooLarge = settings.truncated || placed.length > MENTIONS_MAX || spoken.length >= STATEMENTS_MAX;
  const all = corrected(placed.slice(0, MENTIONS_MAX), spoken);
  const found = draftsOf(all, spoken, settings);
  const unclear = isDoubtful(spoken, all, settings) || isLater(found, spoken, all, settings);
  const drafts = found.filter(
    ({ scope }) =>
      scope !== 'account' || !(unclear || spoken.some((each) => says(each, settings.lexicon.acts.unsure))),
  );
  const doubtful = tooLarge || drafts.length > DRAFTS_MAX || unclear;
  const evidence: EvidenceSpan[] = [];
  const problems = new Set<Problem>();
  const requests = drafts.slice(0, DRAFTS_MAX).map((draft, index): DeletionRequest => {
    const path = `requests.${index}`;
    const workspace =
      draft.scope === 'account' || draft.scope === 'events'
        ? null
        : workspaceOf(draft, drafts, all, spoken, settings);
    if (workspace !== null) evidence.push(spanOf(`${path}.workspace`, workspace));
    for (const [field, mention] of draft.named) evidence.push(spanOf(`${path}.${field}`, mention));
    const frame =
      draft.scope === 'source' || draft.scope === 'events'
        ? chooseFrame(draft, drafts, spoken, settings)
        : null;
    if (frame?.frame)
      evidence.push({ field: `${path}.timeFrame`, ...textAt(spoken, frame.start, frame.end) });
    if (frame?.problem) problems.add(frame.problem);
    if (draft.request.events.length + draft.request.properties.length > MAX_CLAUSES)
      problems.add('too_many_clauses');
    return {
      ...draft.request,
      workspace: doubtful ? null : (workspace?.ref ?? null),
      source: doubtful ? null : draft.request.source,
      project: doubtful ? null : draft.request.project,
      timeFrame: frame?.frame ?? null,
    };
  });
  const kept = evidence.filter(({ text }) => text !== '');
  return {
    requests,
    problems: [...problems],
    evidence: doubtful ? kept.filter(({ field }) => !/workspace|source|project/.test(field)) : kept,
  };
}

export interface Draft {
  readonly scope: Scope;
  readonly start: number;
  readonly statement: Statement;
  readonly request: DeletionRequest;
  readonly named: readonly (readonly [string, Placed])[];
}

/** Items of a list without a noun of their own take the kind that the words before the list left open. */
function placedAll(statements: readonly Statement[], settings: ReadSettings): readonly Placed[] {
  const placed: Placed[] = [];
  let open: Mention['kind'] | null = null;
  for (const statement of statements) {
    const found = placedIn(statement, settings);
    if (
      statement.item &&
      open !== null &&
      found.every(({ name, kind }) => name === null || kind === 'workspace')
    ) {
      placed.push(...itemMentions(statement, open, settings.lexicon).map((each) => ({ ...each, statement })));
    }
    placed.push(...found);
    if (!statement.item)
      open = found.findLast((each) => each.name === null && each.kind !== 'workspace')?.kind ?? null;
  }
  return placed;
}

function placedIn(statement: Statement, { lexicon, corroborated }: ReadSettings): readonly Placed[] {
  const isField = statement.field !== null && statement.field !== 'action' && statement.field !== 'link';
  const mentions = isField ? fieldMentions(statement, lexicon) : mentionsIn(statement, lexicon, corroborated);
  return mentions.map((mention) => ({ ...mention, statement }));
}

/** Takes out what the writer says is not meant, and what a later correction replaces. */
function corrected(mentions: readonly Placed[], statements: readonly Statement[]): readonly Placed[] {
  const rejected = mentions.filter((each) => each.rejected && each.name !== null);
  const negated = statements.filter(({ role }) => role === 'negated' || role === 'keep');
  const spared = (each: Placed): boolean =>
    each.kind === 'user' &&
    mentions.some((other) => other.name === each.name && negated.includes(other.statement));
  const denied = (each: Placed): boolean =>
    each.rejected ||
    rejected.some(
      (other) => other.kind === each.kind && other.name === each.name && other.start > each.start,
    );
  const left = mentions.filter((each) => !denied(each) && !spared(each));
  return left.filter(
    (each) =>
      each.name === null ||
      !left.some(
        (later) =>
          later.kind === each.kind &&
          later.name !== null &&
          later.name !== each.name &&
          later.start > each.start &&
          later.statement.corrects &&
          !each.statement.corrects &&
          later.statement.field === null &&
          (later.statement.doubt || rejected.some((other) => other.kind === each.kind)),
      ),
  );
}

/** The deletion is wanted on a day to come. Where a time frame belongs, a day alone is for the frame to judge. */
function isLater(
  drafts: readonly Draft[],
  statements: readonly Statement[],
  all: readonly Placed[],
  settings: ReadSettings,
): boolean {
  if (settings.targets.size > 1) return false;
  const untimed = drafts.every(({ scope }) => scope !== 'source' && scope !== 'events');
  return statements.some(
    (each) => isDelayed(each, all, settings) || (untimed && namesDayToCome(each, settings)),
  );
}

/** Alternatives, guesses and corrections that cannot be read: the desk asks back for the names. */
function isDoubtful(
  statements: readonly Statement[],
  mentions: readonly Placed[],
  { lexicon }: ReadSettings,
): boolean {
  const unsure = statements.some((each) => each.field === null && says(each, lexicon.acts.unsure));
  const detour = statements.some((each) => hasDetour(each, lexicon));
  return unsure || detour || hasUnreadCorrection(statements, mentions) || hasAlternative(mentions);
}

/** "source A or source B". */
function hasAlternative(mentions: readonly Placed[]): boolean {
  return mentions.some((each) =>
    mentions.some((other) => {
      if (
        other.statement !== each.statement ||
        other.kind !== each.kind ||
        other.start <= each.end ||
        each.name === null ||
        other.name === null
      )
        return false;
      const between = each.statement.text.slice(
        each.end - each.statement.start,
        other.start - each.statement.start,
      );
      return (
        between.length < 40 && /(?:^|[\s"'”»])(?:or|oder|ou|o|of|または|もしくは)(?=[\s"“«]|$)/i.test(between)
      );
    }),
  );
}

/** A correction that names nothing that could be read: what it changes must be asked. */
function hasUnreadCorrection(statements: readonly Statement[], mentions: readonly Placed[]): boolean {
  return statements.some(
    (statement) =>
      statement.doubt &&
      statement.field === null &&
      statement.role !== 'negated' &&
      !mentions.some((each) => each.statement.sentence === statement.sentence && each.name !== null) &&
      !/\d{4}/.test(statement.text),
  );
}

function draftsOf(
  all: readonly Placed[],
  statements: readonly Statement[],
  settings: ReadSettings,
): readonly Draft[] {
  const isTarget = (each: Placed): boolean =>
    settings.targets.has(each.statement.role) || each.statement.role === 'form';
  const targets = all.filter(isTarget);
  const named = (kind: Mention['kind']): readonly Placed[] => unique(targetsOf(kind, targets, all));
  const drafts: Draft[] = [];
  // An exclusion of days is for the time frame to judge; any other takes something out that cannot be told apart.
  const excluded = statements.some(
    (each) => each.excludes && settings.targets.has(each.role) && datesOf(each, settings.dates).length === 0,
  );
  for (const each of named('source')) drafts.push(thingDraft('source', each, excluded));
  for (const each of named('space')) drafts.push(thingDraft('space', each, excluded));
  const users = usersOf(targets, settings);
  if (users !== null) drafts.push(users);
  const events = eventsDraft(targets, all, excluded);
  if (events !== null) drafts.push(events);
  drafts.push(...wholeDrafts(targets, statements, settings, excluded, drafts.length));
  return drafts.sort((a, b) => a.start - b.start);
}

/**
 * The mentions of a kind that are to go. When only the kind is said where the deletion is asked for, the names said
 * elsewhere ("The source is called X. Please delete what came in.") are meant, if there is just one.
 */
function targetsOf(
  kind: Mention['kind'],
  targets: readonly Placed[],
  all: readonly Placed[],
): readonly Placed[] {
  const here = targets.filter((each) => each.kind === kind);
  const names = here.filter((each) => each.name !== null);
  if (names.length > 0) return names;
  const calm = all.filter(
    (each) => each.kind === kind && each.name !== null && CALM.has(each.statement.role),
  );
  const elsewhere = unique(calm);
  if (elsewhere.length === 1 && (here.length > 0 || kind !== 'event')) return elsewhere;
  return here.slice(0, 1);
}

/** Statements that neither ask, forbid nor wonder: they tell about the thing. */
const CALM: ReadonlySet<Statement['role']> = new Set<Statement['role']>(['statement', 'past', 'form']);

function unique(mentions: readonly Placed[]): readonly Placed[] {
  return mentions.filter((each, index) => mentions.findIndex((other) => other.name === each.name) === index);
}

const EMPTY_REQUEST = {
  scope: 'workspace',
  workspace: null,
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
} as const;

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

/** End users: identifiers behind the noun, and in lists and clauses that go with a request about users. */
function usersOf(targets: readonly Placed[], settings: ReadSettings): Draft | null {
  const mentions = targets.filter((each) => each.kind === 'user');
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

/** "delete an end user", "the data of some users": the noun is the thing, and not an aside ("for our customers"). */
function isUserTarget(each: Placed, { lexicon }: ReadSettings): boolean {
  const before = each.statement.words.filter((word) => word.end <= each.start).slice(-5);
  const direct = before.some((word) => lexicon.deleteWords.has(word.text));
  const noun = each.statement.text.slice(each.start - each.statement.start, each.end - each.statement.start);
  return (
    direct &&
    /user|profile|subject|nutzer|utilisateur|usuario|utilizador|usuário|utent|gebruiker|ユーザー/i.test(noun)
  );
}

function eventsDraft(targets: readonly Placed[], all: readonly Placed[], excluded: boolean): Draft | null {
  const spared = (each: Placed): boolean =>
    /\bonly\b.*propert/i.test(each.statement.text) && each.kind === 'event';
  const limits = new Set(targets.flatMap((each) => (each.event === null ? [] : [each.event])));
  const isProperty = (each: Placed): boolean => each.kind === 'eventProperty' || each.kind === 'userProperty';
  const properties = unique(targets.filter((each) => isProperty(each) && each.name !== null));
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

/** Whole workspaces and whole accounts. A workspace is the thing when nothing in it is named, or when it is asked for by itself. */
function wholeDrafts(
  targets: readonly Placed[],
  statements: readonly Statement[],
  settings: ReadSettings,
  excluded: boolean,
  others: number,
): readonly Draft[] {
  const { lexicon } = settings;
  const asking = statements.filter((each) => settings.targets.has(each.role));
  const account = asking.find((each) => says(each, lexicon.everything));
  if (account !== undefined && others === 0) {
    const base = { start: account.start, statement: account, named: [] };
    if (excluded || (settings.targets.size === 1 && isPartOfAccount(account, lexicon))) return [];
    return [{ ...base, scope: 'account', request: { ...EMPTY_REQUEST, scope: 'account' } }];
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
  if (others > 0)
    return unique(direct.filter((each) => each.ref !== null && apart(each))).map((each) => draft(each));
  const separate = unique(direct.filter((each) => each.ref !== null));
  if (separate.length > 1) return separate.map((each) => draft(each));
  const bounded = asking.length > 0 && asking.every((each) => hasOtherObject(each, workspaces, lexicon));
  const partly = asking.some((each) => isPartial(each, workspaces, lexicon));
  if ((bounded || partly) && settings.targets.has('request') && settings.targets.size === 1) return [];
  const anchor = direct[0] ?? workspaces[0] ?? targets.find((each) => each.kind === 'workspace');
  if (anchor !== undefined) return excluded ? [] : [draft(anchor)];
  const silent = asking.find((each) => meansEarlierWorkspace(each, statements, settings));
  return silent === undefined || excluded ? [] : [draft({ start: silent.start, statement: silent })];
}

/**
 * Whether a request is for a thing that is no whole workspace: "delete the API key of workspace X". Only general words
 * ("all the data you still have") may stand between the verb and the workspace.
 */
function hasOtherObject(each: Statement, workspaces: readonly Placed[], lexicon: Lexicon): boolean {
  const { words } = each;
  const verb = words.findIndex((word) => lexicon.deleteWords.has(word.text));
  if (verb === -1) return false;
  const mention = workspaces.find((other) => other.statement === each);
  const at = mention === undefined ? -1 : words.findIndex((word) => word.end > mention.start);
  const general = (word: Word | undefined): boolean =>
    word === undefined || isGeneric(word.text, lexicon) || isWorkspaceNoun(word, each, lexicon);
  if (at === -1) return !words.slice(verb + 1, verb + 3).every(general);
  // "the Lumen Labs workspace": capitals right before the noun are its name.
  let named = at;
  while (named > verb + 1 && isNamePart(each, words[named - 1])) named -= 1;
  if (verb < at) return !words.slice(verb + 1, named).every(general);
  const place = words.slice(0, at).findLastIndex((word) => lexicon.placeWords.has(word.text));
  const near = place !== -1 && words.slice(place + 1, at).every(general);
  return near && !general(words[place - 1]);
}

const isNamePart = (each: Statement, word: Word | undefined): boolean =>
  word !== undefined &&
  (ADJECTIVES.has(word.text) || /^\p{Lu}/u.test(textAt([each], word.start, word.end).text));

const isWorkspaceNoun = (word: Word, each: Statement, lexicon: Lexicon): boolean =>
  hitsOf(each, lexicon.nouns.workspace).some((hit) => each.words.slice(hit.from, hit.to).includes(word));

/** "delete (the complete) workspace X": a deletion word stands before it and nothing else is between. */
function isDirectObject(each: Placed, lexicon: Lexicon): boolean {
  const before = each.statement.words
    .filter((word) => word.end <= each.start)
    .slice(-7)
    .map((word) => word.text);
  const at = before.findLastIndex((word) => lexicon.deleteWords.has(word));
  return at !== -1 && !before.slice(at + 1).some((word) => lexicon.placeWords.has(word) && word !== 'of');
}

/** "purge whatever is left of it", after a sentence that named a workspace and nothing else. */
function meansEarlierWorkspace(
  each: Statement,
  statements: readonly Statement[],
  { lexicon, corroborated }: ReadSettings,
): boolean {
  const says = each.words.some(({ text }) => PRONOUNS.has(text));
  const before = statements.filter((other) => other.start < each.start && CALM.has(other.role));
  const mentions = before.flatMap((other) => mentionsIn(other, lexicon, corroborated));
  const kinds = new Set(mentions.filter(({ name }) => name !== null).map(({ kind }) => kind));
  return (
    says && kinds.size === 1 && kinds.has('workspace') && hitsOf(each, lexicon.nouns.source).length === 0
  );
}

const PRONOUNS = new Set(
  'data archive rest leftovers remains remainder copies backups it this that everything all them whatever there its es alles sie das tout le la lo ello todo tudo isso tutto ciò het dit dat sie'.split(
    ' ',
  ),
);

/**
 * The workspace that a request is in: the one that the mail names. Several: the one in the same sentence, but only when
 * every request has its own; otherwise nothing, because the mail contradicts itself.
 */
function workspaceOf(
  draft: Draft,
  drafts: readonly Draft[],
  all: readonly Placed[],
  statements: readonly Statement[],
  settings: ReadSettings,
): Placed | null {
  const usable = all.filter(
    (each) =>
      each.kind === 'workspace' &&
      each.ref !== null &&
      (settings.targets.has('negated') || !isSpared(each, draft, all)),
  );
  const distinct = unique(usable);
  if (distinct.length <= 1) return distinct[0] ?? null;
  const own = (each: Draft): readonly Placed[] =>
    unique(usable.filter((mention) => near(mention, each, statements)));
  if (drafts.length < 2 || drafts.some((each) => each.scope !== 'account' && own(each).length !== 1))
    return null;
  const claimed = new Set(drafts.flatMap((each) => own(each).map(({ name }) => name)));
  return claimed.size === distinct.length ? (own(draft)[0] ?? null) : null;
}

const near = (mention: Placed, draft: Draft, statements: readonly Statement[]): boolean =>
  mention.statement.sentence === draft.statement.sentence ||
  (mention.statement.role === 'form' &&
    mention.statement.paragraph === draft.statement.paragraph &&
    statements.length > 0);

/** A workspace that is not to be deleted is still where a source is, unless the request is for a workspace. */
const isSpared = (each: Placed, draft: Draft, all: readonly Placed[]): boolean => {
  if (each.statement.role !== 'negated' && each.statement.role !== 'keep') return false;
  return (
    draft.scope === 'workspace' ||
    all.some(
      (other) =>
        other.kind === 'workspace' &&
        other.ref !== null &&
        other.statement.role !== 'negated' &&
        other.statement.role !== 'keep',
    )
  );
};

function spanOf(field: string, { start, end, statement }: Placed): EvidenceSpan {
  return { field, ...textAt([statement], start, end) };
}

function textAt(statements: readonly Statement[], start: number, end: number): Omit<EvidenceSpan, 'field'> {
  const holder = statements.find((each) => each.start <= start && end <= each.end);
  return { text: holder?.text.slice(start - holder.start, end - holder.start) ?? '', start, end };
}
