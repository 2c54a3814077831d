/** A deletion that was pressed in the app, from the directory's report to the ticket. Real database, judge and directory. */
import { describe, expect, test } from 'vitest';
import { importAndOpen } from '../../src/commands/import-directory.ts';
import type { ImportedWorkspace } from '../../src/directory/import.ts';
import { importEntry } from '../../src/directory/import-entry.ts';
import { workspacesByIds } from '../../src/directory/lookups.ts';
import { graceEnd } from '../../src/domain/calendar.ts';
import { ticketId } from '../../src/domain/ids.ts';
import { showTicket } from '../../src/tickets/queries.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { planHash, policy } from '../tickets/cast.ts';
import {
  ada,
  bob,
  member,
  openTestDesk,
  sourceRequest,
  type TestDesk,
  told,
  workspaceRequest,
} from '../tickets/desk.ts';

const DAY_MS = 86_400_000;
const deletedAt = new Date('2026-11-20T08:30:00Z');

/** What the directory holds of a workspace, as the next export would list it. */
async function entry(desk: TestDesk, id: string, changes: Partial<ImportedWorkspace> = {}) {
  const [known] = await workspacesByIds(desk.db, [id]);
  return { ...importEntry(known!), ...changes };
}

const importing = (
  desk: TestDesk,
  entries: readonly ImportedWorkspace[],
  options: { readonly dryRun?: boolean; readonly force?: boolean; readonly deletions?: number } = {},
) => importAndOpen({ db: desk.db, tickets: desk.deps }, entries, { dryRun: false, ...options });

async function pressed(desk: TestDesk, changes: Partial<ImportedWorkspace> = {}) {
  const report = await importing(desk, [await entry(desk, 'ws_acme', { deletedAt, ...changes })]);
  expect(report.problems).toEqual([]);
  return report;
}

const rehearsed = (desk: TestDesk, id: number) =>
  desk.act({ id, event: { type: 'rehearsed', planHash, estimate: 10, overCap: false } });

