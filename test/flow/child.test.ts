import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { spawnLeashed } from './child.ts';
import { until } from './until.ts';

const CHILD = new URL('child.ts', import.meta.url).href;

/** Starts two programs, stops one of them, says their pids, and waits. */
const STARTER = `
  const { spawnLeashed } = await import(${JSON.stringify(CHILD)});
  const children = [1, 2].map(() => spawnLeashed(['/bin/sh', '-c', 'echo here; exec sleep 600'], {}));
  for (const { stdout } of children) await new Promise((here) => stdout.once('data', here));
  process.kill(children[1].pid, 'SIGSTOP');
  console.log(children.map(({ pid }) => pid).join(' '));
  setInterval(() => undefined, 60_000);
`;

test('what a test has started does not outlive it, even if one is stopped and the other killed', async () => {
  const starter = spawn(process.execPath, ['--input-type=module', '-e', STARTER], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = (await once(starter.stdout, 'data')) as [Buffer];
  const pids = String(said).trim().split(' ').map(Number);
  expect(pids.filter(isAlive)).toHaveLength(2);
  starter.kill('SIGKILL');
  await until('both are gone', async () => pids.filter(isAlive).length === 0);
});

test('a program has the pid that is told, gets the signals that are sent, and ends as it ends', async () => {
  const child = spawnLeashed(['/bin/sh', '-c', 'echo $$ $WORD; kill -TERM $$'], { WORD: 'here' });
  const said = once(child.stdout ?? child, 'data');
  expect(await once(child, 'close')).toEqual([null, 'SIGTERM']);
  expect(String(await said).trim()).toBe(`${child.pid} here`);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
