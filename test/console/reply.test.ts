import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressHash } from '../../src/domain/canonical.ts';
import { ada, bob, sourceRequest, stranger, workspaceRequest, zoe } from '../tickets/desk.ts';
import { FORGED, type SeededMail, seedMail, UNPROVEN } from './mails-seed.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
let agent: Visitor;
let ticket: number;

beforeAll(async () => {
  whole = await openWholeDesk();
  agent = await whole.signIn('agent');
  await whole.desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest({ source: null })] });
  ticket = (await whole.desk.ticket()).id;
});
afterAll(() => whole[Symbol.asyncDispose]());

const written = async () => {
  const rows = await whole.desk.db('outbox').whereNotNull('written_by').orderBy('id').select('*');
  return rows as (Awaited<ReturnType<WholeDesk['desk']['outbox']>>[number] & { written_by: string })[];
};

/** @returns the address of the page on which it is looked at */
async function draft(path: string, words: string, fields: Record<string, string> = {}): Promise<string> {
  const answer = await agent.post(path, { template: 'agent_reply', locale: 'en', words, ...fields });
  expect(answer.statusCode).toBe(303);
  return String(answer.headers.location);
}

describe('to the requester of a ticket', () => {
  test('is looked at first, goes out once however often it is sent, and moves nothing', async () => {
    const before = await whole.desk.ticket(ticket);
    const look = await draft(
      `/tickets/PD-${ticket}/reply`,
      'Your invoice is <b>paid</b>.\r\nNothing else.\r\n\r\nBye',
      {
        recipient: 'eve@evil.example',
        address: 'eve@evil.example',
      },
    );
    expect(await written()).toEqual([]);
    const page = await agent.get(look);
    expect(page.body).toContain(ada);
    expect(page.body).toContain('Your invoice is &lt;b&gt;paid&lt;/b&gt;.\nNothing else.');
    expect(page.body).toContain(`[PD-${ticket}] Data deletion request`);
    expect(page.body).toContain('+pd');
    expect(page.body).toContain('.hidden@');
    const frame = await agent.get(`${look}/html`);
    expect(frame.body).toContain('Your invoice is &lt;b&gt;paid&lt;/b&gt;.<br>');
    expect(frame.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);

    const sent = await Promise.all([agent.post(look), agent.post(look)]);
    expect(sent.map(({ statusCode }) => statusCode)).toEqual([303, 303]);
    await agent.post(look);
    const mails = await written();
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({
      recipient: ada,
      template: 'agent_reply',
      written_by: agent.name,
      ticket_ids: [ticket],
      facts: { said: 'Your invoice is <b>paid</b>.\nNothing else.\n\nBye', tickets: [], tag: `PD-${ticket}` },
    });
    expect(await whole.desk.ticket(ticket)).toMatchObject({ state: before.state, wake_at: before.wake_at });
    const events = await whole.desk.db('ticket_events').where({ ticket_id: ticket, type: 'noted' });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ actor: `agent:${agent.name}` });
    expect(JSON.stringify(events)).not.toContain('invoice');
    expect(await whole.desk.db('agent_notes').where({ ticket_id: ticket }).first()).toMatchObject({
      note: expect.stringContaining('Your invoice is <b>paid</b>'),
    });
    // What was sent is in the mail alone.
    expect(await whole.desk.db('reply_drafts').where({ words: '' }).whereNotNull('outbox_id')).toHaveLength(
      1,
    );
    expect((await agent.get(look)).headers.location).toBe(`/outbox/${mails[0]!.id}`);
  });

  test('is seen by its author alone, for a day', async () => {
    const look = await draft(`/tickets/PD-${ticket}/reply`, 'Only mine');
    const other = await whole.signIn('admin');
    for (const answer of [await other.get(look), await other.get(`${look}/html`), await other.post(look)]) {
      expect(answer.statusCode).toBe(404);
    }
    expect(
      (await other.get(`/tickets/PD-${ticket}/reply?draft=${look.split('/').at(-1)}`)).body,
    ).not.toContain('Only mine');
    expect((await agent.get(`/tickets/PD-${ticket}/reply?draft=${look.split('/').at(-1)}`)).body).toContain(
      'Only mine',
    );
    await whole.desk.db.raw(
      `update reply_drafts set created_at = created_at - interval '25 hours' where words = 'Only mine'`,
    );
    expect((await agent.post(look)).statusCode).toBe(404);
  });

  test.each([
    ['nothing', '   ', 'agent_reply', 'Please write something.'],
    ['a control character', 'Hello \u0007', 'agent_reply', 'signs that cannot be printed'],
    ['a turned reading direction', 'Hello \u202e', 'agent_reply', 'signs that cannot be printed'],
    ['too much', 'x'.repeat(5_001), 'agent_reply', 'That is 5001 characters; 5000 fit.'],
    ['words where none go', 'Hello', 'pointers', 'these words would be lost'],
    ['a mail that agents do not send', '', 'verify_request', 'Please choose what to send.'],
  ])('refuses %s', async (_what, words, template, problem) => {
    const answer = await agent.post(`/tickets/PD-${ticket}/reply`, { words, template });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain(problem);
  });

  test('can be the status of the request, in their language', async () => {
    const look = await draft(`/tickets/PD-${ticket}/reply`, '', { template: 'status', locale: 'de' });
    const page = (await agent.get(look)).body;
    expect(page).toContain('Ihr Antrag auf Löschung Ihrer Daten');
    expect(page).toContain('/s/hidden');
    await agent.post(look);
    expect((await written()).at(-1)).toMatchObject({
      template: 'status',
      locale: 'de',
      facts: { tickets: [{ reference: `PD-${ticket}` }] },
    });
  });

  test('tells somebody who is not entitled nothing, and warns the agent', async () => {
    await whole.desk.mail({ from: zoe, intent: 'delete', requests: [workspaceRequest()] });
    const { id } = await whole.desk.ticket();
    const form = (await agent.get(`/tickets/PD-${id}/reply`)).body;
    expect(form).toContain('It is not confirmed that they may ask for this.');
    expect(form).not.toContain('value="status"');
    await agent.post(await draft(`/tickets/PD-${id}/reply`, 'Hello'));
    const mail = (await written()).at(-1)!;
    expect(mail).toMatchObject({ recipient: zoe, facts: { recipient: 'stranger', tickets: [] } });
    expect(mail.facts.statusLink).toBeUndefined();
  });

  test('goes nowhere once the desk no longer offers it', async () => {
    const look = await draft(`/tickets/PD-${ticket}/reply`, '', { template: 'status' });
    const before = (await written()).length;
    const tickets = whole.desk.db('tickets').where({ id: ticket });
    await tickets.clone().update({ verdict: 'not_entitled' });
    for (const answer of [await agent.get(look), await agent.post(look)]) {
      expect(answer.statusCode).toBe(409);
      expect(answer.body).toContain('no longer confirmed that they may hear of this');
    }
    expect((await agent.get(`${look}/html`)).statusCode).toBe(404);
    expect(await written()).toHaveLength(before);
    await tickets.clone().update({ verdict: 'entitled' });
    expect((await agent.post(look)).statusCode).toBe(303);
  });

  test('stops at a few mails to one address a day, whoever writes them', async () => {
    await whole.desk.mail({ from: bob, intent: 'delete', requests: [sourceRequest({ source: 'iOS App' })] });
    const { id } = await whole.desk.ticket();
    const mine = async () => (await written()).filter(({ recipient }) => recipient === bob).length;
    for (let count = 1; count <= 6; count += 1)
      await agent.post(await draft(`/tickets/PD-${id}/reply`, `No ${count}`));
    expect(await mine()).toBe(6);
    const refused = await agent.post(await draft(`/tickets/PD-${id}/reply`, 'No 7'));
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain('Wait until tomorrow');
    expect(await mine()).toBe(6);
    expect(await whole.desk.db('agent_notes').where({ ticket_id: id })).toHaveLength(6);
  });
});

