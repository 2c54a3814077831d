import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressHash } from '../../src/domain/canonical.ts';
import type { Standing } from '../../src/domain/evidence.ts';
import { handlePending } from '../../src/ingest/message-queue.ts';
import type { IngestDeps } from '../../src/ingest/ports.ts';
import { handleMail } from '../../src/tickets/handle-mail.ts';
import { touchedBy } from '../../src/tickets/touched.ts';
import { codeOf } from '../../src/verify/challenge.ts';
import { queueDeps, readHere, storeMail, UNPROVEN } from '../ingest/reader.ts';
import { policy } from './cast.ts';
import { ada, bob, member, openTestDesk, stranger, type TestDesk, zoe } from './desk.ts';

const KEY = Buffer.alloc(32, 9);
/** In charge of two workspaces, each together with somebody who has nothing to do with the other. */
const yan = 'yan@initech.example';
/** Each in charge of a workspace of their own, so that they have nothing to do with anybody. */
const LONERS = Array.from({ length: 8 }, (_, n) => `lea@lone-${n}.example`);
const PEOPLE = [ada, bob, member, zoe, yan, stranger, 'mal@evil.example', 'sue@solo.example', ...LONERS];
const STANDINGS: readonly Standing[] = ['authenticated', 'authenticated', 'unproven', 'failed'];

interface Letter {
  readonly from: number;
  readonly kind: keyof typeof TEXTS;
  readonly workspace: number;
  readonly standing: number;
  /** Answers the newest mail to the author, points to the newest ticket of all, or neither. */
  readonly hint: 'answer' | 'newest' | 'none';
  /** Copies the mail before it. */
  readonly copy: boolean;
  /** Handling it fails once it is done. */
  readonly poison: boolean;
}

const SLUGS = ['acme-inc', 'globex', 'solo', 'unknown-one', 'OWN', 'OWN', 'OWN'];

const TEXTS = {
  source: (slug: string) =>
    `Please delete this:\n\nWorkspace slug: ${slug}\nSource: Website Prod\nTime frame: 2024-01-01 to 2024-03-31`,
  space: (slug: string) => `Please delete the space "Main Space" in workspace ${slug}, all time.`,
  workspace: (slug: string) => `Please delete the workspace ${slug}.`,
  account: () => 'Please delete my whole account and everything in it.',
  incomplete: () => 'Please delete the data of a source of ours.',
  details: (slug: string) => `Workspace: ${slug}\nSource: Website Prod\nTime frame: 2024-01-01 to 2024-03-31`,
  status: () => 'What is the status of my deletion request?',
  cancel: (slug: string) => `Please stop the deletion of workspace ${slug}.`,
  stop: () => 'Please stop the deletion.',
  code: () => 'The code is CODE',
  wrong: () => 'The code is 000000',
  hello: () => 'What a nice product. When do you open?',
} as const;

const letter = fc.record<Letter>({
  from: fc.nat(PEOPLE.length - 1),
  kind: fc.constantFrom(...(Object.keys(TEXTS) as (keyof typeof TEXTS)[]), 'source', 'code', 'stop'),
  workspace: fc.nat(SLUGS.length - 1),
  standing: fc.nat(STANDINGS.length - 1),
  hint: fc.constantFrom('answer', 'answer', 'newest', 'none'),
  copy: fc.integer({ min: 0, max: 20 }).map((n) => n === 0),
  poison: fc.integer({ min: 0, max: 40 }).map((n) => n === 0),
});
const rounds = fc.array(fc.array(letter, { minLength: 8, maxLength: 24 }), { minLength: 3, maxLength: 4 });

describe('mails that are decided side by side', () => {
  test('come to what they come to one after the other, whatever they say and whoever sends them', async () => {
    await fc.assert(
      fc.asyncProperty(rounds, async (sets) => {
        await using together = await openWorld();
        await using apart = await openWorld();
        for (const [round, set] of sets.entries()) {
          await receive(together, set, round, true);
          await receive(apart, set, round, false);
          await Promise.all([together.pass(1), apart.pass(1)]);
          expect(await rowsOf(together)).toEqual(await rowsOf(apart));
        }
      }),
      { numRuns: Number(process.env.SIDE_BY_SIDE_RUNS ?? 1), endOnFailure: true },
    );
  }, 600_000);

  test('are none that share a workspace: who asks for the same second joins', async () => {
    await using desk = await openWorld();
    const acme = { ...PLAIN, workspace: 0 };
    const set = [ada, bob, LONERS[0] ?? ''].map((person) => ({ ...acme, from: PEOPLE.indexOf(person) }));
    await receive(desk, [...set.slice(0, 2), { ...PLAIN, from: set[2]?.from ?? 0 }], 1, true);
    expect(await desk.db('messages').orderBy('id').pluck('disposition')).toEqual([
      'opened',
      'joined',
      'opened',
    ]);
  });

  test('cost no more statements than two, however many they are', async () => {
    await using desk = await openWorld();
    let statements = 0;
    desk.db.on('query', () => {
      statements += 1;
    });
    const costOf = async (people: readonly string[], round: number) => {
      await put(
        desk,
        people.map((person): Letter => ({ ...PLAIN, from: PEOPLE.indexOf(person) })),
        round,
      );
      statements = 0;
      await handlePending(depsOf(desk, true), new AbortController().signal);
      return statements;
    };
    expect(await costOf(LONERS.slice(2), 2)).toBe(await costOf(LONERS.slice(0, 2), 1));
    expect((await desk.outbox()).map((mail) => mail.template)).toEqual(LONERS.map(() => 'verify_request'));
  });
});

