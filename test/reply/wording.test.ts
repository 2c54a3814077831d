import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTemplates, loadWording } from '../../src/reply/render.ts';
import { readWording } from '../../src/reply/wording.ts';

const DIR = new URL('../../templates', import.meta.url).pathname;
const LOCALES = [...loadTemplates(DIR).values()].map(({ language }) => language);

type Json = string | null | readonly Json[] | { readonly [key: string]: Json };

const fileOf = (locale: string): Json =>
  JSON.parse(readFileSync(join(DIR, locale, 'words.json'), 'utf8')) as Json;

/** The paths of all values of an object, those of inner objects included. */
const pathsOf = (value: Json, path: readonly string[] = []): readonly (readonly string[])[] =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? [path]
    : Object.entries(value).flatMap(([key, inner]) => [
        ...(typeof inner === 'object' ? [[...path, key]] : []),
        ...pathsOf(inner, [...path, key]),
      ]);

/** A copy with one value replaced; `undefined` takes it out. */
function changed(value: Json, path: readonly string[], next: Json | undefined): Json {
  const copy = structuredClone(value) as Record<string, Json>;
  const inner = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, Json>, copy);
  const last = path.at(-1) ?? '';
  if (next === undefined) delete inner[last];
  else inner[last] = next;
  return copy;
}

const at = (value: Json, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((inner, key) => (inner as Record<string, Json>)[key], value);

function problemsOf(locale: string, value: Json): readonly string[] {
  const problems: string[] = [];
  expect(readWording(locale, value, problems) === null).toBe(problems.length > 0);
  return problems;
}

describe.each(LOCALES)('the words of %s', (locale) => {
  const file = fileOf(locale);

  test('are read without a complaint', () => expect(problemsOf(locale, file)).toEqual([]));

  test('are refused when any of them is missing, empty, of two lines, or not known', () => {
    const paths = pathsOf(file);
    expect(paths.length).toBeGreaterThan(100);
    for (const path of paths) {
      const name = path.join('.');
      const named = expect.arrayContaining([expect.stringContaining(name)]);
      expect(problemsOf(locale, changed(file, path, undefined)), name).toEqual(named);
      const value = at(file, path);
      if (typeof value === 'string' && name !== 'gap') {
        expect(problemsOf(locale, changed(file, path, ' ')), name).toEqual(named);
        expect(problemsOf(locale, changed(file, path, `${value}\nBcc: x`)), name).toEqual(named);
      }
    }
    expect(problemsOf(locale, changed(file, ['standing', 'sleeping'], 'x'))).toEqual([
      expect.stringContaining('sleeping'),
    ]);
  });

  test('are refused when a value is lost, misspelt or made up', () => {
    for (const path of pathsOf(file)) {
      const [name, value] = [path.join('.'), at(file, path)];
      if (typeof value !== 'string' || name === 'format' || name === 'gap') continue;
      const made = problemsOf(locale, changed(file, path, `${value} {nobody}`));
      expect(made, name).toEqual([`${name}: has no value {nobody}`]);
      for (const place of new Set(value.match(/\{[a-z]+\}/g))) {
        const lost = problemsOf(locale, changed(file, path, `x ${value.replaceAll(place, '')}`));
        expect(lost, name).toEqual([`${name}: lacks ${place}`]);
        const open = problemsOf(locale, changed(file, path, value.replace(place, place.slice(1))));
        expect(open, name).toEqual([`${name}: holds a brace that encloses no value`]);
      }
    }
  });

  test('have exactly the plural forms of the language', () => {
    expect(problemsOf(locale, changed(file, ['count', 'tries', 'dozens'], '{count}'))).toHaveLength(1);
    expect(problemsOf(locale, changed(file, ['count', 'tries', 'other'], undefined))).toHaveLength(1);
  });

  test('have labels that a line of a form can carry', () => {
    for (const bad of [[], ['A: B'], ['  '], 'Source'] as const) {
      const problems = problemsOf(locale, changed(file, ['form', 'source'], bad));
      expect(problems).toEqual([expect.stringMatching(/^form\.source/)]);
    }
  });

  test('are dated and counted as their own language does', () => {
    const other = locale === 'da' ? 'sv' : 'da';
    for (const tag of [other, 'no tag', '']) {
      expect(problemsOf(locale, changed(file, ['format'], tag))).toEqual([
        expect.stringMatching(/^format: /),
      ]);
    }
  });
});

test('the words of records may be left out in English alone', () => {
  for (const locale of LOCALES) {
    expect(problemsOf(locale, changed(fileOf(locale), ['records'], null)), locale).toEqual(
      locale === 'en' ? [] : ['records: is null, which only English words may be'],
    );
  }
});

test('every problem of every file is told at once, by file and key', () => {
  const home = mkdtempSync(join(tmpdir(), 'purgedesk-words-'));
  try {
    cpSync(DIR, home, { recursive: true });
    writeFileSync(join(home, 'en', 'words.json'), '{ not json');
    rmSync(join(home, 'fr', 'words.json'));
    const german = changed(changed(fileOf('de'), ['cancel'], ''), ['hold', 'agent'], undefined);
    writeFileSync(join(home, 'de', 'words.json'), JSON.stringify(german));
    expect(() => loadTemplates(home)).toThrow(
      expect.objectContaining({
        code: 'PD_TEMPLATE_INVALID',
        message: expect.stringMatching(
          /(?=[\s\S]*en\/words\.json: is no JSON)(?=[\s\S]*fr\/words\.json: the file is missing)(?=[\s\S]*de\/words\.json: cancel: is empty)(?=[\s\S]*de\/words\.json: hold\.agent: )/,
        ),
      }),
    );
    expect(() => loadWording(home, 'en')).toThrow('en/words.json: is no JSON');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
