/** Runs the project's own attack mails, one group after the other, and scores what became of them. */

import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ATTACKS, fileOf } from './attacks/index.ts';
import type { Keyring } from './attacks/keyring.ts';
import { CLOCK, DESK, type Group, MX } from './attacks/world.ts';
import { type Expected, type Line, outsideOf, score, totalsOf, type Verdict } from './score.ts';

const FOLDER = import.meta.dirname;
const noKeys: Keyring = (name) => {
  throw new RangeError(`${name}: mails that are made at the run are signed by nobody`);
};

/**
 * Says of each mail that is outside why, as soon as it is known, and the totals at the end.
 * @param only - part of `group/file`; empty = all
 * @returns whether every mail is inside
 */
export async function runOwnSet(only: string, say: (line: string) => void): Promise<boolean> {
  const all = (await readFile(join(FOLDER, 'expected.jsonl'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Expected);
  const chosen = all.filter(({ file, group }) => `${group}/${file}`.includes(only));
  const work = await mkdtemp(join(tmpdir(), 'purgedesk-trust-set-'));
  const verdicts: Verdict[] = [];
  try {
    for (const group of new Set(chosen.map((each) => each.group))) {
      const expected = chosen.filter((each) => each.group === group);
      const mails = join(work, group);
      await gather(
        group,
        expected.map(({ file }) => file),
        mails,
      );
      say(`${group}: ${expected.length} mails`);
      const left = new Map(expected.map((each) => [each.file, each]));
      const judge = (each: Expected, lines: readonly Line[]) => {
        const found = score([each], lines);
        verdicts.push(...found);
        for (const line of outsideOf(found)) say(line);
      };
      for await (const line of runGroup(group, mails)) {
        const each = left.get(line.file ?? '');
        left.delete(line.file ?? '');
        if (each !== undefined) judge(each, [line]);
      }
      for (const each of left.values()) judge(each, []);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  say(totalsOf(verdicts));
  return verdicts.every(({ outside }) => outside.length === 0);
}

/** Copies the mails that are kept and makes the others. */
async function gather(group: Group, files: readonly string[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const kept = new Set(await readdir(join(FOLDER, 'mails', group)).catch(() => []));
  for (const file of files) {
    if (kept.has(file)) {
      await copyFile(join(FOLDER, 'mails', group, file), join(folder, file));
      continue;
    }
    const attack = ATTACKS.find((each) => fileOf(each) === file);
    if (attack?.madeAtRun !== true) throw new Error(`${group}/${file} is missing: run npm run trust:mails`);
    await writeFile(join(folder, file), await attack.build(noKeys));
  }
}

async function* runGroup(group: Group, mails: string): AsyncGenerator<Line> {
  const args = [
    join(FOLDER, 'run.ts'),
    ...['--mails', mails],
    ...['--directory', join(FOLDER, 'directory.json')],
    ...['--zone', join(FOLDER, 'zone.json')],
    ...['--clock', CLOCK.toISOString()],
    ...['--desk-address', DESK],
    ...['--trusted-received-by', MX],
    ...(group === 'together' ? ['--together'] : []),
    ...(group === 'fresh' || group === 'together' ? [] : ['--state', join(FOLDER, 'state', `${group}.json`)]),
    '--json',
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  ended.catch(() => undefined); // awaited below, once its lines have been read
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) yield JSON.parse(line) as Line;
  }
  const code = await ended;
  if (code !== 0) throw new Error(`the run of the group ${group} ended with ${code}`);
}
