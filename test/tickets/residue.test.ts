import { describe, expect, test } from 'vitest';
import type { PlanStep } from '../../src/domain/plan.ts';
import {
  backupsGoneAt,
  DEFAULT_POLICY,
  type Policy,
  type Residue,
  residueEnd,
} from '../../src/domain/policy.ts';
import type { TicketIn } from '../../src/domain/ticket.ts';
import { appendErasure } from '../../src/purge/ledger/ledger.ts';
import { ledgerKey } from '../../src/purge/ledger/seal.ts';
import { verifyLedger } from '../../src/purge/ledger/verify.ts';
import { nextWake } from '../../src/tickets/policy.ts';
import { transition } from '../../src/tickets/transition.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { EVENTS, inWords, policy, ticketIn } from './cast.ts';
import {
  ada,
  bob,
  openTestDesk,
  type StoredTicket,
  sourceRequest,
  spaceRequest,
  type TestDesk,
  told,
  zoe,
} from './desk.ts';

const KEY = ledgerKey(Buffer.alloc(32, 5));
const backups: Residue = {
  category: 'backups',
  what: 'Encrypted backups',
  why: 'they let us restore the service',
  legalBasis: null,
  retentionDays: null,
  rollingDays: 35,
};
const finance: Residue = {
  ...backups,
  category: 'finance',
  what: 'Invoices',
  retentionDays: 3650,
  rollingDays: null,
};
const withBackups = { ...policy, residue: [backups, finance] };

const STEP: PlanStep = {
  no: 1,
  store: 'archive',
  kind: 'postgres',
  target: 'public.events',
  action: 'delete',
  predicate: {
    workspaceId: 'ws_acme',
    sourceId: 'src_web',
    spaceId: null,
    projectId: null,
    users: [],
    events: [],
    properties: [],
    receivedFrom: null,
    receivedBefore: null,
  },
};

/** Ends the purge of a ticket in its grace, with one erasure in the ledger and a receipt of any kind. */
async function complete(desk: TestDesk, ...tickets: readonly StoredTicket[]): Promise<void> {
  for (const ticket of tickets) await desk.outlast(ticket);
  await desk.decide(
    tickets.map(({ id }) => ({
      ticketId: id,
      event: EVENTS.purge_finished,
      within: async (trx) => {
        const [{ now }] = (await trx.raw('select desk_now() as now')).rows;
        await appendErasure(trx, KEY, { kind: 'erased', ticketId: id, step: STEP, deleted: 3, at: now });
        await trx('receipts').insert({
          ticket_id: id,
          signed: JSON.stringify({ publicKey: 'cHVibGlj', receipt: { remainingTotal: 0 } }),
          created_at: now,
        });
      },
    })),
  );
}

interface ResidueRow extends StoredTicket {
  readonly closed_at: Date;
  readonly residue_wake_at: Date | null;
  readonly residue_told_at: Date | null;
}
const rowOf = async (desk: TestDesk, id: number) => (await desk.ticket(id)) as ResidueRow;
const sealsOf = async (desk: TestDesk): Promise<number> => (await desk.db('ledger_seals')).length;
const followUps = async (desk: TestDesk) =>
  told((await desk.outbox()).filter((mail) => mail.template === 'residue_released'));

describe('what stays', () => {
  const at = new Date('2026-03-10T17:30:00Z');

  test.each([
    ['for so many days after the completion', { retentionDays: 30, rollingDays: null }, '2026-04-09'],
    ['until the last of a rolling schedule is gone', { retentionDays: null, rollingDays: 35 }, '2026-04-14'],
    ['without a date where the policy has none', { retentionDays: null, rollingDays: null }, null],
  ])('%s', (_title, days, end) => {
    expect(residueEnd(days, at)).toBe(end);
  });

  test.each([
    ['the day after the only one expired', [backups, finance], '2026-04-15T00:00:00.000Z'],
    [
      'the day after the last of several expired',
      [backups, { ...backups, rollingDays: 90 }],
      '2026-06-09T00:00:00.000Z',
    ],
    ['never where one of them has no date', [backups, { ...backups, rollingDays: null }], null],
    ['never where there is no backup', [finance], null],
    ['never by default', DEFAULT_POLICY.residue, null],
  ])('and backups are gone %s', (_title, residue, gone) => {
    expect(backupsGoneAt(residue, at)?.toISOString() ?? null).toBe(gone);
  });
});

