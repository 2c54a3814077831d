import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { CRASH_LABELS, readCrashAt } from '../../src/domain/crash-label.ts';

const ROOT = new URL('../../', import.meta.url);

async function textsOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(new URL(folder, ROOT), { recursive: true });
  return Promise.all(
    names
      .filter((name) => name.endsWith('.ts') && !name.includes('crash-label'))
      .map((name) => readFile(new URL(`${folder}${name}`, ROOT), 'utf8')),
  );
}

test('every crash label stands at exactly one kind of place in the source, and a test ends the process there', async () => {
  const [sources, tests] = await Promise.all([textsOf('src/'), textsOf('test/')]);
  const lacks = (texts: readonly string[]) =>
    CRASH_LABELS.filter((label) => !texts.some((text) => new RegExp(`'${label}(#\\d+)?'`).test(text)));
  expect(lacks(sources)).toEqual([]);
  expect(lacks(tests)).toEqual([]);
  expect(CRASH_LABELS.length).toBeGreaterThanOrEqual(24);
});

test('a label with a number is its nth passing, and what is no label is nothing', () => {
  expect(readCrashAt('reply.sent')).toEqual({ label: 'reply.sent', nth: 1 });
  expect(readCrashAt('reply.sent#12')).toEqual({ label: 'reply.sent', nth: 12 });
  for (const text of ['now', 'reply', 'reply.sent#', 'reply.sent#0', 'reply.sent#x', 'reply.sent#1#2'])
    expect(readCrashAt(text)).toBe(null);
});
