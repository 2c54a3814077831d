import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { vi } from 'vitest';

/** A command as a person calls it, against a desk with these stores. @returns what it writes to standard output */
export async function runCommand(
  desk: { readonly url: string; readonly stores: readonly unknown[] },
  commands: readonly ((program: Command) => unknown)[],
  args: readonly string[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-command-'));
  const yaml = join(folder, 'purgedesk.yaml');
  await writeFile(yaml, JSON.stringify({ stores: desk.stores }));
  vi.stubEnv('PURGEDESK_CONFIG', yaml);
  vi.stubEnv('DATABASE_URL', desk.url);
  vi.stubEnv('SECRET_KEY', randomBytes(32).toString('base64'));
  vi.stubEnv('IMAP_URL', 'imap://desk:secret@127.0.0.1:1/INBOX');
  vi.stubEnv('SMTP_URL', 'smtp://127.0.0.1:1');
  vi.stubEnv('DESK_ADDRESS', 'desk@example.org');
  vi.stubEnv('PUBLIC_URL', 'https://privacy.example.org');
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  try {
    const program = new Command();
    for (const add of commands) add(program);
    await program.parseAsync(['node', 'purgedesk', ...args]);
  } finally {
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  }
  return written.join('');
}
