import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMailbox } from '../../src/ingest/mailbox-store.ts';
import { signReceipt } from '../../src/purge/receipt.ts';
import { eraseTicketContext } from '../../src/tickets/erase-context.ts';
import { codeOf } from '../../src/verify/challenge.ts';
import { receiptFor } from '../reply/facts.ts';
import { EVENTS, grace } from '../tickets/cast.ts';
import { ada, type StoredTicket, sourceRequest, workspaceRequest, zoe } from '../tickets/desk.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
let viewer: Visitor;

beforeAll(async () => {
  whole = await openWholeDesk();
  viewer = await whole.signIn('viewer');
});
afterAll(() => whole[Symbol.asyncDispose]());

const textOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replace(/\s+/g, ' ');

async function pageOf({ id }: Pick<StoredTicket, 'id'>, query = ''): Promise<string> {
  const answer = await viewer.get(`/tickets/PD-${id}${query}`);
  expect(answer.statusCode).toBe(200);
  return answer.body.replaceAll('&#x3D;', '=');
}
const wordsOf = async (ticket: Pick<StoredTicket, 'id'>, query = '') => textOf(await pageOf(ticket, query));

const PLAIN = `From: Ada Novak <ada@acme.example>
To: desk@desk.example
Subject: Please delete <our> data
Date: Sun, 22 Nov 2026 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

Hi,
please delete the data of the source "Website Prod" in workspace acme-inc
from 2024-01-01 to 2024-03-31. Thanks \u202e<script>alert(1)</script>

> an older mail
`;

async function withLetter({ id }: Pick<StoredTicket, 'id'>, letter = PLAIN): Promise<number> {
  const { db } = whole.desk;
  const [row] = await db('tickets').select<{ message_id: number }[]>('message_id').where({ id });
  const raw = Buffer.from(letter.replaceAll('\n', '\r\n'));
  await db('messages')
    .where({ id: row!.message_id })
    .update({ raw, size_bytes: raw.length, subject: 'Delete' });
  return row!.message_id;
}

