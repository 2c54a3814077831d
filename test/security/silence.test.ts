import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ada, eve, type Letter, type MailDesk, mia, openMailDesk, rawOf, type Sent, zoe } from './desk.ts';

const asking = (from: string, slug: string): Letter => ({
  from,
  messageId: '<question@mail.example>',
  // From nowhere that proves anything: what a sender proves of themselves may differ, what they learn must not.
  ip: '192.0.2.99',
  text: `Please delete the workspace ${slug}.`,
});

/** What each of these must learn nothing from. */
const NOBODIES = [
  { who: 'a stranger about a workspace that exists', letter: asking(eve, 'acme-inc') },
  { who: 'a stranger about one that does not', letter: asking(eve, 'initech-eu') },
  { who: 'a plain member', letter: asking(mia, 'acme-inc') },
  { who: 'a plain member about one that does not exist', letter: asking(mia, 'initech-eu') },
  { who: 'the owner of another workspace', letter: asking(zoe, 'acme-inc') },
  { who: 'the owner of another workspace about none', letter: asking(zoe, 'initech-eu') },
];

/** The whole mail, with what differs between any two mails masked and headers unfolded. */
function masked(mail: Sent): string {
  const boundary = /boundary="?([^";\r\n]+)/i.exec(mail.raw.toString('latin1'))?.[1] ?? '';
  const raw = mail.raw.toString('latin1').replaceAll(/\r\n[ \t]+/g, ' ');
  return raw
    .replace(/^Return-Path: .*\r\nReceived: .*\r\n/, '')
    .replaceAll(mail.recipient, 'RECIPIENT')
    .replaceAll(boundary.replace(/-Part_\d+$/i, ''), 'BOUNDARY')
    .replaceAll(/<pd\.\d+\.\d+\.[a-z_]+\.[0-9a-f]+@/g, '<MESSAGE-ID@')
    .replaceAll(/\+pd\d+\.[0-9a-f]+@/g, '+TOKEN@')
    .replaceAll(/PD-\d+/g, 'PD-n')
    .replaceAll(/^Date: .*$/gm, 'Date: DATE');
}

/** What idle lanes of the queue and of the outbox ask meanwhile, in any order. */
const LOOKING_FOR_WORK = /^(begin|commit|savepoint|release)|for update skip locked/i;

describe('T28 D08 a stranger, a plain member and a workspace that does not exist', () => {
  test('get the same mail, byte for byte: headers, text and HTML', async () => {
    await using desk = await openMailDesk();
    const mails: string[] = [];
    for (const { letter } of NOBODIES) {
      await desk.pass(72);
      const { sent, disposition } = await desk.write(letter);
      expect(sent).toHaveLength(1);
      mails.push(`${disposition}\n${masked(sent[0] as Sent)}`);
    }
    expect(mails[0]).toMatch(/Auto-Submitted[\s\S]*PD-n[\s\S]*text\/plain[\s\S]*text\/html/);
    expect(mails[0]).not.toMatch(/acme|globex|initech/i);
    for (const [index, mail] of mails.entries()) expect(mail, NOBODIES[index]?.who).toBe(mails[0]);
  });

  test('take the same way through the database, statement by statement', async () => {
    await using desk = await openMailDesk();
    const ways: string[] = [];
    let statements: string[] = [];
    desk.desk.db.on('query', ({ sql }: { sql: string }) => {
      if (!LOOKING_FOR_WORK.test(sql)) statements.push(sql.replaceAll(/\d+/g, 'n'));
    });
    for (const { letter } of NOBODIES) {
      await desk.pass(72);
      statements = [];
      await desk.write(letter);
      ways.push(statements.join('\n'));
    }
    expect(ways[0]?.split('\n').length).toBeGreaterThan(10);
    for (const [index, way] of ways.entries()) expect(way, NOBODIES[index]?.who).toBe(ways[0]);
  });

  test('are all answered once a day, whatever they ask', async () => {
    await using desk = await openMailDesk();
    for (const from of [eve, mia]) {
      for (const text of ['Please delete acme-inc.', 'Please cancel the deletion.', 'What is the status?']) {
        await desk.write({ from, text: `${text}\nWorkspace slug: acme-inc` });
      }
    }
    expect(desk.sent.map((mail) => mail.recipient)).toEqual([eve, mia]);
  });
});

