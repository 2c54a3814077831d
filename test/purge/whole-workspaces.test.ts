/** Whole workspaces from the request to the receipt: an account, a deletion in the app, one that nobody owns any more. */
import { describe, expect, test } from 'vitest';
import { approvePlan, vouchFor } from '../../src/commands/approve-ticket.ts';
import { consolePorts } from '../../src/commands/console-ports.ts';
import { importAndOpen } from '../../src/commands/import-directory.ts';
import { buildConsole } from '../../src/console/server.ts';
import { importEntry } from '../../src/directory/import-entry.ts';
import { workspacesByIds } from '../../src/directory/lookups.ts';
import { ticketId } from '../../src/domain/ids.ts';
import type { DeletionRequest } from '../../src/domain/request.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { ada, stranger, told, workspaceRequest, zoe } from '../tickets/desk.ts';
import { ACME, NEIGHBOUR } from './fixtures.ts';
import { BYSTANDER, openWholeDesk, type WholeDesk } from './whole-desk.ts';

const account: DeletionRequest = { ...workspaceRequest(), scope: 'account', workspace: null };

const receiptOf = async ({ desk }: WholeDesk, id: number) =>
  (await desk.db('receipts').where({ ticket_id: id }).first('signed'))?.signed.receipt;

/** Ada is in charge of both. */
async function withAccount(): Promise<WholeDesk> {
  const whole = await openWholeDesk();
  await whole.desk.db('members').insert({ workspace_id: NEIGHBOUR, address: ada, role: 'admin' });
  return whole;
}

describe('an account', () => {
  test('is purged in each workspace of the list that was confirmed, and nowhere else', async () => {
    await using whole = await withAccount();
    const before = await whole.othersOf(ACME, NEIGHBOUR);
    const ticket = await whole.desk.inGrace(account, false);
    const after = await whole.purge(ticket);
    expect(after).toMatchObject({ state: 'completed', holds: [] });
    expect([await whole.rowsOf(ACME), await whole.rowsOf(NEIGHBOUR)]).toEqual([0, 0]);
    expect(await whole.othersOf(ACME, NEIGHBOUR)).toBe(before);
    expect(await receiptOf(whole, ticket.id)).toMatchObject({
      workspaceIds: [ACME, NEIGHBOUR],
      remainingTotal: 0,
    });
    expect(await verifyAudit(whole.desk.db)).toMatchObject({ problems: [] });
  });

  test('does not grow: a workspace that the requester came into charge of since then stays', async () => {
    await using whole = await openWholeDesk();
    const before = await whole.othersOf(ACME);
    const ticket = await whole.desk.inGrace(account, false);
    await whole.desk.db('members').insert({ workspace_id: NEIGHBOUR, address: ada, role: 'owner' });
    expect((await whole.purge(ticket)).state).toBe('completed');
    expect(await whole.rowsOf(ACME)).toBe(0);
    expect(await whole.othersOf(ACME)).toBe(before);
    expect(await receiptOf(whole, ticket.id)).toMatchObject({ workspaceIds: [ACME] });
  });

  test.each<{ title: string; change: (whole: WholeDesk) => Promise<unknown> }>([
    {
      title: 'the requester lost the role in one of its workspaces',
      change: ({ desk }) =>
        desk
          .db('members')
          .where({ workspace_id: NEIGHBOUR, address: ada })
          .update({ removed_at: new Date() }),
    },
    {
      title: 'one of its workspaces was made anew',
      change: ({ desk }) => desk.db('workspaces').where({ id: NEIGHBOUR }).update({ created_at: new Date() }),
    },
    {
      title: 'somebody in charge of one of them asked to stop',
      change: ({ desk }) =>
        desk
          .db('workspace_stops')
          .insert({ workspace_id: NEIGHBOUR, placed_by_hash: 'h', placed_at: new Date() }),
    },
  ])('is not purged at all when $title', async ({ change }) => {
    await using whole = await withAccount();
    const before = await whole.othersOf();
    const ticket = await whole.desk.inGrace(account, false);
    await change(whole);
    expect((await whole.purge(ticket)).state).toBe('grace');
    expect(await whole.othersOf()).toBe(before);
  });

  test('stops between two of its workspaces when the role in the second goes while the first is purged', async () => {
    await using whole = await withAccount();
    const { desk } = whole;
    const ticket = await desk.inGrace(account, false);
    await whole.work();
    await desk.outlast(ticket);
    await desk.db.raw(LOSE_ROLE_AT_FIRST_DELETE);
    const neighbour = await whole.rowsOf(NEIGHBOUR);
    await whole.work();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging', holds: ['review'] });
    expect(await whole.rowsOf(NEIGHBOUR)).toBe(neighbour);
  });

  test('of its workspaces each other person in charge hears of their own only, to the end', async () => {
    await using whole = await withAccount();
    const ticket = await whole.desk.inGrace(account, false);
    await whole.purge(ticket);
    const toZoe = (await whole.desk.outbox()).filter(({ recipient }) => recipient === zoe);
    expect(toZoe.map(({ template }) => template)).toEqual(['owner_notice', 'grace_reminder', 'completed']);
    for (const { facts } of toZoe) {
      expect(facts.tickets.flatMap(({ target }) => target?.workspaces.map(({ id }) => id))).toEqual([
        NEIGHBOUR,
      ]);
    }
  });
});

