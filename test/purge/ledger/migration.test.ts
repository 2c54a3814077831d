import { expect, test } from 'vitest';
import { down, up } from '../../../migrations/20261122174000_chain_erasure_ledger.ts';
import { adoptErasures } from '../../../src/purge/ledger/adopt.ts';
import { readLedger } from '../../../src/purge/ledger/ledger.ts';
import { verifyLedger } from '../../../src/purge/ledger/verify.ts';
import { rehearse } from '../../../src/purge/rehearse.ts';
import { openDesk } from '../desk.ts';
import { ACME, sampleTarget } from '../fixtures.ts';
import { NEVER } from '../store-contract.ts';

test('erasures from before there was a chain are carried over with their steps, and chained with the key', async () => {
  await using desk = await openDesk();
  const { db } = desk;
  const id = await desk.ticketInGrace(sampleTarget());
  await rehearse(desk.ports, id, NEVER);
  const [planned] = await db('purge_steps').where({ ticket_id: id }).select('step');
  await db.transaction(down);
  const old = { store: 'archive', predicate: planned.step.predicate, erased_at: '2024-05-08T00:01:00Z' };
  await db('erasure_ledger').insert([
    { ...old, ticket_id: id, target: `public.events@${ACME}`, deleted: 124 },
    // Of a plan that is not kept any more.
    { ...old, ticket_id: id, target: `public.gone@${ACME}`, deleted: 7 },
  ]);
  await db.transaction(up);
  expect(await verifyLedger(db, desk.ports.ledgerKey)).toMatchObject({
    entries: 0,
    unchained: 2,
    problems: [],
  });
  await adoptErasures(db, desk.ports.ledgerKey);
  expect(await verifyLedger(db, desk.ports.ledgerKey)).toMatchObject({ entries: 2, sealed: 2, problems: [] });
  for await (const part of readLedger(db)) {
    const steps = part.map(({ link, sealed }) => sealed && desk.ports.ledgerKey.open(sealed, link.hash));
    expect(steps[0]).toEqual(planned.step);
    expect(steps[1]).toMatchObject({
      kind: 'unknown',
      target: 'public.gone',
      predicate: { workspaceId: ACME },
    });
    expect(part.map(({ link }) => link.deleted)).toEqual([124, 7]);
  }
});