describe('the page of a ticket', () => {
  test('says who asks for what, why it is believed and what happens when', async () => {
    const text = await wordsOf(await whole.desk.asked());
    expect(text).toContain(`Who asks ${ada}`);
    expect(text).toContain(
      'Delete the data of the source “Website Prod” in the workspace Acme Inc (acme-inc)',
    );
    expect(text).toContain('Not confirmed: waits for the code that went to it until');
    expect(text).toContain('Nothing is deleted before it is confirmed and five whole days have passed.');
  });

  test('names the mailbox that it was written to, where that is not the first one', async () => {
    const ticket = await whole.desk.asked();
    const id = await withLetter(ticket);
    const { db } = whole.desk;
    for (const [name, told] of [
      ['shop', 'writes in English, to the mailbox shop'],
      ['main', 'writes in English '],
    ] as const) {
      await db('messages')
        .where({ id })
        .update({ mailbox_id: await openMailbox(db, name, 'INBOX', name) });
      expect(await wordsOf(ticket)).toContain(told);
    }
  });

  test('shows what will be deleted where, and until when it can be cancelled', async () => {
    const ticket = await whole.desk.inGrace(sourceRequest({ source: 'iOS App' }));
    await steps(ticket.id, 'waiting');
    await whole.desk.act({ id: ticket.id, event: EVENTS.held });
    const text = await wordsOf(ticket);
    expect(text).toMatch(
      /Nothing is deleted before \w+ \d+ \w+ 2\d{3}, 00:00 UTC \. Until then it can be cancelled\./,
    );
    expect(text).toContain('The code that went to it was answered on');
    expect(text).toMatch(/About 200 records in 2 steps/);
    expect(text).toContain('warehouse events, delete');
    expect(text).toMatch(/On hold: held by an agent\. It goes on when somebody releases it\. wait by grace/);
    await whole.desk.act({
      id: ticket.id,
      event: { type: 'cancelled_by_agent', by: grace, note: 'by phone' },
    });
  });

  test('follows a purge, and hands out its receipt in the end', async () => {
    const { desk, joined } = whole;
    const ticket = await desk.inGrace(
      sourceRequest({ source: 'iOS App', timeFrame: { from: '2023-01-01', to: null } }),
    );
    await steps(ticket.id, 'running');
    await desk.outlast(ticket);
    const running = await pageOf(ticket);
    expect(textOf(running)).toContain('step 1 of 2 (warehouse): 30 of about 100 (30 %)');
    expect(running).toMatch(/<progress id="progress" max="100" value="30">/);
    expect((await viewer.get(`/tickets/PD-${ticket.id}/receipt.json`)).statusCode).toBe(404);

    const sample = receiptFor('source').receipt;
    const signed = signReceipt({ ...sample, ticket: `PD-${ticket.id}` }, joined.purge.receiptKey.privateKey);
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
    expect(await wordsOf(ticket)).toContain(
      'The receipt holds: its signature fits, with the key of this desk, and its totals add up.',
    );
    const file = await viewer.get(`/tickets/PD-${ticket.id}/receipt.json`);
    expect(file.json()).toEqual(JSON.parse(JSON.stringify(signed)));
    expect(file.headers['content-disposition']).toBe(`attachment; filename="receipt-PD-${ticket.id}.json"`);
    const pdf = await viewer.get(`/tickets/PD-${ticket.id}/certificate.pdf`);
    expect(pdf.rawPayload.subarray(0, 5).toString()).toBe('%PDF-');
  });

  test('of an erased ticket says so, and what is left', async () => {
    const { desk } = whole;
    const ticket = await desk.asked(workspaceRequest());
    await desk.act({ id: ticket.id, event: { type: 'cancelled_by_agent', by: grace, note: 'by phone' } });
    await withLetter(ticket);
    const id = ticket.id;
    await pageOf(ticket, `?mail=${(await desk.db('tickets').where({ id }).first()).message_id}`);
    await desk.db('outbox').update({ status: 'sent' });
    await desk.db.transaction((trx) => eraseTicketContext(trx, desk.deps, [id]));
    await desk.db('messages').update({ raw: null });
    const text = await wordsOf(ticket);
    expect(text).toContain('The desk forgot whose this was and what was asked on');
    expect(text).toContain('Delete a whole workspace (erased)');
    expect(text).not.toContain('please delete');
    expect(text).not.toContain('by phone');
    expect(text).not.toContain(`Who asks ${ada}`);
  });

  test('of ten thousand users, a thousand events and hundreds of mails stays small', async () => {
    const { desk } = whole;
    const { db } = desk;
    const { id } = await desk.asked(
      sourceRequest({ source: 'iOS App', timeFrame: { from: null, to: null } }),
    );
    const users = JSON.stringify(
      Array.from({ length: 10_000 }, (_, index) => `user-${index}-${'x'.repeat(20)}`),
    );
    await db.raw(
      `update tickets set scope = 'user', request = request || jsonb_build_object('users', cast(:users as jsonb)),
         target = target || jsonb_build_object('users', cast(:users as jsonb), 'scope', 'user') where id = :id`,
      { users, id },
    );
    await db.raw(
      `insert into ticket_events (ticket_id, seq, at, type, was, became, actor, details, previous_hash, hash)
       select :id, 1000 + n, now(), 'status_asked', 'verifying', 'verifying', 'desk', '{}', '', '' from generate_series(1, 1500) n`,
      { id },
    );
    await db.raw(
      `insert into outbox (key, ticket_ids, template, locale, recipient, recipient_hash, before_verification, facts, created_at, next_attempt_at)
       select 'flood ' || n, array[cast(:id as bigint)], 'status', 'en', 'a@b.example', '', true, '{}', now(), 'infinity'
       from generate_series(1, 400) n`,
      { id },
    );
    const body = await pageOf({ id });
    expect(Buffer.byteLength(body)).toBeLessThan(60_000);
    expect(textOf(body)).toContain('the data of 10,000 end users (user-0-');
    expect(textOf(body)).toContain('and 9,980 more');
    expect(textOf(body)).toMatch(/and 1\d{3} more, older/);
    const older = await pageOf({ id }, '?show=mails&from=100');
    expect(textOf(older)).toContain('Newer');
  });

  test.each(['/tickets/PD-999999', '/tickets/PD-0', '/tickets/nonsense', '/tickets/PD-99999999999999999999'])(
    '%s is not there',
    async (path) => {
      expect((await viewer.get(path)).statusCode).toBe(404);
    },
  );

  test('nonsense in the address is ignored', async () => {
    const ticket = await whole.desk.ticket();
    for (const query of [
      'show=x',
      'from=-1',
      'from=1e9',
      'from[]=1',
      'show=mails&show=notes',
      'from=%00',
      'mail=x',
      'sent=1e99',
      'mail=999999',
    ])
      await pageOf(ticket, `?${query}`);
  });
});

