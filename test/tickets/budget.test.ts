import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { describe, expect, test } from 'vitest';
import { deskNow, openDatabase } from '../../src/db/connection.ts';
import { sideBySide } from '../../src/db/together.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { type ReplyKind, replyLimits } from '../../src/tickets/may-reply.ts';
import {
  askPermit,
  COUNTS,
  closeBreakers,
  forgetPermits,
  type Permit,
  type PermitAsk,
} from '../../src/tickets/reply-budget.ts';
import { freshDatabase, untilBackendsWait } from '../support/database.ts';
import { policy } from './cast.ts';
import {
  ada,
  bob,
  openTestDesk,
  sourceRequest,
  spaceRequest,
  type TestDesk,
  workspaceRequest,
  zoe,
} from './desk.ts';

interface Sent {
  readonly to: string;
  readonly count: number;
  readonly minutesAgo: number;
  readonly by?: ReplyKind;
  readonly domain?: string;
  readonly thread?: number | null;
  readonly workspaces?: readonly string[];
  readonly silenced?: string | null;
}

/** Permits of some minutes ago. */
const sent = (desk: Pick<TestDesk, 'db'>, mails: Sent) =>
  desk.db.raw(
    `insert into reply_permits (key, asked_at, recipient_hash, domain_hash, conversation_id, workspace_ids, caused_by,
       template, silenced)
     select gen_random_uuid()::text, desk_now() - make_interval(mins => :minutes), :to, :domain, :thread,
       cast(:workspaces as text[]), :by, 'verify_request', :silenced from generate_series(1, :count)`,
    {
      to: mails.to,
      minutes: mails.minutesAgo,
      count: mails.count,
      by: mails.by ?? 'authenticated',
      domain: mails.domain ?? 'elsewhere',
      thread: mails.thread ?? null,
      workspaces: [...(mails.workspaces ?? [])],
      silenced: mails.silenced ?? null,
    },
  );

const DAY = 24 * 60;
const limits = replyLimits(DEFAULT_POLICY);
const silent = () => undefined;

const asking = (overrides: Partial<PermitAsk> = {}): PermitAsk => ({
  key: randomUUID(),
  recipientHash: 'ada',
  domainHash: 'acme',
  conversationId: 7,
  workspaceIds: ['ws_acme'],
  causedBy: 'unproven',
  template: 'verify_request',
  isThere: false,
  now: new Date('2026-11-22T12:00:00Z'),
  ...overrides,
});

