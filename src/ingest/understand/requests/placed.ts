import type { EvidenceSpan } from '../../../domain/request.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf, says } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { fold } from '../sentences/words.ts';
import { KINDS } from '../vocabulary/vocabulary.ts';
import { fieldMentions } from './form-fields.ts';
import { looseNames } from './loose-names.ts';
import {
  isUserId,
  itemMentions,
  type Mention,
  mentionsIn,
  type Name,
  namesFrom,
  quotedAt,
  skipLinks,
} from './mentions.ts';
import { type Note, noted, type Why } from './notes.ts';
import type { ReadSettings } from './read-settings.ts';

/** A mention with the statement that it stands in. */
export interface Placed extends Mention {
  readonly statement: Statement;
  /** Said in the place of a name that the mail gave before. */
  readonly replaces?: true;
}

/** Statements that neither ask, forbid nor wonder: they tell about the thing. */
export const CALM: ReadonlySet<Statement['role']> = new Set<Statement['role']>(['statement', 'past', 'form']);

/** The first mention of each name. */
export function unique(mentions: readonly Placed[]): readonly Placed[] {
  return mentions.filter((each, index) => mentions.findIndex((other) => other.name === each.name) === index);
}

/** Items of a list without a noun of their own take the kind that the words before the list left open. */
export function placedAll(statements: readonly Statement[], settings: ReadSettings): readonly Placed[] {
  const placed: Placed[] = [];
  let open: Mention['kind'] | null = null;
  let lead: Statement | null = null;
  let talk: Mention['kind'] | null = null;
  const aboutUsers =
    settings.topics.has('user') ||
    statements.some(({ item, text }) => item && /^\s*\S+@\S+\s*$/.test(text)) ||
    statements.some((each) => says(each, settings.lexicon.nouns.user));
  const aboutSources =
    settings.topics.has('source') || statements.some((each) => says(each, settings.lexicon.nouns.source));
  for (const statement of statements) {
    const found = withLooseSource(statement, placedIn(statement, settings), settings, aboutSources);
    const row = !statement.item && isBareList(statement, settings.lexicon);
    const kind: Mention['kind'] | null =
      open ?? ((row || isUserId(statement.text.trim())) && aboutUsers ? 'user' : null);
    const free = found.every(
      (each) => each.name === null || each.kind === 'workspace' || (row && each.kind === kind),
    );
    if (kind !== null && free && (statement.item || (row && kind === 'user'))) {
      // A row without a bullet does what the words before it do.
      const holder = row && lead !== null ? { ...statement, role: lead.role } : statement;
      placed.push(
        ...itemMentions(statement, kind, settings.lexicon).map((each) => ({ ...each, statement: holder })),
      );
    }
    if (!(row && kind === 'user' && free)) placed.push(...found);
    if (statement.item || row) continue;
    lead = statement;
    const unnamed: readonly Placed[] = found.filter(({ name }) => name === null);
    if (unnamed.length === 0 && pointsToList(statement)) continue;
    if (found.length === 0 && talk !== null) placed.push(...calledNames(statement, talk, settings));
    talk = unnamed.findLast((each) => THINGS.has(each.kind))?.kind ?? talk;
    open = (unnamed.findLast(({ kind }) => kind !== 'workspace') ?? unnamed.at(-1))?.kind ?? null;
  }
  return [
    ...placed,
    ...statements.flatMap((each) => [
      ...knownNames(each, placed, settings),
      ...correctedNames(each, placed, settings),
      ...replacedNames(each, placed, settings),
    ]),
  ];
}

/**
 * "Sorry, I mean Händler Süd": the name behind the words that correct, when the mail has named one thing before that it
 * can stand for.
 */