describe('the mail beside its fields', () => {
  test('is read for whoever asks, with the words that each field came from', async () => {
    const ticket = await whole.desk.asked(
      sourceRequest({ timeFrame: { from: '2020-01-01', to: '2020-03-31' } }),
    );
    const mail = await withLetter(ticket);
    const first = await pageOf(ticket);
    expect(first).toContain(`data-later="/tickets/PD-${ticket.id}?mail=${mail}#mail"`);
    const body = await pageOf(ticket, `?mail=${mail}`);
    expect(body).toMatch(
      /<mark id="words-3" data-n="3">Website Prod<\/mark><a class="n" href="#field-3" data-n="3" aria-label="Source, field 3"><\/a>/,
    );
    expect(body).toContain(
      '<a class="n" href="#words-3" data-n="3" aria-label="The words that it came from"></a>',
    );
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(body).toContain('<span class="sign" title="A sign that cannot be seen">U+202E</span>');
    expect(body).not.toContain('\u202e');
    expect(textOf(body)).toContain('Please delete &lt;our&gt; data');
    // Once read, it is at hand.
    expect(await pageOf(ticket)).toContain('<mark id="words-3"');
  });

  test('is only shown with a ticket of its own conversation', async () => {
    const { desk } = whole;
    const hers = await desk.mail({ from: zoe, intent: 'delete', requests: [workspaceRequest('globex')] });
    const other = await desk.ticket();
    await withLetter(other, PLAIN.replace('Hi,', 'Hi from Zoe,'));
    const ticket = (await desk.tickets())[0]!;
    expect(await wordsOf(other, `?mail=${hers.messageId}`)).toContain('Hi from Zoe');
    expect(await wordsOf(ticket, `?mail=${hers.messageId}`)).not.toContain('Hi from Zoe');
    const [sent] = hers.mails;
    expect(await wordsOf(ticket, `?sent=${sent!.id}`)).not.toContain('Our mail');
  });

  test('of ours shows the words and neither the code nor the link', async () => {
    const { desk } = whole;
    const ticket = await desk.asked(sourceRequest({ timeFrame: { from: '2019-01-01', to: '2019-03-31' } }));
    const mail = (await desk.outbox()).findLast(({ facts }) => facts.challenge !== null)!;
    const code = codeOf(desk.deps.key as Buffer, mail.facts.challenge!.id);
    const body = await pageOf(ticket, `?sent=${mail.id}`);
    expect(textOf(body)).toContain('Our mail');
    expect(body).toContain('······');
    expect(body.replace(/\s/g, '')).not.toContain(code);
    expect(body).not.toMatch(/\/c\/[A-Za-z0-9_-]{20}/);
  });
});

describe('who else looks at it', () => {
  test('is told while they do, and forgotten a minute later', async () => {
    const ticket = await whole.desk.ticket();
    const sam = await whole.signIn('agent', 'Sam');
    expect(await wordsOf(ticket)).not.toContain('Also viewing');
    const told = await sam.post(`/tickets/PD-${ticket.id}/viewing`);
    expect(told.json()).toEqual({ also: [] });
    expect(await wordsOf(ticket)).toContain('Also viewing: Sam');
    expect((await viewer.post(`/tickets/PD-${ticket.id}/viewing`)).json()).toEqual({ also: ['Sam'] });
    await whole.desk.db('ticket_viewers').update({ seen_at: new Date(Date.now() - 61_000) });
    expect(await wordsOf(ticket)).not.toContain('Also viewing');
    await sam.post(`/tickets/PD-${ticket.id}/viewing`);
    expect(await whole.desk.db('ticket_viewers').count('* as rows').first()).toEqual({ rows: 1 });
    expect((await sam.post('/tickets/PD-999999/viewing')).statusCode).toBe(404);
  });
});

/** Two steps as a rehearsal leaves them; the first has got to thirty of a hundred. */
async function steps(id: number, status: string): Promise<void> {
  const row = (no: number, store: string) => ({
    ticket_id: id,
    no,
    plan_hash: 'a'.repeat(64),
    store,
    target: 'events',
    step: JSON.stringify({ action: 'delete' }),
    estimate: 100,
    status: no === 1 ? status : 'waiting',
    deleted: no === 1 && status === 'running' ? 30 : 0,
  });
  await whole.desk.db('purge_steps').insert([row(1, 'warehouse'), row(2, 'archive')]);
}
