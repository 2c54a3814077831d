import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAudit } from '../../src/commands/check-audit.ts';
import { readHalt } from '../../src/purge/halt.ts';
import { archiveStore } from '../purge/fixtures.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
let viewer: Visitor;
let approver: Visitor;

beforeAll(async () => {
  whole = await openWholeDesk({ stores: [archiveStore({ url: 'postgres://127.0.0.1:1/none' })] });
  viewer = await whole.signIn('viewer');
  approver = await whole.signIn('approver', 'Grace Hopper');
});
afterAll(() => whole[Symbol.asyncDispose]());

const textOf = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
const shown = async (who: Visitor, path = '/operations') => textOf((await who.get(path)).body);

describe('the page of operations', () => {
  test('tells how a fresh desk is doing, and gives no order to whoever only looks', async () => {
    const answer = await viewer.get('/operations');
    expect(answer.statusCode, whole.logged()).toBe(200);
    const text = textOf(answer.body);
    expect(text).toContain('No purge is under way.');
    expect(text).toContain('archive postgres in use');
    expect(text).toContain('No mailbox is configured');
    expect(answer.body).not.toContain('/operations/halt');
    expect(answer.body).not.toContain('/operations/audit-check');
    expect((await approver.get('/operations')).body).toContain('action="/operations/halt"');
  });

  test('a mailbox that was not read for a while, failed jobs and mails are told apart from what is well', async () => {
    const { db } = whole.desk;
    await db('mailboxes').insert([
      { account: 'mail.example:993/desk', folder: 'INBOX', last_polled_at: new Date() },
      { account: 'mail.example:993/old', folder: 'INBOX', last_error: 'PD_MAILBOX_FAILED' },
    ]);
    await db.raw(
      `select graphile_worker.add_job('tick', job_key => 'tick.now', max_attempts => 1);
       update graphile_worker._private_jobs set attempts = max_attempts`,
    );
    const text = await shown(viewer);
    expect(text).toMatch(/mail\.example:993\/desk INBOX read \d s ago/);
    expect(text).toContain('mail.example:993/old INBOX not read never read 0 PD_MAILBOX_FAILED');
    expect(text).toContain('Jobs that failed for good 1 needs a person');
  });
});

describe('the switch', () => {
  test('halting needs a reason, and then one click', async () => {
    const refused = await approver.post('/operations/halt', { reason: ' ' });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('aria-describedby="halt-reason-error"');
    expect(await readHalt(whole.desk.db)).toBeNull();
    const taken = await approver.post('/operations/halt', { reason: 'The archive looks wrong.' });
    expect([taken.statusCode, taken.headers.location]).toEqual([303, '/operations']);
    expect(await readHalt(whole.desk.db)).toMatchObject({
      by: 'Grace Hopper',
      reason: 'The archive looks wrong.',
    });
    expect(await shown(viewer)).toContain('Halted by Grace Hopper');
  });

  test('every page says so while it lasts', async () => {
    for (const path of ['/queue', '/operations']) {
      expect(await shown(viewer, path)).toContain('All purges are halted');
    }
  });

  test('they say too that the desk is silent, because a breaker is open', async () => {
    await whole.desk.db('breaker_trips').insert({ share: 'unproven', opened_at: new Date(), suppressed: 7 });
    expect(await shown(viewer, '/queue')).toContain('the desk is silent to strangers');
    await whole.desk.db('breaker_trips').update({ closed_at: new Date() });
    expect(await shown(viewer, '/queue')).not.toContain('the desk is silent');
  });

  test('what the desk itself has halted can be halted by an agent, so that it stays so', async () => {
    const { db } = whole.desk;
    const held = await db('purge_switch').first('*');
    expect(await shown(approver)).not.toContain('Why all purges must stop');
    await db('purge_switch').update({ halted_by: 'desk' });
    expect(await shown(approver)).toContain('Why all purges must stop');
    await db('purge_switch').update(held);
  });

  test('resuming needs the words and a reason', async () => {
    for (const fields of [
      { reason: 'It was a false alarm.' },
      { reason: 'It was a false alarm.', confirmation: 'resume' },
      { confirmation: 'resume purges' },
    ]) {
      expect((await approver.post('/operations/resume', fields)).statusCode).toBe(422);
      expect(await readHalt(whole.desk.db)).not.toBeNull();
    }
    await approver.post('/operations/resume', {
      reason: 'It was a false alarm.',
      confirmation: ' Resume  purges',
    });
    expect(await readHalt(whole.desk.db)).toBeNull();
    expect(await shown(viewer, '/queue')).not.toContain('All purges are halted');
  });
});

