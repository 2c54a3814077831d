import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import { type Callback, isSigned } from '../../src/purge/stores/http-callback.ts';
import { takeCallback } from '../../src/purge/wake-store.ts';
import { openDesk } from './desk.ts';
import { sampleTarget } from './fixtures.ts';
import { httpStore } from './http-peer.ts';
import { NEVER } from './store-contract.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const NOW = 1_700_000_000;
const BODY = Buffer.from('{"subject_request_id":"a7551968-d5d6-44b2-9831-815ac9017798"}');

function signed(overrides: Partial<Callback> = {}, secret = SECRET): Callback {
  const { id = 'msg_1', timestamp = String(NOW), body = BODY } = overrides;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return { id, timestamp, body, signatures: `v1,${mac}`, ...overrides };
}

describe('a signature', () => {
  // https://github.com/standard-webhooks/standard-webhooks, its own example
  test('is that of the specification', () => {
    const callback = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: '1614265330',
      signatures: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      body: Buffer.from('{"test": 2432232314}'),
    };
    expect(isSigned(callback, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 1_614_265_330)).toBe(true);
  });

  test('holds for minutes, and one of several is enough', () => {
    const [wrong, right] = [signed({}, OTHER).signatures, signed().signatures];
    expect(isSigned(signed(), SECRET, NOW)).toBe(true);
    expect(isSigned(signed(), SECRET, NOW + 300)).toBe(true);
    expect(isSigned(signed(), SECRET, NOW - 300)).toBe(true);
    expect(isSigned(signed({ signatures: `${wrong} v1a,x ${right}` }), SECRET, NOW)).toBe(true);
  });

  test.each<{ title: string; callback: Callback; secret?: string | null; now?: number }>([
    { title: 'of another secret', callback: signed({}, OTHER) },
    { title: 'for a store that takes none', callback: signed({}, `whsec_${'A'.repeat(32)}`), secret: null },
    { title: 'that is old', callback: signed(), now: NOW + 301 },
    { title: 'from the future', callback: signed(), now: NOW - 301 },
    { title: 'over another body', callback: { ...signed(), body: Buffer.from('{}') } },
    { title: 'over another id', callback: { ...signed(), id: 'msg_2' } },
    { title: 'over another time', callback: { ...signed(), timestamp: String(NOW + 1) } },
    { title: 'without its version', callback: { ...signed(), signatures: signed().signatures.slice(3) } },
    {
      title: 'of another version',
      callback: { ...signed(), signatures: `v2${signed().signatures.slice(2)}` },
    },
    { title: 'that is not there', callback: { ...signed(), signatures: '' } },
    { title: 'over a time that is none', callback: signed({ timestamp: '' }), now: 0 },
    { title: 'over an id that moves the dot', callback: signed({ id: '' }) },
    {
      title: 'behind too many others',
      callback: signed({ signatures: `${'v1,AAAA '.repeat(5)}${signed().signatures}` }),
    },
  ])('$title is none', ({ callback, secret = SECRET, now = NOW }) => {
    expect(isSigned(callback, secret, now)).toBe(false);
  });
});

describe('a callback', () => {
  test.each(['short', 'whsec_short', `whsec_${'A'.repeat(31)}`, 'A'.repeat(40), `whsec_${'A'.repeat(200)}`])(
    'takes no secret like %s',
    (callbackSecret) => {
      expect(() => httpStore({ callbackSecret })).toThrow();
    },
  );

  test('wakes the steps that wait for its store, and is no proof of anything', async () => {
    await using desk = await openDesk();
    const { db, ports } = desk;
    const catalogue = [desk.customers.store, httpStore({ callbackSecret: SECRET })];
    const take = (store: string, callback: Callback) =>
      takeCallback({ ...ports, catalogue }, store, callback, NOW);
    const jobs = async () => (await db('test_jobs').orderBy('key')).map(({ key }) => key);
    const stepOf = async (store: string, state: string, status: string) => {
      const id = await desk.ticketInGrace(sampleTarget());
      await rehearse(ports, id, NEVER);
      if (state === 'purging') await desk.startPurge(id);
      await db('purge_steps').where({ ticket_id: id }).update({ store, status });
      return id;
    };
    const waits = await stepOf('crm', 'purging', 'running');
    await stepOf('archive', 'purging', 'running');
    await stepOf('crm', 'purging', 'failed');
    await stepOf('crm', 'purging', 'waiting');
    await stepOf('crm', 'grace', 'running');
    await db('test_jobs').delete();

    expect(await take('archive', signed())).toBe(false);
    expect(await take('nobody', signed())).toBe(false);
    expect(await take('crm', signed({}, OTHER))).toBe(false);
    expect(await jobs()).toEqual([]);

    const before = await db('purge_steps').orderBy('ticket_id');
    expect(await take('crm', signed())).toBe(true);
    expect(await take('crm', signed())).toBe(true);
    expect(await jobs()).toEqual([`step:${waits}:1`]);
    expect(await db('purge_steps').orderBy('ticket_id')).toEqual(before);
  });

  test('cannot begin a purge, nor end one', async () => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint('true');
    const id = await desk.ticketInGrace(sampleTarget());
    await rehearse(desk.ports, id, NEVER);
    const catalogue = [{ ...httpStore({ callbackSecret: SECRET }), name: 'archive' }];
    await desk.db('purge_steps').where({ ticket_id: id }).update({ status: 'running' });
    expect(await takeCallback({ ...desk.ports, catalogue }, 'archive', signed(), NOW)).toBe(true);
    expect(await desk.db('test_jobs')).toEqual([]);
    await runStep(desk.ports, id, 1, NEVER);
    expect(await desk.customers.fingerprint('true')).toBe(before);
    expect(await desk.db('receipts')).toEqual([]);
  });
});
