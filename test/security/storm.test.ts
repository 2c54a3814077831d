import { expect, test } from 'vitest';
import { contentHash } from '../../src/ingest/content-hash.ts';
import { handlePending } from '../../src/ingest/message-queue.ts';
import { ada, eve, type MailDesk, openMailDesk, REQUEST, rawOf, told, zoe } from './desk.ts';

const STRANGE_IP = '192.0.2.99';
const never = new AbortController().signal;

/** Puts mails into the queue and leaves them there. */
const put = (desk: MailDesk, raws: readonly Buffer[]) =>
  desk.desk.db.batchInsert(
    'messages',
    raws.map((raw) => ({
      content_hash: contentHash(raw),
      size_bytes: raw.length,
      raw,
      arrived_at: desk.desk.db.raw('desk_now()'),
    })),
    50,
  );

test('T53 D12 a storm of 300 loops, bounces and acknowledgements gets nothing but the budgets, and the owner in the middle of it an answer', async () => {
  await using desk = await openMailDesk();
  const loop = (from: string, n: number, headers: readonly string[] = []) =>
    rawOf({
      from,
      ip: STRANGE_IP,
      headers,
      subject: `Re: Deletion ${n}`,
      text: `Please delete workspace acme-inc. ${n}`,
    });
  const storm = Array.from({ length: 300 }, (_, n) => {
    switch (n % 6) {
      case 0: // a helpdesk that marks nothing and answers every answer
        return loop('robot@helpdesk.example', n);
      case 1: // the same from ever new addresses of one domain
        return loop(`robot${n}@helpdesk.example`, n);
      case 2: // somebody writes in the owner's name
        return loop(ada, n);
      case 3:
        return loop(eve, n, ['Auto-Submitted: auto-replied']);
      case 4:
        return rawOf({
          from: 'MAILER-DAEMON@mx.example',
          mailFrom: '',
          ip: STRANGE_IP,
          subject: 'Undelivered Mail Returned to Sender',
          text: `User unknown ${n}`,
        });
      default:
        return loop(zoe, n, ['Precedence: bulk', 'X-Auto-Response-Suppress: All']);
    }
  });
  await put(desk, storm.slice(0, 150));
  await handlePending(desk.desk.ingest, never);
  const owner = await desk.write({
    from: zoe,
    text: REQUEST.replace('acme-inc', 'globex').replace('Website Prod', 'Globex Web'),
  });
  await put(desk, storm.slice(150));
  await handlePending(desk.desk.ingest, never);
  expect(told(owner.sent)).toContain(`verify_request > ${zoe}`);
  await desk.pass(0.5);
  await desk.write({ from: eve, text: 'nothing', headers: ['Auto-Submitted: auto-generated'] });
  const count = (to: RegExp) => desk.sent.filter((mail) => to.test(mail.recipient)).length;
  expect(count(/^robot@helpdesk/)).toBe(1);
  expect(count(/helpdesk\.example$/)).toBeLessThanOrEqual(50);
  expect(count(/^ada@/)).toBeLessThanOrEqual(3);
  expect(count(/^zoe@/)).toBe(1);
  expect(count(/^eve@|MAILER/i)).toBe(0);
  expect(await desk.desk.db('messages').where({ status: 'pending' })).toEqual([]);
}, 300_000);

test('D11 120 copies of one mail over other ways, taken by two workers at once, open one ticket and get one answer', async () => {
  await using desk = await openMailDesk();
  const mail = rawOf({ from: ada, text: REQUEST }).toString('latin1');
  const copies = Array.from({ length: 120 }, (_, n) =>
    Buffer.from(
      mail.replace('id 4XYZ', `id ${n}`).replace(/^/, `Delivered-To: copy-${n}@desk.example\r\n`),
      'latin1',
    ),
  );
  await put(desk, copies);
  // More than one set holds, so that several are decided at once.
  await Promise.all([handlePending(desk.desk.ingest, never), handlePending(desk.desk.ingest, never)]);
  const fates = await desk.desk.db('messages').pluck<string[]>('disposition').orderBy('disposition');
  expect(fates).toEqual([...Array.from({ length: 119 }, () => 'duplicate'), 'opened']);
  expect(await desk.tickets()).toHaveLength(1);
  expect(await desk.desk.db('outbox').pluck('template')).toEqual(['verify_request']);
});
