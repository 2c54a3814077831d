/** Acts on tickets from the pages: the same as from the terminal, told in words. One desk for all. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { planHash } from '../tickets/cast.ts';
import { ada, sourceRequest, stranger, workspaceRequest } from '../tickets/desk.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
let agent: Visitor;
let approver: Visitor;

beforeAll(async () => {
  whole = await openWholeDesk();
  [agent, approver] = [await whole.signIn('agent', 'Sam'), await whole.signIn('approver', 'Ida')];
}, 60_000);
afterAll(() => whole[Symbol.asyncDispose]());

const desk = () => whole.desk;
const reason = 'the customer rang';

/** A new ticket in its grace, in a conversation of its own. */
async function inGrace(): Promise<string> {
  await desk().pass(25); // or the budget of mails to one address is spent by all these requests
  await desk().mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
  const { id } = await desk().ticket();
  await desk().mail({ from: ada, intent: 'verify', ticket: `PD-${id}`, code: await desk().code() });
  expect((await desk().ticket(id)).state).toBe('grace');
  await desk().act({ id, event: { type: 'rehearsed', planHash, estimate: 10, overCap: false } });
  return `PD-${id}`;
}
const idOf = (reference: string): number => Number(reference.slice(3));
const stateOf = async (reference: string) => (await desk().ticket(idOf(reference))).state;
const holdsOf = async (reference: string) => (await desk().ticket(idOf(reference))).holds;
const mailsOf = async (reference: string) =>
  (await desk().outbox()).filter(({ ticket_ids: ids }) => ids.includes(idOf(reference)));
/** The number of the hold that the page shows. */
const seenOn = async (visitor: Visitor, ticket: string, hold: string): Promise<string> =>
  /name="seen" value="(\d+)"/.exec((await visitor.get(`/tickets/${ticket}/release?hold=${hold}`)).body)![1]!;
const close = async (reference: string) => {
  await approver.post(`/tickets/${reference}/cancel`, { reason, confirm: reference });
  expect(await stateOf(reference)).toBe('cancelled');
};

test('a hold is placed and lifted in the name of who is signed in, with the words kept', async () => {
  const ticket = await inGrace();
  const held = await agent.post(`/tickets/${ticket}/hold`, { reason });
  expect([held.statusCode, held.headers.location]).toEqual([303, `/tickets/${ticket}`]);
  expect(await holdsOf(ticket)).toEqual(['agent']);
  const again = await agent.post(`/tickets/${ticket}/hold`, { reason });
  expect(again.statusCode).toBe(303);
  const other = await approver.post(`/tickets/${ticket}/hold`, { reason });
  expect([other.statusCode, other.body]).toEqual([
    422,
    expect.stringContaining('Sam keeps it on hold already'),
  ]);
  const page = await approver.get(`/tickets/${ticket}/release?hold=agent`);
  expect(page.body).toContain(`Sam: ${reason}`);
  const seen = await seenOn(approver, ticket, 'agent');
  const release = (visitor: Visitor, which: string) =>
    visitor.post(`/tickets/${ticket}/release`, { hold: 'agent', seen: which, reason });
  expect((await release(approver, seen)).statusCode).toBe(303);
  expect(await holdsOf(ticket)).toEqual([]);
  const actors = await desk()
    .db('ticket_events')
    .where({ ticket_id: idOf(ticket) })
    .whereIn('type', ['held', 'released'])
    .orderBy('seq')
    .pluck('actor');
  expect(actors).toEqual(['agent:Sam', 'agent:Ida']);
  // Placed anew for another reason: nobody who only saw the first one releases it.
  await agent.post(`/tickets/${ticket}/hold`, { reason: 'the police rang' });
  for (const old of [seen, '', 'x']) {
    const late = await release(approver, old);
    expect([late.statusCode, late.body]).toEqual([422, expect.stringContaining('It was held again')]);
    expect(late.body).toContain('the police rang');
  }
  expect(await holdsOf(ticket)).toEqual(['agent']);
  expect((await release(approver, await seenOn(approver, ticket, 'agent'))).statusCode).toBe(303);
  expect(await holdsOf(ticket)).toEqual([]);
  await close(ticket);
});

