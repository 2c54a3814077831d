import { describe, expect, test } from 'vitest';
import { lineOf } from '../../src/commands/mail-words.ts';
import { type OpenedMail, openMail } from '../../src/commands/open-mail.ts';
import { ticketId } from '../../src/domain/ids.ts';
import { listMails, takeOffList } from '../../src/ingest/agent-mails.ts';
import { flushOutbox } from '../../src/reply/outbox.ts';
import { rejudge } from '../../src/tickets/rejudge.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import {
  ada,
  eve,
  type Letter,
  type MailDesk,
  mia,
  newRequest,
  openMailDesk,
  REQUEST,
  rawOf,
  type Sent,
  sharedDesk,
  told,
} from '../security/desk.ts';

const ORDER = { agent: 'Grace', reason: 'called her back' };
const STRANGERS_IP = '203.0.113.77';
const LIST = ['List-Id: <all.lists.example>', 'Precedence: list'];

async function opened(
  desk: MailDesk,
  id: number,
): Promise<{ readonly result: OpenedMail; readonly sent: readonly Sent[] }> {
  const before = desk.sent.length;
  const result = await openMail(desk.desk, id, ORDER);
  await flushOutbox(desk.desk.outbox, new AbortController().signal);
  return { result, sent: desk.sent.slice(before) };
}

const waiting = async (desk: MailDesk): Promise<readonly number[]> =>
  (await listMails(desk.desk.db, { all: false })).map(({ id }) => id);

const stored = async (desk: MailDesk, id: number) =>
  desk.desk.db('messages').where({ id }).first('disposition', 'needs_agent', 'agent_by', 'agent_note');

const twoBodies = (text: string, html: string): Pick<Letter, 'headers' | 'body'> => ({
  headers: ['Content-Type: multipart/alternative; boundary=b'],
  body: [
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
    '--b',
    'Content-Type: text/html; charset=utf-8',
    '',
    html,
    '--b--',
  ].join('\n'),
});

const asHtml = (text: string): string => `<p>${text.replaceAll('\n', '<br>')}</p>`;

