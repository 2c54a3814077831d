/** The server takes a mail, and says later that it did not arrive. */
import { describe, expect, test } from 'vitest';
import {
  ada,
  bob,
  codeIn,
  DESK,
  type MailDesk,
  openMailDesk,
  REQUEST,
  rawOf,
  type Sent,
} from '../../security/desk.ts';
import { injected } from '../tally.ts';

/** A report that tells nothing of what it is about but by the address that it goes to. */
const report = (
  to: string,
  action: string | null,
  more: readonly string[] = [],
  words = 'Your mail could not be delivered.',
) =>
  rawOf({
    from: 'MAILER-DAEMON@mx.example',
    mailFrom: '',
    ip: '192.0.2.99',
    to,
    subject: 'Undelivered Mail Returned to Sender',
    headers: [
      'Auto-Submitted: auto-replied',
      ...more,
      ...(action === null
        ? []
        : ['Content-Type: multipart/report; report-type=delivery-status; boundary="x"']),
    ],
    body:
      action === null
        ? words
        : `--x\nContent-Type: text/plain\n\n${words}\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nAction: ${action}\nStatus: 5.1.1\n\n--x--`,
  });

async function challenged(desk: MailDesk): Promise<Sent> {
  const { sent } = await desk.write({ from: ada, text: REQUEST });
  const [mail] = sent;
  if (mail === undefined) throw new Error('no challenge was sent');
  return mail;
}

describe('F08 a mail that was taken and comes back', () => {
  test('F08 a report that quotes nothing is heard by the address that it goes to: the ticket shows it, and no grace begins', async () => {
    await using desk = await openMailDesk();
    const challenge = await challenged(desk);
    expect(challenge.sender).toMatch(/^desk\+bounce\.\d+\.[0-9a-f]{20}@desk\.example$/);
    expect(await desk.write(report(challenge.sender, 'failed'))).toMatchObject({
      disposition: 'automatic',
      needsAgent: true,
      sent: [],
    });
    injected('F08');
    expect(await desk.desk.db('outbox').pluck('status')).toEqual(['bounced']);
    await desk.write({ from: ada, text: `The code is ${codeIn(challenge)}`, subject: 'Re: [PD-1001] Code' });
    expect(await desk.tickets()).toMatchObject([{ state: 'verifying', holds: ['review'] }]);
  });

  test('F08 so is one in plain words, and one whose header names another recipient than its envelope did', async () => {
    await using desk = await openMailDesk();
    const challenge = await challenged(desk);
    await desk.write(report(DESK, null, [`Delivered-To: ${challenge.sender.toUpperCase()}`]));
    injected('F08');
    expect(await desk.desk.db('outbox').pluck('status')).toEqual(['bounced']);
    expect(await desk.tickets()).toMatchObject([{ state: 'verifying', holds: ['review'] }]);
  });

  test('F08 nothing is believed of what only looks like one: forged, delayed, or an answer while away', async () => {
    await using desk = await openMailDesk();
    const { sender } = await challenged(desk);
    const { sender: other } =
      (await desk.write({ from: bob, text: REQUEST.replace('2024-01', '2023-01') })).sent[0] ?? {};
    if (other === undefined) throw new Error('no second mail');
    const [id = '', token = ''] = sender.match(/bounce\.(\d+)\.([0-9a-f]+)/)?.slice(1) ?? [];
    const [otherId = ''] = other.match(/bounce\.(\d+)/)?.slice(1) ?? [];
    const forged = [
      sender.replace(
        token,
        token.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
      ),
      sender.replace(`bounce.${id}.`, `bounce.${otherId}.`),
      sender.replace(`.${token}`, ''),
      sender.replace('desk.example', 'evil.example'),
      `x${sender}`,
      `desk+bounce.${id}@desk.example`,
    ];
    for (const to of forged) await desk.write(report(to, 'failed'));
    await desk.write(report(sender, 'delayed'));
    await desk.write(report(sender, 'delivered'));
    const away = ['In-Reply-To: <whatever@customer.example>'];
    await desk.write(
      report(sender, null, away, 'I have left the company permanently. My mailbox is disabled.'),
    );
    // A machine that answers there and does not say that it is one gets no answer, so that two of them never talk.
    const chatty = {
      from: ada,
      to: sender,
      text: 'What is the status of my deletion request?',
      subject: 'Status',
    };
    expect(await desk.write(chatty)).toMatchObject({ disposition: 'automatic', needsAgent: true, sent: [] });
    // Nor does one that cannot be made out, but it may be a person's "yes".
    const unclear = {
      from: ada,
      to: sender,
      text: 'Yes, please go on with it.',
      subject: 'Re: your request',
    };
    expect(await desk.write(unclear)).toMatchObject({ disposition: 'automatic', needsAgent: true, sent: [] });
    injected('F08', forged.length + 5);
    expect(await desk.desk.db('outbox').distinct('status').pluck('status')).toEqual(['sent']);
    expect((await desk.tickets()).flatMap(({ holds }) => holds)).toEqual([]);
    expect(await desk.desk.db('undeliverable_addresses')).toEqual([]);
  });
});
