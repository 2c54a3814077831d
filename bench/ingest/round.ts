/** One full mailbox, from the moment it is full until every mail is answered, noted as answered and moved away. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Ground, Party } from './ground.ts';
import { placeMails } from './maildir.ts';
import { cpuByThread, cpuOfTree, forgetPeak, memoryOf } from './processes.ts';

export interface Round {
  readonly mailsASecond: number;
  /** CPU milliseconds a mail, by kind of process. */
  readonly cpu: Readonly<Record<'own' | 'postgres' | 'dovecot' | 'sink', number>>;
  /** Of the party's own: the main threads, those that read mails, and what compiles and tidies up beside them. */
  readonly threads: Readonly<Record<'main' | 'reading' | 'runtime', number>>;
  /** The most resident memory of any process of the party, in MiB. */
  readonly peak: number;
}

export interface MailsOf {
  /** Numbers of the first mail and the first sender; each sender writes `each` mails. */
  readonly first: number;
  readonly firstSender: number;
  readonly mails: number;
}

/** A desk grants an address five mails a day before it is verified. */
export const MAILS_A_SENDER = 5;

export async function makeMails({ maker }: Ground, { first, firstSender, mails }: MailsOf) {
  const senders = Math.ceil(mails / MAILS_A_SENDER);
  const made: Awaited<ReturnType<typeof maker.make>>[] = [];
  for (let index = 0; index < mails; index += 1)
    made.push(await maker.make(first + index, firstSender + (index % senders)));
  return made;
}

/** How long a round may take. */
const DEADLINE_MS = 180_000;

/** @param isDone - asks the party's database whether all of its own work is done */
export async function playRound(
  ground: Ground,
  party: Party,
  options: { readonly raws: readonly Buffer[]; readonly isDone: string },
): Promise<Round> {
  const { raws, isDone } = options;
  const { users } = party;
  const releases = await Promise.all(
    users.map((user, share) =>
      placeMails(
        ground.folder,
        user,
        raws.filter((_, index) => index % users.length === share),
      ),
    ),
  );
  const client = new pg.Client({ connectionString: party.databaseUrl });
  client.on('error', () => undefined); // when the ground goes away because a round failed
  const over = new AbortController();
  await client.connect();
  try {
    for (const { pid } of party.processes) forgetPeak(pid ?? 0);
    const before = cpuNow(ground, party);
    const threadsBefore = threadsNow(party);
    const answered = ground.answered(raws.length);
    const begun = performance.now();
    await Promise.all(releases.map((release) => release()));
    const settled = async () => {
      await answered;
      while (!over.signal.aborted && !(await client.query(isDone)).rows[0]?.done) await sleep(20);
    };
    await Promise.race([settled(), failure(party, over.signal)]);
    const took = performance.now() - begun;
    const after = cpuNow(ground, party);
    const threadsAfter = threadsNow(party);
    const eachThread = (kind: keyof Round['threads']) =>
      (threadsAfter[kind] - threadsBefore[kind]) / raws.length;
    const each = (kind: keyof Round['cpu']) => (after[kind] - before[kind]) / raws.length;
    return {
      mailsASecond: (raws.length / took) * 1_000,
      cpu: {
        own: each('own'),
        postgres: each('postgres'),
        dovecot: each('dovecot'),
        sink: each('sink'),
      },
      threads: { main: eachThread('main'), reading: eachThread('reading'), runtime: eachThread('runtime') },
      peak: Math.max(...party.processes.map(({ pid }) => memoryOf(pid ?? 0).peak)),
    };
  } finally {
    over.abort();
    await client.end();
  }
}

const cpuNow = ({ servers }: Ground, party: Party): Round['cpu'] => ({
  own: party.processes.reduce((sum, { pid }) => sum + cpuOfTree(pid ?? 0), 0),
  postgres: cpuOfTree(servers.postgres),
  dovecot: cpuOfTree(servers.dovecot),
  sink: cpuOfTree(servers.sink),
});

function threadsNow({ processes }: Party): Round['threads'] {
  const all = processes.map(({ pid }) => cpuByThread(pid ?? 0));
  const sum = (kind: keyof Round['threads']) => all.reduce((total, each) => total + each[kind], 0);
  return { main: sum('main'), reading: sum('reading'), runtime: sum('runtime') };
}

/** Rejects when a process ends, or when the round takes too long. */
async function failure(party: Party, signal: AbortSignal): Promise<never> {
  const gone = party.processes.map((child) => once(child, 'exit', { signal }).catch(() => undefined));
  await Promise.race([...gone, sleep(DEADLINE_MS, undefined, { ref: false, signal })]);
  signal.throwIfAborted();
  const state = await stateOf(party.databaseUrl).catch(() => '');
  throw new Error(`not every mail was answered:\n${state}\n${await party.said()}`);
}

async function stateOf(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const messages = await client.query(
    `select status, disposition, disposition_reason, count(*), count(moved_at) as moved from messages group by 1, 2, 3`,
  );
  const outbox = await client.query(
    'select template, status, last_error, count(*) from outbox group by 1, 2, 3',
  );
  await client.end();
  return JSON.stringify([messages.rows, outbox.rows]);
}

/** Every mail is decided and moved away, every answer is noted as sent. */
export const DESK_IS_DONE = `
  select not exists (select from messages where status = 'pending' or moved_at is null)
    and not exists (select from outbox where status <> 'sent') as done`;

/** The batch is committed before it is answered; what follows is its move. */
export const BARE_IS_DONE = 'select true as done';