describe('a workspace deleted in the app', () => {
  test('is purged with its receipt, and everybody in charge hears of the end', async () => {
    await using whole = await openWholeDesk();
    const { desk } = whole;
    const before = await whole.othersOf(ACME);
    const [known] = await workspacesByIds(desk.db, [ACME]);
    const dead = { ...importEntry(known!), deletedAt: new Date('2026-11-20T08:30:00Z') };
    await importAndOpen({ db: desk.db, tickets: whole.real.tickets }, [dead], { dryRun: false });
    const ticket = await desk.ticket();
    expect((await whole.purge(ticket)).state).toBe('completed');
    expect(await whole.rowsOf(ACME)).toBe(0);
    expect(await whole.othersOf(ACME)).toBe(before);
    expect(await receiptOf(whole, ticket.id)).toMatchObject({ requestedAt: '2026-11-20T08:30:00.000Z' });
    expect(told(await desk.outbox()).filter((line) => line.startsWith('completed'))).toHaveLength(2);
  });

  test('that comes back while it is purged is not touched any further', async () => {
    await using whole = await openWholeDesk();
    const { desk } = whole;
    const [known] = await workspacesByIds(desk.db, [ACME]);
    const living = importEntry(known!);
    const run = (deletedAt: Date | null) =>
      importAndOpen({ db: desk.db, tickets: whole.real.tickets }, [{ ...living, deletedAt }], {
        dryRun: false,
      });
    await run(new Date('2026-11-20T08:30:00Z'));
    await whole.work();
    await desk.outlast(await desk.ticket());
    await run(null);
    const before = await whole.othersOf();
    await whole.work();
    expect(await desk.ticket()).toMatchObject({ state: 'purging', holds: ['review'] });
    expect(await whole.othersOf()).toBe(before);
  });
});

