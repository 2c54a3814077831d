/** The page of a ticket: a mail beside its fields, whatever the mail tries, and what others do meanwhile. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StoredTicket, sourceRequest } from '../tickets/desk.ts';
import { type BrowserDesk, openBrowserDesk, seriousFaults } from './browser.ts';

let desk: BrowserDesk;
beforeAll(async () => {
  desk = await openBrowserDesk();
});
afterAll(() => desk[Symbol.asyncDispose]());

async function ticketWith(year: number, subject: string, content: string): Promise<StoredTicket> {
  const { db } = desk.desk;
  const frame = { from: `${year}-01-01`, to: `${year}-03-31` };
  const ticket = await desk.desk.asked(sourceRequest({ timeFrame: frame }));
  const raw = Buffer.from(
    `From: Ada <ada@acme.example>\nSubject: ${subject}\n${content}`.replaceAll('\n', '\r\n'),
  );
  await db.raw(
    `update messages set raw = ?, size_bytes = ?, subject = ?
     where id = (select message_id from tickets where id = ?)`,
    [raw, raw.length, subject, ticket.id],
  );
  return ticket;
}

const ASKS = 'please delete the data of the source "Website Prod" in workspace acme-inc';

test('the words of each field light up with it, and others see who is here', async () => {
  const { id } = await ticketWith(
    2024,
    'Delete',
    `Content-Type: text/plain\n\nHi,\n${ASKS} from 2024-01-01 to 2024-03-31.\n`,
  );
  const sam = await desk.open('agent', { name: 'Sam' });
  await sam.page.goto(`${desk.url}/tickets/PD-${id}`);
  const source = sam.page.locator('mark', { hasText: 'Website Prod' });
  await source.waitFor();
  const row = sam.page.locator('#field-3');
  await row.hover();
  expect(await source.getAttribute('class')).toBe('lit');
  await source.hover();
  expect(await row.getAttribute('class')).toBe('lit');
  expect(await sam.page.locator('#fields a.n').count()).toBe(3);
  expect(await seriousFaults(sam.page)).toEqual([]);

  const kim = await desk.open('viewer', { name: 'Kim', scripts: false });
  await kim.page.goto(`${desk.url}/tickets/PD-${id}`);
  expect(await kim.page.textContent('#viewers')).toBe('Also viewing: Sam');
  // Read for Sam, so that it is at hand: here without a script.
  await kim.page.click('#fields a.n >> nth=1');
  expect(new URL(kim.page.url()).hash).toBe('#words-3');
  expect([...sam.complaints, ...kim.complaints]).toEqual([]);
});

test('without scripts the mail is one click away', async () => {
  const { id } = await ticketWith(2023, 'Delete', `Content-Type: text/plain\n\n${ASKS}\n\n> older words\n`);
  const { page } = await desk.open('viewer', { scripts: false });
  await page.goto(`${desk.url}/tickets/PD-${id}`);
  expect(await page.locator('mark').count()).toBe(0);
  await page.click('text=Read the mail');
  expect(await page.textContent('mark >> nth=0')).toBe('Website Prod');
  await page.click('summary:has-text("an older mail, quoted")');
  expect(await page.isVisible('text=older words')).toBe(true);
});

/** Each a way to run something in the agent's browser, were it not escaped, cleaned or refused. */
const ATTACKS = [
  '<script>top.ran = 1</script>',
  '<img src=x onerror="top.ran = 1">',
  '<svg onload="top.ran = 1"><script>top.ran = 1</script></svg>',
  '<iframe srcdoc="<script>top.ran = 1</script>"></iframe>',
  '<a href="javascript:top.ran = 1" id="live" autofocus onfocus="top.ran = 1">x</a>',
  '<form action="https://evil.example/"><button>x</button></form>',
  '<base href="https://evil.example/"><link rel="stylesheet" href="https://evil.example/a.css">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<style>@import "https://evil.example/b.css"; * { background: url(https://evil.example/c.gif) }</style>',
  '<math><mtext><mglyph><style><img src=x onerror="top.ran = 1"></style></mglyph></mtext></math>',
  '</textarea></title></div></section><script>top.ran = 1</script>',
  '{{constructor.constructor("top.ran = 1")()}}',
];

test('T64 W04 nothing in a mail runs, loads or leads away', async () => {
  const asked: string[] = [];
  const { page, complaints } = await desk.open('agent');
  page.on('request', (request) => asked.push(request.url()));
  const all = ATTACKS.join('\n');
  // The HTML of a mail is kept back while an earlier code of its author is open.
  await desk.desk.db('challenges').whereNull('answered_at').update({ voided_at: new Date() });
  const { id } = await ticketWith(
    2022,
    `"><script>top.ran=1</script> ${'\u202e'}x`,
    `Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n${ASKS}\n${all}\n` +
      `--b\nContent-Type: text/html; charset=utf-8\n\n<p>${ASKS}</p>${all}\n--b--\n`,
  );
  await page.goto(`${desk.url}/tickets/PD-${id}`);
  await page.locator('mark').first().waitFor();
  await page.click('summary:has-text("Its HTML")');
  const frame = page.frameLocator('iframe');
  await frame.locator('text=from elsewhere').waitFor();
  expect(
    await frame
      .locator('script, img, svg, iframe, form, base, link, meta[http-equiv], [id], [onfocus]')
      .count(),
  ).toBe(0);
  expect(await page.locator('#mail script, #mail img, #mail svg, #mail form').count()).toBe(0);
  expect(await page.evaluate('globalThis.ran')).toBeUndefined();
  expect(asked.filter((url) => !url.startsWith(desk.url))).toEqual([]);
  expect(page.url()).toBe(`${desk.url}/tickets/PD-${id}`);
  expect(complaints).toEqual([]);
});

test('a purge is followed without a reload', async () => {
  const ticket = await desk.desk.inGrace(sourceRequest({ source: 'iOS App' }));
  await desk.desk.outlast(ticket);
  const step = {
    ticket_id: ticket.id,
    plan_hash: 'a'.repeat(64),
    store: 'warehouse',
    target: 'events',
    estimate: 100,
  };
  await desk.desk
    .db('purge_steps')
    .insert({ ...step, no: 1, step: '{"action":"delete"}', status: 'running', deleted: 10 });
  const { page, complaints } = await desk.open('viewer', { size: 'phone', theme: 'dark' });
  await page.goto(`${desk.url}/tickets/PD-${ticket.id}`);
  const bar = page.locator('#progress');
  expect(await bar.getAttribute('value')).toBe('10');
  await desk.desk.db('purge_steps').update({ deleted: 60 });
  await page.locator('#progress[value="60"]').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  expect(complaints).toEqual([]);
});
