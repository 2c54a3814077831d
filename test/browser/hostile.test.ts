/** What strangers write stays text, on every page that shows it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedMail } from '../console/mails-seed.ts';
import { agentPages } from './agent-pages.ts';
import { type BrowserDesk, openBrowserDesk } from './browser.ts';

/** Each tries to run something in another way; whichever does leaves its mark on the window. */
const PAYLOADS = [
  '<script>window.ran="script"</script>',
  '<img src=x onerror="window.ran=\'image\'">',
  '"><svg onload="window.ran=\'svg\'">',
  '</textarea></title><iframe srcdoc="<script>parent.ran=1</script>">',
  'javascript:window.ran="link"//',
  '{{constructor.constructor("window.ran=1")()}}',
  '<style>@import "//evil.example/x"</style><base href="//evil.example/">',
] as const;
const ALL = PAYLOADS.join(' ');

let desk: BrowserDesk;
beforeAll(async () => {
  desk = await openBrowserDesk({ isAllSandbox: true });
  const { db, mail, ticket, act } = desk.desk;
  await db('workspaces').where({ id: 'ws_acme' }).update({ name: ALL });
  await db('workspace_parts').where({ id: 'spa_main' }).update({ name: PAYLOADS[2] });
  await mail({
    from: 'ada@acme.example',
    intent: 'delete',
    requests: [
      {
        scope: 'space',
        workspace: { slug: 'acme-inc' },
        source: PAYLOADS[0],
        space: ALL,
        users: [...PAYLOADS],
        events: [...PAYLOADS],
        properties: [],
        project: PAYLOADS[1],
        timeFrame: null,
      },
    ],
  });
  const { id } = await ticket();
  const by = { kind: 'agent', name: PAYLOADS[1] } as const;
  await act({ id, event: { type: 'held', reason: 'agent', by, note: ALL } });
  await db('messages').update({ subject: ALL, raw: hostileMail(), author: 'ada@acme.example' });
  await seedMail(db, {
    subject: ALL,
    raw: hostileMail().toString(),
    author: `"${PAYLOADS[1]}"@evil.example`,
  });
});
afterAll(() => desk[Symbol.asyncDispose]());

const hostileMail = (): Buffer =>
  Buffer.from(
    [
      'From: "<img src=x onerror=window.ran=1>" <ada@acme.example>',
      'To: desk@desk.example',
      `Subject: ${PAYLOADS[0]} ${PAYLOADS[1]}`,
      'Message-ID: <hostile@mail.example>',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: multipart/alternative; boundary=a',
      '',
      '--a',
      'Content-Type: text/plain; charset=utf-8',
      '',
      ALL,
      '--a',
      'Content-Type: text/html; charset=utf-8',
      '',
      `<html><head><meta http-equiv="refresh" content="0;url=//evil.example"></head><body onload="window.ran=1">${ALL}<img src="http://evil.example/pixel.png"><a href="javascript:window.ran=1">here</a><form action="//evil.example"><button>x</button></form></body></html>`,
      '--a--',
      '--b',
      'Content-Type: image/svg+xml; name="<img src=x onerror=window.ran=1>.svg"',
      'Content-Disposition: attachment; filename="<img src=x onerror=window.ran=1>.svg"',
      '',
      '<svg xmlns="http://www.w3.org/2000/svg" onload="window.ran=1"/>',
      '--b--',
      '',
    ].join('\r\n'),
  );

test('W04 nothing that is stored runs on any page, and the policy has nothing to stop', async () => {
  const { page, complaints } = await desk.open('admin');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  let shown = 0;
  for (const path of [...agentPages(), '/queue?group=all', `/search?q=${encodeURIComponent(ALL)}`, '/']) {
    const answer = await page.goto(`${desk.url}${path}`).catch(() => null);
    if (answer === null || !/^text\/html/.test(answer.headers()['content-type'] ?? '')) continue;
    const isFrame = answer.headers()['content-security-policy']?.includes('sandbox') ?? false;
    // Where no script may run, none of ours can look either: the policy and the requests tell.
    if (isFrame) continue;
    expect(await page.evaluate('String(window.ran)'), path).toBe('undefined');
    if ((await page.locator('body').innerText()).includes('<script>window.ran')) shown += 1;
    await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true');
    expect(
      complaints.filter((complaint) => !/status of (404|409|422)/.test(complaint)),
      path,
    ).toEqual([]);
    complaints.length = 0;
  }
  // Text is what it became, not nothing.
  expect(shown).toBeGreaterThan(4);
  expect(asked.filter((url) => !url.startsWith(desk.url))).toEqual([]);
});

test('what the policy does stop is reported to the desk', async () => {
  const { page } = await desk.open('viewer');
  await page.goto(`${desk.url}/queue`);
  const reported = page.waitForRequest((request) => request.url().includes('/csp-reports'));
  await page.evaluate(
    `document.body.append(Object.assign(document.createElement('img'), { src: 'http://evil.example/x.png' }))`,
  );
  expect((await reported).method()).toBe('POST');
});