const PLAIN = {
  kind: 'source',
  workspace: 4,
  standing: 0,
  hint: 'none',
  copy: false,
  poison: false,
} as const;

async function openWorld(): Promise<TestDesk> {
  const desk = await openTestDesk({ ...policy, repliesADomain: 100 }, KEY);
  await desk.db('workspaces').insert({
    id: 'ws_solo',
    slug: 'solo',
    name: 'Solo',
    created_at: '2021-01-01T00:00:00Z',
  });
  await desk.db('workspaces').insert(
    LONERS.map((address, n) => ({
      id: `ws_lone_${n}`,
      slug: slugOf(address),
      name: `Lone ${n}`,
      created_at: '2021-01-01T00:00:00Z',
    })),
  );
  await desk
    .db('members')
    .insert([
      ...LONERS.map((address, n) => ({ workspace_id: `ws_lone_${n}`, address, role: 'owner' })),
      { workspace_id: 'ws_globex', address: yan, role: 'owner' },
      { workspace_id: 'ws_solo', address: yan, role: 'admin' },
      { workspace_id: 'ws_solo', address: 'sue@solo.example', role: 'owner' },
    ]);
  await desk.db('workspace_parts').insert(
    ['globex', 'solo', ...LONERS.map((_, n) => `lone_${n}`)].map((name) => ({
      workspace_id: `ws_${name}`,
      kind: 'source',
      id: `src_${name}_web`,
      name: 'Website Prod',
    })),
  );
  return desk;
}

/** Of a loner the own one; nobody else's is called so. */
const slugOf = (address: string): string => address.replace(/^.*@|\.example$/g, '');

async function receive(desk: TestDesk, set: readonly Letter[], round: number, sideBySide: boolean) {
  await desk.db('messages').where({ status: 'pending' }).update({ not_before: null }); // not when the real clock says so
  await put(desk, set, round);
  await handlePending(depsOf(desk, sideBySide), new AbortController().signal);
}

async function put(desk: TestDesk, set: readonly Letter[], round: number): Promise<void> {
  let last: Buffer | null = null;
  for (const [at, letter] of set.entries()) {
    const raw: Buffer = letter.copy && last !== null ? last : await rawOf(desk, letter, `${round}-${at}`);
    last = raw;
    await storeMail(desk.db, raw);
  }
}

async function rawOf(desk: TestDesk, letter: Letter, no: string): Promise<Buffer> {
  const from = PEOPLE[letter.from] ?? '';
  const outbox = await desk.outbox();
  const hash = addressHash(KEY, from);
  const asked = outbox.findLast((mail) => mail.recipient === from && mail.facts.challenge !== null);
  const code = asked === undefined ? '123456' : codeOf(KEY, asked.facts.challenge?.id ?? '');
  const answered = outbox.findLast((mail) => mail.recipient === from && mail.facts.tag !== null);
  // By their mails: ids follow the order of writing.
  const newest = await desk
    .db('tickets')
    .select('id')
    .orderBy('message_id', 'desc')
    .orderBy('request_no')
    .first();
  const tag =
    letter.hint === 'answer'
      ? (answered?.facts.tag ?? null)
      : letter.hint === 'newest' && newest !== undefined
        ? `PD-${newest.id}`
        : null;
  const named = SLUGS[letter.workspace] ?? '';
  const slug = named === 'OWN' ? slugOf(from) : named;
  return Buffer.from(
    [
      `From: ${from}`,
      `To: ${tag === null ? 'desk@desk.example' : `desk+${tag}@desk.example`}`,
      `Subject: ${tag === null ? 'Deletion' : `Re: [${tag}] Deletion`}${letter.poison ? ' poison' : ''}`,
      'Date: Sun, 22 Nov 2026 09:15:00 +0000',
      `Message-ID: <${no}.${hash.slice(0, 8)}@mail.example>`,
      `X-Standing: ${STANDINGS[letter.standing]}`,
      'Content-Type: text/plain; charset=utf-8',
      '',
      ...TEXTS[letter.kind](slug).replace('CODE', code).split('\n'),
    ].join('\r\n'),
  );
}