describe('a store', () => {
  test('is braked with a reason and released with its name', async () => {
    const base = '/operations/stores/archive';
    expect((await approver.post(`${base}/brake`, {})).statusCode).toBe(422);
    await approver.post(`${base}/brake`, { reason: 'Maintenance tonight' });
    expect(await shown(viewer)).toContain('archive postgres braked by Grace Hopper: Maintenance tonight');
    expect((await approver.post(`${base}/release`, { reason: 'Done' })).statusCode).toBe(422);
    expect(await shown(viewer)).toContain('braked by Grace Hopper');
    await approver.post(`${base}/release`, { reason: 'Done', confirmation: 'archive' });
    expect(await shown(viewer)).toContain('archive postgres in use');
    expect(await shown(approver, base)).toMatch(/released a store \( archive \): Done .* braked a store/);
  });

  test('that there is not is not there', async () => {
    expect((await approver.get('/operations/stores/nonsense')).statusCode).toBe(404);
    expect((await approver.post('/operations/stores/nonsense/brake', { reason: 'Because' })).statusCode).toBe(
      404,
    );
  });
});

test('a check of all chains is one at a time, and says what it found', async () => {
  await whole.desk.inGrace();
  const agent = await whole.signIn('agent', 'Ada Agent');
  await agent.post('/operations/audit-check');
  await agent.post('/operations/audit-check');
  expect((await whole.desk.jobs()).filter(({ task }) => task === 'audit.check')).toHaveLength(1);
  expect(await shown(viewer)).toContain('under way It begins as soon as a worker is free.');
  await checkAudit(whole.joined);
  expect(await shown(viewer)).toMatch(/all hold 1 chains with \d events/);
  await whole.desk.db.raw(`update tickets set audit_head = 'x'`);
  await agent.post('/operations/audit-check');
  await checkAudit(whole.joined);
  expect(await shown(viewer)).toMatch(/1 broken .* PD-\d+: the newest events are missing/);
});

describe('the audit', () => {
  test.each([
    '',
    '?show=imports',
    '?show=anchors',
    '?show=checks',
    '?show=agents',
    '?before=x&ticket=%00&agent[]=1',
  ])('%s is there for whoever looks', async (query) => {
    expect((await viewer.get(`/audit${query}`)).statusCode).toBe(200);
  });

  test('is searched by ticket and by agent', async () => {
    const { id } = await whole.desk.ticket();
    const events = async (query: string) =>
      ((await viewer.get(`/audit?${query}`)).body.match(/as it is hashed/g) ?? []).length;
    const all = await events('');
    expect(all).toBeGreaterThan(2);
    expect(await events(`ticket=pd-${id}`)).toBe(all);
    expect(await events(`ticket=PD-999`)).toBe(0);
    expect(await events('agent=nobody')).toBe(0);
    expect(await shown(viewer, '/audit?ticket=12')).toContain('A ticket is named like PD-1042.');
  });

  test('shows what happened to agents to admins only', async () => {
    const admin = await whole.signIn('admin');
    const { db } = whole.desk;
    const [{ id }] = await db('agents').select('id').limit(1);
    await db('agent_events').insert({ actor: 'ada', what: 'enabled', agent_id: id });
    expect(await shown(admin, '/audit?show=agents')).toContain('may sign in again');
    expect(await shown(viewer, '/audit?show=agents')).not.toContain('may sign in again');
  });
});
