import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { addReceiptCommands } from '../../src/commands/cli-receipt.ts';
import { receiptKey, signReceipt } from '../../src/purge/receipt.ts';
import { receiptFile } from '../../src/reply/message.ts';
import { mixedReceipt } from '../reply/facts.ts';
import { freshDatabase } from '../support/database.ts';

const KEY = receiptKey(Buffer.alloc(32, 3));
const OTHER = receiptKey(Buffer.alloc(32, 4));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purgedesk-receipt-'));
  await writeFile(
    join(folder, 'receipt.json'),
    receiptFile(signReceipt(mixedReceipt().receipt, KEY.privateKey)),
  );
  await writeFile(join(folder, 'trusted.txt'), `${KEY.publicKey}\n`);
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

/** The command, as a person calls it. @returns what it writes to standard output, and its exit code */
async function run(...args: readonly string[]): Promise<{ readonly output: string; readonly code: number }> {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  const program = new Command();
  addReceiptCommands(program);
  await program.parseAsync(['node', 'purgedesk', 'receipt', ...args]);
  vi.restoreAllMocks();
  return { output: written.join(''), code: Number(process.exitCode ?? 0) };
}

const path = (name: string): string => join(folder, name);

test('a receipt is checked without any setting or database, and its counts are told apart', async () => {
  const { output, code } = await run('verify', path('receipt.json'));
  expect(code).toBe(0);
  expect(output).toContain('The receipt holds: PD-1042, events, completed 2026-11-28T00:20:00.000Z.');
  expect(output).toContain(
    '1204 deleted, 412 cleared of properties, 3 done by hand, 0 found afterwards, in 3 step(s).',
  );
  expect(output).toContain('To know whose key that is, give --key.');
});

test.each([
  { title: 'as base64', key: () => KEY.publicKey },
  { title: 'in a file', key: () => path('trusted.txt') },
])('with the key $title only what it signed holds', async ({ key }) => {
  const { output, code } = await run('verify', path('receipt.json'), '--key', key());
  expect({ code, asks: output.includes('give --key') }).toEqual({ code: 0, asks: false });
  await writeFile(path('forged.json'), receiptFile(signReceipt(mixedReceipt().receipt, OTHER.privateKey)));
  expect(await run('verify', path('forged.json'), '--key', key())).toEqual({
    output: 'The receipt does not hold: it is signed with another key\n',
    code: 1,
  });
});

test('a changed byte is refused, also one that is no text', async () => {
  const bytes = await readFile(path('receipt.json'));
  bytes[200] = 0xff;
  await writeFile(path('changed.json'), bytes);
  expect(await run('verify', path('changed.json'))).toEqual({
    output: 'The receipt does not hold: it is not UTF-8\n',
    code: 1,
  });
});

test('a key that is none is refused before anything is said about the receipt', async () => {
  await writeFile(path('no-key.txt'), 'hello');
  const tried = run('verify', path('receipt.json'), '--key', path('no-key.txt'));
  await expect(tried).rejects.toMatchObject({ code: 'PD_USAGE' });
});

test('the desk prints its key, and the former ones', async () => {
  await using database = await freshDatabase();
  await database.db('receipt_keys').insert({
    public_key: OTHER.publicKey,
    first_used_at: new Date('2024-01-01T00:00:00Z'),
  });
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('SECRET_KEY', Buffer.alloc(32, 3).toString('base64'));
  vi.stubEnv('IMAP_URL', 'imap://desk:secret@127.0.0.1:1/INBOX');
  vi.stubEnv('SMTP_URL', 'smtp://127.0.0.1:1');
  vi.stubEnv('DESK_ADDRESS', 'desk@example.org');
  vi.stubEnv('PUBLIC_URL', 'https://privacy.example.org');
  const { output } = await run('key', '--json');
  expect(JSON.parse(output)).toMatchObject([
    { publicKey: KEY.publicKey, isCurrent: true, firstUsedAt: null },
    { publicKey: OTHER.publicKey, isCurrent: false, firstUsedAt: '2024-01-01T00:00:00.000Z' },
  ]);
});
