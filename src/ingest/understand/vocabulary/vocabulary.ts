import type { RelativeName } from '../time/time-index.ts';

export const KINDS = [
  'workspace',
  'source',
  'space',
  'user',
  'event',
  'eventProperty',
  'userProperty',
  'project',
] as const;
/** A kind of thing that a mail can name. */
export type Kind = (typeof KINDS)[number];

export const FIELDS = [
  'workspace',
  'workspaceId',
  'source',
  'space',
  'user',
  'event',
  'property',
  'eventProperty',
  'userProperty',
  'project',
  'timeFrame',
  'firstDay',
  'lastDay',
  'action',
  'ticket',
  'link',
  'aside',
] as const;
/** What the name of a form's line can stand for. */
export type Field = (typeof FIELDS)[number];

export const ACTS = [
  'request',
  'wish',
  'unwished',
  'headline',
  'negation',
  'keep',
  'question',
  'harmless',
  'condition',
  'undecided',
  'retreat',
  'stays',
  'regret',
  'solicitation',
  'foreign',
  'perhapsForeign',
  'past',
  'cancel',
  'notCancel',
  'denial',
  'received',
  'status',
  'finished',
  'progress',
  'general',
  'correction',
  'doubt',
  'code',
  'wavering',
  'otherCode',
  'rightCode',
  'ownCode',
  'exclusion',
  'unsure',
  'later',
  'carriesOn',
  'carryOut',
  'orders',
  'contrast',
] as const;
/** What a sentence does. */
export type Act = (typeof ACTS)[number];

/**
 * One language. A phrase is words divided by spaces; `~` skips up to four words, `~9` up to nine, `a|b` is either word,
 * `{delete}` any word of that class (see words.ts), `$` the end of the clause. Everything is lower case.
 */
export interface Vocabulary {
  readonly language: string;
  /** Frequent words: they tell the language, and none of them is a name. */
  readonly common: readonly string[];
  /** Frequent words that, beside "data", say which part of it: "old", "personal", "yesterday", "my". */
  readonly partWords?: readonly string[];
  readonly classes: Readonly<Record<string, readonly string[]>>;
  /** A language need not have phrases for all: English ones count in every mail. */
  readonly acts: Readonly<Partial<Record<Act, readonly string[]>>>;
  readonly nouns: Readonly<Partial<Record<Kind, readonly string[]>>>;
  readonly fields: Readonly<Partial<Record<Field, readonly string[]>>>;
  /** Everything that the writer administers. */
  readonly everything: readonly string[];
  /** Words that may stand between a noun and its name: "called", "with the slug". */
  readonly linkWords: readonly string[];
  /** Words that announce a name: "called", "named". */
  readonly calledWords?: readonly string[];
  /** Verbs of what a source does: "collected", "sent". */
  readonly collectWords?: readonly string[];
  /** "in", "from", "of": a workspace behind one of them is where the thing is, not the thing. */
  readonly placeWords: readonly string[];
  readonly notWords: readonly string[];
  readonly andWords: readonly string[];
  readonly time: TimeWords;
}

export interface TimeWords {
  /** What bounds a date stands behind it, as in Japanese: dates and frames are read by rules of their own. */
  readonly boundsBehind?: boolean;
  /** Monday to Sunday: names that stand for a day on their own. */
  readonly weekdays?: readonly (readonly string[])[];
  /** Monday to Sunday: short forms that count only beside a date. */
  readonly weekdayShorts?: readonly (readonly string[])[];
  /** "week", "CW": what stands beside the number of an ISO week. */
  readonly weekNames?: readonly string[];
  /** Fourteen days that end today. */
  readonly fortnight?: readonly string[];
  /** Spans whose days nobody can count for certain: "the last three months". `#` is the number. */
  readonly vague?: readonly string[];
  /** "call", "contract", "signed": a date behind one of them is the date of that. */
  readonly asides?: readonly string[];
  /** "events", "collected": a date behind one of them is that of the data. */
  readonly dataWords?: readonly string[];
  /** Twelve lists of names. */
  readonly months: readonly (readonly string[])[];
  /** First to fourth, as in "second quarter". */
  readonly ordinals: readonly (readonly string[])[];
  readonly quarters: readonly string[];
  readonly quarterLetters: readonly string[];
  readonly halves: readonly string[];
  readonly ofWords: readonly string[];
  readonly numbers: Readonly<Record<string, number>>;
  /** `#` is the number. */
  readonly lastDays: readonly string[];
  readonly lastWeeks: readonly string[];
  readonly relative: Readonly<Record<RelativeName, readonly string[]>>;
  /** Whether 01.02.2025 with dots is surely day first in this language. */
  readonly dottedDayFirst: boolean;
  readonly range: readonly string[];
  readonly rangeAnd: readonly string[];
  readonly between: readonly string[];
  readonly from: readonly string[];
  readonly since: readonly string[];
  readonly after: readonly string[];
  readonly before: readonly string[];
  readonly until: readonly string[];
  /** "onwards", "or later", behind a date. */
  readonly onwards: readonly string[];
  readonly orEarlier: readonly string[];
  /** "in", "on", "during", "only": the date is the frame. */
  readonly within: readonly string[];
  /** "deadline", "by": the date is no frame. */
  readonly deadline: readonly string[];
  readonly now: readonly string[];
  readonly allTime: readonly string[];
  /** "that quarter", "those days": the frame was said before. */
  readonly backReference: readonly string[];
  /** "period", "dates": what is said with it is a frame. */
  readonly frameNouns: readonly string[];
  /** Hours and parts of a day. */
  readonly finer: readonly string[];
  readonly clockWords: readonly string[];
}
