import { z } from 'zod';
import { pageWords } from './page-wording.ts';

/**
 * The words of one language, as `templates/LOCALE/words.json` holds them: the sentences that mails are made of, for a
 * native speaker to read and correct without code. `{name}` stands for a value and has to stay as it is; where a number
 * decides the form, there is one text for each plural category of the language (CLDR).
 */
export type Wording = z.infer<ReturnType<typeof wordingSchema>>;

/** Texts by plural category: `one`, `other` and whatever else the language tells apart. */
export type Counted = Readonly<Record<string, string>>;

/**
 * The wording of one locale, from the JSON value of its file.
 * @param value - `undefined` when the file holds no JSON
 * @param problems - takes every problem, one line each, named by its path in the file
 * @returns `null` when there was a problem
 */
export function readWording(locale: string, value: unknown, problems: string[]): Wording | null {
  if (latest?.locale !== locale) latest = { locale, schema: wordingSchema(locale) };
  const read = latest.schema.safeParse(value);
  if (read.success) return read.data;
  if (value === undefined) {
    problems.push('is no JSON');
    return null;
  }
  problems.push(
    ...read.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`),
  );
  return null;
}

/** One a locale: its plural categories are part of it. Only one is kept, since each takes ten times the memory of its words. */
let latest: { readonly locale: string; readonly schema: ReturnType<typeof wordingSchema> } | undefined;

const VALUE = /\{([a-z]+)\}/g;

/** A text that holds exactly these values, each at least once. */
const text = (...values: readonly string[]) =>
  z.string('is missing or no text').superRefine((given, context) => {
    const problem = faultOf(given, values);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });

function faultOf(given: string, values: readonly string[]): string | null {
  if (given.trim() === '') return 'is empty';
  if (/[\p{Cc}\u2028\u2029]/u.test(given)) return 'holds a line end or another control character';
  const found = [...given.matchAll(VALUE)].map(([, name]) => name ?? '');
  if (/[{}]/.test(given.replace(VALUE, ''))) return 'holds a brace that encloses no value';
  const lacking = values.filter((name) => !found.includes(name));
  const unknown = found.filter((name) => !values.includes(name));
  if (lacking.length > 0) return `lacks {${lacking.join('}, {')}}`;
  return unknown.length > 0 ? `has no value {${unknown.join('}, {')}}` : null;
}

/** Labels of a form's lines, without the colon. */
const labels = z
  .array(
    text().refine((label) => !/[:：]/.test(label), 'holds a colon'),
    'is missing or no list',
  )
  .min(1, 'is empty');

function wordingSchema(locale: string) {
  const categories = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
  const counted = (...values: readonly string[]) =>
    z.strictObject(Object.fromEntries(categories.map((category) => [category, text('count', ...values)])));
  const remark = z.strictObject({ what: text(), why: text() });
  const isEnglish = new Intl.Locale(locale).language === 'en';
  return z.strictObject({
    /** BCP 47 tag by which dates, numbers and lists are written. */
    format: z
      .string('is missing or no text')
      .refine((tag) => isTagOf(tag, locale), 'is no language tag of this folder that the program knows'),
    date: z.strictObject({
      instant: text('weekday', 'day', 'time'),
      /** How the first of a month is numbered: "1", "1er". */
      firstOfMonth: text(),
    }),
    quoted: text('text'),
    /** Between two sentences. */
    gap: z.string('is missing or no text').regex(/^ ?$/, 'is neither a space nor empty'),
    /** The one word that our mails ask for to cancel. */
    cancel: text(),
    yourRequest: text(),
    yourRequestTitle: text(),
    /** Heads the mail about a deletion that is done where something was left. */
    partial: text(),
    /** Heads the mail about the waiting time, and leads to what it is about, where nobody confirmed anything. */
    unconfirmed: z.strictObject({ heading: text('until'), lead: text() }),
    /** Of end users who are not to be taken in again. */
    suppressed: text(),
    count: z.strictObject({ records: counted(), tries: counted() }),
    target: z.strictObject({
      workspace: text('workspaces'),
      account: counted('workspaces'),
      source: text('name', 'workspaces', 'frame'),
      space: text('name', 'workspaces'),
      users: counted('users', 'workspaces'),
      usersUnverified: counted('workspaces'),
      events: text('clauses', 'project', 'workspaces', 'frame'),
      eventsUnverified: counted('project', 'workspaces', 'frame'),
    }),
    workspace: z.strictObject({ living: text('name', 'slug'), deleted: text('name', 'slug', 'id') }),
    clause: z.strictObject({
      event: text('name'),
      eventProperty: text('name', 'event'),
      eventPropertyOfAll: text('name'),
      userProperty: text('name'),
    }),
    frame: z.strictObject({
      ever: text('request'),
      until: text('to'),
      since: text('from', 'request'),
      oneDay: text('day'),
      range: text('from', 'to'),
    }),
    stays: z.strictObject({
      line: text('what', 'why', 'end'),
      /** With the law that the keeping rests on, cited as the operator does. */
      lineWithBasis: text('what', 'why', 'basis', 'end'),
      rolling: text(),
      afterwards: counted(),
      rollingAfterwards: counted(),
      until: text('day'),
    }),
    /** What a place refused to give up and was left there: until a day, or until nobody knows when. */
    kept: z.strictObject({
      object_lock: remark,
      legal_hold: remark,
      partial: remark,
      until: text('day'),
      open: text(),
    }),
    /**
     * What policy, plan and receipt say in English. `null` where the mail is in English too, and nowhere else: there what
     * stays is told by its category, and `otherExclusions` stands for all that has no words here.
     */
    records: z
      .strictObject({
        backups: remark,
        finance: remark,
        security: remark,
        thirdParties: text(),
        rawData: text(),
        store: text('store'),
        table: text('store', 'table'),
        receivedFrom: text('instant'),
        otherExclusions: text(),
      })
      .nullable()
      .refine((given) => given !== null || isEnglish, 'is null, which only English words may be'),
    question: z.strictObject({
      missing: z.strictObject({
        scope: text(),
        workspace: text(),
        source: text(),
        space: text(),
        users: text(),
        events: text(),
        project: text(),
        timeFrame: text(),
      }),
      unknown: z.strictObject({ workspace: text(), source: text(), space: text(), project: text() }),
      several: z.strictObject({ workspace: text(), source: text(), space: text(), project: text() }),
      /** Said in two ways that contradict each other. */
      differs: z.strictObject({
        workspace: text(),
        source: text(),
        space: text(),
        users: text(),
        events: text(),
        project: text(),
        timeFrame: text(),
      }),
      problem: z.strictObject({
        finer_than_day: text(),
        ambiguous_date: text(),
        reversed_range: text(),
        in_future: text(),
        too_many_clauses: text(),
      }),
    }),
    form: z.strictObject({
      /** A line to fill in; its end, a space included, is what the writer goes on from. */
      line: text('label'),
      workspace: labels,
      source: labels,
      timeFrame: labels,
      space: labels,
      users: labels,
      project: labels,
      events: labels,
    }),
    hold: z.strictObject({
      billing: text(),
      export: text(),
      review: text(),
      doubtful_cancel: text(),
      step_failed: text(),
      checklist: text(),
      residue: text(),
      purging_off: text(),
      agent: text(),
    }),
    standing: z.strictObject({
      received: text(),
      needs_details: text(),
      verifying: text(),
      confirmed: text(),
      approval: text(),
      grace: text('start'),
      graceUndated: text(),
      purging: text('due'),
      completed: text('end'),
      completedUndated: text(),
      cancelled: text('end'),
      cancelledUndated: text(),
      rejected: text(),
      expired: text('end'),
      expiredUndated: text(),
      onHold: text(),
    }),
    line: z.strictObject({
      named: text('reference', 'what', 'standing'),
      unnamed: text('reference', 'standing'),
      barred: text(),
    }),
    tooLate: z.strictObject({
      purging: text('start'),
      purgingUndated: text(),
      completed: text('end'),
      completedUndated: text(),
      final: text(),
    }),
    receipt: z.strictObject({
      remaining: counted(),
      cleared: counted(),
      byHand: counted(),
      /** What was done to the data of one place. */
      how: z.strictObject({ delete: text(), clear: text(), by_hand: text() }),
    }),
    /** The page behind the link that every mail has. */
    page: pageWords(text),
    /** `null` where its fonts have no letters for the language: then the whole certificate is in English. */
    certificate: certificateWords(counted).nullable(),
  });
}

/** The one page that goes with a receipt: short words, since they share a line with values. */
function certificateWords(counted: () => z.ZodType<Counted>) {
  return z.strictObject({
    title: text(),
    /** When something is left. */
    titlePartial: text(),
    lead: text('desk', 'reference'),
    leadNothing: text('desk', 'reference'),
    field: z.strictObject({
      scope: text(),
      workspaces: text(),
      requested: text(),
      confirmed: text(),
      waited: text(),
      started: text(),
      completed: text(),
    }),
    scope: z.strictObject({
      workspace: text(),
      account: text(),
      source: text(),
      space: text(),
      user: text(),
      events: text(),
    }),
    /** Each stands below a number. */
    total: z.strictObject({ deleted: text(), cleared: text(), byHand: text(), left: text() }),
    places: z.strictObject({
      heading: text(),
      place: text(),
      how: text(),
      count: text(),
      left: text(),
      /** Of one store, when there is no room to name each. */
      several: counted(),
      more: counted(),
    }),
    stays: text(),
    leftAlone: text(),
    more: counted(),
    check: z.strictObject({
      heading: text(),
      proof: text('file'),
      run: text(),
      compare: text(),
      digest: text(),
      fingerprint: text(),
    }),
  });
}

function isTagOf(tag: string, locale: string): boolean {
  try {
    return new Intl.Locale(tag).language === new Intl.Locale(locale).language;
  } catch {
    return false;
  }
}
