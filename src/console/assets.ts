import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
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
  const folder = join(home, 'assets');
  const shared = [join(folder, 'tokens.css'), join(folder, 'common.css')];
  const files = [
    { name: 'style.css', type: CSS, body: joined([...shared, join(folder, 'style.css')]) },
    {
      name: 'desk.css',
      type: CSS,
      body: joined([...shared, ...inOrder(join(folder, 'desk'))]),
    },
    { name: 'morph.js', type: JS, body: readPart(MORPH) },
    { name: 'icon.svg', type: 'image/svg+xml; charset=utf-8', body: readPart(join(folder, 'icon.svg')) },
    ...readdirSync(join(folder, 'js')).map((name) => ({
      name: `js/${name}`,
      type: JS,
      body: readPart(join(folder, 'js', name)),
    })),
  ];
  const hash = createHash('sha256');
  for (const { name, body } of files) hash.update(`${name}\0${body}\0`);
  return { files, version: hash.digest('hex').slice(0, 12) };
}

const CSS = 'text/css; charset=utf-8';
const JS = 'text/javascript; charset=utf-8';
/** Brings a page to its new state and leaves focus, scrolling and half-written fields where they are. */
const MORPH = createRequire(import.meta.url).resolve('idiomorph/dist/idiomorph.min.js');

const joined = (paths: readonly string[]): string => paths.map(readPart).join('\n');

/** The files of a folder by name: 00-… comes first. */
const inOrder = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));

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
