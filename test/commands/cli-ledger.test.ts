import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { addLedgerCommands } from '../../src/commands/cli-ledger.ts';
import type { Desk } from '../purge/desk.ts';
import { sampleTarget } from '../purge/fixtures.ts';
import { openRestorable, purge, restore } from '../purge/ledger/scene.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

const USER = 'canary-u77';
const USER_TARGET = sampleTarget({ scope: 'user', source: null, timeFrame: null, users: [USER] });
const SECRET = Buffer.alloc(32, 3);

/** A purged user whose data a restored backup brought back. */
async function restored(desk: Desk): Promise<string> {
  await desk.db.raw(`update events set user_id = '${USER}' where user_id = 'u1'`);
  await desk.db.raw('truncate backup_events');
  await desk.db.raw('insert into backup_events select * from events');
  const id = await purge(desk, USER_TARGET);
  // Of the stand-in for the ticket's door the row itself is left in a state that the real one takes.
  await desk.db('tickets').where({ id }).update({ requester: 'ada@acme.example' });
  await restore(desk);
  return `PD-${id}`;
}

/** The command, as a person calls it. @returns what it writes to standard output */
async function run(desk: Desk, folder: string, ...args: readonly string[]): Promise<string> {
  const yaml = join(folder, 'purgedesk.yaml');
  const { store } = desk.customers;
  await writeFile(yaml, JSON.stringify({ stores: [store] }));
  vi.stubEnv('PURGEDESK_CONFIG', yaml);
  vi.stubEnv('DATABASE_URL', desk.url);
  vi.stubEnv('SECRET_KEY', SECRET.toString('base64'));
  vi.stubEnv('IMAP_URL', 'imap://desk:secret@127.0.0.1:1/INBOX');
  vi.stubEnv('SMTP_URL', 'smtp://127.0.0.1:1');
  vi.stubEnv('DESK_ADDRESS', 'desk@example.org');
  vi.stubEnv('PUBLIC_URL', 'https://privacy.example.org');
  vi.stubEnv('PURGE_ENABLED', 'true');
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  try {
    const program = new Command();
    addLedgerCommands(program);
    await program.parseAsync(['node', 'purgedesk', 'ledger', ...args]);
  } finally {
    vi.restoreAllMocks();
  }
  return written.join('');
}

const inFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-ledger-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

test('the ledger is listed, verified, exported and replayed, and names no end user', async () => {
  await using desk = await openRestorable();
  const ticket = await restored(desk);
  await inFolder(async (folder) => {
    const seen: string[] = [];
    const call = async (...args: readonly string[]) => {
      const said = await run(desk, folder, ...args);
      seen.push(said);
      return said;
    };
    expect(await call('list')).toMatch(new RegExp(`1 +\\S+ \\S+ +${ticket} +delete +archive +public.events`));
    expect(JSON.parse(await call('list', '--json', '--ticket', ticket))).toMatchObject([
      { ticket, canReplay: true },
    ]);
    expect(await call('verify')).toMatch(/^The ledger holds: 1 entry/);
    const file = join(folder, 'ledger.jsonl');
    expect(await call('export', file)).toContain('Written');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    seen.push(await readFile(file, 'utf8'));
    await expect(run(desk, folder, 'export', file)).rejects.toMatchObject({ code: 'PD_USAGE' });
    expect(await call('export', '-')).toBe(await readFile(file, 'utf8'));

    const before = await desk.customers.fingerprint('true');
    const dry = await call('replay', '--from', file);
    expect(dry).toContain('Nothing was changed');
    expect(await desk.customers.fingerprint('true')).toBe(before);
    const digest = /--confirm ([0-9a-f]{16}) /.exec(dry)?.[1] ?? '';
    await expect(run(desk, folder, 'replay', '--confirm', digest)).rejects.toMatchObject({
      code: 'PD_USAGE',
    });
    await expect(run(desk, folder, 'replay', '--confirm', digest, '--as', 'Grace')).rejects.toThrow(
      '--reason',
    );
    const order = ['--as', 'Grace', '--reason', 'the archive was restored'];
    await expect(run(desk, folder, 'replay', '--confirm', '0'.repeat(16), ...order)).rejects.toThrow(
      'not what matches now',
    );
    const done = await call('replay', '--from', file, '--confirm', digest, ...order);
    expect(done).toMatch(/erased, counted to nothing[\s\S]*The replay is complete/);
    expect(await call('replay')).toContain('Nothing would be erased.');
    expect(await call('list')).toMatch(/replay of 1/);
    const event = await desk
      .db('ticket_events')
      .where({ type: 'erasure_replayed' })
      .first('actor', 'details');
    expect(event).toMatchObject({ actor: 'agent:Grace', details: { step: 1 } });
    expect(JSON.stringify(event)).not.toContain('restored');
    expect(seen.join('\n')).not.toContain(USER);
  });
});

test('an instant without its zone, and a store that is not there, are refused', async () => {
  await using desk = await openRestorable();
  await inFolder(async (folder) => {
    for (const wrong of [
      ['--since', '2026-11-22'],
      ['--since', '2026-11-22T03:00'],
      ['--since', 'yesterday'],
      ['--store', 'attic'],
      ['--from', join(folder, 'nowhere')],
    ])
      await expect(run(desk, folder, 'replay', ...wrong), wrong.join(' ')).rejects.toMatchObject({
        code: 'PD_USAGE',
      });
  });
});

test('a ledger that was changed ends the verification with exit code 1', async () => {
  await using desk = await openRestorable();
  await purge(desk, USER_TARGET);
  await desk.db.raw('alter table erasure_ledger disable trigger user');
  await desk.db.raw('update erasure_ledger set deleted = 0 where deleted > 0');
  await desk.db.raw('update erasure_ledger set deleted = 5');
  await inFolder(async (folder) => {
    expect(await run(desk, folder, 'verify')).toMatch(/^Broken/);
    expect(process.exitCode).toBe(1);
  });
});