test('a person takes over what a program holds, and no form of before releases it', async () => {
  const ticket = await inGrace();
  const id = idOf(ticket);
  const by = { kind: 'agent', name: 'api/CRM' } as const;
  await desk().act({ id, event: { type: 'held', reason: 'agent', by, note: 'our run' } });
  const seen = await seenOn(approver, ticket, 'agent');
  expect((await agent.get(`/tickets/${ticket}`)).body).toContain(`/tickets/${ticket}/hold`);
  expect((await agent.get(`/tickets/${ticket}/hold`)).body).toContain('The hold of api/CRM becomes yours');
  expect((await agent.post(`/tickets/${ticket}/hold`, { reason })).statusCode).toBe(303);
  const holds = desk().db('holds').where({ ticket_id: id }).orderBy('id');
  expect(await holds.select('placed_by', 'note', 'lifted_by')).toEqual([
    { placed_by: 'agent:api/CRM', note: 'our run', lifted_by: 'agent:Sam' },
    { placed_by: 'agent:Sam', note: reason, lifted_by: null },
  ]);
  const last = await desk().db('ticket_events').where({ ticket_id: id }).orderBy('seq', 'desc').first();
  expect(last).toMatchObject({ type: 'held', actor: 'agent:Sam', details: { takenOver: true } });
  const late = await approver.post(`/tickets/${ticket}/release`, { hold: 'agent', seen, reason });
  expect([late.statusCode, await holdsOf(ticket)]).toEqual([422, ['agent']]);
  const other = await approver.post(`/tickets/${ticket}/hold`, { reason });
  expect([other.statusCode, other.body]).toEqual([422, expect.stringContaining('Sam keeps it on hold')]);
  await close(ticket);
});

test('a hold that somebody lifted meanwhile is told kindly', async () => {
  const ticket = await inGrace();
  const answer = await agent.post(`/tickets/${ticket}/release`, { hold: 'review', reason });
  expect([answer.statusCode, answer.body]).toEqual([422, expect.stringContaining('somebody was faster')]);
  await close(ticket);
});

test.each(['cancel', 'reject'] as const)('to %s takes the reference typed and a reason', async (act) => {
  const ticket = await inGrace();
  const path = `/tickets/${ticket}/${act}`;
  for (const fields of [
    {},
    { reason },
    { reason, confirm: 'PD-1' },
    { confirm: ticket },
    { reason: ' ', confirm: ticket },
  ]) {
    const answer = await approver.post(path, fields);
    expect([answer.statusCode, await stateOf(ticket)]).toEqual([422, 'grace']);
    expect(answer.body).toMatch(/aria-invalid="true"/);
  }
  const before = (await mailsOf(ticket)).length;
  for (const _press of [1, 2])
    expect((await approver.post(path, { reason, confirm: ticket })).statusCode).toBe(303);
  expect(await stateOf(ticket)).toBe(act === 'cancel' ? 'cancelled' : 'rejected');
  expect((await mailsOf(ticket)).length - before).toBe(2); // the requester and the other one in charge, once
  const notes = await desk()
    .db('agent_notes')
    .where({ ticket_id: idOf(ticket) })
    .select('agent', 'note');
  expect(notes).toEqual([{ agent: 'Ida', note: reason }]);
  const late = await (await whole.signIn('approver', `Late ${act}`)).post(path, { reason, confirm: ticket });
  expect([late.statusCode, late.body]).toEqual([422, expect.stringContaining('It is closed already')]);
});

test('a note is kept once, as plain text, and changes nothing', async () => {
  const ticket = await inGrace();
  const form = /name="form" value="([^"]+)"/.exec((await agent.get(`/tickets/${ticket}/note`)).body)![1]!;
  const text = '<b>Rang</b> at 9;\nwill call back';
  for (const _press of [1, 2])
    expect((await agent.post(`/tickets/${ticket}/note`, { reason: text, form })).statusCode).toBe(303);
  const notes = await desk()
    .db('agent_notes')
    .where({ ticket_id: idOf(ticket), act: 'noted' })
    .pluck('note');
  expect(notes).toEqual([text]);
  const long = await agent.post(`/tickets/${ticket}/note`, { reason: 'ä'.repeat(4_001) });
  expect([long.statusCode, long.body]).toEqual([422, expect.stringContaining('4001 characters; 4000 fit')]);
  const chain = await desk()
    .db('ticket_events')
    .where({ ticket_id: idOf(ticket), type: 'noted' })
    .first();
  expect(JSON.stringify(chain)).not.toContain('Rang');
  await close(ticket);
});

