/**
 * What has to hold after any fault (I1 to I8), read from the outside: mailbox, sink, customers' rows, desk's database
 * and its own commands. Each breach is a line; none means that all holds. To be asked when the desk has come to rest.
 */
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { MESSAGE_BYTES_MAX } from '../../src/domain/raw-header.ts';
import type { Dovecot } from '../flow/dovecot.ts';
import type { ReceivedMail } from '../flow/received-mail.ts';
import type { Scene } from '../flow/scene.ts';

/** The part of a scene that is looked at. */
export interface Looked {
  readonly name: string;
  readonly db: Knex;
  readonly delivered: readonly ReceivedMail[];
  readonly ground: { readonly dovecot: Pick<Dovecot, 'mails'> };
  command(...args: readonly string[]): ReturnType<Scene['command']>;
}

export interface Expected {
  /** Every mail that was put into the mailbox, as often as it was put there. */
  readonly mails: readonly Buffer[];
  /** More mailboxes of the same desk than the scene's own. */
  readonly mailboxes?: readonly string[];
  /** What is left over has to wait for an agent or for time. Default: nothing may be left half-way. */
  readonly mayWait?: boolean;
}

/** @returns the breaches, each beginning with the number of its invariant */
export async function checkInvariants(looked: Looked, expected: Expected): Promise<readonly string[]> {
  const found = await Promise.all([
    everyMailOnce(looked, expected),
    oneTicketAContent(looked.db),
    answeredAtMostOnce(looked),
    purgedOnlyWhenEntitled(looked.db),
    purgesEndOrShow(looked.db, expected),
    auditHolds(looked),
    nothingStuck(looked.db),
  ]);
  return found.flat();
}

/** I1: every mail is one row and one file of the processed folder, whole and unchanged, and has its disposition. */
async function everyMailOnce(looked: Looked, { mails, mailboxes = [] }: Expected): Promise<string[]> {
  const wanted = countsOf(mails.map(contentOf));
  const rows = await storedMails(looked.db);
  const breaches = differences('I1 rows', wanted, countsOf(rows.map((row) => row.content)));
  for (const row of rows) {
    if (row.status !== 'done') breaches.push(`I1 mail ${row.id} is still ${row.status}`);
    if (!row.moved) breaches.push(`I1 mail ${row.id} is not marked as moved`);
  }
  const processed: string[] = [];
  for (const name of [looked.name, ...mailboxes]) {
    const left = await looked.ground.dovecot.mails(name, 'INBOX');
    if (left.length > 0) breaches.push(`I1 ${left.length} mails lie in the inbox of ${name}`);
    processed.push(...(await looked.ground.dovecot.mails(name, 'Processed')).map(contentOf));
  }
  return [...breaches, ...differences('I1 processed mails', wanted, countsOf(processed))];
}

interface StoredMail {
  readonly id: number;
  readonly status: string;
  readonly moved: boolean;
  readonly content: string;
}

const ROWS_A_READ = 500;

async function storedMails(db: Knex): Promise<readonly StoredMail[]> {
  const mails: StoredMail[] = [];
  for (let last = 0; ; last = mails.at(-1)?.id ?? 0) {
    const rows = await db('messages')
      .select<{ id: number; status: string; moved_at: Date | null; raw: Buffer | null }[]>(
        'id',
        'status',
        'moved_at',
        'raw',
      )
      .where('id', '>', last)
      .orderBy('id')
      .limit(ROWS_A_READ);
    for (const { id, status, moved_at, raw } of rows) {
      mails.push({ id, status, moved: moved_at !== null, content: contentOf(raw ?? Buffer.alloc(0)) });
    }
    if (rows.length < ROWS_A_READ) return mails;
  }
}

/**
 * Servers change line ends, and NUL, which IMAP has no place for (RFC 9051 section 4.3): Dovecot sends 0x80 instead. What
 * is above the cap is kept up to one byte behind it.
 */
