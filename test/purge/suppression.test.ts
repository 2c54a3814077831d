/** People who are deleted one by one and not taken in again: from the purge's start to the answer a system gets. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { DeletionRequest } from '../../src/domain/request.ts';
import {
  exportSuppressions,
  isSuppressed,
  listSuppressions,
  removeSuppression,
} from '../../src/purge/suppression.ts';
import { policy } from '../tickets/cast.ts';
import { openTestDesk, sourceRequest, type TestDesk, workspaceRequest } from '../tickets/desk.ts';

const suppressing = { ...policy, suppressDeletedUsers: true };
const users = ['user_8812', 'jane@x.example', 'Zoë Ω', '%'];
const usersRequest = (named: readonly string[] = users): DeletionRequest => ({
  ...workspaceRequest(),
  scope: 'user',
  users: named,
});

/** A ticket whose grace is over and whose purge has just started. */
async function started(desk: TestDesk, request: DeletionRequest = usersRequest()) {
  const ticket = await desk.inGrace(request);
  await desk.outlast(ticket);
  expect((await desk.ticket(ticket.id)).state).toBe('purging');
  return ticket;
}

const onList = (desk: TestDesk, user: string, workspace = 'ws_acme') =>
  isSuppressed(desk.db, workspace, user);

describe('who is put on the list', () => {
  test('exactly the people of the ticket, in its workspace, when its purge starts and not before', async () => {
    await using desk = await openTestDesk(suppressing);
    const ticket = await desk.inGrace(usersRequest());
    for (const user of users) expect(await onList(desk, user)).toBe(false);
    await desk.outlast(ticket);
    for (const user of users) expect(await onList(desk, user)).toBe(true);
    for (const other of ['user_881', 'user_88123', 'USER_8812', 'Jane@x.example', '', '%%', 'user_8812 ']) {
      expect(await onList(desk, other)).toBe(false);
    }
    expect(await onList(desk, 'user_8812', 'ws_globex')).toBe(false);
    expect(await onList(desk, 'user_8812', 'ws_never')).toBe(false);
  });

  test('nobody, unless the policy says so', async () => {
    await using desk = await openTestDesk();
    await started(desk);
    expect(await listSuppressions(desk.db, { limit: 10 })).toEqual([]);
  });

  test.each([
    { title: 'a source', request: sourceRequest() },
    { title: 'a workspace', request: workspaceRequest() },
  ])('nobody when $title is deleted', async ({ request }) => {
    await using desk = await openTestDesk(suppressing);
    await started(desk, request);
    expect(await desk.db('suppression_salts')).toEqual([]);
    expect(await listSuppressions(desk.db, { limit: 10 })).toEqual([]);
  });

  test('nobody of a purge that did not start: what keeps it from starting keeps the list as it was', async () => {
    await using desk = await openTestDesk(suppressing);
    const ticket = await desk.inGrace(usersRequest());
    await desk.db('members').delete();
    await desk.outlast(ticket);
    expect((await desk.ticket(ticket.id)).state).toBe('grace');
    expect(await listSuppressions(desk.db, { limit: 10 })).toEqual([]);
  });

  test('once, however often they are deleted', async () => {
    await using desk = await openTestDesk(suppressing);
    const first = await started(desk, usersRequest(['u1', 'u2']));
    await started(desk, usersRequest(['u2', 'u3']));
    const lines = await listSuppressions(desk.db, { limit: 10 });
    expect(lines).toHaveLength(3);
    expect(lines.filter(({ ticketId }) => ticketId === first.id)).toHaveLength(1);
  });
});

