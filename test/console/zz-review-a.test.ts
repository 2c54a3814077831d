import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, linkTokenOf } from '../../src/verify/challenge.ts';
import { correctTicket } from '../../src/commands/agent-acts.ts';
import { approvePlan } from '../../src/commands/approve-ticket.ts';
import { requestDigest } from '../../src/tickets/correct.ts';
import { ticketId } from '../../src/domain/ids.ts';
import { planHash, policy } from '../tickets/cast.ts';
import { ada, sourceRequest, spaceRequest, workspaceRequest } from '../tickets/desk.ts';
import { seedMail } from './mails-seed.ts';
import { program } from './api-desk.ts';
import { openWholeDesk, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
const two = { ...policy, approvals: 2 as const, review: 'all' as const };
beforeAll(async () => { whole = await openWholeDesk({ policy: two }); }, 120_000);
afterAll(() => whole[Symbol.asyncDispose]());

test('A viewer reads code and link in the mail that quotes ours, and confirms', async () => {
  const { desk, app } = whole;
  const t = await desk.asked(sourceRequest());
  const asked = (await desk.outbox()).findLast((m) => m.facts.challenge !== null)!;
  const id = asked.facts.challenge!.id;
  const code = codeOf(desk.deps.key as Buffer, id);
  const link = linkTokenOf(desk.deps.key as Buffer, id);
  const text = `What is this? Please call me.\r\n\r\n> Your code:\r\n>   ${code}\r\n> or open http://desk.example/c/${link}\r\n`;
  const mail = await seedMail(desk.db, { author: ada, text, subject: 'Re: question' });
  const viewer = await whole.signIn('viewer');
  const page = await viewer.get(`/mails/${mail}`);
  const raw = await viewer.get(`/mails/${mail}/raw`);
  console.log('A page', page.statusCode, page.body.includes(code), page.body.includes(link), 'raw', raw.statusCode, raw.body.includes(code), raw.body.includes(link));
  const got = await app.inject({ method: 'POST', url: `/c/${link}`, headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }, payload: `code=${code}` });
  console.log('A post', got.statusCode, (await desk.ticket(t.id)).state, (await desk.ticket(t.id)).verified_at);
  await desk.act({ id: t.id, event: { type: 'cancelled_by_agent', by: { kind: 'agent', name: 'x' } } as never });
});

test('B corrector who had approved: the ticket can never be approved', async () => {
  const { desk } = whole;
  await desk.pass(48);
  const { id } = await desk.asked(sourceRequest({ workspace: { slug: 'acme-inc' } }));
  await desk.mail({ from: ada, intent: 'verify', code: await desk.code(), ticket: `PD-${id}` });
  await desk.act({ id, event: { type: 'rehearsed', planHash, estimate: 10, overCap: false } });
  const d = { db: desk.db, tickets: desk.deps, decide: desk.decide } as never;
  const o1 = await approvePlan(d, ticketId(id), { agent: 'Ann', reason: 'ok', planHash });
  const is = (await desk.ticket(id)).request;
  const o2 = await correctTicket(d, ticketId(id), { agent: 'Ann', reason: 'r', words: 'w', seen: requestDigest(is), request: { ...is, workspace: { id: 'ws_acme' } } });
  console.log('B', o1?.kind, (o1 as any)?.why, o2?.kind, (o2 as any)?.why, (await desk.db('tickets').where({ id }).first('approved_by', 'corrected_by', 'state')));
  for (const agent of ['Bea', 'Cem', 'Dan', 'Ann']) {
    try {
      const o = await approvePlan(d, ticketId(id), { agent, reason: 'ok', planHash });
      console.log('B approve', agent, o?.kind, (o as any)?.why);
    } catch (e) { console.log('B approve', agent, 'THROWS', String((e as Error).message).slice(-160)); }
  }
  console.log('B state', (await desk.ticket(id)).state);
});