describe('the end of the last backup', () => {
  const gone = new Date('2026-04-15T00:00:00Z');
  const at = (ticket: Parameters<typeof ticketIn<'completed'>>[1], now: Date) =>
    inWords(transition(ticketIn('completed', ticket), EVENTS.residue_expired, withBackups, now));

  test('is told at its hour', () => {
    expect(at({ residueWakeAt: gone }, gone)).toBe(
      'stays, residue_released > requester, residue_released > others',
    );
  });

  test('is not told before', () => {
    expect(at({ residueWakeAt: gone }, new Date(gone.getTime() - 1))).toBe('refused: too_early');
  });

  test('is not told while backups that are kept for longer by now may hold it, or when nobody can say any more', () => {
    const ticket = ticketIn('completed', { residueWakeAt: gone }) as TicketIn<'completed'>;
    const kept = (rollingDays: number | null) => ({
      ...withBackups,
      residue: [{ ...backups, rollingDays, retentionDays: null }],
    });
    const end = backupsGoneAt(kept(90).residue, ticket.closedAt) as Date;
    expect(end > gone).toBe(true);
    const said = (policy: Policy, now: Date) =>
      inWords(transition(ticket, EVENTS.residue_expired, policy, now));
    expect(said(kept(90), gone)).toBe('refused: too_early');
    expect(nextWake(ticket, kept(90), gone)).toEqual(end);
    expect(said(kept(90), end)).toContain('residue_released > requester');
    expect(transition(ticket, EVENTS.residue_expired, kept(90), end)).toMatchObject({
      ticket: { residueWakeAt: end },
    });
    expect(said(kept(1), gone)).toContain('residue_released > requester');
    expect(said(kept(null), end)).toBe('refused: too_early');
  });

  test('is not told again', () => {
    expect(at({ residueWakeAt: gone, residueToldAt: gone }, gone)).toBe('refused: no_change');
  });

  test('is not told where nobody knows it', () => {
    expect(at({ residueWakeAt: null }, gone)).toBe('refused: wrong_state');
  });
});

