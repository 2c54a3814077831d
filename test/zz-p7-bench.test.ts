import { test } from 'vitest';
import { countDays } from '../src/tickets/count-days.ts';
import { readDeskWork } from '../src/console/operations/read-operations.ts';
import { listEvents } from '../src/console/audit/read-audit.ts';
import { alarmsOf } from '../src/commands/console/alarms.ts';
import { openWholeDesk } from './console/whole-desk.ts';

test('bench', async () => {
  await using whole = await openWholeDesk();
  const { db } = whole.desk;
  const N = 100_000;
  const say = (...x: unknown[]) => process.stderr.write(`${x.join(' ')}\n`);
  let t = performance.now();
  const lap = (name: string) => { say(name, Math.round(performance.now() - t), 'ms'); t = performance.now(); };
  await db.raw(`set synchronous_commit = off`);
  await db.raw(`insert into conversations (requester_hash, opened_at, locale) select 'h' || n, now(), (array['en','en','de','ja','fr'])[1 + n % 5] from generate_series(1,${N}) n`);
  lap('conversations');
  for (let from = 1; from <= N; from += 100_000) {
    await db.raw(`insert into tickets (conversation_id, origin, scope, request, requester_hash, requested_at, due_at, state, state_since, closed_at, verified_at)
      select n, 'mail', (array['workspace','source','user','user','events'])[1 + n % 5], '{}', 'h' || n, at, at + interval '30 days', state, at,
        case when state <> 'verifying' and state <> 'received' then at + (n % 33) * interval '1 day' end, case when n % 3 > 0 then at + n % 60 * interval '1 hour' end
      from (select n, now() - (${N} - n) * interval '60 seconds' as at, case when n > ${N} - 2000 then 'received' else (array['cancelled','rejected','expired','cancelled'])[1 + n % 4] end as state from generate_series(${from}, ${from + 99_999}) n) s`);
    await db.raw(`insert into ticket_events (ticket_id, seq, at, type, was, became, actor, details, previous_hash, hash)
      select id, 1 + k, requested_at, 'judged', 'received', case when id % 3 = 0 then 'needs_details' else 'verifying' end, case when k = 1 then 'agent:ada' else 'desk' end, jsonb_build_object('asks', case when id % 3 = 0 then jsonb_build_array((array['timeFrame:missing','source:unknown','workspace:several'])[1 + id % 9 / 3]) else '[]' end), '', 'h' from tickets, generate_series(0, 1) k where conversation_id between ${from} and ${from + 99_999}`);
  }
  lap('tickets and events');
  await db.raw('vacuum analyze');
  lap('analyze');
  let days = 0;
  for (;;) { const n = await countDays(db); lap(`countDays ${n}`); days += n; if (n === 0) break; }
  say('days', days);
  await db.raw(`insert into ticket_events (ticket_id, seq, at, type, was, became, actor, details, previous_hash, hash) select id, 9, now(), 'judged', 'received', 'verifying', 'desk', '{}', '', 'h' from tickets order by id desc limit 1000`);
  t = performance.now();
  say('recount', await countDays(db)); lap('one tick with 1000 events');
  const viewer = await whole.signIn('viewer');
  for (const path of ['/insight?days=28', '/insight?days=91', '/insight?days=364', '/operations', '/audit', '/audit?agent=ada', '/directory']) {
    const times: number[] = [];
    for (let i = 0; i < 40; i += 1) { const b = performance.now(); const { statusCode } = await viewer.get(path); times.push(performance.now() - b); if (statusCode !== 200) say(statusCode); }
    times.sort((a, b) => a - b);
    say(path, 'p50', times[20]!.toFixed(1), 'p95', times[37]!.toFixed(1));
  }
  for (const [name, f] of [['alarms', () => alarmsOf({ db })], ['deskwork', () => readDeskWork(db)], ['events', () => listEvents(db, { ticketId: null, agent: '', before: null })]] as const) {
    const times: number[] = [];
    for (let i = 0; i < 40; i += 1) { const b = performance.now(); await f(); times.push(performance.now() - b); }
    times.sort((a, b) => a - b);
    say(name, 'p50', times[20]!.toFixed(2), 'p95', times[37]!.toFixed(2));
  }
  t = performance.now();
  const csv = await viewer.get('/queue.csv?tab=all');
  say('csv', csv.body.length, csv.body.split('\n').length); lap('csv');
}, 600_000);
