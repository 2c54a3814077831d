import { describe, expect, test } from 'vitest';
import { consolePorts } from '../../src/commands/console-ports.ts';
import { buildConsole } from '../../src/console/server.ts';
import { ada, bob, codeIn, eve, type MailDesk, openMailDesk, REQUEST } from './desk.ts';

const consoleOf = (desk: MailDesk) =>
  buildConsole({
    ports: consolePorts(desk.desk),
    log: () => undefined,
    publicUrl: desk.desk.environment.desk.publicUrl,
  });

/** The path of the link that a mail of ours holds. */
function linkIn(desk: MailDesk): string {
  const mail = desk.sent.find(({ template }) => template === 'verify_request');
  const path = /https:\/\/desk\.example(\/\S+)/.exec(mail?.text ?? '')?.[1];
  if (path === undefined) throw new Error('no mail holds a link');
  return path;
}

const THIRD_PARTY = 'Your sign-in code for Wallet is 773311 WALLETCODE';

test('T44 the page behind a link shows the state of its own tickets, and no word of any mail', async () => {
  await using desk = await openMailDesk();
  await desk.write({ from: ada, subject: 'Deletion SUBJECTWORD', text: `${REQUEST}\nBODYWORD` });
  const [ticket] = await desk.tickets();
  const replyTo = /^Reply-To: (\S+)/im.exec(desk.sent[0]?.raw.toString('latin1') ?? '')?.[1] ?? '';
  expect(replyTo).toMatch(/^desk\+/);
  // What others send to the ticket's own address: a code of a third party, and notes of a colleague.
  await desk.write({ from: 'noreply@wallet.example', to: replyTo, subject: THIRD_PARTY, text: THIRD_PARTY });
  await desk.write({ from: eve, to: replyTo, subject: `Re: [PD-${ticket?.id}]`, text: THIRD_PARTY });
  await desk.write({ from: bob, to: replyTo, subject: `Re: [PD-${ticket?.id}]`, text: 'COLLEAGUEWORD' });
  const app = await consoleOf(desk);
  const link = linkIn(desk);
  const pages = [await app.inject(link), await app.inject('/'), await app.inject('/healthz')];
  const code = codeIn(desk.sent.find(({ template }) => template === 'verify_request') as never);
  const form = {
    method: 'POST',
    url: link,
    payload: `code=${code}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  } as const;
  pages.push(await app.inject(form), await app.inject(link));
  expect(pages[0]?.body).toContain(`PD-${ticket?.id}`);
  for (const page of pages) {
    expect(page.body).not.toMatch(/773311|WALLETCODE|SUBJECTWORD|BODYWORD|COLLEAGUEWORD|@(acme|evil|wallet)/);
  }
  // Nor does any mail to anybody.
  for (const mail of desk.sent) expect(mail.text).not.toMatch(/773311|WALLETCODE|COLLEAGUEWORD/);
});

describe('T63 what is attached to a mail', () => {
  const NAMES = [
    '../../../etc/cron.d/x',
    '..\\..\\x.hta',
    'x.svg\r\nSet-Cookie: a=b',
    '<img src=x onerror=alert(1)>.html',
    'CON',
    'a\u202egpj.exe',
  ];

  test('is kept inside the raw mail only: nothing names a file after it, and no page or mail hands it out', async () => {
    await using desk = await openMailDesk();
    const parts = NAMES.flatMap((name, index) => [
      '--b',
      `Content-Type: ${index % 2 === 0 ? 'image/svg+xml' : 'text/html'}; name="${name}"`,
      `Content-Disposition: attachment; filename="${name}"`,
      '',
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">ATTACHEDWORD</svg>',
    ]);
    const body = ['--b', 'Content-Type: text/plain', '', REQUEST, ...parts, '--b--'].join('\n');
    const headers = ['Content-Type: multipart/mixed; boundary="b"'];
    expect(await desk.write({ from: ada, headers, body })).toMatchObject({ disposition: 'opened' });
    const [row] = await desk.desk
      .db('messages')
      .select('raw', 'understanding', 'evidence', 'subject', 'reference_ids');
    expect(row.raw.toString()).toContain('ATTACHEDWORD');
    const { raw: _, ...stored } = row;
    expect(JSON.stringify(stored)).not.toMatch(/ATTACHEDWORD|cron|hta|onerror|gpj/);
    for (const table of ['tickets', 'conversations', 'outbox', 'ticket_events']) {
      expect(JSON.stringify(await desk.desk.db(table)), table).not.toMatch(
        /ATTACHEDWORD|cron\.d|\.hta|onerror|gpj/,
      );
    }
    for (const mail of desk.sent) {
      expect(mail.raw.toString()).not.toMatch(/ATTACHEDWORD|content-disposition: attachment/i);
    }
    const app = await consoleOf(desk);
    for (const url of ['/', linkIn(desk)]) expect((await app.inject(url)).body).not.toContain('ATTACHEDWORD');
  });

  test('and no route answers with anything but our own pages, style, icon and health', async () => {
    await using desk = await openMailDesk();
    await desk.write({ from: ada, text: REQUEST });
    const app = await consoleOf(desk);
    const tree = app.printRoutes({ commonPrefix: false });
    const routes = [...tree.matchAll(/─ (\S+) \(/g)].map((match) => `/${match[1]}`.replace('//', '/'));
    expect(routes.length).toBeGreaterThan(3);
    for (const route of routes) {
      const answer = await app.inject(route.replace('/c/:token', linkIn(desk)));
      const type = String(answer.headers['content-type']);
      expect(type, route).toMatch(
        /^(text\/html|text\/css|text\/javascript|application\/json|image\/svg\+xml)/,
      );
      if (type.startsWith('image/svg')) expect(route).toBe('/assets/icon.svg');
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
      expect(answer.headers).not.toHaveProperty('set-cookie');
    }
  });
});
