import { type EvidenceSpan, PROBLEMS, type RequestField } from '../../domain/request.ts';
import { type Note, noted, type Why } from './requests/notes.ts';
import type { Placed } from './requests/placed.ts';
import type { Role } from './sentences/roles.ts';
import type { Statement } from './sentences/statements.ts';
import { datesOf } from './time/dates.ts';
import type { Reading, WordsReading } from './understand.ts';
import { KINDS, type Kind } from './vocabulary/vocabulary.ts';

/** What the mail says and the understanding does not hold, with the reason. `kind`: what a name is one of. */
export interface Untaken extends Note {
  readonly kind: Kind | null;
}

/** So many names are explained: more are not read (requests.ts). */
const NAMES_MAX = 1_000;

/** Everything that was read and rejected, in the order of the text. Places are those of `words.text`. */
export function notTaken(
  reading: Reading,
  words: WordsReading,
  fields: readonly EvidenceSpan[],
): readonly Untaken[] {
  const notes = notesOf(words);
  const names = untakenNames(reading, words, notes, fields);
  const inNames = new Set(names.map(({ statement }) => statement));
  const whole = words.statements
    .filter((each) => !inNames.has(each))
    .flatMap((each) => wholeWhy(each, words).map((why) => noted(why, each)));
  const found = [
    ...notes.map((note) => ({ ...note, kind: kindAt(note, words) })),
    ...names.map(({ why, start, end, kind }) => ({ why, start, end, kind })),
    ...[...whole, ...untakenDays(words, notes, fields), ...untakenCodes(words)].map((note) => ({
      ...note,
      kind: null,
    })),
  ];
  const distinct = new Map(found.map((each) => [`${each.start} ${each.end} ${each.why}`, each]));
  return [...distinct.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** A mail that asks for nothing leaves the notes of the requests that it seems to hold. */
const notesOf = ({ intent, asked, taken }: WordsReading): readonly Note[] =>
  isRequestless(intent.intent) ? asked.notes : taken.notes;

const isRequestless = (intent: string): boolean => intent === 'other' || intent === 'verify';

const placedOf = ({ intent, asked, taken }: WordsReading): readonly Placed[] =>
  (isRequestless(intent.intent) || taken.placed.length === 0 ? asked : taken).placed.slice(0, NAMES_MAX);

const kindAt = ({ start, end }: Note, words: WordsReading): Kind | null =>
  placedOf(words).find((each) => each.start === start && each.end === end)?.kind ?? null;

/** In a stop or a question of how far it is, whatever is named is what is meant. */
const isMeant = (role: Role, words: WordsReading): boolean =>
  words.intent.intent === 'cancel' || words.intent.intent === 'status' ? true : role === 'request';

/** Why a statement as such asks for nothing; none when nothing in it would. */
function wholeWhy(each: Statement, words: WordsReading): readonly Why[] {
  if (each.role === 'orders' || each.role === 'aside') return [each.role];
  const deletes = each.words.some(({ text }) => words.settings.lexicon.deleteWords.has(text));
  if (!deletes || isMeant(each.role, words)) return [];
  const why = WHY_ROLE[each.role];
  return why === undefined ? [] : [why];
}

const WHY_ROLE: Readonly<Partial<Record<Role, Why>>> = {
  negated: 'spared',
  keep: 'spared',
  question: 'question',
  past: 'told',
};

interface Untold extends Note {
  readonly kind: Kind;
  readonly statement: Statement;
}

function untakenNames(
  reading: Reading,
  words: WordsReading,
  notes: readonly Note[],
  fields: readonly EvidenceSpan[],
): readonly Untold[] {
  const placed = placedOf(words);
  const read = new Set(fields.map(({ start, end }) => words.text.slice(start, end).replaceAll('\n', ' ')));
  for (const { properties } of reading.understanding.requests)
    for (const { event } of properties) if (event !== null) read.add(event);
  const rejected = new Set(notes.map(({ start, end }) => `${start} ${end}`));
  const unnamed = missingKinds(reading);
  // "All time" is told by a whole sentence, names and all.
  const things = fields.filter(({ field }) => !field.endsWith('timeFrame'));
  const slugs = new Set(placed.filter(({ ref }) => ref !== null).map(({ name }) => name));
  return placed.flatMap((each) => {
    const { name, kind, start, end, statement } = each;
    if (name === null) return unnamed.has(kind) && isMeant(statement.role, words) ? [nameless(each)] : [];
    if (read.has(name) || rejected.has(`${start} ${end}`)) return [];
    if (things.some((field) => field.start < end && start < field.end)) return [];
    return [{ why: whyName(each, reading, words, notes, slugs.size > 1), start, end, kind, statement }];
  });
}

const nameless = ({ start, end, kind, statement }: Placed): Untold => ({
  why: 'unnamed',
  start,
  end,
  kind,
  statement,
});

/** Kinds of things that a request still needs. */
const missingKinds = ({ understanding }: Reading): ReadonlySet<Kind> =>
  new Set(KINDS.filter((kind) => understanding.missing.some((path) => path.endsWith(`.${FIELD_OF[kind]}`))));

const FIELD_OF: Readonly<Record<Kind, RequestField>> = {
  workspace: 'workspace',
  source: 'source',
  space: 'space',
  user: 'users',
  event: 'events',
  eventProperty: 'events',
  userProperty: 'events',
  project: 'project',
};

const DOUBTS: ReadonlySet<Why> = new Set<Why>([
  'unsure',
  'hidden_signs',
  'detour',
  'unread_correction',
  'alternative',
  'later',
  'too_much',
]);
const ASKED_BACK: ReadonlySet<Kind> = new Set<Kind>(['workspace', 'source', 'project']);

function whyName(
  { kind, ref, statement }: Placed,
  { disagrees }: Reading,
  words: WordsReading,
  notes: readonly Note[],
  severalSlugs: boolean,
): Why {
  const { role } = statement;
  if (kind === 'workspace' && ref === null) return 'no_slug';
  if (!isMeant(role, words) && (role === 'negated' || role === 'keep')) return 'spared';
  if (!isMeant(role, words) && role === 'question') return 'question';
  if (isRequestless(words.intent.intent)) return 'other_intent';
  if (disagrees) return 'two_bodies';
  if (ASKED_BACK.has(kind) && notes.some(({ why }) => DOUBTS.has(why))) return 'in_doubt';
  if (kind === 'workspace' && severalSlugs) return 'several_workspaces';
  if (!isMeant(role, words) && role !== 'form') return 'told';
  return notes.some(({ why }) => why === 'excluded') ? 'excluded' : 'unclear';
}

const FRAME_WHYS: ReadonlySet<Why> = new Set<Why>([...PROBLEMS, 'unclear_days', 'later', 'orders', 'aside']);

/** Days of which no time frame was made. */
function untakenDays(
  { statements, settings, intent }: WordsReading,
  notes: readonly Note[],
  fields: readonly EvidenceSpan[],
): readonly Note[] {
  if (intent.intent !== 'delete') return [];
  const explained = [...fields, ...notes.filter(({ why }) => FRAME_WHYS.has(why))];
  return statements
    .filter(({ role, field }) => role !== 'orders' && role !== 'aside' && field === null)
    .flatMap((each) => datesOf(each, settings.dates))
    .filter(({ start, end }) => !explained.some((other) => other.start < end && start < other.end))
    .map((date) => noted('other_day', date));
}

/** A code of the subject has no place. */
const untakenCodes = ({ intent: { intent, code, codes } }: WordsReading): readonly Note[] =>
  code !== null
    ? []
    : codes
        .filter(({ start }) => start >= 0)
        .map((each) => noted(intent === 'verify' ? 'several_codes' : 'code_unused', each));
