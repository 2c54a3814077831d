import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Transcript } from '../../src/commands/demo/run-demo.ts';
import { COMPILED } from '../support/compile-cache.ts';

const BIN = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));
/** Seven stories on a machine that runs other tests as well. */
const WHOLE_DEMO_MS = 240_000;

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
  await chmod(folder, 0o711); // as root the database runs under another account
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The demo in a folder of its own, in which it also keeps its data; `env` as an operator may have set it. */
function startDemo(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { FORCE_COLOR: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [...COMPILED, BIN, 'demo', ...args], {
    cwd: folder,
    env: { ...inherited, NO_COLOR: '1', TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const says = async (wanted: string): Promise<void> => {
    while (!out.includes(wanted)) await Promise.race([once(child.stdout, 'data'), failIfEnded()]);
  };
  const failIfEnded = async (): Promise<never> => {
    throw new Error(`the demo ended with ${await ended}: ${err}`);
  };
  return { child, ended, says, out: () => out, err: () => err };
}

const demoFolders = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('purgedesk-demo-'));

describe('purgedesk demo', () => {
  test(
    'tells all stories, finds that everything holds, and uses no setting from outside',
    async () => {
      const folder = await temporaryFolder();
      // Any of these would end the demo, or send it to another database, if it were read.
      await writeFile(join(folder, 'purgedesk.yaml'), 'no such setting: true\n');
      const outside = {
        DATABASE_URL: 'postgres://nobody:wrong@127.0.0.1:1/none',
        IMAP_URL: 'imap://nobody:wrong@127.0.0.1:1',
        SMTP_URL: 'smtp://127.0.0.1:1',
        SECRET_KEY: 'short',
        CRASH_AT: 'ingest.decided',
        LOG_LEVEL: 'trace',
        PUBLIC_URL: 'https://desk.example.org',
      };
      const demo = startDemo(folder, ['--json', 'transcript.json'], outside);
      const code = await demo.ended;
      expect(demo.err()).toBe('');
      const transcript = JSON.parse(await readFile(join(folder, 'transcript.json'), 'utf8')) as Transcript;
      expect(transcript.checks.filter((check) => !check.ok)).toEqual([]);
      expect(code).toBe(0);
      expect(transcript.ok).toBe(true);
      expect(transcript.checks.length).toBeGreaterThan(40);
      expectWholeStory(transcript);
      expect(demo.out()).toContain('certificate-PD-1001.pdf');
      expect(demo.out()).toContain('receipt-PD-1001.json, the signed receipt that proves it');
      expect(demo.out()).not.toContain('\u001b');
      expect(
        demo
          .out()
          .split('\n')
          .filter((line) => [...line].length > 100),
      ).toEqual([]);
      expect(await demoFolders(folder)).toEqual([]);
    },
    WHOLE_DEMO_MS,
  );

  test(
    'stops at SIGINT with 130, and takes everything with it',
    async () => {
      const folder = await temporaryFolder();
      const demo = startDemo(folder, []);
      await demo.says('1 of 7');
      demo.child.kill('SIGINT');
      expect(await demo.ended).toBe(130);
      expect(demo.out()).toContain('Interrupted');
      expect(demo.err()).toBe('');
      expect(await demoFolders(folder)).toEqual([]);
    },
    WHOLE_DEMO_MS,
  );

  test(
    'leaves no process behind when it is killed',
    async () => {
      const folder = await temporaryFolder();
      const demo = startDemo(folder, []);
      await demo.says('1 of 7');
      const [data] = await demoFolders(folder);
      const lock = join(folder, data ?? '', 'postgres', 'cluster', 'postmaster.pid');
      const pid = Number((await readFile(lock, 'utf8')).split('\n')[0]);
      expect(isAlive(pid)).toBe(true);
      demo.child.kill('SIGKILL');
      await demo.ended;
      await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
    },
    WHOLE_DEMO_MS,
  );
});

function expectWholeStory({ steps, tickets }: Transcript): void {
  expect(tickets.map(({ ticket, state }) => [ticket, state])).toEqual([
    ['PD-1001', 'completed'],
    ['PD-1002', 'cancelled'],
    ['PD-1003', 'completed'],
    ['PD-1004', 'completed'],
    ['PD-1005', 'rejected'],
    ['PD-1006', 'rejected'],
    ['PD-1007', 'received'],
    ['PD-1008', 'completed'],
    ['PD-1009', 'completed'],
  ]);
  expect(tickets.filter(({ state, deleted }) => (state === 'completed') !== (deleted !== null))).toEqual([]);
  const instants = steps.map((step) => step.at);
  expect(instants.every((at) => new Date(at).toISOString() === at)).toBe(true);
  const kinds = new Set(steps.map((step) => step.kind));
  expect([...kinds].sort()).toEqual([
    'chapter',
    'clock',
    'decision',
    'mail_in',
    'mail_out',
    'note',
    'rows',
    'silence',
  ]);
  const templates = new Set(steps.flatMap((step) => (step.kind === 'mail_out' ? [step.template] : [])));
  expect([...templates].sort()).toEqual([
    'blocked',
    'cancelled',
    'completed',
    'grace_reminder',
    'grace_started',
    'needs_details',
    'not_authorised',
    'owner_notice',
    'purge_started',
    'residue_released',
    'status',
    'verify_failed',
    'verify_request',
  ]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