function correctedNames(
  statement: Statement,
  placed: readonly Placed[],
  { lexicon }: ReadSettings,
): readonly Placed[] {
  const hit = hitsOf(statement, lexicon.acts.doubt).at(-1);
  const from = hit === undefined ? undefined : statement.words[hit.to - 1]?.end;
  if (from === undefined || placed.some((each) => each.statement === statement && each.name !== null))
    return [];
  const before = unique(placed.filter((each) => each.name !== null && each.start < statement.start));
  const things = before.filter(({ kind }) => kind === 'source' || kind === 'space' || kind === 'project');
  const [only] = things;
  if (only === undefined || things.length !== 1) return [];
  const at = skipLinks(statement.text, from - statement.start, lexicon);
  // "正しくは「iOS」です": without quotes nothing tells where a Japanese name ends.
  if (lexicon.language === 'ja' && !/^[「『"“]/.test(statement.text.slice(at))) return [];
  const [name, ...more] = namesFrom(only.kind, statement.text, at, { lexicon });
  if (name === undefined || more.length > 0) return [];
  const [start, end] = [statement.start + name.start, statement.start + name.end];
  return [{ ...only, name: name.text, start, end, rejected: false, statement, replaces: true }];
}

/** "The event Shift Ended has wrong times. So please delete Shift Ended …": a request that repeats a name without its noun. */
function knownNames(
  statement: Statement,
  placed: readonly Placed[],
  { targets }: ReadSettings,
): readonly Placed[] {
  const spares = statement.role === 'keep' || statement.role === 'negated';
  if (!(targets.has(statement.role) || spares) || targets.size > 1) return [];
  if (statement.field !== null || statement.excludes) return [];
  const here = placed.filter((each) => each.statement === statement && each.name !== null);
  const before = unique(
    placed.filter(
      (each) =>
        each.kind !== 'workspace' &&
        each.name !== null &&
        (spares || CALM.has(each.statement.role)) &&
        each.start < statement.start,
    ),
  );
  return before.flatMap((known) => {
    const name = known.name ?? '';
    const at = statement.text.indexOf(name);
    if (at === -1 || /[\p{L}\p{N}]/u.test(statement.text.charAt(at + name.length))) return [];
    const [start, end] = [statement.start + at, statement.start + at + name.length];
    return here.some((each) => each.start < end && start < each.end)
      ? []
      : [{ ...known, start, end, statement }];
  });
}

/**
 * "It is not Beta Signup, it is Waitlist Form", "I wrote Export Desk but it should read Import Desk": a known name that
 * is taken back, and the only other name in the sentence, which stands for it.
 */
function replacedNames(
  statement: Statement,
  placed: readonly Placed[],
  { lexicon }: ReadSettings,
): readonly Placed[] {
  if (lexicon.language === 'ja') return [];
  const takesBack = says(statement, lexicon.acts.correction) || says(statement, lexicon.acts.doubt);
  const known = unique(
    placed.filter((each) => NAMED_ALONE.has(each.kind) && each.name !== null && each.start < statement.start),
  );
  const here = known.filter(({ name }) => statement.text.includes(name ?? ''));
  const [old] = here;
  if (old?.name === undefined || old.name === null || here.length !== 1) return [];
  const at = statement.text.indexOf(old.name);
  const denied =
    /(?:\bnot|\bisn't|\bwasn't|n't|instead of|rather than|\bnicht|\bpas|\bno|\bnão|\bnon|\bniet|statt|au lieu de|en vez de|em vez de|invece di|in plaats van)(?:\s+(?:the|from|in|das|die|der|le|la|el|o|a|il|de|het))?\s*["'“„«`]?$/i.test(
      statement.text.slice(0, at),
    );
  if (!takesBack && !denied) return [];
  const others = runsOf(statement, old.name, lexicon);
  const [other] = others;
  const place = { start: statement.start + at, end: statement.start + at + old.name.length };
  const taken: Placed = { ...old, ...place, rejected: true, statement };
  if (other === undefined || others.length !== 1) return denied ? [taken] : [];
  return [taken, { ...old, ...other, name: other.text, rejected: false, statement, replaces: true }];
}

const NAMED_ALONE: ReadonlySet<Mention['kind']> = new Set<Mention['kind']>(['source', 'space', 'project']);

/** Capitalised or quoted names in a statement that are neither its first word nor the known one. */
function runsOf(statement: Statement, known: string, lexicon: Lexicon): readonly Name[] {
  const found: Name[] = [];
  const rest = statement.text.replaceAll(known, (name) => ' '.repeat(name.length));
  for (const match of rest.matchAll(/(?<=[\s"'“„«`])(?=[\p{Lu}\d])/gu)) {
    if (found.some(({ end }) => statement.start + match.index < end)) continue;
    const opened = /["“„«`]/.test(rest.charAt(match.index - 1)) ? quotedAt(rest, match.index - 1) : null;
    const [name] = namesFrom('source', rest, opened === null ? match.index : match.index - 1, { lexicon });
    if (name === undefined || lexicon.common.has(fold(name.text)) || name.text === 'I') continue;
    found.push({ text: name.text, start: statement.start + name.start, end: statement.start + name.end });
  }
  return found;
}

