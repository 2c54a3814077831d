/** The commands of agents about deletions in the app, workspaces that nobody owns, stops and suppressions, as they are called. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { addDirectoryCommands } from '../../src/commands/cli-directory.ts';
import { addSuppressionCommands } from '../../src/commands/cli-suppressions.ts';
import { addTicketCommands } from '../../src/commands/cli-tickets.ts';
import { planHash, policy } from '../tickets/cast.ts';
import { ada, openTestDesk, stranger, type TestDesk, workspaceRequest } from '../tickets/desk.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** @returns what a command writes to standard output */
async function run(desk: TestDesk, ...args: readonly string[]): Promise<string> {
  vi.stubEnv('DATABASE_URL', desk.url);
  vi.stubEnv('SECRET_KEY', Buffer.from(desk.deps.key).toString('base64'));
  vi.stubEnv('IMAP_URL', 'imap://desk:secret@127.0.0.1:1/INBOX');
  vi.stubEnv('SMTP_URL', 'smtp://127.0.0.1:1');
  vi.stubEnv('DESK_ADDRESS', 'desk@example.org');
  vi.stubEnv('PUBLIC_URL', 'https://privacy.example.org');
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  try {
    const program = new Command();
    addDirectoryCommands(program);
    addTicketCommands(program);
    addSuppressionCommands(program);
    await program.parseAsync(['node', 'purgedesk', ...args]);
  } finally {
    vi.restoreAllMocks();
  }
  return written.join('');
}

const as = (name: string, reason = 'seen') => ['--as', name, '--reason', reason];

test('an import tells which tickets it opened and cancelled, and asks before many', async () => {
  await using desk = await openTestDesk();
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-directory-'));
  const file = join(folder, 'directory.json');
  const entry = (id: string, slug: string, createdAt: string, deletedAt: string | null) => ({
    ...{ id, slug, name: slug, createdAt, deletedAt },
    members: [{ address: ada, role: 'owner' }],
  });
  const write = (deletedAt: string | null) =>
    writeFile(
      file,
      JSON.stringify({
        workspaces: [
          entry('ws_acme', 'acme-inc', '2020-01-01T00:00:00Z', deletedAt),
          entry('ws_globex', 'globex', '2021-01-01T00:00:00Z', deletedAt),
        ],
      }),
    );
  try {
    await write('2026-11-20T08:30:00Z');
    await expect(run(desk, 'directory', 'import', file, '--force')).rejects.toThrow('nothing was changed');
    expect(await desk.tickets()).toEqual([]);
    const opened = await run(desk, 'directory', 'import', file, '--force', '--deletions', '2');
    expect(opened).toContain('2 workspace(s) newly deleted');
    expect(opened).toContain('Opened, as deleted in the app: PD-1001, PD-1002');
    expect(await run(desk, 'tickets', 'show', 'PD-1001')).toMatch(/requester {3}the app/);
    await write(null);
    expect(await run(desk, 'directory', 'import', file)).toContain(
      'Cancelled, as revoked in the app: PD-1001, PD-1002',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('two agents take a ticket that nobody owns to its grace, and each is told where its mails go', async () => {
  await using desk = await openTestDesk();
  await desk.db('workspaces').insert({
    ...{ id: 'ws_old', slug: 'umbrella-old', name: 'Umbrella' },
    ...{ created_at: '2018-01-01T00:00:00Z', deleted_at: '2021-06-01T00:00:00Z' },
  });
  await desk.mail({ from: stranger, intent: 'delete', requests: [workspaceRequest('umbrella-old')] });
  const vouched = await run(desk, 'tickets', 'vouch', 'PD-1001', ...as('Grace', 'a letter'));
  expect(vouched).toContain('PD-1001 is now: approval');
  expect(vouched).toContain(`notices go to ${stranger}`);
  await desk.act({ id: 1001, event: { type: 'rehearsed', planHash, estimate: 1, overCap: false } });
  const first = await run(desk, 'tickets', 'approve', 'PD-1001', ...as('Grace'), '--plan', planHash);
  expect(first).toContain('approved    by Grace; it takes two different agents');
  await expect(run(desk, 'tickets', 'approve', 'PD-1001', ...as('grace'))).rejects.toThrow(
    'it takes a second agent',
  );
  const second = await run(desk, 'tickets', 'approve', 'PD-1001', ...as('Linus', 'called back'));
  expect(second).toContain('PD-1001 is now: grace');
  const shown = await run(desk, 'tickets', 'show', 'PD-1001');
  for (const words of ['approved    by Grace and Linus', 'a letter', 'called back'])
    expect(shown).toContain(words);
});

test('vouching is refused where somebody is in charge', async () => {
  await using desk = await openTestDesk();
  await desk.mail({ from: ada, intent: 'delete', requests: [workspaceRequest()] });
  await expect(run(desk, 'tickets', 'vouch', 'PD-1001', ...as('Grace'))).rejects.toThrow(
    'PD-1001 refuses this',
  );
});

test('stops are listed and lifted', async () => {
  await using desk = await openTestDesk();
  expect(await run(desk, 'directory', 'stops')).toContain('No workspace is stopped');
  await desk.mail({ from: ada, intent: 'cancel', requests: [workspaceRequest()] });
  expect(await run(desk, 'directory', 'stops')).toContain('ws_acme');
  expect(await run(desk, 'directory', 'lift', 'ws_acme', ...as('Grace'))).toContain('Lifted');
  await expect(run(desk, 'directory', 'lift', 'ws_acme', ...as('Grace'))).rejects.toThrow('is stopped');
});

test('suppressions are listed, checked, exported and removed', async () => {
  await using desk = await openTestDesk({ ...policy, suppressDeletedUsers: true });
  await desk.outlast(await desk.inGrace({ ...workspaceRequest(), scope: 'user', users: ['user_8812'] }));
  const list = await run(desk, 'suppressions', 'list', '--workspace', 'ws_acme');
  expect(list).toContain('PD-1001');
  expect(list).not.toContain('user_8812');
  expect(await run(desk, 'suppressions', 'check', 'ws_acme', 'user_8812')).toContain('Suppressed');
  expect(JSON.parse(await run(desk, 'suppressions', 'export', 'ws_acme'))).toMatchObject({
    workspaceId: 'ws_acme',
    salt: expect.stringMatching(/^[0-9a-f]{64}$/),
    hashes: [expect.stringMatching(/^[0-9a-f]{64}$/)],
  });
  await run(desk, 'suppressions', 'remove', 'ws_acme', 'user_8812', ...as('Grace'));
  expect(await run(desk, 'suppressions', 'check', 'ws_acme', 'user_8812')).toContain('Not on the list');
  await expect(run(desk, 'suppressions', 'remove', 'ws_acme', 'user_8812', ...as('Grace'))).rejects.toThrow(
    'not on the list',
  );
});