describe('a workspace deleted long ago', () => {
  const tombstone = (whole: WholeDesk, id: string) =>
    whole.desk.db('workspaces').insert({
      id,
      slug: 'umbrella-old',
      name: 'Umbrella',
      created_at: '2018-01-01T00:00:00Z',
      deleted_at: '2021-06-01T00:00:00Z',
    });

  test('is purged for its last owner, asked for by slug', async () => {
    await using whole = await openWholeDesk();
    await tombstone(whole, BYSTANDER);
    await whole.desk.db('members').insert({ workspace_id: BYSTANDER, address: ada, role: 'owner' });
    const before = await whole.othersOf(BYSTANDER);
    const ticket = await whole.desk.inGrace(workspaceRequest('umbrella-old'), false);
    expect((await whole.purge(ticket)).state).toBe('completed');
    expect(await whole.rowsOf(BYSTANDER)).toBe(0);
    expect(await whole.othersOf(BYSTANDER)).toBe(before);
  });

  test('that nobody owns is purged after two agents approved the plan that was rehearsed, and not before', async () => {
    await using whole = await openWholeDesk();
    const { desk } = whole;
    await tombstone(whole, BYSTANDER);
    const before = await whole.othersOf(BYSTANDER);
    const rows = await whole.rowsOf(BYSTANDER);
    await desk.mail({
      from: stranger,
      intent: 'delete',
      requests: [{ ...workspaceRequest(), workspace: { id: BYSTANDER } }],
    });
    const id = ticketId((await desk.ticket()).id);
    await vouchFor(whole.real, id, { agent: 'Grace', reason: 'a letter' });
    await whole.work();
    const { plan_hash } = await desk.ticket(id);
    const approve = (agent: string) =>
      approvePlan(whole.real, id, { agent, reason: 'seen', planHash: plan_hash ?? '' });
    await approve('Grace');
    await desk.pass(30 * 24);
    await desk.tick();
    await whole.work();
    expect(await desk.ticket(id)).toMatchObject({ state: 'approval' });
    expect(await whole.rowsOf(BYSTANDER)).toBe(rows);
    await approve('Linus');
    expect((await whole.purge(await desk.ticket(id))).state).toBe('completed');
    expect(await whole.rowsOf(BYSTANDER)).toBe(0);
    expect(await whole.othersOf(BYSTANDER)).toBe(before);
    expect(await verifyAudit(desk.db)).toMatchObject({ problems: [] });
  });
});

test('end users who are suppressed are so before the first of their rows is gone', async () => {
  await using whole = await openWholeDesk({ suppressDeletedUsers: true });
  const { desk } = whole;
  const before = await whole.othersOf(ACME);
  const ticket = await desk.inGrace({ ...workspaceRequest(), scope: 'user', users: ['u1'] }, false);
  await desk.db.raw(NOTE_LIST_AT_FIRST_DELETE);
  expect((await whole.purge(ticket)).state).toBe('completed');
  expect(await desk.db('list_at_delete').select('people')).toEqual([{ people: 1 }]);
  expect(await whole.othersOf(ACME)).toBe(before);
  const [mail] = (await desk.outbox()).filter(({ template }) => template === 'completed');
  expect(mail?.facts.tickets[0]?.suppressed).toBe(true);
  const environment = { ...whole.real.environment, suppressionToken: TOKEN };
  const app = await buildConsole({
    ports: consolePorts({ ...whole.real, environment }),
    publicUrl: 'http://127.0.0.1:8080',
    log: () => undefined,
  });
  const ask = async (workspace: string, user: string) => {
    const url = `/api/suppressions/${workspace}?user=${user}`;
    return (await app.inject({ url, headers: { authorization: `Bearer ${TOKEN}` } })).json();
  };
  expect(await ask(ACME, 'u1')).toEqual({ suppressed: true });
  for (const [workspace, user] of [
    [ACME, 'u2'],
    [NEIGHBOUR, 'u1'],
    ['ws_never', 'u1'],
  ] as const) {
    expect(await ask(workspace, user)).toEqual({ suppressed: false });
  }
});

const TOKEN = 't'.repeat(32);

/** The directory changes in the middle of the purge: with the first row that goes, Ada loses her role in the other. */
const LOSE_ROLE_AT_FIRST_DELETE = `
  create function lose_role() returns trigger language plpgsql as $$
  begin
    update members set removed_at = now() where workspace_id = '${NEIGHBOUR}' and address = '${ada}';
    return null;
  end $$;
  create trigger lose_role after delete on events for each statement execute function lose_role();`;

const NOTE_LIST_AT_FIRST_DELETE = `
  create table list_at_delete (people bigint);
  create function note_list() returns trigger language plpgsql as $$
  begin
    if not exists (select from list_at_delete) then
      insert into list_at_delete select count(*) from suppressions;
    end if;
    return null;
  end $$;
  create trigger note_list after delete on events for each statement execute function note_list();`;