describe('a mail that an agent opens', () => {
  const shared = sharedDesk();
  const newest = async () => (await shared().tickets()).at(-1);

  test('of an owner, by way of a list: the code goes to the address in the directory, and nothing is verified', async () => {
    const desk = shared();
    const mail = await desk.write({ from: ada, text: newRequest(), headers: LIST, ip: STRANGERS_IP });
    expect(mail).toMatchObject({ disposition: 'automatic', needsAgent: true, sent: [] });
    expect(await waiting(desk)).toContain(mail.id);
    const { result, sent } = await opened(desk, mail.id);
    expect(result).toMatchObject({ kind: 'opened', handled: { disposition: 'opened' } });
    expect(told(sent)).toEqual([`verify_request > ${ada}`]);
    expect(await newest()).toMatchObject({ state: 'verifying', verified_at: null, requester: ada });
    expect(await waiting(desk)).not.toContain(mail.id);
    expect(await stored(desk, mail.id)).toEqual({
      disposition: 'opened',
      needs_agent: false,
      agent_by: 'Grace',
      agent_note: 'called her back',
    });
  });

  test('leaves who and a keyed hash of why in the audit chain, and none of the words', async () => {
    const desk = shared();
    const mail = await desk.write({ from: ada, text: newRequest(), headers: LIST });
    await opened(desk, mail.id);
    const ticket = await newest();
    const events = await desk.desk
      .db('ticket_events')
      .select('type', 'actor', 'details')
      .where({ ticket_id: ticket?.id });
    expect(events).toMatchObject([
      {
        type: 'judged',
        actor: 'agent:Grace',
        details: { order: 'open_mail', reason: expect.stringMatching(/^[0-9a-f]{32}$/) },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain(ORDER.reason);
    expect((await verifyAudit(desk.desk.db)).problems).toEqual([]);
  });

  test('is opened once: the second order is refused and sends nothing', async () => {
    const desk = shared();
    const mail = await desk.write({ from: ada, text: newRequest(), headers: LIST });
    await opened(desk, mail.id);
    const tickets = await desk.tickets();
    const again = await opened(desk, mail.id);
    expect(again).toEqual({
      result: { kind: 'refused', why: 'it has opened its tickets already' },
      sent: [],
    });
    expect(await desk.tickets()).toEqual(tickets);
  });

  test('by two agents at once opens one ticket', async () => {
    const desk = shared();
    const mail = await desk.write({ from: ada, text: newRequest(), headers: LIST });
    const before = (await desk.tickets()).length;
    const results = await Promise.all([opened(desk, mail.id), opened(desk, mail.id)]);
    expect(results.map(({ result }) => result.kind).sort()).toEqual(['opened', 'refused']);
    expect(await desk.tickets()).toHaveLength(before + 1);
  });

  test('and of which another copy came in opens one ticket', async () => {
    const desk = shared();
    const raw = rawOf({ from: ada, text: newRequest(), headers: LIST });
    const first = await desk.write(raw);
    const copy = await desk.write(raw);
    await opened(desk, first.id);
    const { result, sent } = await opened(desk, copy.id);
    expect(result).toEqual({ kind: 'refused', why: 'another copy of it has opened its tickets already' });
    expect(sent).toEqual([]);
  });

  test.each([
    { who: 'a stranger', from: eve },
    { who: 'a plain member', from: mia },
  ])('of $who is rejected as ever, with the neutral mail at most', async ({ from }) => {
    const desk = shared();
    const mail = await desk.write({ from, text: newRequest(), headers: LIST, ip: STRANGERS_IP });
    expect(mail).toMatchObject({ disposition: 'automatic', sent: [] });
    const { sent } = await opened(desk, mail.id);
    expect(told(sent)).toEqual([`not_authorised > ${from}`]);
    expect(await newest()).toMatchObject({ state: 'rejected', verified_at: null });
  });

  test('with an odd header and one plain author', async () => {
    const desk = shared();
    const headers = ['Message-ID: <another@mail.example>'];
    const mail = await desk.write({ from: ada, text: newRequest(), headers });
    expect(mail).toMatchObject({ disposition: 'other', needsAgent: true, sent: [] });
    const { sent } = await opened(desk, mail.id);
    expect(told(sent)).toEqual([`verify_request > ${ada}`]);
  });

  test('whose two bodies differ, and ask for the same complete thing', async () => {
    const desk = shared();
    const request = newRequest();
    const html = asHtml(`${request}\n\nThis is about PD-4711.`);
    const mail = await desk.write({ from: ada, ...twoBodies(request, html) });
    expect(mail).toMatchObject({ disposition: 'other', needsAgent: true, sent: [] });
    const { sent } = await opened(desk, mail.id);
    expect(told(sent)).toEqual([`verify_request > ${ada}`]);
  });
});

describe('a mail that is not opened', () => {
  const shared = sharedDesk();

  test.each<{ why: string; letter: Letter; reason: string }>([
    {
      why: 'it asks for no deletion',
      letter: { from: ada, text: 'What do you charge for exports?' },
      reason: 'it does not say of what it asks for the deletion, or asks for none',
    },
    {
      why: 'it asks to stop one',
      letter: { from: ada, text: 'Please cancel the deletion of workspace acme-inc.', headers: LIST },
      reason: 'it does not say of what it asks for the deletion, or asks for none',
    },
    {
      why: 'it has two authors',
      letter: { from: `${ada}, ${eve}`, text: REQUEST },
      reason: 'there is not exactly one plain author',
    },
    {
      why: 'it reports a mail that did not arrive',
      letter: { from: ada, text: REQUEST, headers: ['X-Failed-Recipients: bob@acme.example'] },
      reason: 'it is automatic, and does not hold a complete request',
    },
    {
      why: 'a machine asks for something that is not complete',
      letter: { from: ada, text: 'Please delete our workspace.', headers: LIST },
      reason: 'it is automatic, and does not hold a complete request',
    },
    {
      why: 'nobody reads at its address',
      letter: { from: 'noreply@acme.example', text: REQUEST },
      reason: 'nobody reads at the address that it came from',
    },
    {
      why: 'its words are sealed',
      letter: {
        from: ada,
        subject: 'Please delete workspace acme-inc',
        headers: [
          'Content-Type: application/pkcs7-mime; name=smime.p7m',
          'Content-Transfer-Encoding: base64',
        ],
        body: 'AAAA',
      },
      reason: 'its words are encrypted or packed',
    },
    {
      why: 'its two bodies ask for different things',
      letter: {
        from: ada,
        ...twoBodies('Please delete the workspace acme-inc.', '<p>Please delete the workspace globex.</p>'),
      },
      reason: 'its text and its HTML ask for different things',
    },
    {
      why: 'its two bodies have nothing complete in common',
      letter: { from: ada, ...twoBodies(REQUEST, asHtml(REQUEST.replace('Website Prod', 'iOS App'))) },
      reason: 'its text and its HTML ask for different things, and what both ask for is not complete',
    },
  ])('because $why', async ({ letter, reason }) => {
    const desk = shared();
    const { id } = await desk.write(letter);
    const before = await desk.tickets();
    const { result, sent } = await opened(desk, id);
    expect(result).toMatchObject({ kind: 'refused', why: expect.stringContaining(reason) });
    expect(sent).toEqual([]);
    expect(await desk.tickets()).toEqual(before);
    expect(await stored(desk, id)).toMatchObject({ agent_by: null });
  });

  test('because it cannot be read; it can be seen to all the same, once', async () => {
    const desk = shared();
    const { id } = await desk.write(Buffer.from('no header at all'));
    expect(await waiting(desk)).toContain(id);
    expect((await opened(desk, id)).result).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/^it cannot be read: /),
    });
    expect(await takeOffList(desk.desk.db, id, 'Grace')).toBe(true);
    expect(await takeOffList(desk.desk.db, id, 'Linus')).toBe(false);
    expect(await waiting(desk)).not.toContain(id);
    expect(await stored(desk, id)).toMatchObject({ agent_by: 'Grace', needs_agent: false });
  });
});

