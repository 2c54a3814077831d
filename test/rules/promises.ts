/** Reads the tables of docs/reliability.md and the titles of the tests, and says where they do not fit each other. */
import { FAULTS } from '../faults/rows.ts';
import { titlesIn } from './threats.ts';

const numbered = (letter: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`);

export const PROMISES = numbered('D', 28);
const ROWS: readonly string[] = [...PROMISES, ...Object.keys(FAULTS)];

interface Row {
  readonly id: string;
  readonly promise: string;
  /** Files with tests whose titles begin with the id. */
  readonly tests: readonly string[];
  /** What is shown by hand, or elsewhere than in a test: files. */
  readonly byHand: readonly string[];
}

/** Rows of every table whose first cell is an id; the last cell says what shows it. */
export function promiseRows(markdown: string): readonly Row[] {
  return markdown.split('\n').flatMap((line) => {
    const [id = '', promise = '', ...rest] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    if (!line.startsWith('| ') || !/^[DF]\d\d$/.test(id)) return [];
    const [tests = '', byHand = ''] = (rest.at(-1) ?? '').split('by hand:');
    return [{ id, promise, tests: pathsIn(tests), byHand: pathsIn(byHand) }];
  });
}

const pathsIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([\w./-]+\.(?:ts|md|yml))`/g)].map(([, path]) => path ?? '');

/** Ids at the start of a title, whatever their kind: `F36 D23 …`, `W01 D07 …`. */
export function idsOf(title: string): readonly string[] {
  const start = /^(?:[A-Z]\d\d(?:[-–][A-Z]?\d\d)?[ ,:]+)+(?=\S)/.exec(title)?.[0] ?? '';
  return [...start.matchAll(/([A-Z])(\d\d)(?:[-–][A-Z]?(\d\d))?/g)].flatMap(
    ([, letter = '', from = '', to]) =>
      Array.from(
        { length: Math.max(1, Number(to ?? from) - Number(from) + 1) },
        (_, index) => `${letter}${String(Number(from) + index).padStart(2, '0')}`,
      ),
  );
}

/**
 * Everything in which document and tests disagree, one line each.
 * @param tests - every test file with its text, by its path from the root of the project
 * @param exists - whether a file is there
 */
export function promiseFaults(
  rows: readonly Row[],
  tests: ReadonlyMap<string, string>,
  exists: (path: string) => boolean,
): readonly string[] {
  const covered = new Map([...tests].map(([path, text]) => [path, new Set(titlesIn(text).flatMap(idsOf))]));
  const listed = rows.map(({ id }) => id);
  return [
    ...ROWS.filter((id) => !listed.includes(id)).map((id) => `${id} has no row`),
    ...listed.filter((id, index) => listed.indexOf(id) !== index).map((id) => `${id} has two rows`),
    ...listed.filter((id) => !ROWS.includes(id)).map((id) => `${id} is neither a promise nor a fault`),
    ...rows.flatMap(({ id, promise, tests: paths, byHand }) => [
      ...(promise.length < 12 ? [`${id} says too little`] : []),
      ...(paths.length + byHand.length === 0 ? [`${id}: nothing shows it`] : []),
      ...paths.filter((path) => !covered.has(path)).map((path) => `${id}: ${path} does not exist`),
      ...paths
        .filter((path) => covered.has(path) && !covered.get(path)?.has(id))
        .map((path) => `${id}: no test of ${path} begins with it`),
      ...byHand.filter((path) => !exists(path)).map((path) => `${id}: ${path} does not exist`),
    ]),
    ...[...covered].flatMap(([path, ids]) =>
      [...ids]
        .filter((id) => /^[DF]/.test(id) && !ROWS.includes(id))
        .map((id) => `${path} tests ${id}, which is neither a promise nor a fault`),
    ),
  ];
}