describe('to the author of a mail', () => {
  const NOBODY: readonly (readonly [string, SeededMail, string])[] = [
    ['a machine', { disposition: 'automatic' }, 'A machine or a list sent it.'],
    ['our own mail', { disposition: 'own' }, 'one of our own'],
    ['a forged mail', { evidence: FORGED }, 'likely forged'],
    ['no single author', { author: null, disposition: 'unreadable' }, 'no single plain author'],
    ['a mail program', { author: 'mailer-daemon@acme.example' }, 'Nobody reads mail at this address.'],
    ['an unattended address', { author: 'noreply@acme.example' }, 'Nobody reads mail at this address.'],
    ['the desk', { author: 'desk+pd7.abc@desk.example' }, 'address of the desk itself'],
    ['no plain address', { author: 'ada@[127.0.0.1]' }, 'not one that mail can safely be sent to'],
    [
      'a program that says so itself',
      { raw: 'From: ada@acme.example\r\nAuto-Submitted: auto-generated\r\nSubject: x\r\n\r\nHello\r\n' },
      'A machine or a list sent it.',
    ],
    [
      'the null path',
      { raw: 'Return-Path: <>\r\nFrom: ada@acme.example\r\nSubject: x\r\n\r\nHello\r\n' },
      'A machine or a list sent it.',
    ],
  ];

  test.each(NOBODY)('never goes to %s', async (_what, mail, why) => {
    const id = await seedMail(whole.desk.db, mail);
    const before = (await written()).length;
    const form = await agent.get(`/mails/${id}/reply`);
    expect(form.statusCode).toBe(409);
    expect(form.body).toContain(why);
    expect(
      (await agent.post(`/mails/${id}/reply`, { template: 'agent_reply', words: 'Hi' })).statusCode,
    ).toBe(409);
    expect((await written()).length).toBe(before);
  });

  test('never goes to an address whose mail comes back, though the draft was written before', async () => {
    const id = await seedMail(whole.desk.db, { author: 'carl@acme.example' });
    const look = await draft(`/mails/${id}/reply`, 'Hello Carl');
    await whole.desk.db('undeliverable_addresses').insert({
      recipient_hash: addressHash(whole.desk.deps.key, 'carl@acme.example'),
      since: new Date(),
      outbox_id: 1,
      reason: 'bounced',
    });
    const refused = await agent.post(look);
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain('Mails to this address come back.');
    expect((await written()).filter(({ recipient }) => recipient === 'carl@acme.example')).toEqual([]);
  });

  test('carries nothing of a stranger’s mail or of any ticket, warns, and takes the mail off the list', async () => {
    const id = await seedMail(whole.desk.db, { author: stranger, evidence: UNPROVEN });
    const form = await agent.get(`/mails/${id}/reply`);
    expect(form.body).toContain('Nothing shows that this mail comes from whom it names');
    const look = await draft(`/mails/${id}/reply`, 'Please write from your own address.');
    await agent.post(look, { done: 'yes' });
    expect((await written()).at(-1)).toMatchObject({
      recipient: stranger,
      cause_message_id: id,
      in_reply_to: null,
      conversation_id: null,
      ticket_ids: [],
      facts: { tag: null, recipient: 'stranger', tickets: [] },
    });
    expect(await whole.desk.db('messages').where({ id }).first()).toMatchObject({
      needs_agent: false,
      agent_by: agent.name,
    });
  });

  test('threads below a mail that is proven theirs', async () => {
    const id = await seedMail(whole.desk.db, { author: 'dora@acme.example' });
    await agent.post(await draft(`/mails/${id}/reply`, 'Hello Dora'));
    const { message_id_header: theirs, needs_agent: waits } = await whole.desk
      .db('messages')
      .where({ id })
      .first();
    expect((await written()).at(-1)).toMatchObject({ recipient: 'dora@acme.example', in_reply_to: theirs });
    // Unless the agent says so it waits still.
    expect(waits).toBe(true);
  });
});
