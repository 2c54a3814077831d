import type { Knex } from 'knex';
import pg from 'pg';
import { expect, test } from 'vitest';
import { addressHash } from '../../src/domain/canonical.ts';
import { handlePending } from '../../src/ingest/message-queue.ts';
import { handleMail } from '../../src/tickets/handle-mail.ts';
import { touchedBy } from '../../src/tickets/touched.ts';
import { codeOf } from '../../src/verify/challenge.ts';
import { passedBySpf, queueDeps, readHere, storeMail } from '../ingest/reader.ts';
import { policy } from './cast.ts';
import { openTestDesk, type TestDesk } from './desk.ts';

const KEY = Buffer.alloc(32, 9);
const ROWS = 20_000;
const PEOPLE = 12;
/** Numbers of the tickets that were there before are above this. */
const FILLED_FROM = 1_000_000;
/** Tables that grow with the desk; what is read of one must not grow with it. */
const LARGE = [
  ...['tickets', 'conversations', 'messages', 'outbox', 'ticket_events', 'parties', 'challenges', 'holds'],
  ...['status_links', 'reply_permits', 'members', 'workspaces', 'workspace_parts', 'undeliverable_addresses'],
];

/**
 * Every statement that a set of mails is decided with, as it was sent, explained beside tables of a desk that has been at
 * work for long: each reads by an index, however many rows there are.
 */
test('no statement that decides about mails reads a large table from end to end', async () => {
  await using desk = await openTestDesk({ ...policy, repliesAnHour: 100_000, repliesADomain: 100_000 }, KEY);
  await fill(desk.db);
  const people = Array.from({ length: PEOPLE }, (_, n) => `owner${n + 1}@company${n + 1}.example`);
  const seen = new Map<string, readonly unknown[]>();
  desk.db.on('query', ({ sql, bindings }: { sql: string; bindings: readonly unknown[] }) => {
    if (/^\s*(select|insert|update|delete|with)\b/i.test(sql)) seen.set(sql, bindings);
  });
  await receive(desk, people, (n) => request(`company-${n + 1}`));
  await receive(desk, people, () => 'What is the status of my deletion request?');
  const code = new Map(
    (await desk.outbox()).flatMap((mail) =>
      mail.facts?.challenge ? [[mail.recipient, codeOf(KEY, mail.facts.challenge.id)] as const] : [],
    ),
  );
  await receive(desk, people, (n) => `The code is ${code.get(people[n] ?? '')}`);
  await receive(desk, people, (n) => `Please stop the deletion of workspace company-${n + 1}.`);
  await receive(desk, ['eve@evil.example', 'mal@evil.example'], () => request('company-3'));
  const fates = await desk.db('messages').distinct('disposition').where('id', '>', ROWS).pluck('disposition');
  expect(fates.sort()).toEqual(['joined', 'opened']);
  const cancelled = await desk
    .db('tickets')
    .where({ state: 'cancelled' })
    .where('id', '<', FILLED_FROM)
    .pluck('id');
  expect(cancelled).toHaveLength(PEOPLE);

  expect(seen.size).toBeGreaterThan(30);
  const faults: string[] = [];
  const client = new pg.Client({ connectionString: desk.url });
  await client.connect();
  for (const [sql, bindings] of seen) {
    const plan = await client.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, [...bindings]);
    const lines = plan.rows.map((row) => row['QUERY PLAN']);
    const scan = lines.find((line) => LARGE.some((table) => line.includes(`Seq Scan on ${table}`)));
    if (scan !== undefined) faults.push(`${scan.trim()}\n${sql}\n${lines.join('\n')}`);
  }
  await client.end();
  expect(faults.join('\n\n')).toBe('');
}, 120_000);

const request = (slug: string): string =>
  `Please delete this:\n\nWorkspace slug: ${slug}\nSource: Website Prod\nTime frame: 2024-01-01 to 2024-03-31`;

async function receive(
  desk: TestDesk,
  people: readonly string[],
  text: (n: number) => string,
): Promise<void> {
  for (const [n, from] of people.entries()) {
    const raw = Buffer.from(
      [`From: ${from}`, 'To: desk@desk.example', 'Subject: Deletion', '', ...text(n).split('\n')].join(
        '\r\n',
      ),
    );
    await storeMail(desk.db, raw);
  }
  const { deps } = desk;
  await handlePending(
    queueDeps(desk.db, {
      ...readHere(passedBySpf('company.example')),
      standingOf: () => 'authenticated',
      handle: (trx, mail) => handleMail(trx, deps, mail),
      touches: (trx, mail) => touchedBy(trx, deps, mail),
    }),
    new AbortController().signal,
  );
}