const contentOf = (raw: Buffer): string =>
  createHash('sha256')
    .update(
      raw
        .toString('latin1')
        .replaceAll(/\r?\n/g, '\r\n')
        .replaceAll('\0', '\x80')
        .slice(0, MESSAGE_BYTES_MAX + 1),
      'latin1',
    )
    .digest('hex');

function countsOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function differences(
  what: string,
  wanted: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): string[] {
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((key) => (wanted.get(key) ?? 0) !== (found.get(key) ?? 0))
    .map(
      (key) => `${what}: ${found.get(key) ?? 0} instead of ${wanted.get(key) ?? 0} of ${key.slice(0, 12)}`,
    );
}

/** I2: no content opened tickets twice. */
async function oneTicketAContent(db: Knex): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { content_hash: string; mails: number }[] }>(`
    select m.content_hash, count(distinct m.id) as mails from messages m join tickets t on t.message_id = m.id
    group by 1 having count(distinct m.id) > 1`);
  return rows.map(
    ({ content_hash, mails }) => `I2 ${mails} copies of ${content_hash.slice(0, 12)} opened tickets`,
  );
}

interface OutboxRow {
  readonly id: number;
  readonly message_id_header: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly template: string;
}

/** Mails that are worth saying twice rather than never: only these are repeated after an unknown outcome. */
const REPEATABLE = ['verify_request', 'completed'];

/** I3: one mail an answer, none that was not decided, a repeat only after an unknown outcome and with the same bytes. */
async function answeredAtMostOnce({ db, delivered }: Looked): Promise<string[]> {
  const breaches: string[] = [];
  const rows = await db('outbox').select<OutboxRow[]>(
    'id',
    'message_id_header',
    'status',
    'attempts',
    'template',
  );
  const byId = new Map(rows.map((row) => [row.message_id_header ?? '', row]));
  const arrived = Map.groupBy(delivered, (mail) => mail.messageId);
  for (const [id, copies] of arrived) {
    const row = byId.get(id);
    if (row === undefined) {
      breaches.push(`I3 a mail of type ${copies[0]?.template} arrived that nobody decided`);
      continue;
    }
    const allowed = row.attempts > 1 && REPEATABLE.includes(row.template) ? 2 : 1;
    if (copies.length > allowed)
      breaches.push(`I3 outbox ${row.id} (${row.template}) arrived ${copies.length} times`);
    if (new Set(copies.map(ownBytes)).size > 1)
      breaches.push(`I3 outbox ${row.id} arrived in different words`);
  }
  for (const row of rows) {
    if (row.status === 'sent' && !arrived.has(row.message_id_header ?? ''))
      breaches.push(`I3 outbox ${row.id} (${row.template}) counts as sent and never arrived`);
    if (row.status === 'pending' || row.status === 'failed')
      breaches.push(`I3 outbox ${row.id} (${row.template}) is ${row.status}`);
  }
  const answers = delivered.filter((mail) => mail.isReply);
  for (const [key, mails] of Map.groupBy(answers, (mail) => `${mail.inReplyTo} ${mail.recipient}`)) {
    const different = new Set(mails.map((mail) => mail.messageId)).size;
    if (different > 1) breaches.push(`I3 ${different} mails answer ${key.split(' ')[0]}`);
  }
  return breaches;
}

/** What our own relay writes on top. */
const TRACE_LINES = 4;

const ownBytes = ({ raw }: ReceivedMail): string =>
  raw.toString('latin1').split('\r\n').slice(TRACE_LINES).join('\r\n');

