import { afterEach, expect, test, vi } from 'vitest';
import { addChecklistCommands } from '../../src/commands/cli-checklist.ts';
import type { TicketId } from '../../src/domain/ids.ts';
import { storesSchema } from '../../src/purge/catalogue.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { openStores } from '../../src/purge/stores/open-stores.ts';
import { type Desk, openDesk } from '../purge/desk.ts';
import { ACME, WORKSPACE_TARGET } from '../purge/fixtures.ts';
import { NEVER } from '../purge/store-contract.ts';
import { runCommand } from './run-command.ts';

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
const run = (desk: Desk, ...args: readonly string[]): Promise<string> =>
  runCommand({ url: desk.url, stores: STORES }, [addChecklistCommands], ['purge', ...args]);

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
