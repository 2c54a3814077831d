import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ada } from '../tickets/desk.ts';
import { FORGED, seedMail } from './mails-seed.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
let viewer: Visitor;
let agent: Visitor;

beforeAll(async () => {
  whole = await openWholeDesk();
  viewer = await whole.signIn('viewer');
  agent = await whole.signIn('agent');
});
afterAll(() => whole[Symbol.asyncDispose]());

const idsIn = (html: string): number[] =>
  [...html.matchAll(/href="\/mails\/(\d+)"/g)].map(([, id]) => Number(id));

/** Where the link to the next or previous page leads. */
const linkIn = (html: string, rel: string): string =>
  (new RegExp(`href="([^"]+)" rel="${rel}"`).exec(html)?.[1] ?? '')
    .replaceAll('&amp;', '&')
    .replaceAll('&#x3D;', '=');

const ASKS = 'Hi,\r\n\r\nplease delete the workspace acme-inc.\r\n\r\nAda';

describe('the list', () => {
  test('shows what waits, newest first, and why in words', async () => {
    const first = await seedMail(whole.desk.db, { subject: 'First <b>bold</b>' });
    const forged = await seedMail(whole.desk.db, { evidence: FORGED, reason: 'authentication failed' });
    const nobody = await seedMail(whole.desk.db, { subject: 'Needs nobody', needsAgent: false });
    const { statusCode, body } = await viewer.get('/mails');
    expect(statusCode).toBe(200);
    expect(idsIn(body)).toEqual([forged, first]);
    expect(body).toContain('First &lt;b&gt;bold');
    expect(body).toContain('Authentication failed.');
    expect(body).toContain('Likely forged');
    expect(idsIn((await viewer.get('/mails?show=all')).body)).toContain(nobody);
  });

  test('is turned over page by page, by what became of a mail too, and nothing is shown twice', async () => {
    const made = [];
    for (let index = 0; index < 60; index += 1) {
      made.push(await seedMail(whole.desk.db, { disposition: 'silenced', text: '' }));
      if (index % 6 === 0) await seedMail(whole.desk.db, { disposition: 'automatic', needsAgent: false });
    }
    made.reverse();
    const first = (await viewer.get('/mails?kind=silenced')).body;
    expect(idsIn(first)).toEqual(made.slice(0, 50));
    const older = linkIn(first, 'next');
    const second = (await viewer.get(older)).body;
    expect(idsIn(second)).toEqual(made.slice(50));
    expect(second).not.toContain('rel="next"');
    const newer = linkIn(second, 'prev');
    expect(idsIn((await viewer.get(newer)).body)).toEqual(made.slice(0, 50));
  });

  test.each([
    '?kind=nonsense',
    '?before=-1&after=x',
    '?before=9999999999999999999',
    '?show[]=1',
    '?kind=own',
  ])('answers %s kindly', async (query) => {
    expect((await viewer.get(`/mails${query}`)).statusCode).toBe(200);
  });
});

