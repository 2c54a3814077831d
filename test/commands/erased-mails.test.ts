import { describe, expect, test } from 'vitest';
import { lineOf, listing } from '../../src/commands/mail-words.ts';
import { openMail } from '../../src/commands/open-mail.ts';
import { listMails } from '../../src/ingest/agent-mails.ts';
import { eraseOwnContext } from '../../src/purge/erase-own-context.ts';
import { openOwnContextStore } from '../../src/purge/stores/own-context.ts';
import { eraseTicketContext } from '../../src/tickets/erase-context.ts';
import { tick } from '../../src/tickets/tick.ts';
import { fingerprint, openRealConsole, post } from '../console/real-desk.ts';
import { ada, eve, type Letter, type MailDesk, openMailDesk, rawOf } from '../security/desk.ts';

const NEVER = new AbortController().signal;

const asking: Letter = {
  from: ada,
  messageId: '<canary-request@mail.example>',
  text: 'Please delete the workspace acme-inc.',
};

/** Lets days pass, a tick at their end, and erases what is due then. */
async function later({ desk, pass }: MailDesk, days: number): Promise<void> {
  await pass(days * 24);
  await tick(desk.db, desk.tickets, (error) => {
    throw error;
  });
  await desk.db('outbox').where({ status: 'pending' }).update({ status: 'sent' });
  await eraseOwnContext(desk.ownContext, NEVER);
}

describe('after its mails were erased', () => {
  test('the desk knows a copy of one, and opens nothing', async () => {
    await using whole = await openMailDesk();
    const { desk } = whole;
    const mail = rawOf(asking);
    expect((await whole.write(mail)).disposition).toBe('opened');
    await later(whole, 4);
    await later(whole, 31);
    expect(await desk.db('messages')).toMatchObject([{ raw: null, subject: null, disposition: 'opened' }]);
    const copy = await whole.write(mail);
    expect(copy.disposition).toBe('duplicate');
    expect(copy.sent).toEqual([]);
    expect(await whole.tickets()).toHaveLength(1);
    // The copy is a mail like any other.
    await later(whole, 91);
    expect(await desk.db('messages').whereNotNull('raw')).toEqual([]);
  });

  test('agents see that they were, and cannot open one', async () => {
    await using whole = await openMailDesk();
    const { desk } = whole;
    await whole.write({ from: eve, text: 'Good morning.' });
    await desk.db('messages').update({ needs_agent: false, agent_by: 'grace', agent_at: new Date() });
    await later(whole, 91);
    const [row] = await listMails(desk.db, { all: true });
    expect(row).toMatchObject({ author: null, disposition: 'other', agent_by: 'grace' });
    const line = lineOf(row!);
    expect(listing([line])).toMatch(/ erased +other +erased /);
    expect(await openMail(desk, line.id, { agent: 'grace', reason: 'why not' })).toMatchObject({
      kind: 'refused',
    });
  });
});

test('the pages of an erased ticket tell nothing and change nothing', async () => {
  await using real = await openRealConsole();
  const { desk, app } = real;
  const { id } = await desk.asked();
  const link = await real.linkFor(ada);
  await desk.act({
    id,
    event: { type: 'cancelled_by_agent', by: { kind: 'agent', name: 'grace' }, note: 'x' },
  });
  await desk.pass(31 * 24);
  await desk.db('outbox').update({ status: 'sent' });
  const store = openOwnContextStore({
    db: desk.db,
    policy: desk.deps.policy,
    eraseTickets: (trx, ids) => eraseTicketContext(trx, desk.deps, ids),
  });
  await eraseOwnContext({ db: desk.db, store, crashPoint: () => undefined }, NEVER);
  expect(await desk.ticket(id)).toMatchObject({ requester: null, target: null });
  const before = await fingerprint(desk);
  const page = await app.inject(`/c/${link.token}`);
  expect(page.statusCode).toBe(410);
  expect(page.body).not.toMatch(/acme|website|null|undefined/i);
  expect((await app.inject(post(link.token, { code: link.code }))).statusCode).toBeLessThan(500);
  const overview = await app.inject('/');
  expect(overview.statusCode).toBe(200);
  expect(overview.body).toMatch(/source, erased/i);
  expect(await fingerprint(desk)).toEqual(before);
});
