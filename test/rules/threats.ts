/** Reads the threat tables of SECURITY.md and the titles of the tests, and says where they do not fit each other. */
import { withoutComments } from './layers.ts';

/** Every threat that the desk has to answer for: a row of SECURITY.md each. */
export const THREATS: readonly string[] = [
  ...numbered('T', 1, 28),
  ...numbered('T', 30, 37),
  ...numbered('T', 40, 46),
  ...numbered('T', 50, 53),
  'T55',
  ...numbered('T', 60, 65),
  ...numbered('T', 70, 79),
  ...numbered('W', 1, 9),
  ...numbered('P', 1, 5),
];

export interface ThreatRow {
  readonly ids: readonly string[];
  readonly attack: string;
  /** What the desk does about it, or why it need not. */
  readonly answer: string;
  /** Test files, as paths from the root of the project. */
  readonly tests: readonly string[];
}

export interface ThreatTables {
  readonly answered: readonly ThreatRow[];
  /** Threats to surfaces that this version does not have. */
  readonly absent: readonly ThreatRow[];
}

const ABSENT_HEADING = '## Not part of this version';

export function readTables(markdown: string): ThreatTables {
  const at = markdown.indexOf(ABSENT_HEADING);
  const [main, rest] = at === -1 ? [markdown, ''] : [markdown.slice(0, at), markdown.slice(at)];
  return { answered: rowsIn(main), absent: rowsIn(rest.split(/^## /m).slice(0, 2).join('')) };
}

function rowsIn(markdown: string): ThreatRow[] {
  return markdown.split('\n').flatMap((line) => {
    if (!/^\| [TWP]\d\d/.test(line)) return [];
    const [id = '', attack = '', answer = '', shown = ''] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    return [
      {
        ids: idsAtStart(`${id} row`),
        attack,
        answer,
        tests: [...shown.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path ?? ''),
      },
    ];
  });
}

/**
 * The threats that a title begins with: `T23 …`, `T16 T18: …`, `T70-T77 …`, `T50-53: …`, also beside promises and faults
 * (`F30 P04 …`). Empty for any other text, and for one that says nothing else.
 */
export function idsAtStart(title: string): readonly string[] {
  const start =
    /^[A-Z]\d\d(?:[-–][A-Z]?\d\d)?(?:,? [A-Z]\d\d(?:[-–][A-Z]?\d\d)?)*(?=[ :,]+\S)/.exec(title)?.[0] ?? '';
  return [...start.matchAll(/([TWP])(\d\d)(?:[-–][TWP]?(\d\d))?/g)].flatMap(
    ([, letter = '', from = '', to]) => numbered(letter, Number(from), Number(to ?? from)),
  );
}

/** The texts in a test file that name a test, or stand in its table of cases. */
export function titlesIn(source: string): readonly string[] {
  const LITERAL = /'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\[\s\S]|[^`\\])*)`/g;
  return [...withoutComments(source).matchAll(LITERAL)].map(
    ([, single, double, template]) => single ?? double ?? template ?? '',
  );
}

/**
 * Everything in which document and tests disagree, one line each.
 * @param files - every test file, by its path from the root of the project
 */
export function disagreements(tables: ThreatTables, files: ReadonlyMap<string, string>): string[] {
  const covered = new Map(
    [...files].map(([path, source]) => [path, new Set(titlesIn(source).flatMap(idsAtStart))]),
  );
  const rows = [...tables.answered, ...tables.absent];
  const listed = rows.flatMap((row) => row.ids);
  return [
    ...THREATS.filter((id) => !listed.includes(id)).map((id) => `${id} has no row`),
    ...listed.filter((id, index) => listed.indexOf(id) !== index).map((id) => `${id} has two rows`),
    ...listed.filter((id) => !THREATS.includes(id)).map((id) => `${id} is no threat that is known`),
    ...rows
      .filter((row) => row.attack.length < 10 || row.answer.length < 15)
      .map((row) => `${row.ids} says too little`),
    ...tables.answered.flatMap((row) => rowFaults(row, covered)),
    ...tables.absent.flatMap((row) => absentFaults(row, covered)),
    ...[...covered].flatMap(([path, ids]) =>
      [...ids]
        .filter((id) => !THREATS.includes(id))
        .map((id) => `${path} tests ${id}, which is no threat that is known`),
    ),
  ];
}

function rowFaults(row: ThreatRow, covered: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  if (row.tests.length === 0) return [`${row.ids} names no test`];
  const missing = row.tests
    .filter((path) => !covered.has(path))
    .map((path) => `${row.ids}: ${path} does not exist`);
  const idle = row.tests
    .filter((path) => covered.has(path) && !row.ids.some((id) => covered.get(path)?.has(id)))
    .map((path) => `${row.ids}: no test of ${path} begins with it`);
  const bare = row.ids.filter((id) => !row.tests.some((path) => covered.get(path)?.has(id)));
  return [...missing, ...idle, ...(idle.length > 0 ? [] : bare.map((id) => `${id} has a row and no test`))];
}

/** Only what comes from a mail can reach this version, so no such threat may be put off. */
function absentFaults(row: ThreatRow, covered: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return row.ids.flatMap((id) => {
    if (id.startsWith('T')) return [`${id} must not be put off`];
    const tested = [...covered].some(([, ids]) => ids.has(id));
    return tested ? [`${id} has a test and is said to be no part of this version`] : [];
  });
}

function numbered(letter: string, from: number, to: number): string[] {
  return Array.from(
    { length: Math.max(0, to - from + 1) },
    (_, index) => `${letter}${String(from + index).padStart(2, '0')}`,
  );
}