describe('a mail', () => {
  test('is shown with what was read in its words, and what proves its sender', async () => {
    const id = await seedMail(whole.desk.db, { text: ASKS, subject: 'Deletion' });
    const { body } = await viewer.get(`/mails/${id}`);
    expect(body).toContain('<mark>acme-inc<span class="read-as"> workspace</span></mark>');
    expect(body).toContain('delete workspace · workspace acme-inc');
    expect(body).toContain('Proven sender');
    expect(body).toContain('pass by acme.example, aligned with the author');
    // Whoever may only look is offered nothing else.
    expect(body).not.toContain('<textarea');
    expect(body).not.toContain(`/mails/${id}/open`);
    expect((await agent.get(`/mails/${id}`)).body).toContain(`/mails/${id}/open`);
  });

  test('shows every sign that would not be seen', async () => {
    const id = await seedMail(whole.desk.db, {
      text: 'pay \u202eevil\u202c <script>x</script> zero\u200bwidth',
    });
    const { body } = await viewer.get(`/mails/${id}`);
    expect(body).toContain('[U+202E]evil[U+202C] &lt;script&gt;x&lt;/script&gt; zero[U+200B]width');
  });

  test('that cannot be read can be saved, and is never shown as what it claims to be', async () => {
    const raw = 'garbage <script>alert(1)</script>';
    const id = await seedMail(whole.desk.db, {
      author: null,
      disposition: 'unreadable',
      evidence: null,
      raw,
    });
    const { body } = await viewer.get(`/mails/${id}`);
    expect(body).toContain('It cannot be shown');
    expect(body).not.toContain('alert(1)');
    const saved = await viewer.get(`/mails/${id}/raw`);
    expect(saved.body).toBe(raw);
    expect(saved.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="mail-${id}.eml"`,
      'x-content-type-options': 'nosniff',
    });
    expect(saved.headers['content-security-policy']).toContain('sandbox');
  });

  test('shows its HTML in a frame without an origin, and hands out what is attached under no name of its own', async () => {
    const raw = [
      'From: Ada <ada@acme.example>',
      'Subject: Parts',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/html',
      '',
      '<p onclick="x()">Hello</p><script>x()</script><img src="https://evil.example/x.png">',
      '--b',
      'Content-Type: image/svg+xml; name="../evil.svg"',
      'Content-Disposition: attachment; filename="../evil.svg"',
      '',
      '<svg/>',
      '--b--',
      '',
    ].join('\r\n');
    const id = await seedMail(whole.desk.db, { raw });
    const frame = await viewer.get(`/mails/${id}/html`);
    expect(frame.body).toContain('<p>Hello</p>');
    expect(frame.body).not.toMatch(/script|onclick|evil\.example/);
    expect(frame.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);
    const part = await viewer.get(`/mails/${id}/attachments/1`);
    expect(part.body.trim()).toBe('<svg/>');
    expect(part.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="mail-${id}-attachment-1.bin"`,
    });
    for (const no of ['0', '2', 'x']) {
      expect((await viewer.get(`/mails/${id}/attachments/${no}`)).statusCode).toBe(404);
    }
  });

  test.each(['0', '999999', 'x', '1e3', '%00'])('that is not there (%s) is not found', async (id) => {
    for (const path of [`/mails/${id}`, `/mails/${id}/raw`, `/mails/${id}/html`]) {
      expect((await viewer.get(path)).statusCode).toBe(404);
    }
  });
});

describe('what an agent makes of a mail', () => {
  test('opens a ticket with a reason; the code goes to the directory, and only once', async () => {
    const id = await seedMail(whole.desk.db, { text: ASKS, subject: 'Deletion' });
    const before = (await whole.desk.tickets()).length;
    const silent = await agent.post(`/mails/${id}/open`, { reason: '  ' });
    expect(silent.statusCode).toBe(422);
    expect(silent.body).toContain('aria-invalid="true"');
    expect((await whole.desk.tickets()).length).toBe(before);

    const opened = await agent.post(`/mails/${id}/open`, { reason: 'She called us.' });
    expect(opened.statusCode).toBe(303);
    const ticket = await whole.desk.ticket();
    expect(opened.headers.location).toBe(`/tickets/PD-${ticket.id}`);
    const asked = (await whole.desk.outbox()).find(({ ticket_ids: ids }) => ids.includes(ticket.id));
    expect(asked).toMatchObject({ template: 'verify_request', recipient: ada });
    const row = await whole.desk.db('messages').where({ id }).first();
    expect(row).toMatchObject({ agent_by: agent.name, agent_note: 'She called us.', needs_agent: false });

    const again = await agent.post(`/mails/${id}/open`, { reason: 'Once more' });
    expect(again.statusCode).toBe(422);
    expect(again.body).toContain('Nothing was opened. It has opened its tickets already.');
  });

  test('takes it off the list, once', async () => {
    const id = await seedMail(whole.desk.db);
    expect((await viewer.post(`/mails/${id}/done`)).statusCode).toBe(404);
    expect((await agent.post(`/mails/${id}/done`)).statusCode).toBe(303);
    expect((await agent.post(`/mails/${id}/done`)).statusCode).toBe(409);
    expect(await whole.desk.db('messages').where({ id }).first()).toMatchObject({
      needs_agent: false,
      agent_by: agent.name,
    });
  });
});
