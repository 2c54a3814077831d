import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PurgedeskError } from '../domain/errors.ts';

/** A file that pages load. All are small and kept in memory. */
export interface Asset {
  readonly name: string;
  readonly type: string;
  readonly body: string;
}

export interface Assets {
  readonly files: readonly Asset[];
  /** Changes with any file, so that browsers fetch it anew. */
  readonly version: string;
}

/** @throws PurgedeskError `PD_TEMPLATE_INVALID` when one is missing */
export function loadAssets(home: string): Assets {
  const files = ASSETS.map(({ name, type }) => ({ name, type, body: readPart(join(home, 'assets', name)) }));
  const hash = createHash('sha256');
  for (const { name, body } of files) hash.update(`${name}\0${body}\0`);
  return { files, version: hash.digest('hex').slice(0, 12) };
}

/** @throws PurgedeskError `PD_TEMPLATE_INVALID` when the file cannot be read */
export function readPart(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PurgedeskError('PD_TEMPLATE_INVALID', 'a part of the web pages cannot be read', {
      cause,
      remedy: 'install purgedesk again: the folder templates/console is incomplete',
    });
  }
}

/** `templates/console` of this package. The same from the sources and from `dist/`, which lie at different depths. */
export function consoleHome(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'templates', 'console');
}

const ASSETS = [
  { name: 'style.css', type: 'text/css; charset=utf-8' },
  { name: 'icon.svg', type: 'image/svg+xml; charset=utf-8' },
] as const;
