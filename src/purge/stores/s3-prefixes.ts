/** Which prefixes of a bucket a predicate means, exactly. Decisions only. */
import { addDays, dayOf, startOfDay } from '../../domain/calendar.ts';
import type { Predicate } from '../../domain/plan.ts';
import { cannotExpress, type Identifier, type S3Prefix, type Token, tokensOf } from './s3-catalogue.ts';

/** All of one tenant's keys under one template. Always ends in a whole id or day and a slash. */
export interface ExactPrefix {
  readonly prefix: string;
  /** Whether an object's own time decides, because the prefix does not lie within the time frame as a whole. */
  readonly byTime: boolean;
}

/** Where the days of a template are to be looked for. */
export interface DaySearch {
  /** What stands before the day. */
  readonly head: string;
  /** Finds the day and a slash at the beginning of what stands behind the head; its groups are the parts of the day. */
  readonly pattern: RegExp;
}

/** More than any tenant has; a walk over them would not end. */
const PREFIXES_MAX = 50_000;

/**
 * @param held - the days that hold anything; looked at only when the time frame is open at its beginning
 * @returns sorted, without repeats
 * @throws RangeError with what is wrong, without any id, when the predicate cannot be put into the template exactly
 */
export function exactPrefixes(
  template: S3Prefix,
  predicate: Predicate,
  held: Iterable<string>,
): readonly ExactPrefix[] {
  const found = new Map<string, boolean>();
  const days = daysOf(template, predicate, held);
  for (const ids of identifiersOf(template, predicate)) {
    for (const day of days) {
      const prefix = filledIn(tokensOf(template.prefix) ?? [], ids, day);
      found.set(prefix, day === null ? isBounded(predicate) : !isWithin(day, predicate));
      if (found.size > PREFIXES_MAX) throw new RangeError('more prefixes than can be walked');
    }
  }
  return [...found]
    .map(([prefix, byTime]) => ({ prefix, byTime }))
    .sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

/** Where to look for days; empty when the time frame has a beginning or the template no day. */
export function daySearches(template: S3Prefix, predicate: Predicate): readonly DaySearch[] {
  const tokens = tokensOf(template.prefix) ?? [];
  const first = tokens.findIndex((token) => token.kind === 'date');
  const idSets = identifiersOf(template, predicate);
  if (first === -1 || predicate.receivedFrom !== null) return [];
  const last = tokens.findLastIndex((token) => token.kind === 'date');
  const pattern = new RegExp(
    `^${tokens
      .slice(first, last + 1)
      .map(patternOf)
      .join('')}/`,
  );
  const heads = new Set(idSets.map((ids) => filledIn(tokens.slice(0, first), ids, null)));
  return [...heads].map((head) => ({ head, pattern }));
}

/** The real calendar day that a match of a search's pattern names; `null` = none. */
export function dayIn(match: RegExpExecArray | null): string | null {
  if (match === null) return null;
  const day = match.slice(1).join('-');
  try {
    startOfDay(day);
    return day;
  } catch {
    return null;
  }
}

/** Whether something of this time belongs to the predicate. Half-open. */
export const isInFrame = ({ receivedFrom, receivedBefore }: Predicate, time: Date): boolean =>
  (receivedFrom === null || time >= new Date(receivedFrom)) &&
  (receivedBefore === null || time < new Date(receivedBefore));

type Identifiers = Readonly<Record<Identifier, string | null>>;

/** One set of ids a user, or one without. */
function identifiersOf(template: S3Prefix, predicate: Predicate): readonly Identifiers[] {
  const { workspaceId, sourceId, spaceId, projectId, users } = predicate;
  const given = [workspaceId, sourceId ?? 'none', spaceId ?? 'none', projectId ?? 'none', ...users];
  if (!given.every((id) => typeof id === 'string' && isPlain(id))) {
    throw new RangeError('an identifier is empty, or holds a slash, two dots or a control character');
  }
  if (predicate.properties.length > 0) throw new RangeError('single properties cannot be deleted');
  const limits = cannotExpress(template, predicate);
  if (limits.length > 0) throw new RangeError(`a prefix cannot be narrowed by ${limits.join(', ')}`);
  const named = { workspace: workspaceId, source: sourceId, space: spaceId, project: projectId };
  return (users.length === 0 ? [null] : users).map((user) => ({ ...named, user }));
}

/** Whether an id is one segment of a key, and stands for nothing but itself. */
const isPlain = (id: string): boolean =>
  id.trim() !== '' && id !== '.' && !id.includes('..') && !/[/\p{Cc}\p{Cs}]/u.test(id);

function daysOf(
  { prefix }: S3Prefix,
  { receivedFrom, receivedBefore }: Predicate,
  held: Iterable<string>,
): readonly (string | null)[] {
  if (!(tokensOf(prefix) ?? []).some((token) => token.kind === 'date')) return [null];
  if (receivedBefore === null) return [];
  const end = new Date(receivedBefore);
  if (receivedFrom === null) return [...held].filter((day) => startOfDay(day) < end);
  const days: string[] = [];
  for (let day = dayOf(new Date(receivedFrom)); startOfDay(day) < end; day = addDays(day, 1)) {
    if (days.push(day) > PREFIXES_MAX) throw new RangeError('more prefixes than can be walked');
  }
  return days;
}

const isBounded = ({ receivedFrom, receivedBefore }: Predicate): boolean =>
  (receivedFrom ?? receivedBefore) !== null;

const isWithin = (day: string, predicate: Predicate): boolean =>
  isInFrame(predicate, startOfDay(day)) &&
  isInFrame(predicate, new Date(startOfDay(addDays(day, 1)).getTime() - 1));

function filledIn(tokens: readonly Token[], ids: Identifiers, day: string | null): string {
  const [yyyy = '', mm = '', dd = ''] = day?.split('-') ?? [];
  const parts = { day, yyyy, mm, dd };
  return tokens
    .map((token) => {
      if (token.kind === 'text') return token.text;
      const value = token.kind === 'id' ? ids[token.id] : parts[token.part];
      if (value === null || value === '') throw new RangeError('a placeholder has no value');
      return value;
    })
    .join('');
}

const DAY_PATTERNS = { day: '(\\d{4}-\\d{2}-\\d{2})', yyyy: '(\\d{4})', mm: '(\\d{2})', dd: '(\\d{2})' };

const patternOf = (token: Token): string => {
  if (token.kind === 'date') return DAY_PATTERNS[token.part];
  return token.kind === 'text' ? token.text.replace(/[.+]/g, '\\$&') : '';
};