describe('a workspace that is newly deleted', () => {
  test('opens one ticket in its grace; everybody in charge hears of it, and nobody is asked for a code', async () => {
    await using desk = await openTestDesk();
    expect(await pressed(desk)).toMatchObject({ newlyDeleted: ['ws_acme'], opened: ['PD-1001'] });
    const ticket = await desk.ticket();
    expect(ticket).toMatchObject({
      state: 'grace',
      origin: 'app',
      requester: null,
      requested_at: deletedAt,
      due_at: new Date(deletedAt.getTime() + 30 * DAY_MS),
      message_id: null,
      verdict: 'entitled',
      holds: [],
      workspace_ids: ['ws_acme'],
    });
    expect(told(await desk.outbox())).toEqual([`owner_notice > ${ada}`, `owner_notice > ${bob}`]);
    expect((await desk.jobs()).map((job) => job.task)).toContain('purge.rehearse');
    expect(await verifyAudit(desk.db)).toMatchObject({ problems: [] });
  });

  test('waits five whole days from when the desk hears of it, however long ago it was pressed', async () => {
    await using desk = await openTestDesk();
    await pressed(desk, { deletedAt: new Date('2026-01-01T00:00:00Z') });
    const { grace_ends_at, verified_at } = await desk.ticket();
    expect(grace_ends_at).toEqual(graceEnd(verified_at!));
    expect(grace_ends_at!.getTime() - verified_at!.getTime()).toBeGreaterThanOrEqual(5 * DAY_MS);
  });

  test('whom the app names is the requester and gets the confirmation; the others get the notice', async () => {
    await using desk = await openTestDesk();
    await pressed(desk, { deletedBy: bob });
    expect(await desk.ticket()).toMatchObject({ state: 'grace', requester: bob });
    const mails = await desk.outbox();
    expect(told(mails)).toEqual([`grace_started > ${bob}`, `owner_notice > ${ada}`]);
    // They pressed a button in the app, and confirmed nothing to the desk.
    expect(mails[0]?.facts.tickets[0]?.unconfirmed).toBe(true);
  });

  test('whom the app names and the directory does not have in charge starts nothing: an agent looks', async () => {
    await using desk = await openTestDesk();
    await pressed(desk, { deletedBy: member });
    expect(await desk.ticket()).toMatchObject({ state: 'received', holds: ['review'] });
    expect(await desk.outbox()).toEqual([]);
  });

  test('one with an open invoice waits for it, and then in full', async () => {
    await using desk = await openTestDesk();
    await pressed(desk, { blockers: [{ kind: 'billing' }] });
    expect(await desk.ticket()).toMatchObject({
      state: 'verifying',
      holds: ['billing'],
      grace_ends_at: null,
    });
    expect(told(await desk.outbox())).toEqual([`blocked > ${ada}`, `blocked > ${bob}`]);
    await desk.pass(48);
    await desk.db('blockers').delete();
    await desk.tick();
    const ticket = await desk.ticket();
    expect(ticket).toMatchObject({ state: 'grace', holds: [] });
    expect(ticket.grace_ends_at).toEqual(graceEnd(new Date(ticket.verified_at!.getTime() + 48 * 3_600_000)));
  });

  test('with the policy that every plan is approved, it waits for that', async () => {
    await using desk = await openTestDesk({ ...policy, review: 'all' });
    await pressed(desk);
    expect(await desk.ticket()).toMatchObject({ state: 'approval', grace_ends_at: null });
  });

  test('is purged when the grace has passed and nobody objected', async () => {
    await using desk = await openTestDesk();
    await pressed(desk);
    const { id } = await desk.ticket();
    await rehearsed(desk, id);
    await desk.outlast(await desk.ticket());
    expect(await desk.ticket()).toMatchObject({ state: 'purging', holds: [] });
    expect((await desk.jobs()).map((job) => job.task)).toContain('purge.step');
  });

  test.each([ada, bob])('%s can stop it with one mail', async (from) => {
    await using desk = await openTestDesk();
    await pressed(desk);
    await desk.mail({ from, intent: 'cancel', requests: [workspaceRequest()] });
    expect(await desk.ticket()).toMatchObject({ state: 'cancelled' });
  });

  test('a mail that asks for the same finds it, and opens no second ticket', async () => {
    await using desk = await openTestDesk();
    await pressed(desk);
    const { mails } = await desk.mail({ from: ada, intent: 'delete', requests: [workspaceRequest()] });
    expect(told(mails)).toEqual([`status > ${ada}`]);
    expect(await desk.tickets()).toHaveLength(1);
  });

  test('an agent reads that the app asked for it', async () => {
    await using desk = await openTestDesk();
    await pressed(desk);
    const { id } = await desk.ticket();
    expect(await showTicket(desk.db, ticketId(id))).toMatchObject({ origin: 'app', requester: null });
  });
});

describe('what an import must not do', () => {
  test('repeat itself: the same file opens nothing, and neither does one that only corrects the date', async () => {
    await using desk = await openTestDesk();
    await pressed(desk);
    expect(await pressed(desk)).toMatchObject({ opened: [], newlyDeleted: [] });
    expect(await pressed(desk, { deletedAt: new Date('2026-11-20T09:00:00Z') })).toMatchObject({
      opened: [],
    });
    expect(await desk.tickets()).toHaveLength(1);
    expect(await desk.outbox()).toHaveLength(2);
  });

  test('two imports at once open one ticket', async () => {
    await using desk = await openTestDesk();
    const dead = await entry(desk, 'ws_acme', { deletedAt });
    const reports = await Promise.all([1, 2, 3].map(() => importing(desk, [dead])));
    expect(reports.flatMap(({ opened }) => opened)).toHaveLength(1);
    expect(await desk.tickets()).toHaveLength(1);
  });

  test('open tickets for tombstones that were never known alive', async () => {
    await using desk = await openTestDesk();
    const acme = await entry(desk, 'ws_acme');
    const old = Array.from({ length: 50 }, (_, n) => ({
      ...acme,
      id: `ws_old${n}`,
      slug: `old-${n}`,
      deletedAt,
    }));
    expect(await importing(desk, old)).toMatchObject({ added: 50, opened: [] });
    expect(await desk.tickets()).toEqual([]);
  });

  test('decide anything in a dry run', async () => {
    await using desk = await openTestDesk();
    const dead = await entry(desk, 'ws_acme', { deletedAt });
    expect(await importing(desk, [dead], { dryRun: true })).toMatchObject({
      newlyDeleted: ['ws_acme'],
      opened: [],
    });
    expect(await desk.tickets()).toEqual([]);
  });

  test('F33 take a failed export for a wish: more than a fifth at once changes nothing until the number is confirmed', async () => {
    await using desk = await openTestDesk();
    const dead = [await entry(desk, 'ws_acme', { deletedAt }), await entry(desk, 'ws_globex', { deletedAt })];
    for (const options of [{}, { force: true }, { deletions: 1 }, { deletions: 3 }]) {
      const refused = await importing(desk, dead, options);
      expect(refused.problems.join()).toContain('2 of 2 living workspaces would be deleted');
    }
    expect(await desk.tickets()).toEqual([]);
    expect((await workspacesByIds(desk.db, ['ws_acme']))[0]?.deletedAt).toBeNull();
    expect(await importing(desk, dead, { deletions: 2 })).toMatchObject({ opened: ['PD-1001', 'PD-1002'] });
  });

  test('leave a deleted workspace without its ticket: what cannot open a ticket is not imported', async () => {
    await using desk = await openTestDesk();
    const dead = await entry(desk, 'ws_acme', { deletedAt });
    const judgeAppDeletion = () => {
      throw new Error('no judge');
    };
    await expect(
      importAndOpen({ db: desk.db, tickets: { ...desk.deps, judgeAppDeletion } }, [dead], { dryRun: false }),
    ).rejects.toThrow('no judge');
    expect((await workspacesByIds(desk.db, ['ws_acme']))[0]?.deletedAt).toBeNull();
  });
});