describe('D12 what counts', () => {
  test.each<{
    readonly title: string;
    readonly earlier: Sent;
    readonly by: ReplyKind;
    readonly says: string;
  }>([
    {
      title: 'a stranger’s mail of today',
      earlier: { to: 'ada', count: 1, minutesAgo: DAY - 1, by: 'stranger' },
      by: 'stranger',
      says: 'address',
    },
    {
      title: 'not a stranger’s mail of yesterday',
      earlier: { to: 'ada', count: 1, minutesAgo: DAY + 1, by: 'stranger' },
      by: 'stranger',
      says: 'granted',
    },
    {
      title: 'five mails to the address',
      earlier: { to: 'ada', count: 5, minutesAgo: DAY - 1 },
      by: 'desk',
      says: 'address',
    },
    {
      title: 'not those of yesterday',
      earlier: { to: 'ada', count: 5, minutesAgo: DAY + 1 },
      by: 'desk',
      says: 'granted',
    },
    {
      title: 'three that unproven mails caused',
      earlier: { to: 'ada', count: 3, minutesAgo: 60, by: 'unproven' },
      by: 'unproven',
      says: 'address',
    },
    {
      title: 'not what was silenced',
      earlier: { to: 'ada', count: 9, minutesAgo: 60, silenced: 'address' },
      by: 'unproven',
      says: 'granted',
    },
    {
      title: 'fifty to the domain',
      earlier: { to: 'x', count: 50, minutesAgo: 90, by: 'stranger', domain: 'acme' },
      by: 'unproven',
      says: 'domain',
    },
    {
      title: 'not those who proved something there',
      earlier: { to: 'x', count: 50, minutesAgo: 90, domain: 'acme' },
      by: 'unproven',
      says: 'granted',
    },
    {
      title: 'twenty in the conversation',
      earlier: { to: 'x', count: 20, minutesAgo: 90, thread: 7 },
      by: 'authenticated',
      says: 'thread',
    },
    {
      title: 'two challenges of the workspace',
      earlier: { to: 'x', count: 2, minutesAgo: 90, by: 'unproven', workspaces: ['ws_acme'] },
      by: 'unproven',
      says: 'workspace',
    },
    {
      title: 'not those of another workspace',
      earlier: { to: 'x', count: 2, minutesAgo: 90, by: 'unproven', workspaces: ['ws_globex'] },
      by: 'unproven',
      says: 'granted',
    },
    {
      title: '300 within the hour',
      earlier: { to: 'x', count: 300, minutesAgo: 59 },
      by: 'authenticated',
      says: 'breaker',
    },
    {
      title: 'not those of the hour before',
      earlier: { to: 'x', count: 300, minutesAgo: 61 },
      by: 'authenticated',
      says: 'granted',
    },
    {
      title: '200 of strangers within the hour',
      earlier: { to: 'x', count: 200, minutesAgo: 59, by: 'stranger' },
      by: 'unproven',
      says: 'breaker',
    },
  ])('$title', async ({ earlier, by, says }) => {
    await using fresh = await freshDatabase();
    await sent(fresh, earlier);
    const ask = asking({ causedBy: by, now: await deskNow(fresh.db) });
    expect(inWord(await askPermit(fresh.db, limits, silent, ask))).toBe(says);
  });

  test('a workspace alone, where a request is about several', async () => {
    await using fresh = await freshDatabase();
    for (const id of ['ws_a', 'ws_b']) {
      await sent(fresh, { to: id, count: 1, minutesAgo: 60, by: 'unproven', workspaces: [id] });
    }
    const now = await deskNow(fresh.db);
    const both = asking({ workspaceIds: ['ws_a', 'ws_b'], now });
    expect(inWord(await askPermit(fresh.db, limits, silent, both))).toBe('granted');
    const again = asking({ workspaceIds: ['ws_b', 'ws_c'], recipientHash: 'bob', now });
    expect(inWord(await askPermit(fresh.db, limits, silent, again))).toBe('workspace');
  });

  test('the same mail once: a decision that is taken again gets the permit that it got', async () => {
    await using fresh = await freshDatabase();
    const now = await deskNow(fresh.db);
    await sent(fresh, { to: 'ada', count: 2, minutesAgo: 5, by: 'unproven' });
    const ask = asking({ now });
    const first = await askPermit(fresh.db, limits, silent, ask);
    expect(first.kind).toBe('granted');
    expect(await askPermit(fresh.db, limits, silent, ask)).toEqual(first);
    const refused = asking({ now });
    expect(inWord(await askPermit(fresh.db, limits, silent, refused))).toBe('address');
    await fresh
      .db('reply_permits')
      .update({ asked_at: new Date(0) })
      .whereNot({ key: refused.key });
    expect(inWord(await askPermit(fresh.db, limits, silent, refused))).toBe('address');
  });

  test('permits that count no more are forgotten, the others are kept', async () => {
    await using fresh = await freshDatabase();
    await sent(fresh, { to: 'ada', count: 3, minutesAgo: 31 * DAY });
    await sent(fresh, { to: 'ada', count: 2, minutesAgo: 29 * DAY });
    await forgetPermits(fresh.db);
    expect(await fresh.db('reply_permits').count('* as left').first()).toEqual({ left: 2 });
  });

  test('each count reads a range of an index, however many mails there were', async () => {
    await using fresh = await freshDatabase();
    const { db } = fresh;
    await db.raw(
      `insert into reply_permits (key, asked_at, recipient_hash, domain_hash, conversation_id, workspace_ids, caused_by,
         template)
       select n::text, desk_now() - make_interval(secs => n), 'r' || n % 9000, 'd' || n % 3000, n % 9000,
         array['ws_' || n % 5000], (array['stranger', 'unproven', 'authenticated', 'desk'])[n % 4 + 1],
         case when n % 3 = 0 then 'verify_request' else 'status' end
       from generate_series(1, 60000) n`,
    );
    await db.raw('analyze reply_permits');
    const plan = await db.raw<{ rows: Record<string, string>[] }>(`explain ${COUNTS}`, {
      asks: JSON.stringify([
        {
          no: 0,
          key: 'none',
          hash: 'r7',
          domain: 'd7',
          conversation: 7,
          workspaces: ['ws_7'],
          now: await deskNow(db),
        },
      ]),
    });
    const lines = plan.rows.map((row) => row['QUERY PLAN'] ?? '').join('\n');
    expect(lines).not.toMatch(/Seq Scan on reply_permits/);
    for (const index of ['recipient', 'domain', 'thread', 'challenges', 'hour']) {
      expect(lines).toContain(`reply_permits_${index}`);
    }
  });
});

