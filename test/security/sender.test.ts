import { beforeAll, describe, expect, test } from 'vitest';
import {
  ada,
  bob,
  DESK,
  eve,
  type Letter,
  newRequest,
  openMailDesk,
  REQUEST,
  sharedDesk,
  told,
} from './desk.ts';

describe('whose word a mail is', () => {
  const shared = sharedDesk();

  test('T07 an owner’s address in the display name, plain or encoded, is nobody’s', async () => {
    const desk = shared();
    const names = [
      `"${ada}" <mallory1@evil.example>`,
      `=?utf-8?q?ada=40acme=2Eexample?= <mallory2@evil.example>`,
      `=?utf-8?b?${Buffer.from(`${ada} <${ada}>`).toString('base64')}?= <mallory3@evil.example>`,
      `Ada Novak via ${ada.replace('@', ' at ')} <mallory4@evil.example>`,
    ];
    for (const from of names) {
      const { sent } = await desk.write({ from, text: newRequest() });
      expect(told(sent)).toEqual([`not_authorised > ${/<(.+)>/.exec(from)?.[1]}`]);
    }
    expect((await desk.tickets()).map((ticket) => ticket.state)).toEqual(Array(4).fill('rejected'));
  });

  test('T12 Sender, Resent-From and on behalf of are not looked at', async () => {
    const desk = shared();
    const headers = [
      `Sender: ${ada}`,
      `Resent-From: ${ada}`,
      `Resent-Sender: ${ada}`,
      `X-Original-From: ${ada}`,
      `X-Google-Original-From: ${ada}`,
    ];
    const { sent } = await desk.write({
      from: `"${ada} on behalf of" <${eve}>`,
      headers,
      text: newRequest(),
    });
    expect(told(sent)).toEqual([`not_authorised > ${eve}`]);
    // And the other way round: a stranger in Sender takes nothing from the author.
    const own = await desk.write({ from: ada, headers: [`Sender: ${eve}`], text: newRequest() });
    expect(told(own.sent)).toEqual([`verify_request > ${ada}`]);
  });

  test('T13 no mail goes to Reply-To, nor anywhere else that the mail names', async () => {
    const desk = shared();
    const headers = [
      `Reply-To: ${eve}`,
      `Mail-Reply-To: ${eve}`,
      `Mail-Followup-To: ${eve}`,
      `Disposition-Notification-To: ${eve}`,
      `Return-Receipt-To: ${eve}`,
      `Errors-To: ${eve}`,
      `Cc: ${eve}`,
    ];
    const { sent } = await desk.write({ from: ada, headers, text: newRequest(), mailFrom: eve });
    expect(told(sent)).toEqual([`verify_request > ${ada}`]);
    for (const mail of sent) expect(mail.raw.toString('latin1')).not.toContain('evil');
  });
});

describe('T10 an address that only looks like one of the directory', () => {
  const shared = sharedDesk();
  beforeAll(() =>
    shared().desk.db('members').where({ address: bob }).update({ address: 'mike@acme.example' }),
  );

  const kelvin = 'mi\u212ae@acme.example';
  test.each<{ title: string; from: string }>([
    { title: 'a Kelvin sign', from: kelvin },
    { title: 'a dotless i', from: 'm\u0131ke@acme.example' },
    { title: 'a full-width letter', from: '\uff4dike@acme.example' },
    { title: 'a Cyrillic letter in the domain', from: 'mike@\u0430cme.example' },
    { title: 'the same domain in punycode', from: 'mike@xn--cme-5cd.example' },
    { title: 'an encoded word for an address', from: '=?utf-8?q?mike=40acme=2Eexample?=' },
  ])('$title opens nothing in the owner’s name and sends the owner nothing', async ({ from }) => {
    const desk = shared();
    const { sent } = await desk.write({ from, text: REQUEST, mailFrom: 'mike@acme.example' });
    expect(sent.filter((mail) => mail.template !== 'not_authorised')).toEqual([]);
    expect(sent.map((mail) => mail.recipient)).not.toContain('mike@acme.example');
    expect((await desk.tickets()).filter((ticket) => ticket.state !== 'rejected')).toEqual([]);
  });

  test('capitals of ASCII are the same address, and the mail goes to it as the directory spells it', async () => {
    const desk = shared();
    const { sent } = await desk.write({ from: 'Ada@ACME.Example', text: REQUEST });
    expect(told(sent)).toEqual([`verify_request > ${ada}`]);
  });
});

test('T11 a tagged address is another one, and is answered like any stranger', async () => {
  await using desk = await openMailDesk();
  const variants = ['ada+desk@acme.example', 'a.da@acme.example', 'adah+desk@acme.example'];
  const answers: string[] = [];
  for (const from of variants) {
    const { sent, disposition } = await desk.write({ from, text: REQUEST });
    answers.push(`${disposition} ${told(sent).join()}`.replace(from, 'X'));
  }
  expect(new Set(answers)).toEqual(new Set(['opened not_authorised > X']));
});

test('T42 whoever guesses a ticket number joins nothing, and nobody in Cc ever gets a mail', async () => {
  await using desk = await openMailDesk();
  await desk.write({ from: ada, text: REQUEST });
  const [ticket] = await desk.tickets();
  const before = desk.sent.length;
  const guesses: Letter[] = [
    { from: eve, subject: `Re: [PD-${ticket?.id}] Deletion`, text: 'What is the status?' },
    { from: eve, subject: `[PD-${ticket?.id}]`, text: 'Please cancel this deletion.' },
    { from: eve, subject: `Re: [PD-${ticket?.id}]`, text: REQUEST },
    { from: 'zoe@globex.example', subject: `Re: [PD-${ticket?.id}]`, text: 'Please cancel this deletion.' },
    {
      from: eve,
      subject: `Fwd: PD-${ticket?.id}`,
      text: `Please add me to PD-${ticket?.id} and send me all mails.`,
    },
  ];
  for (const letter of guesses) {
    const { sent } = await desk.write({ ...letter, headers: [`Cc: ${eve}, spy@evil.example`] });
    for (const mail of sent) {
      expect(mail.recipient).toBe(letter.from);
      expect(mail.raw.toString('latin1')).not.toMatch(/acme|website/i);
    }
  }
  const [same] = await desk.tickets();
  expect(same).toEqual(ticket);
  expect(desk.sent.slice(before).map((mail) => mail.recipient)).not.toContain('spy@evil.example');
  // A party who is copied in is a party by the directory, not by the Cc: what follows goes to the directory's people.
  await desk.write({
    from: ada,
    subject: `Re: [PD-${ticket?.id}] status`,
    text: 'What is the status?',
    headers: [`Cc: spy@evil.example, ${bob}`],
    to: `${DESK}, spy@evil.example`,
  });
  expect(desk.sent.map((mail) => mail.recipient)).not.toContain('spy@evil.example');
  for (const mail of desk.sent) expect(mail.raw.toString('latin1')).not.toMatch(/^(cc|bcc):/im);
});
