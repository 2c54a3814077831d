/** The page behind the link of a mail: who sees what with it, and what a program that follows links can do. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ticketId } from '../../src/domain/ids.ts';
import { eraseTicketContext } from '../../src/tickets/erase-context.ts';
import { statusFormOf, statusTokenOf } from '../../src/tickets/status-links.ts';
import { isCancellable } from '../../src/tickets/use-status-link.ts';
import { receiptFor, ticketFacts } from '../reply/facts.ts';
import { EVENTS } from '../tickets/cast.ts';
import {
  ada,
  bob,
  type OutboxRow,
  sourceRequest,
  stranger,
  told,
  workspaceRequest,
} from '../tickets/desk.ts';
import { openWholeDesk, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;

beforeAll(async () => {
  whole = await openWholeDesk();
});
afterAll(() => whole[Symbol.asyncDispose]());
/** What was asked before is closed, and budgets of mails start anew. */
beforeEach(async () => {
  for (const { id, state } of await whole.desk.tickets()) {
    if (['needs_details', 'verifying', 'grace'].includes(state))
      await whole.desk.act({ id, event: EVENTS.cancelled_by_agent });
  }
  await whole.desk.pass(49);
});

const tokenIn = (mail: OutboxRow | undefined): string => {
  const id = mail?.facts.statusLink?.id;
  if (id === undefined) throw new Error('the mail has no link');
  return statusTokenOf(whole.desk.deps.key, id);
};

/** The newest link of each address. */
async function linkOf(address: string): Promise<string> {
  return tokenIn((await whole.desk.outbox()).findLast((mail) => mail.recipient === address));
}

const get = (path: string) => whole.app.inject(path);

let posts = 0;

const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  whole.app.inject({
    method: 'POST',
    url: path,
    // What one address may do in a minute is for another test.
    remoteAddress: headers.from ?? `10.0.0.${(posts++ % 250) + 1}`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    payload: new URLSearchParams(fields).toString(),
  });

const formOf = (token: string) => statusFormOf(whole.desk.deps.key, token);

async function mailsSince(act: () => Promise<unknown>): Promise<readonly string[]> {
  const before = (await whole.desk.outbox()).length;
  await act();
  return told((await whole.desk.outbox()).slice(before));
}

/** Everything that a visit could have changed. */
const stored = async () =>
  JSON.stringify([
    await whole.desk.tickets(),
    await whole.desk.outbox(),
    await whole.desk.db('status_links').orderBy('id'),
    await whole.desk.db('ticket_events').count(),
  ]);

describe('the link of a mail', () => {
  test('W02 is long, kept as a hash, ends within seven days and goes to nobody but parties', async () => {
    const { desk } = whole;
    await desk.inGrace();
    const mails = await desk.outbox();
    const { mails: neutral } = await desk.mail({
      from: stranger,
      intent: 'delete',
      requests: [sourceRequest()],
    });
    expect(neutral).toHaveLength(1);
    expect(neutral[0]!.facts.statusLink).toBeUndefined();
    for (const mail of mails) {
      const token = tokenIn(mail);
      expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(16);
      const dump = JSON.stringify([await desk.db('status_links'), mail]);
      expect(dump).not.toContain(token);
    }
    const late = await desk.db('status_links').whereRaw(`expires_at > created_at + interval '7 days'`);
    expect(late).toEqual([]);
  });

  test('W02 opens nothing when any part of it is another', async () => {
    await whole.desk.inGrace();
    const token = await linkOf(ada);
    expect((await get(`/s/${token}`)).statusCode).toBe(200);
    for (let at = 0; at < token.length; at += 1) {
      const other = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      // The last character holds no spare bits: 24 bytes are 32 characters.
      expect((await get(`/s/${other}`)).statusCode).toBe(404);
    }
    for (const odd of ['', 'x', '%00', `${token}A`, `${token}%0a`, '../../x', 'PD-1']) {
      expect((await get(`/s/${odd}`)).statusCode).toBe(404);
    }
    expect(whole.logged()).not.toContain(token);
  });

  test('W02 leads to a page that is not kept, not indexed and sends no Referer', async () => {
    await whole.desk.inGrace();
    const { headers } = await get(`/s/${await linkOf(ada)}`);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-robots-tag']).toBe('noindex, nofollow');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('goes with the context of its ticket', async () => {
    const { desk } = whole;
    const { id } = await desk.inGrace();
    const token = await linkOf(ada);
    await desk.mail({ from: ada, intent: 'cancel', ticket: `PD-${id}` });
    await desk.db.transaction((trx) => eraseTicketContext(trx, desk.deps, [ticketId(id)]));
    expect((await get(`/s/${token}`)).statusCode).toBe(404);
    expect(await desk.db('status_links').whereRaw('? = any(ticket_ids)', [id])).toEqual([]);
  });
});

