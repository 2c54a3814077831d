/** The files of a run, each wrong one named in one line. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImportedWorkspace, readDirectory } from '../../../src/directory/read-directory.ts';
import { UsageError } from './options.ts';

export interface MailFile {
  /** The file's name within the folder. */
  readonly file: string;
  readonly raw: Buffer;
}

/** Every `.eml` of the folder, by name. */
export async function readMails(folder: string): Promise<readonly MailFile[]> {
  const names = await readdir(folder).catch(() => {
    throw new UsageError(`--mails: cannot read the folder ${folder}`);
  });
  const mails = names.filter((name) => name.toLowerCase().endsWith('.eml')).sort();
  if (mails.length === 0) throw new UsageError(`--mails: there is no .eml file in ${folder}`);
  return Promise.all(mails.map(async (file) => ({ file, raw: await readFile(join(folder, file)) })));
}

/** docs/directory.md's JSON or CSV; also the bare list of workspaces. */
export async function readWorkspaces(path: string): Promise<readonly ImportedWorkspace[]> {
  const text = await textOf('--directory', path);
  const bare = text.replace(/^\uFEFF/, '').trim();
  const isJson = /^[[{]/.test(bare);
  const read = isJson
    ? readDirectory(bare.startsWith('[') ? `{"workspaces":${bare}}` : bare, 'json')
    : readDirectory(text, 'csv');
  if ('problems' in read)
    throw new UsageError(`--directory: ${path}: ${read.problems.slice(0, 5).join('; ')}`);
  return read.workspaces;
}

export async function readJson(option: string, path: string): Promise<unknown> {
  const text = await textOf(option, path);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new UsageError(`${option}: ${path} is not JSON`);
  }
}

const textOf = (option: string, path: string): Promise<string> =>
  readFile(path, 'utf8').catch(() => {
    throw new UsageError(`${option}: cannot read ${path}`);
  });