function depsOf(desk: TestDesk, sideBySide: boolean): IngestDeps {
  const { deps } = desk;
  return queueDeps(desk.db, {
    ...readHere(async (raw) => ({
      ...UNPROVEN,
      notes: [/^X-Standing: (\w+)/m.exec(raw.toString())?.[1] ?? ''],
    })),
    standingOf: ({ notes }) => notes[0] as Standing,
    handle: async (trx, mail) => {
      const handled = await handleMail(trx, deps, mail);
      if (mail.subject.endsWith('poison')) throw new Error('a bug');
      return handled;
    },
    ...(sideBySide ? { touches: (trx, mail) => touchedBy(trx, deps, mail) } : {}),
  });
}

/** Everything that the desk holds, in words that do not depend on ids, random numbers and times. */
async function rowsOf({ db }: TestDesk): Promise<Readonly<Record<string, readonly string[]>>> {
  const tickets = await db('tickets')
    .select('id', 'message_id', 'request_no', 'conversation_id')
    .orderBy('id');
  const names = new Map(
    tickets.map((row): [number, string] => [row.id, `T${row.message_id}/${row.request_no}`]),
  );
  const conversations = new Map<number, string>();
  for (const row of [...tickets].sort((a, b) => a.message_id - b.message_id)) {
    if (!conversations.has(row.conversation_id)) conversations.set(row.conversation_id, `C${row.message_id}`);
  }
  const plain = (row: object): string =>
    JSON.stringify(row, (key, value: unknown) => {
      if (value === null) return value;
      if (key === 'conversation_id') return conversations.get(value as number);
      if (key === 'ticket_id' || key === 'ticketId') return names.get(Number(value));
      if (key === 'ticket_ids') return (value as number[]).map((id) => names.get(Number(id))).sort();
      if (key === 'ticket_digests')
        return Object.keys(value as object)
          .map((id) => names.get(Number(id)))
          .sort();
      return value;
    })
      .replace(/PD-(\d+)/g, (_, id: string) => `PD-${names.get(Number(id))}`)
      .replace(/ticket:(\d+)(:\d+)?/g, (_, id: string) => `ticket:${names.get(Number(id))}`)
      .replace(/rehearse:(\d+)/g, (_, id: string) => `rehearse:${names.get(Number(id))}`)
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
      .replace(/[0-9a-f]{64}/g, 'HASH');
  const found: Record<string, readonly string[]> = {};
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const rows = (await db(table).select(columns)) as object[];
    found[table] = rows.map(plain).sort();
  }
  const jobs = await db.raw<{ rows: object[] }>(
    `select j.task_identifier as task, p.payload, j.key from graphile_worker.jobs j
     join graphile_worker._private_jobs p on p.id = j.id where j.task_identifier <> 'outbox.flush'`,
  );
  return { ...found, jobs: jobs.rows.map(plain).sort() };
}

const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  messages: [
    'id',
    'status',
    'disposition',
    'disposition_reason',
    'needs_agent',
    'conversation_id',
    'attempts',
  ],
  conversations: ['requester', 'requester_hash', 'subject', 'locale'],
  tickets: [
    ...[
      'message_id',
      'request_no',
      'conversation_id',
      'scope',
      'request',
      'target',
      'workspace_ids',
      'requester',
    ],
    ...['verdict', 'reasons', 'asks', 'state', 'verified_at', 'grace_ends_at', 'reminded_at', 'audit_seq'],
  ],
  ticket_events: ['ticket_id', 'seq', 'type', 'was', 'became', 'actor', 'details'],
  holds: ['ticket_id', 'reason', 'placed_by', 'lifted_by'],
  parties: ['ticket_id', 'workspace_id', 'address', 'role'],
  challenges: [
    'purpose',
    'conversation_id',
    'requester_hash',
    'ticket_digests',
    'tries_left',
    'answered_at',
    'voided_at',
  ],
  outbox: [
    ...['conversation_id', 'ticket_ids', 'cause_message_id', 'template', 'locale', 'recipient', 'facts'],
    ...['before_verification', 'in_reply_to', 'reference_ids', 'not_before', 'key'],
  ],
  reply_permits: [
    'key',
    'recipient_hash',
    'conversation_id',
    'workspace_ids',
    'caused_by',
    'template',
    'silenced',
  ],
  status_links: ['ticket_ids', 'recipient_hash', 'locale'],
  workspace_stops: ['workspace_id', 'message_id', 'placed_by_hash'],
  undeliverable_addresses: ['recipient_hash'],
};
