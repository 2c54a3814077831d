import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tableOf } from './tally.ts';

test('the table of a run has a line for each fault with how often it was injected and what became of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-tally-'));
  try {
    const file = join(folder, 'tally');
    await writeFile(file, 'F09 200\nF02 3\nF09 1\n');
    const table = tableOf(file, [
      { fullName: 'F09 a connection > that is cut', passed: true },
      { fullName: 'F09 and F10 > noise', passed: false },
      { fullName: 'no row', passed: true },
    ]);
    expect(
      table
        .split('\n')
        .slice(1)
        .map((line) => line.replace(/ {2,}/g, '|')),
    ).toEqual([
      'F02|kill -9 at random moments, under load|3|no test ran',
      'F09|IMAP connection cut anywhere|201|FAILED: 1 of 2 tests',
      'F10|IMAP server that breaks the protocol|0|FAILED: 1 of 1 tests',
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