const inWord = (permit: Permit): string => (permit.kind === 'granted' ? 'granted' : permit.because);

describe('T45 at the same time', () => {
  test('two processes that ask for the last permit: one gets it', async () => {
    await using fresh = await freshDatabase();
    const processes = [openDatabase(fresh.url), openDatabase(fresh.url)];
    try {
      const now = await deskNow(fresh.db);
      await sent(fresh, { to: 'ada', count: 4, minutesAgo: 60 });
      // Both stand at the door before it opens, so that neither could have seen the other's permit by luck.
      const door = await fresh.db.transaction();
      await door.raw('lock table undeliverable_addresses');
      await door.raw('lock table reply_permits in exclusive mode');
      const asked = processes.map((db) =>
        askPermit(db, limits, silent, asking({ causedBy: 'authenticated', now })),
      );
      await untilBackendsWait(fresh.db, 2).finally(() => door.rollback());
      expect((await Promise.all(asked)).map(inWord).sort()).toEqual(['address', 'granted']);
    } finally {
      await Promise.all(processes.map((db) => db.destroy()));
    }
  });

  test('side by side in one statement each counts those before it, as if they had come one after the other', async () => {
    await using together = await freshDatabase();
    await using apart = await freshDatabase();
    const small = replyLimits({
      ...DEFAULT_POLICY,
      repliesAnHour: 30,
      repliesADomain: 2,
      repliesAThread: 3,
    });
    const causes: readonly ReplyKind[] = ['unproven', 'authenticated', 'stranger', 'unproven', 'desk'];
    const each = Array.from({ length: 80 }, (_, n) =>
      asking({
        key: `message:${n}`,
        recipientHash: `r${(n * 7) % 31}`,
        domainHash: `d${(n * 7) % 4}`,
        conversationId: n % 9 === 0 ? null : n % 11,
        workspaceIds: [`ws_${n % 5}`, `ws_${n % 3}`],
        causedBy: causes[n % causes.length] ?? 'desk',
        template: n % 4 === 0 ? 'status' : 'verify_request',
      }),
    );
    const asks = [...each.slice(0, 50), ...each.slice(49)]; // one of them twice
    const from = (db: Knex) => asks.map((ask) => () => askPermit(db, small, silent, ask));
    const after: Permit[] = [];
    for (const ask of from(apart.db)) after.push(await ask());
    expect(await sideBySide(from(together.db))).toEqual(after);
    expect(new Set(after.map(inWord))).toEqual(
      new Set(['granted', 'address', 'domain', 'thread', 'workspace', 'breaker']),
    );
    const rows = (db: Knex) => db('reply_permits').select('*').orderBy('key');
    expect(await rows(together.db)).toEqual(await rows(apart.db));
    const trips = (db: Knex) => db('breaker_trips').select('share', 'suppressed').orderBy('share');
    expect(await trips(together.db)).toEqual(await trips(apart.db));
  });

  test('forty at once to different people: the hour’s budget goes out and no mail more', async () => {
    await using fresh = await freshDatabase();
    const now = await deskNow(fresh.db);
    const small = replyLimits({ ...DEFAULT_POLICY, repliesAnHour: 15 });
    const permits = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        askPermit(
          fresh.db,
          small,
          silent,
          asking({ recipientHash: `r${n}`, conversationId: n, causedBy: 'authenticated', now }),
        ),
      ),
    );
    expect(permits.filter((permit) => permit.kind === 'granted')).toHaveLength(15);
  });
});

