import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder } from '../../src/sandbox/data-folder.ts';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'purgedesk-test-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

test('it is made for us alone, and the secret stays the same', async () => {
  const first = await openDataFolder(join(base, 'data'));
  expect((await stat(first.path)).mode & 0o777).toBe(0o700);
  expect((await stat(join(first.path, 'secret-key'))).mode & 0o777).toBe(0o600);
  expect(first.secretKey).toMatch(/^[0-9a-f]{64}$/);
  await first.release();
  await first.release();
  const second = await openDataFolder(join(base, 'data'));
  expect(second.secretKey).toBe(first.secretKey);
  await second.release();
  expect(await readdir(second.path)).toEqual(['secret-key']);
});

test('of many who open it at once one gets it, and the others hear who has it', async () => {
  const opened = await Promise.allSettled(
    Array.from({ length: 8 }, () => openDataFolder(join(base, 'data'))),
  );
  expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of opened) {
    if (outcome.status === 'fulfilled') continue;
    expect(outcome.reason).toMatchObject({
      code: 'PD_SANDBOX_FAILED',
      message: expect.stringMatching(/is in use by another process$/),
    });
  }
});

test('a killed holder does not keep it', async () => {
  const module = new URL('../../src/sandbox/data-folder.ts', import.meta.url).href;
  const program = `import { openDataFolder } from ${JSON.stringify(module)};
    await openDataFolder(${JSON.stringify(join(base, 'data'))});
    console.log('open'); setInterval(() => undefined, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await expect(openDataFolder(join(base, 'data'))).rejects.toMatchObject({ details: { pid: holder.pid } });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await (await openDataFolder(join(base, 'data'))).release();
});

test('a lock whose process number now belongs to a later process counts for nothing', async () => {
  await writeFile(join(base, 'lock.7'), JSON.stringify({ pid: process.pid, began: '1' }));
  const folder = await openDataFolder(base);
  expect((await readdir(base)).sort()).toEqual(['lock.8', 'secret-key']);
  await folder.release();
});

test('a folder that others may write to is refused', async () => {
  await chmod(base, 0o777);
  await expect(openDataFolder(base)).rejects.toMatchObject({
    code: 'PD_SANDBOX_FAILED',
    message: expect.stringContaining('others may write to it'),
  });
});
