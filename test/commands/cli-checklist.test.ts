import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { addChecklistCommands } from '../../src/commands/cli-checklist.ts';
import type { TicketId } from '../../src/domain/ids.ts';
import { storesSchema } from '../../src/purge/catalogue.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { openStores } from '../../src/purge/stores/open-stores.ts';
import { type Desk, openDesk } from '../purge/desk.ts';
import { ACME, WORKSPACE_TARGET } from '../purge/fixtures.ts';
import { NEVER } from '../purge/store-contract.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const STORES = [
  {
    name: 'office',
    kind: 'manual',
    scopes: ['workspace'],
    checklists: [
      {
        checklist: 'binders',
        items: [
          { item: 'shred', text: 'Shred the binder of {workspace}' },
          { item: 'tapes', text: 'Erase the tapes of {workspace}' },
        ],
      },
    ],
  },
];

/** A workspace whose purge is a checklist that waits. */
async function waiting(desk: Desk): Promise<TicketId> {
  const catalogue = storesSchema.parse(STORES);
  const id = await desk.ticketInGrace(WORKSPACE_TARGET);
  await rehearse({ ...desk.ports, catalogue, stores: openStores(catalogue, desk.db) }, id, NEVER);
  await desk.startPurge(id);
  await desk.db('holds').insert({
    ticket_id: id,
    reason: 'checklist',
    placed_by: 'desk',
    placed_at: new Date(),
  });
  return id;
}

/** The command, as a person calls it. @returns what it writes to standard output */
async function run(desk: Desk, ...args: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-checklist-'));
  const yaml = join(folder, 'purgedesk.yaml');
  await writeFile(yaml, JSON.stringify({ stores: STORES }));
  vi.stubEnv('PURGEDESK_CONFIG', yaml);
  vi.stubEnv('DATABASE_URL', desk.url);
  vi.stubEnv('SECRET_KEY', randomBytes(32).toString('base64'));
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
    addChecklistCommands(program);
    await program.parseAsync(['node', 'purgedesk', 'purge', ...args]);
  } finally {
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  }
  return written.join('');
}

test('a checklist is shown and ticked, and the last tick lets the purge go on', async () => {
  await using desk = await openDesk();
  const id = await waiting(desk);
  const ticket = `PD-${id}`;
  const as = (name: string) => ['--as', name, '--evidence', 'protocol 17'];
  expect(await run(desk, 'checklist', ticket)).toMatch(
    new RegExp(`1 +office +shred +to do +Shred the binder of ${ACME}`),
  );
  expect(await run(desk, 'tick', ticket, '1', 'shred', ...as('ada'))).toBe(`${ticket}: 1 left in step 1.\n`);
  await expect(run(desk, 'tick', ticket, '1', 'shred', ...as('grace'))).rejects.toMatchObject({
    code: 'PD_USAGE',
    message: `${ticket} takes no tick: ada ticked it already`,
  });
  expect(await desk.db('holds').whereNull('lifted_at')).toHaveLength(1);
  expect(await run(desk, 'tick', ticket, '1', 'tapes', ...as('grace'))).toBe(
    `${ticket}: step 1 is through; the purge goes on.\n`,
  );
  expect(await desk.db('holds').first('reason', 'lifted_by', 'lift_note')).toMatchObject({
    reason: 'checklist',
    lifted_by: expect.stringContaining('grace'),
    lift_note: 'every item is ticked',
  });
  const jobs = await desk.db.raw(`select key from graphile_worker.jobs where key like 'step:%'`);
  expect(jobs.rows).toEqual([{ key: `step:${id}:1` }]);
  expect(JSON.parse(await run(desk, 'checklist', ticket, '--json'))).toMatchObject([
    { item: 'shred', ticked: { by: 'ada', evidence: 'protocol 17' } },
    { item: 'tapes', ticked: { by: 'grace' } },
  ]);
});