describe('mails that unproven mails cause to one address', () => {
  test('T45 are ten minutes apart: the later one waits and is not lost', async () => {
    await using desk = await openTestDesk();
    const waits: (number | null)[] = [];
    for (const request of [sourceRequest(), spaceRequest()]) {
      await desk.mail({ from: ada, intent: 'delete', requests: [request], standing: 'unproven' });
    }
    await desk.mail({ from: zoe, intent: 'status', standing: 'unproven' });
    const rows = await desk
      .db('outbox')
      .select<{ recipient: string; created_at: Date; not_before: Date | null }[]>(
        'recipient',
        'created_at',
        'not_before',
      )
      .orderBy('id');
    const [first] = rows;
    for (const row of rows.slice(0, 2)) {
      waits.push(row.not_before === null ? null : row.not_before.getTime() - first!.created_at.getTime());
    }
    expect(waits).toEqual([null, 600_000]);
    expect(rows[2]).toMatchObject({ recipient: zoe, not_before: null });
  });

  test('T45 a third waits for the second, an authenticated mail for none', async () => {
    await using fresh = await freshDatabase();
    const now = new Date('2026-11-22T12:00:00Z');
    const minutes = async (causedBy: ReplyKind, at: Date) => {
      const ask = asking({ causedBy, workspaceIds: [], now: at });
      const permit = await askPermit(fresh.db, limits, silent, ask);
      if (permit.kind === 'silenced') return permit.because;
      return permit.notBefore === null ? 0 : (permit.notBefore.getTime() - now.getTime()) / 60_000;
    };
    expect(await minutes('unproven', now)).toBe(0);
    expect(await minutes('unproven', new Date(now.getTime() + 60_000))).toBe(10);
    expect(await minutes('authenticated', new Date(now.getTime() + 90_000))).toBe(0);
    expect(await minutes('unproven', new Date(now.getTime() + 120_000))).toBe(20);
    expect(await minutes('unproven', new Date(now.getTime() + 180_000))).toBe('address');
  });
});

describe('the breaker', () => {
  test('opens once with one line, counts what it kept back, and closes with another when the hour has passed', async () => {
    await using desk = await openTestDesk();
    const { db } = desk;
    const lines: string[] = [];
    const log = (level: string, message: string, details: object) =>
      lines.push(`${level} ${message} ${JSON.stringify(details)}`);
    await sent(desk, { to: 'somebody', count: 300, minutesAgo: 30 });
    const now = await deskNow(db);
    for (const recipientHash of ['a', 'b', 'c']) {
      const ask = asking({ recipientHash, causedBy: 'authenticated', now });
      expect(inWord(await askPermit(db, limits, log, ask))).toBe('breaker');
    }
    await closeBreakers(db, limits, log);
    expect(lines).toHaveLength(1);
    expect(await db('breaker_trips').select('share', 'suppressed', 'closed_at')).toEqual([
      { share: 'all', suppressed: 3, closed_at: null },
    ]);
    await desk.pass(0.6);
    await closeBreakers(db, limits, log);
    await closeBreakers(db, limits, log);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('"suppressed":3');
    const trip = await db('breaker_trips').first<{ closed_at: Date | null }>('closed_at');
    expect(trip?.closed_at).toBeInstanceOf(Date);
  });

  test('of those who prove nothing leaves the others alone, and both can be open', async () => {
    await using fresh = await freshDatabase();
    await sent(fresh, { to: 'somebody', count: 200, minutesAgo: 30, by: 'stranger' });
    const now = await deskNow(fresh.db);
    const as = (causedBy: ReplyKind) =>
      askPermit(fresh.db, limits, silent, asking({ recipientHash: causedBy, causedBy, now }));
    expect(inWord(await as('unproven'))).toBe('breaker');
    expect(inWord(await as('authenticated'))).toBe('granted');
    await sent(fresh, { to: 'somebody else', count: 100, minutesAgo: 30 });
    expect(inWord(await as('desk'))).toBe('breaker');
    expect(await fresh.db('breaker_trips').pluck('share').orderBy('share')).toEqual(['all', 'unproven']);
  });

  test('never keeps back a notice after the verification, nor the purge', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await sent(desk, { to: 'somebody', count: 300, minutesAgo: 1 });
    const { mails } = await desk.mail({ from: bob, intent: 'cancel', ticket: `PD-${ticket.id}` });
    expect(mails.map((mail) => mail.template)).toEqual(['cancelled', 'cancelled']);
  });

  test('a policy with fewer an hour trips sooner', async () => {
    await using desk = await openTestDesk({ ...policy, repliesAnHour: 1 });
    await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
    const { handled, mails } = await desk.mail({ from: zoe, intent: 'status' });
    expect(mails).toEqual([]);
    expect(handled).toMatchObject({ disposition: 'silenced', needsAgent: true });
  });
});

