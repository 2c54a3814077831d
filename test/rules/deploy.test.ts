/** The recipes by which the desk is run: an image, its companions, and units of systemd. */
import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROLES } from '../../src/commands/roles.ts';
import { SETTINGS } from '../../src/config.ts';
import { containerFaults } from './deploy.ts';

const ROOT = new URL('../../', import.meta.url);
const text = (path: string) => readFile(new URL(path, ROOT), 'utf8');
const exists = (path: string) => existsSync(new URL(path, ROOT));

const OF_NODE = /^NODE_(ENV|OPTIONS)$/;

/** A setting, or a setting that takes a secret followed by _FILE. */
const isSetting = (name: string): boolean =>
  name in SETTINGS ||
  (name.endsWith('_FILE') &&
    'secret' in ((SETTINGS as Record<string, object>)[name.replace(/_FILE$/, '')] ?? {}));

describe('the image', () => {
  test('is as our rules say', async () => {
    expect(containerFaults(await text('deploy/Containerfile'), exists)).toEqual([]);
  });

  test('the rules find what they look for', () => {
    const bad = `FROM node:latest
FROM example.org/node:24 AS run
ARG NPM_TOKEN
ENV SECRET_KEY=x
RUN npm install
RUN npm ci
COPY none ./
ADD https://example.org/x /x
USER root
CMD node x`;
    expect(containerFaults(bad, exists)).toHaveLength(14);
  });

  test('its settings exist, and every role that its companions name', async () => {
    const containerfile = await text('deploy/Containerfile');
    const set = [...(/^ENV (.*)$/m.exec(containerfile)?.[1] ?? '').matchAll(/([A-Z_]+)=/g)].map(
      ([, name]) => name ?? '',
    );
    expect(set.filter((name) => !OF_NODE.test(name) && !isSetting(name))).toEqual([]);
    const compose = parse(await text('deploy/compose.yaml'), { merge: true }) as {
      services: Record<
        string,
        {
          command?: string[];
          environment?: Record<string, string>;
          read_only?: boolean;
          cap_drop?: string[];
          healthcheck?: { test: string[] };
        }
      >;
    };
    const desks = Object.entries(compose.services).filter(([name]) => name !== 'database');
    for (const [name, desk] of desks) {
      expect([name, Object.keys(desk.environment ?? {}).filter((key) => !isSetting(key))]).toEqual([
        name,
        [],
      ]);
      expect([name, desk.read_only, desk.cap_drop]).toEqual([name, true, ['ALL']]);
    }
    const probe = JSON.parse(/^ {2}CMD (\[.*)$/m.exec(containerfile)?.[1] ?? '[]') as string[];
    for (const [name, { healthcheck }] of desks.filter(([, { command }]) => command?.[0] === 'serve'))
      expect([name, healthcheck?.test]).toEqual([name, ['CMD', ...probe]]);
    const roles = desks.flatMap(([, { command }]) =>
      command?.[1] === '--role' ? (command[2] ?? '').split(',') : [],
    );
    expect(roles.sort()).toEqual([...ROLES].sort());
  });
});

test('secrets that stand where the recipes want them get into no package, image or history', async () => {
  const { files } = JSON.parse(await text('package.json')) as { files: string[] };
  const shipped = files.filter((path) => path.startsWith('deploy'));
  expect(shipped.filter((path) => !statSync(new URL(path, ROOT)).isFile())).toEqual([]);
  for (const recipe of ['Containerfile', 'compose.yaml', 'roles.sql'])
    expect(shipped).toContain(`deploy/${recipe}`);
  const lines = async (path: string) => (await text(path)).split('\n');
  expect(await lines('.gitignore')).toContain('deploy/secrets/');
  const sent = (await lines('.dockerignore')).filter((line) => line !== '' && !line.startsWith('#'));
  expect(sent[0]).toBe('*');
  const copied = [...(await text('deploy/Containerfile')).matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(
    ([, paths = '']) => paths.split(' '),
  );
  expect(sent.slice(1).sort()).toEqual([...new Set(copied)].map((path) => `!${path}`).sort());
});

describe('the units', () => {
  test.each(['purgedesk.service', 'purgedesk@.service'])(
    '%s is one that systemd takes, and is shut in',
    async (unit) => {
      const source = await text(`deploy/systemd/${unit}`);
      const settings = [...source.matchAll(/^Environment=(.*)$/gm)].flatMap(([, rest = '']) =>
        [...rest.matchAll(/([A-Z_]+)=/g)].map(([, name]) => name ?? ''),
      );
      expect(settings.filter((name) => !OF_NODE.test(name) && !isSetting(name))).toEqual([]);
      await using folder = await temporaryFolder();
      // What stands there on the machine that runs it is not on this one.
      const here = source.replace('/usr/bin/purgedesk', '/bin/true').replace(/^EnvironmentFile=.*$/gm, '');
      const file = join(folder.path, unit.replace('@', '@work'));
      await writeFile(file, here);
      await analyze('verify', file);
      // 0 = shut in, 100 = does what it likes.
      await analyze('security', '--offline=true', '--threshold=20', file);
      await writeFile(file, here.replace(/^(Protect|Private|Restrict|SystemCall|DynamicUser).*$/gm, ''));
      await expect(analyze('security', '--offline=true', '--threshold=20', file)).rejects.toThrow();
      await writeFile(file, here.replace('Type=exec', 'Tpye=exec\nType=what'));
      await expect(analyze('verify', file)).rejects.toThrow();
    },
  );
});

/** @throws Error with what it says when it does not like the file */
async function analyze(...args: readonly string[]): Promise<void> {
  const run = promisify(execFile)('systemd-analyze', ['--no-pager', ...args]);
  const { stderr } = await run.catch((error: { code?: unknown; stderr?: string; stdout?: string }) => {
    if (error.code === 'ENOENT')
      throw new Error('this test needs systemd-analyze: apt-get install -y systemd');
    throw new Error(`systemd-analyze ${args.join(' ')}: ${error.stderr}${error.stdout}`);
  });
  // Unknown keys are only warned of.
  if (/Unknown|Failed to parse|ignoring/i.test(stderr)) throw new Error(stderr);
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'purgedesk-units-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
