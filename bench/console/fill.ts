/** A desk of many tickets, written by the database itself: in the shares of one that has been at work for years. */
import type { Knex } from 'knex';

/** What is written to; their indexes are built once all rows are there. */
const TABLES = [
  'conversations',
  'messages',
  'tickets',
  'holds',
  'parties',
  'ticket_events',
  'outbox',
  'challenges',
  'purge_steps',
  'receipts',
  'members',
  'workspaces',
];

/**
 * Of all tickets five in a hundred are open, the newest; of these some are held, some wait for approval, a few are
 * overdue. Each came by a mail, and has its events, mails and people. Nothing was erased yet: the hardest case.
 */
export async function fill(db: Knex, tickets: number): Promise<void> {
  const indexes = await dropIndexes(db);
  for (const [what, statement] of statements(tickets)) {
    const begun = performance.now();
    await db.raw(statement);
    console.log(`  ${what} ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
  }
  for (const statement of indexes) await db.raw(statement);
  await db.raw('vacuum analyze');
}

/** @returns how to make them again; those behind constraints stay */
async function dropIndexes(db: Knex): Promise<readonly string[]> {
  const found = await db.raw<{ rows: { name: string; made: string }[] }>(
    `select c.relname as name, pg_get_indexdef(i.indexrelid) as made
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
     where t.relname = any(?) and t.relnamespace = 'public'::regnamespace
       and not exists (select from pg_constraint k where k.conindid = i.indexrelid)`,
    [TABLES],
  );
  for (const { name } of found.rows) await db.raw('drop index ??', [name]);
  return found.rows.map(({ made }) => made);
}

/** Words for mails: common ones, and some that few mails have. */
const WORD = (seed: string): string =>
  `(array['please','delete','our','workspace','source','data','thanks','account','contract','privacy','request','team','customer','invoice','project'])[1 + (n * 7 + ${seed}) % 15]`;

/** Days ago that the oldest came; a ticket is open for at most a month, so the newest of them are. */
const AGE = (tickets: number): string =>
  `make_interval(secs => (${tickets} - n) * ${(600 * 86_400) / tickets})`;

function statements(tickets: number): readonly (readonly [string, string])[] {
  const open = Math.round(tickets / 20);
  const from = tickets - open;
  const senders = Math.max(Math.round(tickets / 20), 1);
  return [
    [
      'workspaces',
      `insert into workspaces (id, slug, name, created_at)
       select 'ws_' || n, 'company-' || n, 'Company ' || n || ' ' || ${WORD('3')}, now() - interval '3 years' from generate_series(1, ${senders}) n`,
    ],
    [
      'members',
      `insert into members (workspace_id, address, role)
       select 'ws_' || n, 'owner' || n || '@company' || n || '.example', 'owner' from generate_series(1, ${senders}) n`,
    ],
    [
      'conversations',
      `insert into conversations (id, requester, requester_hash, subject, locale, opened_at) overriding system value
       select n, 'owner' || (n * 17 % ${senders} + 1) || '@company' || (n * 17 % ${senders} + 1) || '.example', md5('r' || (n * 17 % ${senders})),
         'Delete ' || ${WORD('1')}, case when n % 200 = 0 then 'ja' when n % 10 = 0 then 'de' else 'en' end, now() - ${AGE(tickets)}
       from generate_series(1, ${tickets}) n`,
    ],
    [
      'messages',
      `insert into messages (id, content_hash, size_bytes, raw, arrived_at, status, disposition, needs_agent, conversation_id, author,
         message_id_header, subject, understanding, evidence, handled_at, words) overriding system value
       select n, md5('m' || n), 900, convert_to('From: ' || author || e'\\r\\nSubject: ' || subject || e'\\r\\n\\r\\n' || body, 'UTF8'), at, 'done',
         case when n % 100 = 0 then 'other' else 'opened' end, n % 100 = 0 and n > ${tickets - 20_000}, n, author, '<' || md5('m' || n) || '@mail.example>', subject,
         '{"intent":"delete","evidence":[{"field":"requests.0.workspace","text":"company","start":28,"end":35}]}',
         '{"source":"own","spf":{"result":"pass","domain":"company.example","aligned":true},"dkim":{"result":"pass","domains":["company.example"],"aligned":true},"dmarc":{"result":"pass","policy":"reject"},"notes":[]}',
         at, to_tsvector('simple', concat_ws(' ', subject, author, replace(author, '@', ' '), body))
       from (select n, 'owner' || (n * 17 % ${senders} + 1) || '@company' || (n * 17 % ${senders} + 1) || '.example' as author,
           'Delete ' || ${WORD('1')} || ' ' || n as subject, now() - ${AGE(tickets)} as at,
           'Hello, please delete the workspace company-' || (n * 17 % ${senders} + 1) || '. ' || ${WORD('2')} || ' ' || ${WORD('5')} || ' ' || ${WORD('11')}
             || ' number ' || n % 5000 || ' code' || n % 50000 || ' and everything that belongs to it, all its sources, spaces and end users with their whole history. '
             || ${WORD('4')} || ' ' || ${WORD('9')} || ' with kind regards from all of us at the company in town, and thank you for your help. '
             || md5('w' || n) as body
         from generate_series(1, ${tickets}) n) mails`,
    ],
    [
      'tickets',
      `insert into tickets (id, conversation_id, message_id, origin, scope, request, target, digest, workspace_ids, requester, requester_hash,
         requested_at, due_at, verdict, state, state_since, verified_at, grace_started_at, grace_ends_at, plan_hash, estimate,
         purge_started_at, closed_at, wake_at, audit_seq, audit_head, assignee)
       select n, n, n, 'mail', scope, jsonb_build_object('scope', scope, 'workspace', jsonb_build_object('slug', 'company-' || w), 'source', null,
           'space', null, 'users', '[]'::jsonb, 'events', '[]'::jsonb, 'properties', '[]'::jsonb, 'project', null, 'timeFrame', null),
         case when state not in ('received', 'needs_details') then jsonb_build_object('scope', scope, 'workspaces', jsonb_build_array(jsonb_build_object('id', 'ws_' || w,
             'slug', 'company-' || w, 'name', 'Company ' || w, 'createdAt', '2020-01-01T00:00:00.000Z', 'tombstone', false)), 'source',
           case when scope = 'source' then '{"id":"src_1","name":"Website"}'::jsonb end, 'space', case when scope = 'space' then '{"id":"spa_1","name":"Main"}'::jsonb end,
           'project', case when scope = 'events' then '{"id":"prj_1","name":"Shop"}'::jsonb end, 'users', case when scope = 'user' then '["u1","u2"]'::jsonb else '[]'::jsonb end,
           'events', case when scope = 'events' then '["Signed Up"]'::jsonb else '[]'::jsonb end, 'properties', '[]'::jsonb,
           'timeFrame', '{"from":"2024-01-01","to":"2024-03-31"}'::jsonb, 'cutoff', '2024-04-01T00:00:00.000Z') end,
         md5('d' || n), case when state in ('received', 'needs_details') then '{}'::text[] else array['ws_' || w] end,
         'owner' || w || '@company' || w || '.example', md5('r' || (w - 1)), at, at + interval '30 days', 'entitled', state, at,
         at, at, at + interval '6 days', md5('p' || n), n % 100000, case when state in ('purging', 'completed') then at + interval '7 days' end,
         case when state in ('completed', 'cancelled', 'rejected', 'expired') then at + interval '8 days' end,
         case when n > ${from} then now() + interval '1 day' end, 4, md5('e' || n || '.4'), case when n % 4 = 0 then 1 + n % 20 end
       from (select n, n * 17 % ${senders} + 1 as w,
           case when n > ${from} then now() - make_interval(secs => (${tickets} - n) * ${(30.02 * 86_400) / open}) else now() - interval '30 days' - ${AGE(tickets)} end as at,
           case when n % 50 = 0 then 'account' when n % 10 < 4 then 'workspace' when n % 10 < 6 then 'source' when n % 10 < 8 then 'user' when n % 10 < 9 then 'events' else 'space' end as scope,
           case when n <= ${from} then case n % 100 % 20 when 1 then 'cancelled' when 2 then 'expired' when 3 then 'rejected' else 'completed' end
             else case when n % 100 < 30 then 'verifying' when n % 100 < 50 then 'needs_details' when n % 100 < 95 then 'grace' when n % 100 < 98 then 'approval' when n % 100 < 99 then 'purging' else 'received' end end as state
         from generate_series(1, ${tickets}) n) shares`,
    ],
    [
      'holds',
      `insert into holds (ticket_id, reason, placed_by, placed_at, lifted_by, lifted_at)
       select n, (array['review', 'billing', 'agent', 'export', 'step_failed', 'doubtful_cancel'])[1 + n / 20 % 6], 'desk', now(),
         case when n <= ${from} then 'agent:Ada' end, case when n <= ${from} then now() end
       from generate_series(20, ${tickets}, 20) n`,
    ],
    [
      'parties',
      `insert into parties (ticket_id, workspace_id, address, role, since)
       select n, 'ws_' || (n * 17 % ${senders} + 1), 'owner' || (n * 17 % ${senders} + 1) || '@company.example', 'owner', now() from generate_series(1, ${tickets}) n`,
    ],
    [
      'events',
      `insert into ticket_events (ticket_id, seq, at, type, was, became, actor, details, previous_hash, hash)
       select n, e, now() - ${AGE(tickets)}, (array['judged', 'challenge_answered', 'rehearsed', 'grace_elapsed'])[e], 'received', 'verifying', 'desk',
         '{"verdict":"entitled","asks":[],"estimate":1200}', md5('e' || n || '.' || e - 1), md5('e' || n || '.' || e)
       from generate_series(1, ${tickets}) n, generate_series(1, 4) e`,
    ],
    [
      'outbox',
      `insert into outbox (key, conversation_id, ticket_ids, template, locale, recipient, recipient_hash, before_verification, facts, message_id_header, created_at, status, sent_at)
       select 'k' || n || '.' || e, n, array[n], case e when 1 then 'verify_request' else 'completed' end, 'en', 'owner@company.example', md5('r' || (n * 17 % ${senders})), e = 1,
         '{"template":"verify_request"}', '<' || md5('o' || n || '.' || e) || '@desk.example>', now() - ${AGE(tickets)}, 'sent', now()
       from generate_series(1, ${tickets}) n, generate_series(1, 2) e`,
    ],
    [
      'challenges',
      `insert into challenges (id, conversation_id, requester_hash, digest, ticket_digests, code_hash, link_hash, tries_left, created_at, expires_at, answered_at)
       select cast(md5('c' || n) as uuid), n, md5('r' || n), md5('d' || n), jsonb_build_object(n, md5('d' || n)), md5('h' || n), md5('l' || n), 5, now() - ${AGE(tickets)}, now(), now()
       from generate_series(1, ${tickets}) n`,
    ],
    [
      'steps',
      `insert into purge_steps (ticket_id, no, plan_hash, store, target, step, estimate, status, deleted, remaining, started_at, finished_at)
       select n, 1, md5('p' || n), 'warehouse', 'events', '{"action":"delete"}', 1200, 'done', 1200, 0, now(), now() from generate_series(1, ${from}) n`,
    ],
    [
      'undeliverable',
      `insert into undeliverable_addresses select md5('r' || n), now() - interval '1 day', 1, 'bounced' from generate_series(0, ${senders}, 500) n`,
    ],
  ];
}