/** "Please delete everything of them:" leaves open what the sentence before it spoke of. */
const pointsToList = ({ text, words }: Statement): boolean =>
  /:\s*$/.test(text) && words.some(({ text: word }) => LIST_WORDS.has(word));

/** Words for what a list names. */
export const LIST_WORDS: ReadonlySet<string> = new Set(
  'both them all these those everyone everybody each following alle allen diese diesen tous toutes ces todos todas estos estas esses essas tutti tutte questi queste allemaal deze'.split(
    ' ',
  ),
);

/** "what "Cabin Survey" collected", "the data which Kitchen Cam sent": a name that has collected something is a source. */
function withLooseSource(
  statement: Statement,
  found: readonly Placed[],
  { lexicon, targets }: ReadSettings,
  aboutSources: boolean,
): readonly Placed[] {
  if (!targets.has(statement.role) || targets.size > 1 || statement.field !== null) return found;
  if (found.some((each) => each.kind === 'source' && each.name !== null)) return found;
  const gathers = statement.words.filter(({ text }) => lexicon.collectWords.has(text));
  const [name, ...more] = looseNames(statement, found, lexicon).filter(
    ({ start: from, end }) =>
      gathers.some(({ start }) => start > end) ||
      (aboutSources &&
        /\bdata (?:of|from)\s+(?:the\s+)?["'“„«`]?$/i.test(statement.text.slice(0, from - statement.start))),
  );
  if (name === undefined || more.length > 0) return found;
  const place = { start: name.start, end: name.end, rejected: false, place: false, ref: null, event: null };
  return [
    ...found.filter((each) => each.kind !== 'source'),
    { ...place, kind: 'source', name: name.text, statement },
  ];
}

const THINGS: ReadonlySet<Mention['kind']> = new Set<Mention['kind']>(['source', 'space', 'project']);

/** "We have two spaces. Could you delete the one called X": a name whose kind was said before. */
function calledNames(
  statement: Statement,
  kind: Mention['kind'],
  { lexicon }: ReadSettings,
): readonly Placed[] {
  const called = statement.words.find(({ text }) => lexicon.calledWords.has(text));
  if (called === undefined) return [];
  const at = skipLinks(statement.text, called.end - statement.start, lexicon);
  const place = { rejected: false, place: false, ref: null, event: null, statement };
  return namesFrom(kind, statement.text, at, { lexicon }).map(({ text, start, end }) => ({
    ...place,
    kind,
    name: text,
    start: statement.start + start,
    end: statement.start + end,
  }));
}

const NO_ROW =
  /(?:^|\s)(?:not|no|without|except|but|nicht|kein|pas|sauf|no|salvo|não|exceto|non|tranne|niet|behalve)\s/i;

/** Lines of identifiers without bullets: `"Ada B." <ada@x.com>`, `u_1, u_2`, rows of a small table in text. */
function isBareList({ text, field, role, words, hits }: Statement, lexicon: Lexicon): boolean {
  if (field !== null || role !== 'statement') return false;
  // Every identifier has one of these.
  if (!/[\d@]/.test(text) || NO_ROW.test(text)) return false;
  if (words.filter((word) => lexicon.common.has(word.text)).length > 2) return false;
  if (KINDS.some((kind) => kind !== 'user' && hits.has(lexicon.nouns[kind]))) return false;
  const rest = text.replace(/"[^"]{1,80}"/g, ' ');
  const tokens = rest.split(/[\s,;|<>()]+/).filter((token) => token !== '');
  const ids = tokens.filter((token) => isUserId(token.replace(/[.:]$/, '')));
  return ids.length > 0 && ids.length * 4 >= tokens.length && tokens.length < 500;
}

function placedIn(statement: Statement, { lexicon, corroborated }: ReadSettings): readonly Placed[] {
  const isField = statement.field !== null && statement.field !== 'action' && statement.field !== 'link';
  const mentions = isField ? fieldMentions(statement, lexicon) : mentionsIn(statement, lexicon, corroborated);
  return mentions.map((mention) => ({ ...mention, statement }));
}

/**
 * "all of them except Web US", "everyone in the list but u_3": names of a list that the words behind an exclusion take
 * out again. Only when those words are names of the list and nothing else.
 */
function excludedNames(
  mentions: readonly Placed[],
  statements: readonly Statement[],
  lexicon: Lexicon,
): ReadonlySet<Placed> {
  return new Set(
    statements.flatMap((statement) => {
      const listed = mentions.filter((each) => each.statement !== statement && each.name !== null);
      const names = spelledOut(
        statement,
        listed.map(({ name }) => name ?? ''),
        lexicon,
      );
      return listed.filter(({ name }) => names.includes(name ?? ''));
    }),
  );
}

/** Those of some names that stand right behind an exclusion, joined by commas or "and"; none when another word does. */
export function spelledOut(
  statement: Statement,
  names: readonly string[],
  lexicon: Lexicon,
): readonly string[] {
  const [hit] = hitsOf(statement, lexicon.acts.exclusion);
  const from = hit === undefined ? undefined : statement.words[hit.to - 1]?.end;
  if (from === undefined) return [];
  const longest = [...names].sort((a, b) => b.length - a.length);
  const found: string[] = [];
  let rest = statement.text.slice(from - statement.start);
  for (let joint = LEAD.exec(rest); joint !== null; joint = JOINT.exec(rest)) {
    rest = rest.slice(joint[0].length);
    const name = longest.find(
      (each) => rest.startsWith(each) && !/^[\p{L}\p{N}]/u.test(rest.slice(each.length)),
    );
    if (name === undefined) return found;
    found.push(name);
    rest = rest.slice(name.length);
  }
  return found;
}

const LEAD =
  /^[\s:]*(?:(?:the|source|sources|user|users|for|von|der|die|das|la|le|el|il|o|a|de)\s+)*["'“„«`「]?/i;
const JOINT =
  /^["'”“»`」]?\s*(?:,\s*(?:and\s|or\s)?|\s(?:and|or|und|oder|et|ou|y|o|e|en|of)\s)\s*["'“„«`「]?/i;

/** Takes out what the writer says is not meant, and what a later correction replaces; `lost` says why. */
export function corrected(
  mentions: readonly Placed[],
  statements: readonly Statement[],
  { lexicon }: ReadSettings,
): { readonly left: readonly Placed[]; readonly lost: readonly Note[] } {
  const excluded = excludedNames(mentions, statements, lexicon);
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
  const whyNot = (each: Placed): Why | null =>
    denied(each) ? 'denied' : excluded.has(each) ? 'excluded' : spared(each) ? 'spared' : null;
  const meant = mentions.filter((each) => whyNot(each) === null);
  const left = meant.filter(
    (each) =>
      each.name === null ||
      !meant.some(
        (later) =>
          later.kind === each.kind &&
          later.name !== null &&
          later.name !== each.name &&
          later.start > each.start &&
          later.statement.corrects &&
          !each.statement.corrects &&
          later.statement.field === null &&
          (later.replaces || later.statement.doubt || rejected.some((other) => other.kind === each.kind)),
      ),
  );
  const lost = mentions.filter((each) => each.name !== null && !left.includes(each));
  return { left, lost: lost.map((each) => noted(whyNot(each) ?? 'corrected', each)) };
}

/** The words at a place of the own text. */
export function textAt(
  statements: readonly Statement[],
  start: number,
  end: number,
): Omit<EvidenceSpan, 'field'> {
  const holder = statements.find((each) => each.start <= start && end <= each.end);
  return { text: holder?.text.slice(start - holder.start, end - holder.start) ?? '', start, end };
}