describe('T45 nobody can speak through the desk', () => {
  const MARKER = 'BuyNow31337';
  const marked = fc.constantFrom(
    MARKER,
    `http://${MARKER}.evil.example/x`,
    `<a href="http://${MARKER}.evil.example">${MARKER}</a>`,
    `{{${MARKER}}}`,
    `\u202e${MARKER}`,
  );
  const word = (text: string) => text.replaceAll(/[^A-Za-z0-9.-]/g, '');
  const letters = fc.record({
    author: fc.constantFrom(ada, 'victim@elsewhere.example', mia, zoe),
    marker: marked,
    body: fc.constantFrom<(m: string) => string>(
      (m) => `Please delete the workspace ${word(m)}.`,
      (m) => `${m}\nPlease delete the workspace acme-inc. ${m}`,
      (m) => `Workspace slug: acme-inc\nSource: ${m}\nTime frame: all time\nPlease delete this.`,
      (m) => `Please delete the source Website Prod of acme-inc from ${m} to today.\nThanks, ${m}`,
      (m) => `Please delete the users ${word(m)}, ${word(m)}2 in workspace acme-inc.`,
      (m) => `Please delete the events "${m}" of the project ${m} in the workspace acme-inc.`,
      (m) => `Please cancel the deletion of ${m} acme-inc.`,
      (m) => `What is the status of the deletion of acme-inc? ${m}`,
      (m) => `Hello, ${m}`,
      (m) => `Our code is 123456. ${m}`,
    ),
    encoded: fc.boolean(),
    html: fc.boolean(),
    proven: fc.boolean(),
  });

  const asMail = (drawn: {
    author: string;
    marker: string;
    body: (m: string) => string;
    encoded: boolean;
    html: boolean;
    proven: boolean;
  }): Buffer => {
    const { author, marker, encoded, html } = drawn;
    const shown = encoded ? `=?utf-8?b?${Buffer.from(marker).toString('base64')}?=` : `"${word(marker)}"`;
    const text = drawn.body(marker);
    return rawOf({
      from: `${shown} <${author}>`,
      subject: `${encoded ? shown : marker} please delete`,
      to: `"${word(marker)}" <desk@desk.example>`,
      // Who proves who they are gets their own id back, to thread by.
      messageId: `<${drawn.proven ? 'own' : word(marker)}.2@evil.example>`,
      headers: [
        `Reply-To: ${word(marker)}@evil.example`,
        `Cc: ${word(marker)}@evil.example`,
        `Thread-Topic: ${word(marker)}`,
        `References: <${drawn.proven ? 'own' : word(marker)}.1@evil.example>`,
        ...(html ? ['Content-Type: text/html; charset=utf-8'] : []),
      ],
      body: html ? `<p>${text}</p><img alt="${word(marker)}">` : text,
      ip: drawn.proven ? '198.51.100.7' : '203.0.113.66',
    });
  };

  const leaks = (mail: Sent): boolean => {
    const raw = mail.raw
      .toString('latin1')
      .replaceAll(/=\r\n/g, '')
      .replaceAll(/\r\n[ \t]/g, '');
    const decoded = raw.replaceAll(/[A-Za-z0-9+/\r\n]{40,}={0,2}/g, (part) =>
      Buffer.from(part, 'base64').toString('latin1'),
    );
    return [raw, decoded, mail.text].some((text) => text.toLowerCase().includes(MARKER.toLowerCase()));
  };

  test('before a verification no mail of ours holds a word of the mail that caused it, in any header or body', async () => {
    await using desk = await openMailDesk();
    const templates = new Set<string>();
    await fc.assert(
      fc.asyncProperty(letters, async (drawn) => {
        const { sent } = await desk.write(asMail(drawn));
        for (const mail of sent) {
          templates.add(mail.template);
          expect(leaks(mail), mail.raw.toString()).toBe(false);
          expect(mail.recipient).toBe(drawn.author);
        }
        await startAfresh(desk);
      }),
      { numRuns: 60, seed: 45 },
    );
    // The property is about mails that were sent: each kind that anybody can cause was among them.
    expect([...templates]).toEqual(
      expect.arrayContaining(['not_authorised', 'needs_details', 'verify_request']),
    );
  });

  /** Two days later, with no ticket open: budgets are whole again, and the next mail is judged by itself. */
  const startAfresh = async (desk: MailDesk) => {
    const open = (await desk.tickets()).filter((ticket) => !['rejected', 'cancelled'].includes(ticket.state));
    const by = { kind: 'agent', name: 'grace' } as const;
    await desk.desk.decide(
      open.map(({ id }) => ({ ticketId: id as never, event: { type: 'rejected_by_agent', by, note: '' } })),
    );
    await desk.desk.db('outbox').where({ status: 'pending' }).delete();
    await desk.pass(48);
  };
});
