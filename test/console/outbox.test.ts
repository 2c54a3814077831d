import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TEMPLATES } from '../../src/domain/mail-facts.ts';
import { SCOPES } from '../../src/domain/request.ts';
import { loadTemplates, render } from '../../src/reply/render.ts';
import { sampleFacts } from '../../src/reply/samples.ts';
import { statusTokenOf } from '../../src/tickets/status-links.ts';
import { codeOf, linkTokenOf } from '../../src/verify/challenge.ts';
import { sampleMailbox } from '../support/mailbox.ts';
import { ada, sourceRequest, stranger, workspaceRequest } from '../tickets/desk.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
let server: SMTPServer;
const taken: { readonly to: readonly string[]; readonly source: string }[] = [];
let viewer: Visitor;
let agent: Visitor;
let approver: Visitor;

beforeAll(async () => {
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        taken.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  whole = await openWholeDesk({
    environment: { mailboxes: [sampleMailbox({ smtpUrl: `smtp://127.0.0.1:${port}` })] },
  });
  [viewer, agent, approver] = [
    await whole.signIn('viewer'),
    await whole.signIn('agent'),
    await whole.signIn('approver'),
  ];
});
afterAll(async () => {
  await whole[Symbol.asyncDispose]();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const put = (id: number, change: Record<string, unknown>) =>
  whole.desk.db('outbox').where({ id }).update(change);
const mail = (id: number) => whole.desk.db('outbox').where({ id }).first();

/** A mail of ours that asks for a code. */
async function asking(): Promise<number> {
  // The same request again would only be told how the first stands.
  const open = (await whole.desk.tickets()).filter(({ state }) => state === 'verifying');
  const event = { type: 'cancelled_by_agent', by: { kind: 'agent', name: 'Ann' }, note: 'another' } as const;
  await whole.desk.act(...open.map(({ id }) => ({ id, event })));
  await whole.desk.pass(25);
  const { mails } = await whole.desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
  expect(mails[0]).toMatchObject({ template: 'verify_request' });
  return mails[0]!.id;
}

describe('a mail of ours', () => {
  test('is shown as its reader gets it, and no agent sees its code or where its links lead', async () => {
    const id = await asking();
    const { facts } = (await mail(id)) as {
      facts: { challenge: { id: string }; statusLink: { id: string } };
    };
    const { key } = whole.desk.deps;
    const secrets = [
      codeOf(key as Buffer, facts.challenge.id),
      linkTokenOf(key as Buffer, facts.challenge.id),
      statusTokenOf(key, facts.statusLink.id),
    ];
    const pages = [await approver.get(`/outbox/${id}`), await approver.get(`/outbox/${id}/html`)];
    for (const { statusCode, body } of pages) {
      expect(statusCode).toBe(200);
      expect(body).toContain('••••••');
      expect(body).toContain('Website Prod');
      for (const secret of secrets) expect(body).not.toContain(secret);
    }
    expect(pages[0]!.body).toContain('http://desk.example/c/hidden');
    // The address that lets a mail into the conversation is a secret too.
    expect(pages[0]!.body).toMatch(/Reply-To: desk\+pd\d+\.hidden@desk\.example/);
    expect(pages[1]!.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);
    // The mail itself has them.
    const sent = await whole.joined.outbox.deliver({
      ...(await mail(id)),
      message_id_header: '<pd.1@desk.example>',
    });
    expect(sent.kind).toBe('sent');
    for (const secret of secrets) expect(taken.at(-1)!.source.replace(/=\r\n/g, '')).toContain(secret);
  });

  test('that waits can be tried at once, and one that was given up once more', async () => {
    const id = await asking();
    await put(id, {
      attempts: 3,
      last_error: 'answer 451',
      next_attempt_at: whole.desk.db.raw(`clock_timestamp() + interval '4 hours'`),
    });
    const page = (await agent.get(`/outbox/${id}`)).body;
    expect(page).toContain('its answer was 451 (an error of its own)');
    expect(page).toContain('Try again now');
    expect((await viewer.get(`/outbox/${id}`)).body).not.toContain('Try again now');
    expect((await viewer.post(`/outbox/${id}/retry`)).statusCode).toBe(404);
    expect((await agent.post(`/outbox/${id}/retry`)).statusCode).toBe(303);
    const tried = await mail(id);
    expect(tried).toMatchObject({ status: 'pending', attempts: 0, agent_by: agent.name });
    expect(tried.next_attempt_at.getTime()).toBeLessThan(Date.now() + 60_000);

    await put(id, { status: 'failed', last_error: '550', message_id_header: '<pd.2@desk.example>' });
    expect((await agent.post(`/outbox/${id}/retry`)).statusCode).toBe(303);
    expect(await mail(id)).toMatchObject({ status: 'pending', message_id_header: '<pd.2@desk.example>' });
  });

  test.each([
    ['was answered', { answered_at: new Date() }],
    ['was voided', { voided_at: new Date() }],
    ['is over', { created_at: new Date(0), expires_at: new Date(1) }],
    ['takes no more tries', { tries_left: 0 }],
  ])('is not tried again once its challenge %s', async (_what, change) => {
    const id = await asking();
    await put(id, { status: 'failed', last_error: '550' });
    const { facts } = (await mail(id)) as { facts: { challenge: { id: string } } };
    await whole.desk.db('challenges').where({ id: facts.challenge.id }).update(change);
    const refused = await agent.post(`/outbox/${id}/retry`);
    expect([refused.statusCode, (await mail(id)).status]).toEqual([409, 'failed']);
    expect(refused.body).toContain('what it says is not so any more');
  });

  test('is not tried again once its ticket stands otherwise, unless it tells of nothing that passes', async () => {
    await whole.desk.pass(25);
    const { id: ticket } = await whole.desk.inGrace(sourceRequest({ source: 'iOS App' }));
    const notices = (await whole.desk.outbox()).filter(
      ({ template, ticket_ids: ids }) => template === 'owner_notice' && ids.includes(ticket),
    );
    const id = notices[0]!.id;
    const retried = async () => {
      await put(id, { status: 'failed', last_error: '550' });
      return (await agent.post(`/outbox/${id}/retry`)).statusCode;
    };
    const by = { kind: 'agent', name: 'Ann' } as const;
    await whole.desk.act({
      id: ticket,
      event: { type: 'held', reason: 'doubtful_cancel', by, note: 'who was it?' },
    });
    expect(await retried()).toBe(409);
    await whole.desk.act({
      id: ticket,
      event: { type: 'released', reason: 'doubtful_cancel', by, note: 'it was nobody' },
    });
    expect(await retried()).toBe(303);
    await whole.desk.act({ id: ticket, event: { type: 'cancelled_by_agent', by, note: 'over' } });
    expect(await retried()).toBe(409);
    const { facts } = await mail(id);
    await put(id, { facts: JSON.stringify({ ...facts, template: 'pointers' }) });
    expect(await retried()).toBe(303);
  });

  test.each(['sent', 'sending'])('that is %s is not touched', async (status) => {
    const id = await asking();
    await put(id, { status, lease_until: status === 'sending' ? new Date() : null });
    expect((await agent.post(`/outbox/${id}/retry`)).statusCode).toBe(409);
    expect((await approver.post(`/outbox/${id}/give-up`)).statusCode).toBe(409);
    expect(await mail(id)).toMatchObject({ status, agent_by: null });
  });

  test('is not sent to an address whose mail comes back until somebody clears it', async () => {
    const id = await asking();
    await put(id, { status: 'bounced', last_error: 'bounced' });
    const { recipient_hash } = await mail(id);
    await whole.desk
      .db('undeliverable_addresses')
      .insert({ recipient_hash, since: new Date(), outbox_id: id, reason: 'bounced' });
    const refused = await agent.post(`/outbox/${id}/retry`);
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain('Clear the address first');
    expect((await mail(id)).status).toBe('bounced');
    const list = (await agent.get('/outbox/undeliverable')).body;
    expect(list).toContain(ada);
    expect((await viewer.get('/outbox/undeliverable')).body).not.toContain('Write to it again');
    expect((await viewer.post('/outbox/undeliverable', { hash: recipient_hash })).statusCode).toBe(404);
    await agent.post('/outbox/undeliverable', { hash: recipient_hash });
    expect(await whole.desk.db('undeliverable_addresses')).toEqual([]);
    expect((await agent.post(`/outbox/${id}/retry`)).statusCode).toBe(303);
  });

  test('can be given up by an approver, and a deletion that rests on it goes nowhere', async () => {
    const id = await asking();
    expect((await agent.post(`/outbox/${id}/give-up`)).statusCode).toBe(404);
    expect((await mail(id)).status).toBe('pending');
    expect((await approver.post(`/outbox/${id}/give-up`)).statusCode).toBe(303);
    expect(await mail(id)).toMatchObject({ status: 'failed', agent_by: approver.name });
    expect((await whole.desk.ticket()).holds).toContain('review');
    expect((await approver.get(`/outbox/${id}`)).body).toContain('An agent gave it up.');
  });

  test('of which everything was erased tells so', async () => {
    const id = await asking();
    await put(id, {
      status: 'sent',
      recipient: null,
      facts: JSON.stringify({ template: 'verify_request' }),
      reference_ids: [],
      in_reply_to: null,
      erased_at: new Date(),
    });
    const page = await agent.get(`/outbox/${id}`);
    expect(page.body).toContain('What it said was erased');
    expect((await agent.get(`/outbox/${id}/html`)).statusCode).toBe(404);
    expect((await agent.post(`/outbox/${id}/retry`)).statusCode).toBe(409);
  });
});

describe('the list', () => {
  test('is filtered by state and mail, newest first, and takes no nonsense', async () => {
    await whole.desk.mail({ from: stranger, intent: 'delete', requests: [workspaceRequest()] });
    const id = await asking();
    await put(id, { status: 'unknown', last_error: 'the connection was lost before the answer came' });
    const idsIn = (html: string) =>
      [...html.matchAll(/href="\/outbox\/(\d+)"/g)].map(([, one]) => Number(one));
    const all = idsIn((await viewer.get('/outbox')).body);
    expect(all[0]).toBe(id);
    expect(all).toEqual(all.toSorted((a, b) => b - a));
    const { body } = await viewer.get('/outbox?status=unknown&template=verify_request');
    expect(idsIn(body)).toEqual([id]);
    expect(body).toContain('nobody knows whether it arrived');
    expect(idsIn((await viewer.get('/outbox?template=not_authorised')).body)).not.toContain(id);
    expect(
      (await viewer.get('/outbox?status=x&template[]=1&before=-3&after=999999999999999999999')).statusCode,
    ).toBe(200);
    for (const path of ['/outbox/0', '/outbox/x', '/outbox/99999'])
      expect((await viewer.get(path)).statusCode).toBe(404);
  });
});

describe('templates', () => {
  test('every mail can be looked at, in every language and for every kind of deletion', () => {
    const templates = loadTemplates(new URL('../../templates', import.meta.url).pathname);
    const desk = { name: 'Test Desk', address: 'desk@desk.example', publicUrl: 'http://desk.example' };
    const secrets = {
      code: '••••••',
      link: 'http://desk.example/c/hidden',
      status: 'http://desk.example/s/hidden',
    };
    expect(templates.size).toBe(8);
    for (const { language, compiled } of templates.values()) {
      for (const template of TEMPLATES) {
        for (const scope of SCOPES) {
          const shown = render(templates, sampleFacts(template, scope, language), desk, secrets);
          expect(shown.language).toBe(compiled.has(template) ? language : 'en');
          expect(shown.html).toContain('</html>');
        }
      }
    }
  });

  test('are listed, and each has a page with its HTML, text and source', async () => {
    const list = (await viewer.get('/templates')).body;
    for (const name of TEMPLATES) expect(list).toContain(`href="/templates/${name}"`);
    for (const name of TEMPLATES) {
      const page = await viewer.get(`/templates/${name}?locale=ja&scope=events`);
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain('Content-Type: multipart/');
      expect((await viewer.get(`/templates/${name}/html?locale=xx&scope=y`)).body).toContain(
        '<html lang="en">',
      );
    }
    expect((await viewer.get('/templates/nothing')).statusCode).toBe(404);
    expect((await viewer.get('/templates/toString')).statusCode).toBe(404);
  });

  test('an admin gets a test at their own address, marked, and no more than a few', async () => {
    const before = taken.length;
    const post = (who: Visitor) =>
      who.post('/templates/completed/test', { locale: 'de', scope: 'source', to: 'eve@evil.example' });
    expect((await post(approver)).statusCode).toBe(404);
    const admin = await whole.signIn('admin');
    const nobody = await post(admin);
    expect(nobody.statusCode).toBe(422);
    expect(nobody.body).toContain('No address of yours is known here');
    expect(taken.length).toBe(before);

    await whole.desk.db('agents').where({ name: admin.name }).update({ email: 'admin@desk.example' });
    const outbox = (await whole.desk.outbox()).length;
    expect((await post(admin)).body).toContain('on its way to you');
    expect(taken).toHaveLength(before + 1);
    const { to, source } = taken.at(-1)!;
    expect(to).toEqual(['admin@desk.example']);
    expect(source).toMatch(/^Subject: =\?UTF-8\?Q\?=5BTest=5D/im);
    expect(source).toMatch(/^Reply-To: desk@desk\.example/im);
    expect((await whole.desk.outbox()).length).toBe(outbox);
    for (let count = 2; count <= 5; count += 1) expect((await post(admin)).statusCode).toBe(200);
    expect((await post(admin)).statusCode).toBe(429);
    expect(taken).toHaveLength(before + 5);
  });
});