test('a budget that is spent opens nothing, and the same order can be given again later', async () => {
  await using desk = await openMailDesk();
  const ids: number[] = [];
  for (let index = 0; index < 3; index += 1) {
    ids.push((await desk.write({ from: ada, text: newRequest(), headers: LIST })).id);
  }
  const kinds: string[] = [];
  for (const id of ids) kinds.push((await opened(desk, id)).result.kind);
  expect(kinds).toEqual(['opened', 'opened', 'refused']);
  expect(await desk.tickets()).toHaveLength(2);
  expect(await waiting(desk)).toEqual([ids[2]]);
  await desk.pass(25);
  await flushOutbox(desk.desk.outbox, new AbortController().signal); // what waited to be ten minutes apart
  const later = await opened(desk, ids[2] ?? 0);
  expect(later.result.kind).toBe('opened');
  expect(told(later.sent)).toEqual([`verify_request > ${ada}`]);
});

test('a mail that fails authentication under an enforcing policy waits as a ticket; released, its code goes to the address in the directory', async () => {
  await using desk = await openMailDesk({ '_dmarc.acme.example': { TXT: [['v=DMARC1; p=reject']] } });
  const mail = await desk.write({ from: ada, text: REQUEST, ip: STRANGERS_IP, mailFrom: eve });
  expect(mail).toMatchObject({ disposition: 'opened', needsAgent: true, sent: [] });
  const [row] = await listMails(desk.desk.db, { all: false });
  const [ticket] = await desk.tickets();
  expect(ticket).toMatchObject({ state: 'received', holds: ['review'] });
  const id = ticketId(ticket?.id ?? 0);
  expect(row === undefined ? null : lineOf(row)).toMatchObject({
    author: ada,
    evidence: 'failed',
    tickets: [`PD-${id}`],
  });
  const by = { kind: 'agent', name: 'Grace' } as const;
  await desk.desk.decide([
    { ticketId: id, event: { type: 'released', reason: 'review', by, note: 'called her back' } },
  ]);
  await desk.desk.db.transaction((trx) => rejudge(trx, desk.desk.tickets, id));
  await flushOutbox(desk.desk.outbox, new AbortController().signal);
  expect(told(desk.sent)).toEqual([`verify_request > ${ada}`]);
  expect(await desk.tickets()).toMatchObject([{ state: 'verifying', verified_at: null }]);
});

test('a mail that waits for DNS can be opened, and is not read again later', async () => {
  await using desk = await openMailDesk({}, ['_dmarc.acme.example']);
  const mail = await desk.write({ from: ada, text: REQUEST, ip: STRANGERS_IP });
  expect(mail).toMatchObject({ disposition: 'pending', sent: [] });
  expect((await listMails(desk.desk.db, { all: true })).map(lineOf)).toMatchObject([
    { disposition: 'pending', evidence: 'undetermined', reason: 'who sent it cannot be looked up now' },
  ]);
  const { sent } = await opened(desk, mail.id);
  expect(told(sent)).toEqual([`verify_request > ${ada}`]);
  await desk.pass(48);
  await desk.write({ from: eve, text: 'Hello' });
  expect(await desk.tickets()).toMatchObject([{ state: 'verifying', verified_at: null }]);
  const row = await desk.desk.db('messages').where({ id: mail.id }).first('status', 'attempts');
  expect(row).toEqual({ status: 'done', attempts: 0 });
});