describe('the start of the purge and the list', () => {
  test('are one: what cannot be put on the list keeps the purge from starting', async () => {
    await using desk = await openTestDesk(suppressing);
    const ticket = await desk.inGrace(usersRequest());
    await desk.db.raw('alter table suppressions add constraint nobody check (false)');
    await expect(desk.outlast(ticket)).rejects.toThrow();
    expect((await desk.ticket(ticket.id)).state).toBe('grace');
    await desk.db.raw('alter table suppressions drop constraint nobody');
    await desk.tick();
    expect((await desk.ticket(ticket.id)).state).toBe('purging');
    expect(await onList(desk, 'user_8812')).toBe(true);
  });

  test.each([
    { title: 'says so in the confirmation', off: [], said: true },
    { title: 'says nothing when somebody was taken off the list meanwhile', off: ['u1'], said: undefined },
  ])('the desk $title', async ({ off, said }) => {
    await using desk = await openTestDesk(suppressing);
    const { id } = await started(desk, usersRequest(['u1', 'u2', 'u2']));
    for (const userId of off) {
      const by = { agent: 'Grace', note: 'asked for it', at: new Date('2026-12-01T00:00:00Z') };
      await desk.db.transaction((trx) => removeSuppression(trx, { workspaceId: 'ws_acme', userId }, by));
    }
    await desk.db('receipts').insert({ ticket_id: id, signed: '{"publicKey":"k"}', created_at: new Date() });
    await desk.act({ id, event: { type: 'purge_finished' } });
    const mails = (await desk.outbox()).filter(({ template }) => template === 'completed');
    expect(mails.map(({ facts }) => facts.tickets[0]?.suppressed)).toEqual([said, said]);
  });
});

describe('what the list holds', () => {
  test('no user ID, and another hash for the same ID in another workspace', async () => {
    await using desk = await openTestDesk(suppressing);
    await started(desk, usersRequest(['user_8812']));
    await desk.db('suppression_salts').insert({ workspace_id: 'ws_globex', salt: Buffer.alloc(32, 1) });
    const stored = await desk.db.raw<{ rows: { row: string }[] }>(
      'select s::text as row from suppressions s union all select s::text from suppression_salts s',
    );
    expect(JSON.stringify(stored.rows)).not.toContain('user_8812');
    const salts = await desk.db('suppression_salts').select('salt');
    const hashes = salts.map(({ salt }) => createHmac('sha256', salt).update('user_8812').digest('hex'));
    expect(new Set(hashes).size).toBe(2);
  });

  test('an export with which a system answers for itself', async () => {
    await using desk = await openTestDesk(suppressing);
    await started(desk, usersRequest(['user_8812', 'Zoë Ω']));
    const exported = await exportSuppressions(desk.db, 'ws_acme');
    const has = (user: string) =>
      exported!.hashes.includes(
        createHmac('sha256', Buffer.from(exported!.salt, 'hex')).update(user, 'utf8').digest('hex'),
      );
    expect([has('user_8812'), has('Zoë Ω'), has('user_1')]).toEqual([true, true, false]);
    expect(exported!.hashes).toEqual([...exported!.hashes].sort());
    expect(await exportSuppressions(desk.db, 'ws_globex')).toBeNull();
  });
});

describe('an agent', () => {
  const by = { agent: 'Grace', note: 'came back as a customer', at: new Date('2026-12-01T00:00:00Z') };

  test('takes one person off the list, with a name and a reason, and nobody else', async () => {
    await using desk = await openTestDesk(suppressing);
    await started(desk, usersRequest(['u1', 'u2']));
    const remove = (userId: string, workspaceId = 'ws_acme') =>
      desk.db.transaction((trx) => removeSuppression(trx, { workspaceId, userId }, by));
    expect([await remove('u3'), await remove('u1', 'ws_globex')]).toEqual([false, false]);
    expect(await remove('u1')).toBe(true);
    expect(await remove('u1')).toBe(false);
    expect([await onList(desk, 'u1'), await onList(desk, 'u2')]).toEqual([false, true]);
    expect((await exportSuppressions(desk.db, 'ws_acme'))?.hashes).toHaveLength(1);
    const lines = await listSuppressions(desk.db, { workspaceId: 'ws_acme', limit: 10 });
    expect(new Set(lines.map(({ removedBy }) => removedBy))).toEqual(new Set([null, 'Grace']));
  });

  test('who took somebody off does not keep them off: deleted again, they are on it again', async () => {
    await using desk = await openTestDesk(suppressing);
    await started(desk, usersRequest(['u1']));
    await desk.db.transaction((trx) => removeSuppression(trx, { workspaceId: 'ws_acme', userId: 'u1' }, by));
    await started(desk, usersRequest(['u1', 'u2']));
    expect(await onList(desk, 'u1')).toBe(true);
  });

  test('cannot take anybody off without a name and a reason: the database asks for both', async () => {
    await using desk = await openTestDesk(suppressing);
    await started(desk, usersRequest(['u1']));
    await expect(desk.db('suppressions').update({ removed_at: new Date() })).rejects.toThrow(
      'suppressions_removed_by_somebody',
    );
  });
});