test('B2 approval of an agent who was shut out still counts', async () => {
  const { desk } = whole;
  await desk.pass(48);
  const { id } = await desk.asked(spaceRequest());
  await desk.mail({ from: ada, intent: 'verify', code: await desk.code(), ticket: `PD-${id}` });
  await desk.act({ id, event: { type: 'rehearsed', planHash, estimate: 10, overCap: false } });
  const ida = await whole.signIn('approver', 'Ida');
  const bea = await whole.signIn('approver', 'Bea Two');
  const f = { plan: planHash, reason: 'looked', confirm: `PD-${id}` };
  const r1 = await ida.post(`/tickets/PD-${id}/approve`, f);
  await desk.db('agents').where({ name: 'Ida' }).update({ role: 'viewer', disabled_at: desk.db.raw('clock_timestamp()') });
  const r2 = await bea.post(`/tickets/PD-${id}/approve`, f);
  console.log('B2', r1.statusCode, r2.statusCode, (await desk.ticket(id)).state, await desk.db('tickets').where({ id }).first('approved_by'));
});

test('C OpenDSR open/take back storms one owner', async () => {
  const { desk } = whole;
  await desk.pass(48);
  const rows = Array.from({ length: 60 }, (_, n) => ({ id: `wz_${n}`, slug: `lz-${n}`, name: `L ${n}`, created_at: '2021-01-01T00:00:00Z' }));
  await desk.db('workspaces').insert(rows);
  const p = await program(whole, 'requests:write');
  const before = (await desk.outbox()).length;
  const st: number[] = [];
  for (let n = 0; n < 10; n += 1) {
    const id = randomUUID();
    const r = await p.post('/opendsr/requests', { subject_request_id: id, subject_request_type: 'erasure', submitted_time: new Date().toISOString(), subject_identities: [{ identity_type: 'controller_customer_id', identity_format: 'raw', identity_value: 'ws_globex' }], extensions: { 'desk.example': { requested_by: 'zoe@globex.example' } } });
    const e = await p.erase(`/opendsr/requests/${id}`);
    st.push(r.status, e.status);
  }
  const mails = (await desk.outbox()).slice(before);
  const by: Record<string, number> = {};
  for (const m of mails) by[`${m.template}>${m.recipient}`] = (by[`${m.template}>${m.recipient}`] ?? 0) + 1;
  console.log('C', st.join(','), by);
});

test('D a stale status draft goes to somebody no longer entitled', async () => {
  const { desk } = whole;
  await desk.pass(48);
  const t = await desk.asked(sourceRequest());
  const a = await whole.signIn('agent');
  const w = await a.post(`/tickets/PD-${t.id}/reply`, { template: 'status', locale: 'en', words: '' });
  console.log('D draft', w.statusCode, w.headers.location);
  await desk.db('tickets').where({ id: t.id }).update({ verdict: 'not_entitled', state: 'rejected', closed_at: desk.db.raw('desk_now()') });
  const s = await a.post(String(w.headers.location), {});
  const last = (await desk.outbox()).at(-1)!;
  console.log('D send', s.statusCode, last.template, last.facts.recipient, last.facts.tickets.length, JSON.stringify(last.facts.tickets).slice(0, 300));
});

test('E a person cannot hold what a program holds, and the program lets go', async () => {
  const { desk } = whole;
  await desk.pass(48);
  const t = await desk.asked(sourceRequest({ source: 'iOS App' }));
  const p = await program(whole, 'tickets:write', 'tickets:read');
  const h = await p.post(`/api/v1/tickets/PD-${t.id}/hold`, { reason: 'sync' });
  const a = await whole.signIn('agent');
  const r = await a.post(`/tickets/PD-${t.id}/hold`, { reason: 'Customer phoned, do not delete', confirm: `PD-${t.id}` });
  const rel = await p.post(`/api/v1/tickets/PD-${t.id}/release`, { reason: 'sync over' });
  console.log('E', h.status, r.statusCode, rel.status, (await desk.ticket(t.id)).holds);
});
