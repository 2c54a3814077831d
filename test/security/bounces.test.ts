import { describe, expect, test } from 'vitest';
import { addressHash } from '../../src/domain/canonical.ts';
import { ticketId } from '../../src/domain/ids.ts';
import { replyLimits } from '../../src/tickets/may-reply.ts';
import { showTicket } from '../../src/tickets/queries.ts';
import { reportReplies } from '../../src/tickets/replies-report.ts';
import { clearUndeliverable } from '../../src/tickets/undeliverable.ts';
import { ada, codeIn, eve, type MailDesk, openMailDesk, REQUEST, rawOf, type Sent, told } from './desk.ts';

const STRANGE_IP = '192.0.2.99';

/** A report about a mail of ours, as a mail system anywhere writes it. */
function report(
  about: string,
  action: string,
  more: { readonly from?: string; readonly quoted?: string } = {},
) {
  return rawOf({
    from: more.from ?? 'MAILER-DAEMON@mx.example',
    mailFrom: '',
    ip: STRANGE_IP,
    subject: 'Undelivered Mail Returned to Sender',
    headers: [
      'Auto-Submitted: auto-replied',
      'Content-Type: multipart/report; report-type=delivery-status; boundary="x"',
    ],
    body: [
      '--x',
      'Content-Type: text/plain',
      '',
      'This is the mail system.',
      '--x',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.example',
      '',
      `Final-Recipient: rfc822; ${ada}`,
      `Action: ${action}`,
      'Status: 5.1.1',
      '',
      '--x',
      'Content-Type: message/rfc822',
      '',
      `Message-ID: ${about}`,
      'Content-Type: text/plain',
      '',
      more.quoted ?? 'Hello',
      '--x--',
    ].join('\n'),
  });
}

const idOf = (mail: Sent): string =>
  /^Message-ID:\s*(<[^>]+>)/im.exec(mail.raw.toString('latin1'))?.[1] ?? '';

/** Ada asks, and the desk sends her the challenge. */
async function challenged(desk: MailDesk): Promise<Sent> {
  const { sent } = await desk.write({ from: ada, text: REQUEST });
  const [mail] = sent;
  if (mail === undefined) throw new Error('no challenge was sent');
  return mail;
}

const unverified = { state: 'verifying', verified_at: null };

describe('F08 a challenge that came back', () => {
  test('is marked, holds its ticket for agents, and starts nothing', async () => {
    await using desk = await openMailDesk();
    const challenge = await challenged(desk);
    const outcome = await desk.write(report(idOf(challenge), 'failed'));
    expect(outcome).toMatchObject({ disposition: 'automatic', needsAgent: true, sent: [] });
    expect(await desk.tickets()).toMatchObject([{ ...unverified, holds: ['review'] }]);
    expect(await desk.desk.db('outbox').pluck('status')).toEqual(['bounced']);
    await desk.write({ from: ada, text: `The code is ${codeIn(challenge)}`, subject: 'Re: [PD-1001] Code' });
    expect(await desk.tickets()).toMatchObject([{ state: 'verifying', holds: ['review'] }]);
  });

  test('marks its address: who proves nothing gets no answer there, and agents see why', async () => {
    await using desk = await openMailDesk();
    await desk.write(report(idOf(await challenged(desk)), 'failed'));
    const question = { from: ada, text: 'What is the status of my deletion request?', subject: 'Status' };
    const outcome = await desk.write({ ...question, ip: STRANGE_IP });
    expect(outcome).toMatchObject({ needsAgent: true, sent: [] });
    const { db, environment } = desk.desk;
    const details = await showTicket(db, ticketId((await desk.tickets())[0]?.id ?? 0));
    expect(details?.undeliverable).toMatchObject({ reason: 'bounced' });
    const seen = await reportReplies(db, replyLimits(environment.policy));
    expect(seen.undeliverable).toMatchObject([{ address: ada, reason: 'bounced', tickets: ['PD-1001'] }]);
    expect(seen.silenced).toMatchObject([{ because: 'undeliverable', causedBy: 'unproven', mails: 1 }]);
  });

  test('an authenticated mail from there is answered and ends it', async () => {
    await using desk = await openMailDesk();
    await desk.write(report(idOf(await challenged(desk)), 'failed'));
    const question = { from: ada, text: 'What is the status of my deletion request?', subject: 'Status' };
    expect(told((await desk.write(question)).sent)).toEqual([`status > ${ada}`]);
    expect(await desk.desk.db('undeliverable_addresses')).toEqual([]);
    const again = { ...question, text: `${question.text} Thank you.`, ip: STRANGE_IP };
    expect(told((await desk.write(again)).sent)).toEqual([`status > ${ada}`]);
  });

  test('an agent ends it too', async () => {
    await using desk = await openMailDesk();
    await desk.write(report(idOf(await challenged(desk)), 'failed'));
    const { db, tickets } = desk.desk;
    expect(await clearUndeliverable(db, tickets.key, ada)).toBe(true);
    expect(await clearUndeliverable(db, tickets.key, ada)).toBe(false);
    expect(await db('undeliverable_addresses')).toEqual([]);
  });
});

