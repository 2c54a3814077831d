import { describe, expect, test } from 'vitest';
import { consolePorts } from '../../src/commands/console-ports.ts';
import type { Desk } from '../../src/commands/desk.ts';
import { mailboxPorts, openMailbox } from '../../src/ingest/mailbox-store.ts';
import { brakeByHand, releaseBrake } from '../../src/purge/brake.ts';
import { haltPurges, resumePurges } from '../../src/purge/halt.ts';
import { freshDatabase } from '../support/database.ts';

/** As much of a desk as its health needs: a database and a mailbox to be read. */
const deskOn = ({ db }: Awaited<ReturnType<typeof freshDatabase>>): Desk =>
  ({ db, environment: { mailboxes: MAILBOXES, isAllSandbox: true } }) as unknown as Desk;

const MAILBOXES = ['desk', 'erasure'].map((user) => ({
  account: { host: 'imap.example', port: 993, user, folder: 'INBOX' },
}));

describe('the health check', () => {
  test.each([
    { title: 'is well while the mailbox is being read', readMinutesAgo: 0, movedDays: 0, ok: true },
    { title: 'is well after the clock of the sandbox was moved', readMinutesAgo: 0, movedDays: 6, ok: true },
    {
      title: 'is not when nobody has read the mailbox for long',
      readMinutesAgo: 20,
      movedDays: 0,
      ok: false,
    },
  ])('$title', async ({ readMinutesAgo, movedDays, ok }) => {
    await using fresh = await freshDatabase();
    const mailboxId = await openMailbox(fresh.db, 'imap.example:993/desk', 'INBOX');
    await mailboxPorts(fresh.db, { mailboxId, token: 0 }).polled();
    await fresh.db.raw('update mailboxes set last_polled_at = last_polled_at - make_interval(mins => ?)', [
      readMinutesAgo,
    ]);
    await fresh.db('desk_clock').update({ movable: true, offset_ms: movedDays * 86_400_000 });
    expect((await consolePorts(deskOn(fresh)).health()).ok).toBe(ok);
  });

  test('is not well while one of several mailboxes is not read, and does not ask for one that is configured no more', async () => {
    await using fresh = await freshDatabase();
    for (const user of ['desk', 'erasure', 'former']) {
      const mailboxId = await openMailbox(fresh.db, `imap.example:993/${user}`, 'INBOX');
      await mailboxPorts(fresh.db, { mailboxId, token: 0 }).polled();
    }
    const silence = (account: string) =>
      fresh
        .db('mailboxes')
        .where({ account })
        .update({ last_polled_at: fresh.db.raw(`now() - interval '20 minutes'`) });
    await silence('imap.example:993/former');
    expect((await consolePorts(deskOn(fresh)).health()).ok).toBe(true);
    await silence('imap.example:993/erasure');
    expect(await consolePorts(deskOn(fresh)).health()).toMatchObject({
      ok: false,
      checks: { mailbox: 'last read 20 minutes ago' },
    });
  });

  test('is well and says so in a word while the desk is silent to those who prove nothing', async () => {
    await using fresh = await freshDatabase();
    const mailboxId = await openMailbox(fresh.db, 'imap.example:993/desk', 'INBOX');
    await mailboxPorts(fresh.db, { mailboxId, token: 0 }).polled();
    expect((await consolePorts(deskOn(fresh)).health()).checks.replies).toBe('ok');
    await fresh.db('breaker_trips').insert({ share: 'unproven', opened_at: '2026-11-22T10:00:00Z' });
    const silent = await consolePorts(deskOn(fresh)).health();
    expect(silent).toMatchObject({ ok: true, checks: { replies: 'silent since 2026-11-22T10:00:00.000Z' } });
  });

  test('is well and says so in a word while purges are halted or a store is braked', async () => {
    await using fresh = await freshDatabase();
    const mailboxId = await openMailbox(fresh.db, 'imap.example:993/desk', 'INBOX');
    await mailboxPorts(fresh.db, { mailboxId, token: 0 }).polled();
    const purges = async () => {
      const { ok, checks } = await consolePorts(deskOn(fresh)).health();
      expect(ok).toBe(true);
      return checks.purges;
    };
    const ports = { db: fresh.db, enqueue: async () => undefined };
    const order = { agent: 'ada', reason: 'a customer called' };
    expect(await purges()).toBe('ok');
    await brakeByHand(ports, 'archive', order);
    expect(await purges()).toBe('braked: archive');
    await haltPurges(ports, order);
    expect(await purges()).toMatch(/^halted since \d{4}-\d\d-\d\dT[^ ]+Z$/);
    await resumePurges(ports, order);
    await releaseBrake(ports, 'archive', order);
    expect(await purges()).toBe('ok');
  });

  test('says that the database cannot be reached', async () => {
    const fresh = await freshDatabase();
    await fresh[Symbol.asyncDispose]();
    expect(await consolePorts(deskOn(fresh)).health()).toEqual({
      ok: false,
      checks: { database: 'cannot be reached' },
    });
  });
});