describe('the page', () => {
  test('tells what was asked, how it stands and what happens when, and nothing of other tickets', async () => {
    const { desk } = whole;
    const other = await desk.asked(workspaceRequest());
    const { id } = await desk.inGrace();
    const { body } = await get(`/s/${await linkOf(ada)}`);
    expect(body).toContain(`PD-${id}`);
    expect(body).toContain('Website Prod');
    expect(body).toMatch(/nothing is deleted before \w+day \d+ \w+ 2\d{3}, 00:00 UTC/);
    expect(body).toMatch(/<li class="now">Waiting time<span class="unseen"> \(now\)/);
    expect(body).not.toContain(`PD-${other.id}<`);
    const token = await linkOf(ada);
    expect((await get(`/s/${token}/cancel/PD-${other.id}`)).statusCode).toBe(404);
    const taken = await post(`/s/${token}/cancel/PD-${other.id}`, {
      form: formOf(token),
      typed: `PD-${other.id}`,
    });
    expect(taken.statusCode).toBe(404);
    expect((await desk.ticket(other.id)).state).toBe('verifying');
  });

  test('shows before the confirmation only what the mail says', async () => {
    const request = { ...sourceRequest(), scope: 'user' as const, source: null, users: ['u-secret-77'] };
    const { id } = await whole.desk.asked({ ...request, timeFrame: null });
    expect((await whole.desk.ticket(id)).state).toBe('verifying');
    const { body } = await get(`/s/${await linkOf(ada)}`);
    expect(body).toContain(`PD-${id}`);
    expect(body).not.toContain('u-secret-77');
  });

  test('W03 shows of an account only the workspaces that the reader is in charge of', async () => {
    const { desk } = whole;
    await desk.db('members').insert({ workspace_id: 'ws_globex', address: ada, role: 'owner' });
    const { id } = await desk.inGrace({ ...workspaceRequest(), scope: 'account', workspace: null });
    const [mine, theirs] = [await get(`/s/${await linkOf(ada)}`), await get(`/s/${await linkOf(bob)}`)];
    expect(mine.body).toContain('globex');
    expect(theirs.body).toContain(`PD-${id}`);
    expect(theirs.body).toContain('acme-inc');
    expect(theirs.body).not.toContain('globex');
    await desk.db('members').where({ workspace_id: 'ws_globex', address: ada }).delete();
  });

  test.each([
    ['de', 'Ihr Löschantrag'],
    ['es', 'Su solicitud'],
    ['fr', 'Votre demande'],
    ['it', 'La sua richiesta'],
    ['ja', 'データ削除のご依頼'],
    ['nl', 'Uw verwijderverzoek'],
    ['pt', 'O seu pedido'],
    ['sv', 'Your deletion request'],
  ])('speaks the language of the mail: %s', async (language, heading) => {
    await whole.desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()], language });
    const token = await linkOf(ada);
    const { body } = await get(`/s/${token}`);
    expect(body).toContain(`<html lang="${language === 'sv' ? 'en' : language}">`);
    expect(body).toContain(heading);
    await whole.desk.pass(8 * 24);
    const gone = await whole.app.inject({ url: `/s/${token}`, headers: { 'accept-language': 'xx' } });
    expect(gone.body).toContain(`<html lang="${language === 'sv' ? 'en' : language}">`);
    const unknown = { url: `/s/${'A'.repeat(32)}`, headers: { 'accept-language': `${language},en;q=0.5` } };
    expect((await whole.app.inject(unknown)).body.replaceAll('A'.repeat(32), token)).toBe(
      gone.body.replaceAll(formOf(token), formOf('A'.repeat(32))),
    );
  });

  test('at the end hands out the receipt and the certificate', async () => {
    const { desk } = whole;
    const ticket = await desk.inGrace();
    await desk.outlast(ticket);
    expect((await desk.ticket(ticket.id)).state).toBe('purging');
    const busy = await linkOf(ada);
    expect((await get(`/s/${busy}`)).body).toContain('This can no longer be cancelled');
    expect((await get(`/s/${busy}/receipt/PD-${ticket.id}`)).statusCode).toBe(404);
    const late = { form: formOf(busy), typed: `PD-${ticket.id}` };
    expect((await post(`/s/${busy}/cancel/PD-${ticket.id}`, late)).statusCode).toBe(303);
    expect((await desk.ticket(ticket.id)).state).toBe('purging');
    const sample = receiptFor('source');
    const signed = { ...sample, receipt: { ...sample.receipt, ticket: `PD-${ticket.id}` } };
    await desk.decide([
      {
        ticketId: ticket.id,
        event: EVENTS.purge_finished,
        within: async (trx) => {
          await trx('receipts').insert({
            ticket_id: ticket.id,
            signed: JSON.stringify(signed),
            created_at: new Date(),
          });
        },
      },
    ]);
    const token = await linkOf(ada);
    const { body } = await get(`/s/${token}`);
    expect(body).toContain('The deletion was completed on');
    expect(body).not.toContain('This can no longer be cancelled');
    const receipt = await get(`/s/${token}/receipt/PD-${ticket.id}`);
    expect(receipt.headers['content-disposition']).toBe(
      `attachment; filename="receipt-PD-${ticket.id}.json"`,
    );
    expect(receipt.json()).toEqual(JSON.parse(JSON.stringify(signed)));
    const certificate = await get(`/s/${token}/certificate/PD-${ticket.id}`);
    expect(certificate.headers['content-type']).toBe('application/pdf');
    expect(certificate.rawPayload.subarray(0, 5).toString()).toBe('%PDF-');
  });
});

