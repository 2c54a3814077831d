import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { readBounceAddress, readOutgoingMessageId } from '../../src/reply/message.ts';
import { ada, bob, codeIn, DESK, eve, mia, openMailDesk, REQUEST, type Sent, zoe } from './desk.ts';

/** Mail header fields, names in lower case, folded lines joined. */
function fieldsOf(mail: Sent): readonly (readonly [string, string])[] {
  const [head = ''] = mail.raw.toString('utf8').split('\r\n\r\n', 1);
  return head
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]);
}

test('T42 T45 every mail that goes out says that a machine wrote it, names one reader, and has a Message-ID of ours', async () => {
  await using desk = await openMailDesk();
  const { sent } = await desk.write({
    from: `"Ada, eve@evil.example" <${ada}>`,
    text: REQUEST,
    subject: 'Deletion =?utf-8?Q?x=0D=0ABcc:_eve@evil.example?=',
    headers: [
      `Cc: ${eve}, ${bob}`,
      `Reply-To: ${eve}`,
      `X-Forwarded-To: ${eve}`,
      'References: <a@b.example>',
    ],
  });
  const [challenge] = sent;
  if (challenge === undefined) throw new Error('no challenge was sent');
  const subject = 'Re: [PD-1001] Data deletion request';
  await desk.write({ from: eve, text: 'What is the status of PD-1001?', subject, headers: [`Cc: ${ada}`] });
  await desk.write({ from: mia, text: 'Please delete workspace acme-inc.' });
  await desk.write({ from: zoe, text: 'Please delete a source of our workspace globex.' });
  await desk.write({ from: ada, text: `The code is ${codeIn(challenge)}`, subject });
  await desk.write({ from: bob, text: 'Please cancel this deletion.', subject, ip: '192.0.2.99' });
  expect(new Set(desk.sent.map((mail) => mail.template)).size).toBeGreaterThan(5);
  const ids = new Set<string>();
  const rows = new Set<number | null>();
  for (const mail of desk.sent) {
    const fields = fieldsOf(mail);
    const values = (name: string) => fields.filter(([field]) => field === name).map(([, value]) => value);
    // Of each mail its own, to which nobody answers (RFC 3834 section 3.3).
    const row = readBounceAddress(Buffer.alloc(32, 7), mail.sender, [DESK]);
    expect(row).not.toBeNull();
    rows.add(row);
    expect(values('to')).toEqual([mail.recipient]);
    for (const name of ['cc', 'bcc', 'resent-to', 'return-receipt-to', 'disposition-notification-to']) {
      expect(values(name)).toEqual([]);
    }
    expect(values('auto-submitted')).toEqual([expect.stringMatching(/^auto-(replied|generated)$/)]);
    expect(values('x-auto-response-suppress')).toEqual(['All']);
    expect(values('x-purgedesk-loop')).toHaveLength(1);
    expect(values('message-id')).toHaveLength(1);
    const [id = ''] = values('message-id');
    expect(readOutgoingMessageId(Buffer.alloc(32, 7), id)).toMatchObject({ template: mail.template });
    ids.add(id);
    const parsed = await simpleParser(mail.raw);
    expect([parsed.subject, ...fields.map(([name]) => name)].join('\n')).not.toMatch(/evil|bcc/i);
  }
  expect([ids.size, rows.size]).toEqual([desk.sent.length, desk.sent.length]);
  expect(new Set(desk.sent.filter((mail) => mail.recipient === eve).map((mail) => mail.template))).toEqual(
    new Set(['not_authorised']),
  );
});

const ENDS = ['\r\n', '\r', '\n', '\u0085', '\u2028', '\u2029', '\0'];

test('T60 no line end of any kind in a subject, a name or an id of a mail makes a header of ours', async () => {
  await using desk = await openMailDesk();
  for (const [index, end] of ENDS.entries()) {
    const words = Buffer.from(`hello${end}Bcc: eve@evil.example${end}X-Injected: yes`);
    const encoded = `=?utf-8?B?${words.toString('base64')}?=`;
    const header = `=?utf-8?Q?a${[...Buffer.from(end)].map((byte) => `=${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')}Bcc:_eve@evil.example?=`;
    await desk.write({
      from: `${encoded} <${ada}>`,
      subject: `${encoded} ${header}`,
      text: `${REQUEST}\n${index}`,
      messageId: `<a${index}.=0D=0ABcc:eve@evil.example>`,
      headers: [`In-Reply-To: <b${index}@x>=0D=0ABcc: eve@evil.example`, `References: <c@d> ${encoded}`],
    });
    await desk.pass(25);
  }
  expect(desk.sent.length).toBeGreaterThan(0);
  for (const mail of desk.sent) {
    expect(mail.recipient).toBe(ada);
    const names = fieldsOf(mail).map(([name]) => name);
    expect(names).not.toContain('bcc');
    expect(names).not.toContain('x-injected');
    const [head = ''] = mail.raw.toString('latin1').split('\r\n\r\n', 1);
    expect(head.replaceAll(/\r\n\t?/g, '')).not.toMatch(/[\p{Cc}]/u);
  }
});