test('two notes of one form that are sent at once are one', async () => {
  const ticket = await inGrace();
  const form = '3f0e4d2a-8f53-4a3e-9a3c-1f1d5a0c7f11';
  const answers = await Promise.all(
    [1, 2].map(() => agent.post(`/tickets/${ticket}/note`, { reason: 'same', form })),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([303, 303]);
  expect(await desk().db('agent_notes').where({ form })).toHaveLength(1);
  await close(ticket);
});

test('what lets a big or changed plan pass takes an approver and the reference', async () => {
  const ticket = await inGrace();
  await desk().act({
    id: idOf(ticket),
    event: { type: 'rehearsed', planHash, estimate: 99, overCap: true },
  });
  const path = `/tickets/${ticket}/release`;
  const byAgent = await agent.post(path, { hold: 'review', reason, confirm: ticket });
  expect([byAgent.statusCode, await holdsOf(ticket)]).toEqual([404, ['review']]);
  const seen = await seenOn(approver, ticket, 'review');
  const slip = await approver.post(path, { hold: 'review', seen, reason });
  expect([slip.statusCode, await holdsOf(ticket)]).toEqual([422, ['review']]);
  await approver.post(path, { hold: 'review', seen, reason, confirm: ticket });
  expect(await holdsOf(ticket)).toEqual([]);
  await close(ticket);
});

test('W06 an agent without the right role finds nothing where an approver acts', async () => {
  const ticket = await inGrace();
  for (const act of ['approve', 'cancel', 'reject', 'vouch', 'residue']) {
    expect((await agent.get(`/tickets/${ticket}/${act}`)).statusCode).toBe(404);
    const sent = await agent.post(`/tickets/${ticket}/${act}`, { reason, confirm: ticket });
    expect([sent.statusCode, await stateOf(ticket)]).toEqual([404, 'grace']);
  }
  await close(ticket);
});

test('to vouch for a stranger takes a deleted workspace that nobody is in charge of', async () => {
  await desk().db('workspaces').insert({
    id: 'ws_old',
    slug: 'umbrella-old',
    name: 'Umbrella',
    created_at: '2018-01-01T00:00:00Z',
    deleted_at: '2021-06-01T00:00:00Z',
  });
  await desk().mail({
    from: stranger,
    intent: 'delete',
    requests: [{ ...workspaceRequest(), workspace: { id: 'ws_old' } }],
  });
  const { id } = await desk().ticket();
  const path = `/tickets/PD-${id}`;
  const page = (await approver.get(`${path}/vouch`)).body;
  expect(page).toContain('two different agents');
  expect(page).toContain('Workspace: ID ws_old');
  const vouch = { reason: 'the liquidator’s letter', confirm: `PD-${id}` };
  for (const seen of ['', 'f'.repeat(64)]) {
    const blind = await approver.post(`${path}/vouch`, { ...vouch, seen });
    expect([blind.statusCode, await stateOf(`PD-${id}`)]).toEqual([422, 'received']);
  }
  const seen = /name="seen" value="([^"]+)"/.exec(page)![1]!;
  await approver.post(`${path}/vouch`, { ...vouch, seen });
  expect(await desk().ticket(id)).toMatchObject({ state: 'approval', holds: [] });
  await desk().act({ id, event: { type: 'rehearsed', planHash, estimate: 10, overCap: false } });
  await approver.post(`${path}/approve`, { reason, confirm: `PD-${id}`, plan: planHash });
  expect(await desk().ticket(id)).toMatchObject({ state: 'approval' });
  expect((await approver.get(`${path}/approve`)).body).toContain('You have approved it');
  const second = await whole.signIn('approver', 'Lena');
  const old = await second.post(`${path}/approve`, { reason, confirm: `PD-${id}`, plan: 'b'.repeat(64) });
  expect([old.statusCode, old.body]).toEqual([422, expect.stringContaining('The plan has changed')]);
  await second.post(`${path}/approve`, { reason, confirm: `PD-${id}`, plan: planHash });
  expect(await stateOf(`PD-${id}`)).toBe('grace');
  await close(`PD-${id}`);
});

test.each(['PD-999999', 'PD-0', 'nonsense', 'PD-1%00', '%2e%2e'])('%s is nowhere', async (reference) => {
  for (const act of ['hold', 'note', 'correct', 'checklist', 'cancel'])
    expect((await approver.get(`/tickets/${reference}/${act}`)).statusCode).toBe(404);
});

test('the chains of all that was done here hold', async () => {
  expect((await verifyAudit(desk().db)).problems).toEqual([]);
});
