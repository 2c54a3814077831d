import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/domain/errors.ts';
import { withoutComments } from './layers.ts';

const ROOT = new URL('../../', import.meta.url);
const text = (path: string) => readFile(new URL(path, ROOT), 'utf8');

async function filesOf(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(new URL(folder, ROOT), { recursive: true });
  return names
    .map((name) => `${folder}${name.replaceAll('\\', '/')}`)
    .filter((name) => pattern.test(name))
    .sort();
}

const CODE = /\.(ts|js|mjs)$/;
const PROSE = /\.(md|yaml|hbs)$/;

/** What must not be left lying around, found in comments too; itself spelt so that this file has none of it. */
const LEFTOVERS: readonly (readonly [string, RegExp])[] = [
  ['work that is announced and not done', /\b(TO(?:)DO|FIX(?:)ME|XX(?:)X)\b/],
  ['a path of one machine', /(?<![\w.$}/-])\/(home|Users|root|work)\/[\w.-]/],
];
const UNFINISHED_TEST = /\b(test|it|describe|suite)(\.\w+)*\.(only|skip|todo)\b/;

test('docs/errors.md explains exactly the codes that exist, each with its retry verdict', async () => {
  const rows = (await text('docs/errors.md'))
    .split('\n')
    .filter((line) => line.startsWith('| `PD_'))
    .map((line) => line.slice(2, -2).split(' | '));
  expect(rows.map(([code, verdict]) => [code, verdict])).toEqual(
    Object.entries(ERROR_CODES).map(([code, verdict]) => [`\`${code}\``, verdict]),
  );
  for (const [code, , meaning, remedy] of rows) {
    expect(meaning?.length, code).toBeGreaterThan(20);
    expect(remedy?.length, code).toBeGreaterThan(10);
  }
});

describe('left-overs', () => {
  test.each([
    ['src/', CODE],
    ['test/', CODE],
    ['migrations/', CODE],
    ['docs/', PROSE],
  ])('%s has none', async (folder, pattern) => {
    const files = await filesOf(folder, pattern);
    expect(files.length).toBeGreaterThan(0);
    const found: string[] = [];
    for (const file of files) found.push(...leftovers(file, await text(file)));
    expect(found).toEqual([]);
  });

  test('the documents and settings beside them have none', async () => {
    const names = (await readdir(ROOT)).filter((name) => /\.(md|yaml|json|example|ts)$/.test(name));
    expect(names).toContain('.env.example');
    const found: string[] = [];
    for (const name of names) found.push(...leftovers(name, await text(name)));
    expect(found).toEqual([]);
  });

  test('no test is left out or alone', async () => {
    const files = await filesOf('test/', /\.test\.ts$/);
    expect(files.length).toBeGreaterThan(0);
    const found: string[] = [];
    for (const file of files) if (UNFINISHED_TEST.test(withoutComments(await text(file)))) found.push(file);
    expect(found).toEqual([]);
  });

  test('the rules find what they look for', () => {
    expect(leftovers('a', `// ${'TO'}${'DO'}: later`)).toHaveLength(1);
    expect(leftovers('a', `const x = "${'/ho'}me/ada/x";`)).toHaveLength(1);
    expect(leftovers('a', `see ${'/wo'}rk/main`)).toHaveLength(1);
    expect(leftovers('a', `https://example.org/home/page and .${'/wo'}rk/x`)).toHaveLength(0);
    expect(UNFINISHED_TEST.test(`test${'.on'}ly('x')`)).toBe(true);
    expect(UNFINISHED_TEST.test(`describe.each([])${''}.sk${'ip'}`)).toBe(false);
    expect(UNFINISHED_TEST.test(`test.concurrent${'.sk'}ip('x')`)).toBe(true);
    expect(UNFINISHED_TEST.test("test.skipIf(noDovecot)('x')")).toBe(false);
  });
});

const leftovers = (file: string, content: string): string[] =>
  content
    .split('\n')
    .flatMap((line, index) =>
      LEFTOVERS.filter(([, pattern]) => pattern.test(line)).map(([what]) => `${file}:${index + 1}: ${what}`),
    );
