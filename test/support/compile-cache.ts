/**
 * Tests start programs by the hundred, and each would compile the same two thousand files anew. What is compiled is kept
 * only by a program that ends in order, and most of these are killed: so it is filled once, by one that is not.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const FOLDER = join(tmpdir(), 'purgedesk-compile-cache');
const PRELOAD = new URL(`keep-compiled.mjs?in=${encodeURIComponent(FOLDER)}`, import.meta.url).href;
const SOURCES = new URL('../../src/', import.meta.url);
/** Says by its age what has been compiled. */
const FILLED = join(FOLDER, 'filled');

/** What is loaded first: by a command, by a desk, by its threads. */
const STARTS = /^(cli-.*|serve|read-worker)\.ts$/;

/** What stands before the program, so that it and its threads use what was compiled before. */
export const COMPILED: readonly string[] = [`--import=${PRELOAD}`];

/** Has all of a desk compiled, unless it was since the last change. */
export async function fillCompileCache(): Promise<void> {
  const newest = await newestOf(fileURLToPath(SOURCES));
  const filled = await stat(FILLED).catch(() => null);
  if (filled !== null && filled.mtime >= newest) return;
  const commands = (await readdir(new URL('commands', SOURCES))).filter((name) => STARTS.test(name));
  const imports = commands.map((name) => `await import('${new URL(`commands/${name}`, SOURCES).href}');`);
  const program = [...COMPILED, '--input-type=module', '-e', imports.join('')];
  await promisify(execFile)(process.execPath, program, { env: {} });
  await mkdir(FOLDER, { recursive: true });
  await writeFile(FILLED, '');
  await utimes(FILLED, newest, newest);
}

async function newestOf(folder: string): Promise<Date> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const times = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).mtimeMs),
  );
  return new Date(Math.max(...times));
}