/** I4: role, challenge, five days, no cancel, no hold: asked of the rows, in other words than the desk's own. */
async function purgedOnlyWhenEntitled(db: Knex): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: number; why: string }[] }>(`
    with purged as (select * from tickets where purge_started_at is not null or state in ('purging', 'completed'))
    select id, 'was never verified' as why from purged where verified_at is null
    union all
    select id, 'has no plan' from purged where plan_hash is null
    union all
    select id, 'did not wait five days' from purged
    where purge_started_at < grace_ends_at or grace_ends_at < verified_at + interval '120 hours'
    union all
    select id, 'answered no challenge' from purged p where origin = 'mail' and not exists (
      select from challenges c where c.conversation_id = p.conversation_id and c.purpose = 'verify'
        and c.answered_at <= p.purge_started_at and c.ticket_digests ->> p.id::text = p.digest)
    union all
    select id, 'was asked for by nobody in charge' from purged p where origin = 'mail' and exists (
      select from unnest(p.workspace_ids) w (id) where not exists (
        select from parties y where y.ticket_id = p.id and y.workspace_id = w.id and y.address = p.requester))
      and p.requester is not null
    union all
    select p.id, 'was cancelled before' from purged p join ticket_events e on e.ticket_id = p.id
    where e.became = 'cancelled'
    union all
    select p.id, 'was held' from purged p join holds h on h.ticket_id = p.id
    where h.placed_at < p.purge_started_at and (h.lifted_at is null or h.lifted_at > p.purge_started_at)`);
  return rows.map(({ id, why }) => `I4 ticket ${id} was purged and ${why}`);
}

/** I6: completed with all steps done, a recount of zero and a receipt; or visibly unfinished, with work to do. */
async function purgesEndOrShow(db: Knex, { mayWait = false }: Expected): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: number; why: string }[] }>(`
    select t.id, 'is completed with a step that is ' || s.status as why
    from tickets t join purge_steps s on s.ticket_id = t.id
    where t.state = 'completed' and (s.status <> 'done' or s.remaining is distinct from 0)
    union all
    select id, 'is completed without a receipt' from tickets t
    where state = 'completed' and not exists (select from receipts r where r.ticket_id = t.id)
    union all
    select id, 'is purging, and nothing is to be done about it' from tickets t
    where state = 'purging' and not exists (select from holds h where h.ticket_id = t.id and h.lifted_at is null)
      and not exists (select from graphile_worker.jobs j where j.key like 'step:' || t.id || ':%')`);
  const breaches = rows.map(({ id, why }) => `I6 ticket ${id} ${why}`);
  if (mayWait) return breaches;
  const left = await db('tickets').select<{ id: number }[]>('id').where({ state: 'purging' });
  return [...breaches, ...left.map(({ id }) => `I6 ticket ${id} is still purging`)];
}

/** I7 */
async function auditHolds({ command }: Looked): Promise<string[]> {
  const audit = await command('audit', 'verify');
  return audit.code === 0
    ? []
    : [`I7 the audit does not verify (${audit.code}): ${audit.output.slice(-500)}`];
}

/** I8, the part of it that shows at rest: no job has failed for good, none is held by somebody who has gone. */
async function nothingStuck(db: Knex): Promise<string[]> {
  // One that is asked for anew while a process holds it counts as used up, and has no key any more.
  const jobs = await db('graphile_worker.jobs')
    .select<{ task_identifier: string; attempts: number; max_attempts: number }[]>(
      'task_identifier',
      'attempts',
      'max_attempts',
    )
    .whereNotNull('key');
  return jobs
    .filter((job) => job.attempts >= job.max_attempts)
    .map((job) => `I8 a job ${job.task_identifier} has failed ${job.attempts} times and is given up`);
}

/** Each part of the customers' tables with its checksum, as CustomerDatabase.checksums gives it. */
export type Parts = ReadonlyMap<string, { readonly rows: number; readonly md5: string }>;

/** I5: only what was to go has gone, everything else is what it was, to the last byte. */
export function checkRows(wanted: Parts, found: Parts): readonly string[] {
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((part) => {
    const [before, after] = [wanted.get(part), found.get(part)];
    if (before?.md5 === after?.md5) return [];
    return [`I5 ${part}: ${after?.rows ?? 0} rows instead of ${before?.rows ?? 0}, or changed ones`];
  });
}
