import { expect, test } from 'vitest';
import type { PlanStep } from '../../src/domain/plan.ts';
import { appendErasure } from '../../src/purge/ledger/ledger.ts';
import { ledgerKey } from '../../src/purge/ledger/seal.ts';
import { verifyLedger } from '../../src/purge/ledger/verify.ts';
import { linkHash } from '../../src/tickets/audit.ts';
import { tick } from '../../src/tickets/tick.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { ada, openTestDesk, sourceRequest, spaceRequest, type TestDesk } from './desk.ts';

const tickNow = (desk: TestDesk) =>
  tick(desk.db, desk.deps, (error) => {
    throw error;
  });

/** As somebody with the rights of the database's owner would, who knows how chains are made. */
async function rewriteFirstEvent(desk: TestDesk, ticket: number): Promise<void> {
  await desk.db.raw('alter table ticket_events disable trigger user');
  const events = await desk.db('ticket_events').where({ ticket_id: ticket }).orderBy('seq');
  let previous = '';
  for (const event of events) {
    const details = event.seq === 1 ? { ...event.details, verdict: 'entitled', forged: true } : event.details;
    const { seq, type, was, became, actor } = event;
    const hash = linkHash(previous, {
      ticket,
      seq,
      at: event.at.toISOString(),
      type,
      was,
      became,
      actor,
      details,
    });
    await desk
      .db('ticket_events')
      .where({ ticket_id: ticket, seq })
      .update({ details: JSON.stringify(details), previous_hash: previous, hash });
    previous = hash;
  }
  await desk.db('tickets').where({ id: ticket }).update({ audit_head: previous });
}

test('a chain that was rewritten as a whole fits its ticket, and no longer the anchor of its day', async () => {
  await using desk = await openTestDesk();
  await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
  await tickNow(desk);
  expect((await verifyAudit(desk.db)).problems).toEqual([]);
  const { id } = await desk.ticket();
  await rewriteFirstEvent(desk, id);
  expect((await verifyAudit(desk.db)).problems).toEqual([
    expect.stringMatching(/^PD-\d+: event 1 is not the one that \d{4}-\d{2}-\d{2} was anchored with$/),
  ]);
});

test('heads that were changed too no longer make up the hash of their anchor', async () => {
  await using desk = await openTestDesk();
  await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
  await tickNow(desk);
  const { id } = await desk.ticket();
  await rewriteFirstEvent(desk, id);
  await desk.db.raw('alter table anchored_heads disable trigger user');
  await desk.db.raw(`update anchored_heads a set hash = e.hash from ticket_events e
    where e.ticket_id = a.ticket_id and e.seq = a.seq`);
  expect((await verifyAudit(desk.db)).problems).toEqual([expect.stringContaining('its heads were changed')]);
});

test('a day anchors only the chains that have grown, and each anchor follows the one before', async () => {
  await using desk = await openTestDesk();
  await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
  await tickNow(desk);
  await desk.pass(24);
  await desk.mail({ from: ada, intent: 'delete', requests: [spaceRequest()] });
  await tickNow(desk);
  await tickNow(desk);
  const counts = await desk.db('audit_anchors').select('tickets').orderBy('day');
  // The second day holds the new ticket and the reminder of the first.
  expect(counts.map((row) => row.tickets)).toEqual([1, 2]);
  const report = await verifyAudit(desk.db);
  expect(report).toMatchObject({ anchors: 2, problems: [] });
  expect(report.newestAnchor).toMatch(/^[0-9a-f]{64}$/);
});

test('the ledger of erasures is anchored with the chains: rewritten as a whole it shows', async () => {
  await using desk = await openTestDesk();
  const key = ledgerKey(Buffer.alloc(32, 1));
  const append = (ticketId: number) =>
    desk.db.transaction((trx) =>
      appendErasure(trx, key, { kind: 'erased', ticketId, step: STEP, deleted: 1, at: new Date(0) }),
    );
  await append(1001);
  await append(1002);
  await tickNow(desk);
  expect(await verifyAudit(desk.db)).toMatchObject({ anchors: 1, problems: [] });
  expect(await desk.db('audit_anchors').select('tickets')).toEqual([{ tickets: 0 }]);
  await desk.db.raw('alter table erasure_ledger disable trigger user');
  await desk.db.raw('alter table ledger_seals disable trigger user');
  await desk.db.raw('truncate erasure_ledger, ledger_seals cascade');
  await desk.db('ledger_head').update({ seq: 0, hash: '' });
  await append(1003);
  await append(1004);
  expect((await verifyLedger(desk.db, key)).problems).toEqual([]);
  expect((await verifyAudit(desk.db)).problems).toEqual([
    expect.stringMatching(/^ledger: entry 2 is not the one that \d{4}-\d{2}-\d{2} was anchored with$/),
  ]);
});

const STEP: PlanStep = {
  no: 1,
  store: 'archive',
  kind: 'postgres',
  target: 'public.events',
  action: 'delete',
  predicate: {
    workspaceId: 'ws_acme',
    sourceId: null,
    spaceId: null,
    projectId: null,
    users: [],
    events: [],
    properties: [],
    receivedFrom: null,
    receivedBefore: null,
  },
};