/** A company for every ten tickets; each ticket has a mail, an answer, two events and a code of its own. */
async function fill(db: Knex): Promise<void> {
  const person = (n: string) => `'owner' || ${n} || '@company' || ${n} || '.example'`;
  const company = `(1 + n % ${ROWS / 10})`;
  const rows = `generate_series(1, ${ROWS}) n`;
  const hash = `md5('r' || ${company})`;
  for (const statement of [
    `insert into workspaces (id, slug, name, created_at)
     select 'ws_' || n, 'company-' || n, 'Company ' || n, '2020-01-01' from ${rows}`,
    `insert into members (workspace_id, address, role) select 'ws_' || n, ${person('n')}, 'owner' from ${rows}`,
    `insert into workspace_parts (workspace_id, kind, id, name)
     select 'ws_' || n, 'source', 'src_' || n, 'Website Prod' from ${rows}`,
    `insert into conversations (requester, requester_hash, subject, opened_at)
     select ${person(company)}, ${hash}, 'Deletion', now() - interval '90 days' from ${rows}`,
    `insert into messages (content_hash, size_bytes, raw, arrived_at, status, disposition, conversation_id, author,
       message_id_header, words)
     select md5('m' || n), 20, 'From: x', now(), 'done', 'opened', n, ${person(company)}, '<m' || n || '@mail.example>',
       to_tsvector('simple', 'please delete the workspace company ' || n) from ${rows}`,
    `insert into tickets (id, conversation_id, message_id, origin, scope, request, requester, requester_hash, verdict,
       workspace_ids, requested_at, due_at, state, state_since, closed_at, audit_seq, audit_head)
     select ${FILLED_FROM} + n, n, n, 'mail', 'workspace', '{"scope":"workspace"}', ${person(company)}, ${hash}, 'entitled',
       array['ws_' || ${company}], now(), now(), 'cancelled', now(), now(), 2, 'x' from ${rows}`,
    `insert into ticket_events (ticket_id, seq, at, type, was, became, actor, details, previous_hash, hash)
     select ${FILLED_FROM} + n, e, now(), 'judged', 'received', 'verifying', 'desk', '{}', '', 'x' from ${rows},
       generate_series(1, 2) e`,
    `insert into parties (ticket_id, workspace_id, address, role, since)
     select ${FILLED_FROM} + n, 'ws_' || ${company}, 'past' || ${company} || '@company.example', 'owner', now() from ${rows}`,
    `insert into holds (ticket_id, reason, placed_by, placed_at, lifted_at)
     select ${FILLED_FROM} + n, 'review', 'desk', now(), now() from ${rows}`,
    `insert into outbox (key, conversation_id, ticket_ids, cause_message_id, template, locale, recipient, recipient_hash,
       before_verification, facts, message_id_header, created_at, status)
     select 'k' || n, n, array[${FILLED_FROM} + n], n, 'verify_request', 'en', ${person(company)}, ${hash}, true, '{}',
       '<o' || n || '@desk.example>', now(), 'sent' from ${rows}`,
    `insert into challenges (id, conversation_id, requester_hash, digest, ticket_digests, code_hash, link_hash, tries_left,
       created_at, expires_at, voided_at)
     select cast(md5('c' || n) as uuid), n, ${hash}, 'd', '{}', 'h', 'l' || n, 5, now(), now(), now() from ${rows}`,
    `insert into status_links (id, link_hash, ticket_ids, recipient_hash, locale, created_at, expires_at)
     select cast(md5('s' || n) as uuid), 'l' || n, array[${FILLED_FROM} + n], ${hash}, 'en', now(), now() from ${rows}`,
    `insert into reply_permits (key, asked_at, recipient_hash, domain_hash, conversation_id, caused_by, template)
     select 'k' || n, now() - make_interval(mins => n), ${hash}, 'd' || ${company}, n, 'authenticated', 'status' from ${rows}`,
    `insert into undeliverable_addresses (recipient_hash, since, outbox_id, reason)
     select md5('u' || n), now(), n, 'bounced' from ${rows}`,
    'analyze',
  ]) {
    await db.raw(statement);
  }
  // One in charge of many tickets, as a long-standing customer is.
  await db('tickets')
    .where('id', '<=', FILLED_FROM + 100)
    .update({ requester_hash: addressHash(KEY, 'owner1@company1.example') });
}