describe('a spent budget', () => {
  test('keeps the desk silent, tells the agents and opens the ticket all the same', async () => {
    await using desk = await openTestDesk();
    await sent(desk, { to: desk.hash(ada), count: 5, minutesAgo: 10 });
    const { handled, mails } = await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
    expect(mails).toEqual([]);
    expect(handled).toMatchObject({ disposition: 'opened', needsAgent: true });
    expect(await desk.ticket()).toMatchObject({ state: 'verifying' });
  });

  test('does not lose the request: the reminder asks for the code a day later', async () => {
    await using desk = await openTestDesk();
    await sent(desk, { to: desk.hash(ada), count: 5, minutesAgo: 10 });
    const { id } = await desk.asked();
    await desk.pass(24.1);
    await desk.tick();
    const [mail] = (await desk.outbox()).filter((one) => one.template === 'verify_request');
    expect(mail?.facts.challenge).toMatchObject({ triesLeft: 5 });
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  });

  test('does not stop a cancel from pausing, nor the notices of a verified ticket', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await sent(desk, { to: desk.hash(ada), count: 5, minutesAgo: 1 });
    await sent(desk, { to: desk.hash(bob), count: 5, minutesAgo: 1 });
    await desk.mail({ from: bob, intent: 'cancel', ticket: `PD-${ticket.id}`, standing: 'unproven' });
    expect(await desk.ticket(ticket.id)).toMatchObject({ holds: ['doubtful_cancel'] });
    const { mails } = await desk.mail({ from: bob, intent: 'cancel', ticket: `PD-${ticket.id}` });
    expect(mails.map((mail) => mail.template)).toEqual(['cancelled', 'cancelled']);
  });

  test.each(['status', 'cancel'] as const)(
    'T45 is spent by forged mails about a verified ticket too: %s makes at most three a day to one address',
    async (intent) => {
      await using desk = await openTestDesk();
      const { id } = await desk.inGrace();
      await desk.pass(25);
      const before = (await desk.outbox()).length;
      for (let count = 0; count < 12; count += 1) {
        await desk.mail({ from: ada, intent, ticket: `PD-${id}`, standing: 'unproven' });
      }
      const mails = (await desk.outbox()).slice(before);
      expect(mails.filter((mail) => mail.recipient === ada)).toHaveLength(3);
      expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
      const { mails: honest } = await desk.mail({ from: ada, intent: 'status', ticket: `PD-${id}` });
      expect(honest).toHaveLength(1);
    },
  );

  test('T45 forged requests challenge the owners of a workspace twice a day, however many names they carry', async () => {
    await using desk = await openTestDesk();
    const asked = [];
    for (const [from, request] of [
      [ada, sourceRequest()],
      [bob, sourceRequest({ source: 'iOS App' })],
      [ada, spaceRequest()],
      [bob, workspaceRequest()],
    ] as const) {
      await desk.pass(1);
      asked.push(await desk.mail({ from, intent: 'delete', requests: [request], standing: 'unproven' }));
    }
    const challenges = (await desk.outbox()).filter((mail) => mail.template === 'verify_request');
    expect(challenges).toHaveLength(2);
    expect(asked.map(({ handled }) => handled.needsAgent)).toEqual([false, false, true, true]);
    const honest = sourceRequest({ timeFrame: { from: '2025-01-01', to: '2025-01-31' } });
    const { mails } = await desk.mail({ from: bob, intent: 'delete', requests: [honest] });
    expect(mails.map((mail) => mail.template)).toEqual(['verify_request']);
  });

  test('T45 a cancel that fails authentication tells the requester three times a day at most', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    await desk.pass(25);
    const before = (await desk.outbox()).length;
    for (let count = 0; count < 8; count += 1) {
      await desk.mail({ from: bob, intent: 'cancel', ticket: `PD-${id}`, standing: 'failed' });
    }
    const recipients = (await desk.outbox()).slice(before).map((mail) => mail.recipient);
    expect(recipients).toEqual([ada, ada, ada]);
  });
});