describe('T41 a report', () => {
  test.each(['delayed', 'delivered', 'relayed', 'expanded'])(
    'that says %s changes nothing',
    async (action) => {
      await using desk = await openMailDesk();
      const challenge = await challenged(desk);
      expect(await desk.write(report(idOf(challenge), action))).toMatchObject({
        disposition: 'automatic',
        sent: [],
      });
      expect(await desk.tickets()).toMatchObject([{ ...unverified, holds: [] }]);
      expect(await desk.desk.db('undeliverable_addresses')).toEqual([]);
    },
  );

  test.each([
    [
      'one digit of the mark changed',
      (id: string) =>
        id.replace(/\.([0-9a-f])([0-9a-f]+)@/, (_m, first, rest) => `.${first === '0' ? '1' : '0'}${rest}@`),
    ],
    ['another mail of ours in its place', (id: string) => id.replace(/^<pd\.1001\.1\./, '<pd.1001.2.')],
    ['no mark at all', () => '<pd.1001.1.verify_request@desk.example>'],
  ])('that quotes a Message-ID with %s changes nothing', async (_title, forge) => {
    await using desk = await openMailDesk();
    const id = idOf(await challenged(desk));
    expect(forge(id)).not.toBe(id);
    await desk.write(report(forge(id), 'failed'));
    expect(await desk.tickets()).toMatchObject([{ ...unverified, holds: [] }]);
  });

  test('about a mail that was never handed over changes nothing', async () => {
    await using desk = await openMailDesk();
    const challenge = await challenged(desk);
    await desk.desk.db('outbox').update({ status: 'pending', next_attempt_at: '2100-01-01T00:00:00Z' });
    await desk.write(report(idOf(challenge), 'failed'));
    expect(await desk.tickets()).toMatchObject([{ ...unverified, holds: [] }]);
    expect(await desk.desk.db('outbox').pluck('status')).toEqual(['pending']);
  });

  test('that anybody forged with a real Message-ID can hold and no more: no cancel, no code, no answer', async () => {
    await using desk = await openMailDesk();
    const challenge = await challenged(desk);
    const code = codeIn(challenge);
    for (const [index, from] of [ada, eve, 'MAILER-DAEMON@mx.example'].entries()) {
      const quoted = `Please cancel my request ${index}.\nThe code is ${code}\n\n    ${code}\n`;
      const outcome = await desk.write(report(idOf(challenge), 'failed', { from, quoted }));
      expect(outcome).toMatchObject({ disposition: 'automatic', sent: [] });
    }
    expect(await desk.tickets()).toMatchObject([{ ...unverified, holds: ['review'] }]);
    const challenges = await desk.desk.db('challenges').select('tries_left', 'answered_at', 'voided_at');
    expect(challenges).toEqual([{ tries_left: 5, answered_at: null, voided_at: null }]);
  });
});

test('T41 an out-of-office note from the null path that answers our mail, code and all, is no bounce and no answer', async () => {
  await using desk = await openMailDesk();
  const challenge = await challenged(desk);
  const outcome = await desk.write({
    from: ada,
    mailFrom: '',
    subject: 'Automatic reply: [PD-1001] Data deletion request',
    headers: [
      'Auto-Submitted: auto-replied',
      `In-Reply-To: ${idOf(challenge)}`,
      `References: ${idOf(challenge)}`,
    ],
    text: `I am away until Monday.\n\n> ${challenge.text.replaceAll('\n', '\n> ')}`,
  });
  expect(outcome).toMatchObject({ disposition: 'automatic', sent: [] });
  expect(await desk.tickets()).toMatchObject([{ ...unverified, holds: [] }]);
  expect(await desk.desk.db('outbox').pluck('status')).toEqual(['sent']);
});

test('F08 a mailbox that the server refuses is marked like one whose mail came back', async () => {
  await using desk = await openMailDesk();
  const { db, outbox, tickets } = desk.desk;
  const challenge = await challenged(desk);
  const row = await db('outbox').first('*');
  await db.transaction((trx) => outbox.undeliverable(trx, row, '451 later'));
  expect(await db('undeliverable_addresses')).toEqual([]);
  await db.transaction((trx) => outbox.undeliverable(trx, row, '550'));
  const marked = await db('undeliverable_addresses').select('recipient_hash', 'reason');
  expect(marked).toEqual([
    { recipient_hash: addressHash(tickets.key, challenge.recipient), reason: 'refused' },
  ]);
});
