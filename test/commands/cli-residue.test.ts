import { afterEach, expect, test, vi } from 'vitest';
import { addResidueCommands } from '../../src/commands/cli-residue.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { openStores } from '../../src/purge/stores/open-stores.ts';
import { type Desk, openDesk } from '../purge/desk.ts';
import { ACME, WORKSPACE_TARGET } from '../purge/fixtures.ts';
import { type Peer, startPeer, type Thing } from '../purge/http-peer.ts';
import { NEVER } from '../purge/store-contract.ts';
import { runCommand } from './run-command.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const contact = (id: number, overrides: Partial<Thing> = {}): Thing => ({
  id,
  collection: 'contacts',
  workspace_id: ACME,
  source_id: 'src_web',
  space_id: 'spa_1',
  project_id: 'prj_1',
  user_ids: ['u1'],
  event: 'Ordered',
  received_at: '2024-01-10T00:00:00.000Z',
  ...overrides,
});
const HELD = { kept: { reason: 'legal_hold', until: '2031-01-01' } };

/** The command, as a person calls it. @returns what it writes to standard output */
const run = (desk: Desk, peer: Peer, ...args: readonly string[]): Promise<string> =>
  runCommand(
    { url: desk.url, stores: [peer.definition] },
    [addResidueCommands],
    ['purge', 'accept-residue', ...args],
  );

test('what a service holds is accepted by name and reason, and the purge ends without it', async () => {
  await using peer = await startPeer([
    contact(1),
    contact(2, HELD),
    contact(3, { workspace_id: 'ws_globex' }),
  ]);
  await using desk = await openDesk();
  const catalogue = [peer.definition];
  const stores = openStores(catalogue, desk.db);
  const ports = { ...desk.ports, catalogue, stores };
  const id = await desk.ticketInGrace(WORKSPACE_TARGET);
  await rehearse(ports, id, NEVER);
  await desk.startPurge(id);
  await desk.work(ports);
  const ticket = `PD-${id}`;
  const said = ['--as', 'ada', '--reason', 'the court wants it'];
  expect(await desk.db('holds').whereNull('lifted_at').select('reason')).toEqual([{ reason: 'residue' }]);

  for (const wrong of [
    ['--as', 'ada', '--reason', ' '],
    ['--as', 'ada', '--reason', 'x'.repeat(501)],
  ]) {
    await expect(run(desk, peer, ticket, ...wrong)).rejects.toMatchObject({ code: 'PD_USAGE' });
  }
  expect(await run(desk, peer, ticket, ...said)).toBe(
    `${ticket}: step 2 goes on without 1 kept by a legal hold until 2031-01-01.\n`,
  );
  await expect(run(desk, peer, ticket, ...said)).rejects.toMatchObject({
    code: 'PD_USAGE',
    message: `${ticket}: no step of it waits because of what stays`,
  });
  const jobs = await desk.db.raw(`select key from graphile_worker.jobs where key like 'step:%'`);
  expect(jobs.rows).toHaveLength(1);

  await desk.db.transaction((trx) =>
    ports.enqueue(trx, 'purge.step', { ticketId: id, no: 2 }, `step:${id}:2`),
  );
  await desk.work(ports);
  const { signed } = await desk.db('receipts').where({ ticket_id: id }).first('signed');
  expect(signed.receipt).toMatchObject({ deletedTotal: 1, remainingTotal: 1 });
  expect(signed.receipt.retained[0]).toMatchObject({ category: 'legal_hold', until: '2031-01-01' });
  expect([...peer.things.keys()]).toEqual([2, 3]);
  await stores.close();
});
