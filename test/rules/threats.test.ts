import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { disagreements, idsAtStart, readTables, THREATS, titlesIn } from './threats.ts';

const ROOT = new URL('../../', import.meta.url);

async function testFiles(): Promise<Map<string, string>> {
  const names = await readdir(new URL('test/', ROOT), { recursive: true });
  const paths = names
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    // This file speaks of threats that do not exist.
    .filter((path) => path.endsWith('.test.ts') && path !== 'test/rules/threats.test.ts');
  return new Map(
    await Promise.all(
      paths.map(async (path) => [path, await readFile(new URL(path, ROOT), 'utf8')] as const),
    ),
  );
}

test('SECURITY.md has a row for each threat, and each row a test that is there', async () => {
  const tables = readTables(await readFile(new URL('SECURITY.md', ROOT), 'utf8'));
  expect(disagreements(tables, await testFiles())).toEqual([]);
});

describe('the rule', () => {
  const row = (id: string, test = '`test/a.test.ts`') =>
    `| ${id} | an attack of some kind | what the desk does about it | ${test} |`;
  const all = THREATS.map((id) => row(id));
  const named = new Map([
    ['test/a.test.ts', THREATS.map((id) => `test('${id} is answered', () => {});`).join('\n')],
  ]);
  const faults = (rows: readonly string[], files = named, absent: readonly string[] = []) =>
    disagreements(
      readTables([...rows, '', '## Not part of this version', '', ...absent, '', '## More', ''].join('\n')),
      files,
    );
  const without = (id: string) => all.filter((line) => !line.startsWith(`| ${id}`));

  test('is content with a row and a test for each threat', () => {
    expect(faults(all)).toEqual([]);
    expect(THREATS).toHaveLength(28 + 8 + 7 + 4 + 1 + 6 + 10 + 9 + 5);
  });

  test('finds a threat without a row, and one with two', () => {
    expect(faults(without('T23'))).toEqual(['T23 has no row']);
    expect(faults([...all, row('T23')])).toEqual(['T23 has two rows']);
  });

  test('finds a row that names no test, one whose file is gone and one whose test is gone', () => {
    expect(faults([...without('W02'), row('W02', 'none')])).toEqual(['W02 names no test']);
    expect(faults([...without('W02'), row('W02', '`test/gone.test.ts`')])).toEqual([
      'W02: test/gone.test.ts does not exist',
      'W02 has a row and no test',
    ]);
    const removed = new Map([
      ['test/a.test.ts', (named.get('test/a.test.ts') ?? '').replace(/^.*T45.*$/m, '')],
    ]);
    expect(faults(all, removed)).toEqual(['T45: no test of test/a.test.ts begins with it']);
    const commented = new Map([
      ['test/a.test.ts', (named.get('test/a.test.ts') ?? '').replace(/^(?=.*T45)/m, '// ')],
    ]);
    expect(faults(all, commented)).toEqual(['T45: no test of test/a.test.ts begins with it']);
  });

  test('asks for each threat of a range', () => {
    const range = [...all.filter((line) => !/^\| T7[0-7]/.test(line)), row('T70–T77')];
    expect(faults(range)).toEqual([]);
    const fewer = new Map([
      ['test/a.test.ts', (named.get('test/a.test.ts') ?? '').replace(/^.*T73.*$/m, '')],
    ]);
    expect(faults(range, fewer)).toEqual(['T73 has a row and no test']);
  });

  test('finds a test of a threat that is not known, and a row of one', () => {
    const more = new Map([...named, ['test/b.test.ts', "test('T99 is new', () => {});"]]);
    expect(faults(all, more)).toEqual(['test/b.test.ts tests T99, which is no threat that is known']);
    expect(faults([...all, row('T29')])).toEqual([
      'T29 is no threat that is known',
      'T29: no test of test/a.test.ts begins with it',
    ]);
  });

  test('lets nothing be put off that a mail can bring, nor what has a test', () => {
    const absent = (id: string) => `| ${id} | an attack of some kind | why it is not part of this version |`;
    const untested = new Map([
      ['test/a.test.ts', (named.get('test/a.test.ts') ?? '').replace(/^.*W07.*$/m, '')],
    ]);
    expect(faults(without('W07'), untested, [absent('W07')])).toEqual([]);
    expect(faults(without('W07'), named, [absent('W07')])).toEqual([
      'W07 has a test and is said to be no part of this version',
    ]);
    expect(faults(without('T24'), named, [absent('T24')])).toEqual(['T24 must not be put off']);
  });
});

test.each([
  { title: 'T23 a forged Received', ids: ['T23'] },
  { title: 'T16 T18: a header above', ids: ['T16', 'T18'] },
  { title: 'T16, T18 a header above', ids: ['T16', 'T18'] },
  { title: 'T70-T73 caps', ids: ['T70', 'T71', 'T72', 'T73'] },
  { title: 'T50-53: fields', ids: ['T50', 'T51', 'T52', 'T53'] },
  { title: 'T28 D08 strangers', ids: ['T28'] },
  { title: 'P05 a log', ids: ['P05'] },
  { title: 'P05', ids: [] },
  { title: 'T234 is none', ids: [] },
  { title: 'about T23', ids: [] },
])('$title begins with $ids', ({ title, ids }) => {
  expect(idsAtStart(title)).toEqual(ids);
});

test('titles are read from every kind of string, and not from comments', () => {
  expect(
    titlesIn(`test('one', f); // 'no'\n/* "no" */ test.each([{ title: "two" }])(\`three\`, f);`),
  ).toEqual(['one', 'two', 'three']);
});
