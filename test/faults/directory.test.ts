/** The directory is gone, empty or cut short when graces end. Who cannot be found has no role, and no role purges. */
import { describe, expect, test } from 'vitest';
import { ada, openTestDesk, workspaceRequest } from '../tickets/desk.ts';
import { injected } from './tally.ts';

describe('F33 D01 a directory that', () => {
  test('is suddenly empty holds every ticket for an agent', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.db('members').del();
    injected('F33');
    await desk.outlast(ticket);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: ['review'] });
    // No code path around it: a new request finds nobody in charge either.
    const { mails } = await desk.mail({
      from: ada,
      intent: 'delete',
      requests: [workspaceRequest('globex')],
    });
    expect(mails.map((mail) => mail.facts.challenge)).toEqual(mails.map(() => null));
    expect((await desk.jobs()).filter(({ task }) => task === 'purge.step')).toEqual([]);
  });

  test('has lost the workspace holds it as well', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.db('members').where({ workspace_id: 'ws_acme' }).del();
    await desk.db('workspace_parts').where({ workspace_id: 'ws_acme' }).del();
    await desk.db('workspaces').where({ id: 'ws_acme' }).del();
    injected('F33');
    await desk.outlast(ticket);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: ['review'] });
  });

  test('cannot be read starts nothing, and everything by itself once it is back', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.db.raw('alter table members rename to members_gone');
    injected('F33');
    await desk.until(ticket.grace_ends_at!);
    await expect(desk.tick()).rejects.toMatchObject({ code: '42P01' });
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: [] });
    await desk.db.raw('alter table members_gone rename to members');
    await desk.tick();
    await desk.pass(1);
    await desk.tick();
    expect((await desk.ticket(ticket.id)).state).toBe('purging');
  });
});
