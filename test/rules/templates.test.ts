import { readdir, readFile } from 'node:fs/promises';
import Handlebars from 'handlebars';
import { expect, test } from 'vitest';
import { withoutComments } from './layers.ts';

const ROOT = new URL('../../', import.meta.url);

async function textsOf(folder: string, ending: string): Promise<[path: string, text: string][]> {
  const names = (await readdir(new URL(folder, ROOT), { recursive: true })).filter((name) =>
    name.endsWith(ending),
  );
  return Promise.all(
    names.map(
      async (name) => [name, await readFile(new URL(`${folder}${name}`, ROOT), 'utf8')] as [string, string],
    ),
  );
}

const found = (texts: readonly [string, string][], pattern: RegExp): string[] =>
  texts.filter(([, text]) => pattern.test(text)).map(([path]) => path);

test('T61 no template of a mail or a page puts out a value without escaping it, or looks one up by a computed name', async () => {
  const templates = await textsOf('templates/', '.hbs');
  expect(templates.length).toBeGreaterThan(100);
  expect(
    found(templates, /\{\{\{|\{\{~?&|\{\{~?\s*(lookup|log|helperMissing|constructor|__proto__)\b/),
  ).toEqual([]);
});

test('every page compiles: a desk that starts only parses them', async () => {
  const pages = await textsOf('templates/console/', '.hbs');
  expect(pages.length).toBeGreaterThan(50);
  const options = { strict: true, knownHelpersOnly: true, knownHelpers: { inWords: true } };
  for (const [path, text] of pages) expect(() => Handlebars.precompile(text, options), path).not.toThrow();
});

test('T61 no source marks a text as safe, and Handlebars compiles files in strict mode only', async () => {
  const sources = (await textsOf('src/', '.ts')).map(
    ([path, text]) => [path, withoutComments(text)] as [string, string],
  );
  expect(found(sources, /\bSafeString\b|allowProto|allowedProto|\beval\(|new Function\b/)).toEqual([]);
  const compiling = sources.filter(
    ([, text]) => /\.(pre)?compile(<\w+>)?\(/.test(text) && /handlebars/.test(text),
  );
  expect(compiling.map(([path]) => path).sort()).toEqual(['console/pages.ts', 'reply/render.ts']);
  for (const [path, text] of compiling) {
    expect(text, path).toMatch(/strict: true/);
    expect(text, path).toMatch(/knownHelpersOnly: true/);
    // What is compiled was read from a file of the package, at the start.
    expect(text, path).toMatch(/source = (readPart|readFileSync)\(/);
  }
});