describe('once the last backup has expired', () => {
  test('everybody who was told of the end is told so, once', async () => {
    await using desk = await openTestDesk(withBackups);
    const ticket = await desk.inGrace();
    await complete(desk, ticket);
    const { closed_at, residue_wake_at } = await rowOf(desk, ticket.id);
    expect(residue_wake_at).toEqual(backupsGoneAt(withBackups.residue, closed_at));
    await desk.pass(35 * 24 - 1);
    await desk.tick();
    expect(await followUps(desk)).toEqual([]);
    await desk.pass(25);
    await desk.tick();
    await desk.tick();
    expect(await followUps(desk)).toEqual([`residue_released > ${ada}`, `residue_released > ${bob}`]);
    const told = await rowOf(desk, ticket.id);
    expect(told).toMatchObject({ state: 'completed', wake_at: null });
    expect(told.residue_told_at).not.toBeNull();
    const mail = (await desk.outbox()).at(-1);
    expect(mail).toMatchObject({ before_verification: false, ticket_ids: [ticket.id] });
    expect(mail?.facts.tickets[0]?.backupsUntil).toBe(residueEnd(backups, closed_at));
    expect((await verifyAudit(desk.db)).problems).toEqual([]);
  });

  test('two tickets of a conversation that end on the same day are told of in one mail', async () => {
    await using desk = await openTestDesk(withBackups);
    await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest(), spaceRequest()] });
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    const tickets = await desk.tickets();
    for (const { id } of tickets) await desk.act({ id, event: EVENTS.rehearsed });
    await complete(desk, ...(await desk.tickets()));
    await desk.pass(37 * 24);
    await desk.tick();
    expect(await followUps(desk)).toEqual([`residue_released > ${ada}`, `residue_released > ${bob}`]);
    expect((await desk.outbox()).at(-1)?.ticket_ids).toEqual(tickets.map(({ id }) => id));
  });

  test('whoever came into charge after the end hears nothing', async () => {
    await using desk = await openTestDesk(withBackups);
    const ticket = await desk.inGrace();
    await complete(desk, ticket);
    await desk.db('members').insert({ workspace_id: 'ws_acme', address: zoe, role: 'admin' });
    await desk.act({ id: ticket.id, event: EVENTS.status_asked });
    await desk.pass(37 * 24);
    await desk.tick();
    expect(await followUps(desk)).toEqual([`residue_released > ${ada}`, `residue_released > ${bob}`]);
  });

  test('the desk forgets whom the erasure was about, and the ledger still holds', async () => {
    await using desk = await openTestDesk(withBackups);
    const ticket = await desk.inGrace();
    await complete(desk, ticket);
    const [other] = await desk.db('tickets').max<{ max: number }[]>('id');
    await desk.db.transaction((trx) =>
      appendErasure(trx, KEY, {
        kind: 'erased',
        ticketId: (other?.max ?? 0) + 1,
        step: STEP,
        deleted: 1,
        at: new Date(),
      }),
    );
    expect(await sealsOf(desk)).toBe(2);
    await desk.pass(37 * 24);
    await desk.tick();
    expect(await desk.db('ledger_seals').select('seq')).toEqual([{ seq: 2 }]);
    expect(await verifyLedger(desk.db, KEY)).toMatchObject({ entries: 2, sealed: 1, problems: [] });
  });

  test('and never before: a seal that is gone too early is named', async () => {
    await using desk = await openTestDesk(withBackups);
    await complete(desk, await desk.inGrace());
    await desk.db('ledger_seals').delete();
    expect((await verifyLedger(desk.db, KEY)).problems).toEqual([
      'the seal of entry 1 is gone before its time',
    ]);
  });
});

describe('where nobody can say when the last backup expires', () => {
  test('nobody is told that it has, and the seals stay', async () => {
    await using desk = await openTestDesk(policy);
    const ticket = await desk.inGrace();
    await complete(desk, ticket);
    expect(await rowOf(desk, ticket.id)).toMatchObject({ residue_wake_at: null, wake_at: null });
    await desk.pass(10_000 * 24);
    await desk.tick();
    expect(await followUps(desk)).toEqual([]);
    expect(await sealsOf(desk)).toBe(1);
  });
});

describe('a replay', () => {
  test('puts off the end of the last backup: those made meanwhile hold the data once more', async () => {
    await using desk = await openTestDesk(withBackups);
    const ticket = await desk.inGrace();
    await complete(desk, ticket);
    await desk.pass(10 * 24);
    await desk.act({ id: ticket.id, event: { ...EVENTS.erasure_replayed, deleted: 3 } });
    await desk.pass(27 * 24);
    await desk.tick();
    expect(await followUps(desk)).toEqual([]);
    expect(await sealsOf(desk)).toBe(1);
    await desk.pass(10 * 24);
    await desk.tick();
    expect(await followUps(desk)).toHaveLength(2);
    expect(await sealsOf(desk)).toBe(0);
  });

  test('that found nothing puts nothing off', async () => {
    await using desk = await openTestDesk(withBackups);
    const ticket = await desk.inGrace();
    await complete(desk, ticket);
    const { residue_wake_at } = await rowOf(desk, ticket.id);
    await desk.pass(24);
    await desk.act({ id: ticket.id, event: { ...EVENTS.erasure_replayed, deleted: 0 } });
    expect((await rowOf(desk, ticket.id)).residue_wake_at).toEqual(residue_wake_at);
  });
});