describe('several at once', () => {
  test('whoever is in charge of all hears of all in one mail, and one answer stops all', async () => {
    await using desk = await openTestDesk();
    const acme = await entry(desk, 'ws_acme');
    const twins = ['ws_one', 'ws_two'].map((id) => ({ ...acme, id, slug: id, sources: [], spaces: [] }));
    await importing(desk, twins);
    const report = await importing(
      desk,
      twins.map((twin) => ({ ...twin, deletedAt })),
      { deletions: 2 },
    );
    expect(report.opened).toEqual(['PD-1001', 'PD-1002']);
    const mails = await desk.outbox();
    expect(told(mails)).toEqual([`owner_notice > ${ada}`, `owner_notice > ${bob}`]);
    expect(mails[0]?.ticket_ids).toEqual([1001, 1002]);
    await desk.mail({ from: bob, intent: 'cancel', to: ['desk+PD-1001@desk.example'] });
    expect((await desk.tickets()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });
});

describe('a deletion that is revoked in the app', () => {
  test('cancels its ticket, and whoever heard of it hears that it is off', async () => {
    await using desk = await openTestDesk();
    await pressed(desk);
    const before = (await desk.outbox()).length;
    const report = await pressed(desk, { deletedAt: null });
    expect(report).toMatchObject({ restored: ['ws_acme'], cancelled: ['PD-1001'] });
    expect(await desk.ticket()).toMatchObject({ state: 'cancelled' });
    expect(told((await desk.outbox()).slice(before))).toEqual([`cancelled > ${ada}`, `cancelled > ${bob}`]);
  });

  test.each(['restored', 'cancelled', 'rejected'] as const)(
    'while an open invoice holds it, %s: whoever heard that it waits hears that it is off',
    async (how) => {
      await using desk = await openTestDesk();
      await pressed(desk, { blockers: [{ kind: 'billing' }] });
      const { id } = await desk.ticket();
      const before = (await desk.outbox()).length;
      const order = { by: { kind: 'agent', name: 'eve' }, note: 'asked by phone' } as const;
      if (how === 'restored') await pressed(desk, { deletedAt: null });
      else await desk.act({ id, event: { type: `${how}_by_agent`, ...order } });
      const template = how === 'rejected' ? how : 'cancelled';
      expect((await desk.ticket()).state).toBe(template);
      expect(told((await desk.outbox()).slice(before))).toEqual([
        `${template} > ${ada}`,
        `${template} > ${bob}`,
      ]);
    },
  );

  test('leaves what was asked for by mail alone', async () => {
    await using desk = await openTestDesk();
    const mail = await desk.inGrace(sourceRequest());
    await pressed(desk);
    await pressed(desk, { deletedAt: null });
    expect((await desk.ticket(mail.id)).state).toBe('grace');
  });

  test('and pressed again opens another ticket, with another five days', async () => {
    await using desk = await openTestDesk();
    await pressed(desk);
    await desk.pass(72);
    await pressed(desk, { deletedAt: null });
    expect(await pressed(desk)).toMatchObject({ opened: ['PD-1002'] });
    const ticket = await desk.ticket(1002);
    expect(ticket.grace_ends_at).toEqual(graceEnd(ticket.verified_at!));
  });

  test('after the purge has begun closes nothing: the purge finds it alive', async () => {
    await using desk = await openTestDesk();
    await pressed(desk);
    const { id } = await desk.ticket();
    await rehearsed(desk, id);
    await desk.outlast(await desk.ticket());
    expect(await pressed(desk, { deletedAt: null })).toMatchObject({ cancelled: [] });
    expect((await desk.ticket()).state).toBe('purging');
    expect(await obstacles(desk, id)).toEqual(['workspace_lives']);
  });

  test('after the purge has begun, and pressed again: the file is taken in, and the begun purge can go on', async () => {
    await using desk = await openTestDesk();
    await pressed(desk);
    const { id } = await desk.ticket();
    await rehearsed(desk, id);
    await desk.outlast(await desk.ticket());
    await pressed(desk, { deletedAt: null });
    await desk.act({ id, event: { type: 'step_blocked', obstacles: ['workspace_lives'] } });
    const before = (await desk.outbox()).length;
    const dead = [await entry(desk, 'ws_acme', { deletedAt }), await entry(desk, 'ws_globex', { deletedAt })];
    expect(await importing(desk, dead, { deletions: 2 })).toMatchObject({
      newlyDeleted: ['ws_acme', 'ws_globex'],
      opened: ['PD-1002'],
      goingOn: ['PD-1001'],
    });
    expect((await workspacesByIds(desk.db, ['ws_acme']))[0]?.deletedAt).toEqual(deletedAt);
    expect(await desk.ticket(id)).toMatchObject({ state: 'purging', holds: ['review'] });
    expect((await desk.outbox()).slice(before).flatMap((mail) => mail.ticket_ids)).not.toContain(id);
    expect(await obstacles(desk, id)).toEqual([]);
    expect(await importing(desk, dead)).toMatchObject({ newlyDeleted: [], opened: [], goingOn: [] });
    expect(await desk.tickets()).toHaveLength(2);
  });
});

describe('at the end of the grace of a deletion in the app', () => {
  const changes: readonly { title: string; change: (desk: TestDesk) => Promise<unknown> }[] = [
    {
      title: 'the workspace lives, whatever the import said of it',
      change: (desk) => desk.db('workspaces').where({ id: 'ws_acme' }).update({ deleted_at: null }),
    },
    {
      title: 'it was made anew',
      change: (desk) => desk.db('workspaces').where({ id: 'ws_acme' }).update({ created_at: new Date() }),
    },
    { title: 'nobody is in charge of it any more', change: (desk) => desk.db('members').delete() },
  ];
  test.each(changes)('$title: no purge', async ({ change }) => {
    await using desk = await openTestDesk();
    await pressed(desk);
    const { id } = await desk.ticket();
    await rehearsed(desk, id);
    await change(desk);
    await desk.outlast(await desk.ticket());
    expect(await desk.ticket()).toMatchObject({ state: 'grace', holds: ['review'] });
  });

  test('whom the app named is not in charge any more: no purge, although others are', async () => {
    await using desk = await openTestDesk();
    await pressed(desk, { deletedBy: bob });
    const { id } = await desk.ticket();
    await rehearsed(desk, id);
    await desk.db('members').where({ address: bob }).update({ removed_at: new Date() });
    await desk.outlast(await desk.ticket());
    expect(await desk.ticket()).toMatchObject({ state: 'grace', holds: ['review'] });
  });

  test('the notices that told of it came back: an agent looks first', async () => {
    await using desk = await openTestDesk();
    await pressed(desk);
    const { id } = await desk.ticket();
    await desk.act({ id, event: { type: 'mail_undeliverable', template: 'owner_notice' } });
    expect(await desk.ticket()).toMatchObject({ state: 'grace', holds: ['review'] });
  });
});

async function obstacles(desk: TestDesk, id: number): Promise<readonly string[]> {
  const { target } = (await desk.db('tickets').select('target').where({ id }).first()) as never;
  return desk.db.transaction(async (trx) => (await desk.deps.recheck(trx, target, null, 'app')).obstacles);
}