describe('a cancel on the page', () => {
  test('W01 is not taken from a program that follows links and sends forms', async () => {
    const { id } = await whole.desk.inGrace();
    const token = await linkOf(bob);
    const before = await stored();
    const paths = [`/s/${token}`, `/s/${token}/cancel/PD-${id}`, `/s/${token}/receipt/PD-${id}`];
    for (const method of ['GET', 'HEAD', 'OPTIONS'] as const) {
      for (const url of [...paths, `/s/${token}/renew`]) await whole.app.inject({ method, url });
    }
    const action = `/s/${token}/cancel/PD-${id}`;
    for (const typed of ['', ' ', 'x', 'PD-', `PD-${id}0`, 'cancel', 'on', 'acme-inc'.repeat(20)]) {
      const answer = await post(action, { form: formOf(token), typed });
      expect(answer.statusCode).toBe(422);
      expect(answer.body).toContain('Nothing has been changed.');
    }
    expect((await post(action, { typed: `PD-${id}` })).statusCode).toBe(403);
    expect((await post(action, { form: formOf('A'.repeat(32)), typed: `PD-${id}` })).statusCode).toBe(403);
    const mine = { form: formOf(token), typed: `PD-${id}` };
    expect((await post(action, mine, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await post(action, mine, { origin: 'https://evil.example' })).statusCode).toBe(403);
    expect(await stored()).toBe(before);
    const flood = () => post(action, { typed: '' }, { from: '192.0.2.7' });
    for (let tries = 0; tries < 20; tries += 1) await flood();
    expect((await flood()).statusCode).toBe(429);
  });

  test('counts once, from any party, and everybody is told as after a mail', async () => {
    const { desk } = whole;
    const { id } = await desk.inGrace();
    const token = await linkOf(bob);
    const send = () => post(`/s/${token}/cancel/PD-${id}`, { form: formOf(token), typed: ` pd–${id} ` });
    const mails = await mailsSince(send);
    expect((await desk.ticket(id)).state).toBe('cancelled');
    expect([...mails].sort()).toEqual([`cancelled > ${ada}`, `cancelled > ${bob}`]);
    const [event] = await desk.db('ticket_events').where({ ticket_id: id, type: 'cancel_asked' });
    expect(event).toMatchObject({ details: { via: 'page' }, became: 'cancelled' });
    const after = await stored();
    expect((await send()).statusCode).toBe(303);
    expect(await stored()).toBe(after);
    const { body } = await get(`/s/${token}`);
    expect(body).toContain('It was cancelled on');
    expect(body).not.toContain(`/cancel/PD-${id}`);
  });

  test('is open to a requester who has not confirmed, and to one who has lost the role since', async () => {
    const { desk } = whole;
    const { id } = await desk.inGrace();
    await desk
      .db('members')
      .where({ workspace_id: 'ws_acme', address: bob })
      .update({ removed_at: new Date() });
    const token = await linkOf(bob);
    expect((await get(`/s/${token}`)).body).toContain(`/cancel/PD-${id}`);
    await post(`/s/${token}/cancel/PD-${id}`, { form: formOf(token), typed: `PD-${id}` });
    expect((await desk.ticket(id)).state).toBe('cancelled');
    await desk.db('members').where({ workspace_id: 'ws_acme', address: bob }).update({ removed_at: null });
    const asked = await desk.asked();
    const own = await linkOf(ada);
    await post(`/s/${own}/cancel/PD-${asked.id}`, { form: formOf(own), typed: `PD-${asked.id}` });
    expect((await desk.ticket(asked.id)).state).toBe('cancelled');
  });

  test('is not offered for what the policy makes final', () => {
    const facts = { ...ticketFacts(), state: 'grace' as const, verified: true };
    expect(isCancellable({ ...facts, cancellable: true })).toBe(true);
    expect(isCancellable({ ...facts, cancellable: false })).toBe(false);
    expect(isCancellable({ ...facts, cancellable: false, verified: false, state: 'verifying' })).toBe(true);
    for (const state of ['purging', 'completed', 'cancelled', 'rejected', 'expired'] as const) {
      expect(isCancellable({ ...facts, cancellable: true, state })).toBe(false);
    }
  });
});

describe('a new link', () => {
  test('goes to the address of the old one, once a day, and nobody is told whether it did', async () => {
    const { desk } = whole;
    const { id } = await desk.inGrace();
    const token = await linkOf(bob);
    await desk.pass(8 * 24);
    expect((await get(`/s/${token}`)).body).toContain('Send me a new link');
    const ask = (of: string) => post(`/s/${of}/renew`, { form: formOf(of) });
    let answer = await ask('B'.repeat(32));
    const unknown = answer.body;
    expect(
      await mailsSince(async () => {
        answer = await ask(token);
      }),
    ).toEqual([`status > ${bob}`]);
    expect(answer.body).toBe(unknown);
    const fresh = await linkOf(bob);
    expect((await get(`/s/${fresh}`)).body).toContain(`PD-${id}`);
    expect(await mailsSince(() => ask(token))).toEqual([]);
    expect(await mailsSince(() => ask(fresh))).toEqual([]);
    await desk.pass(25);
    expect(await mailsSince(() => Promise.all([ask(token), ask(token), ask(fresh)]))).toHaveLength(1);
  });
});
