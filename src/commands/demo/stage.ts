/** The desk at work with the sample customers around it: what a story can do and see. */
import { referenceOf, type TicketId, ticketId } from '../../domain/ids.ts';
import type { SignedReceipt } from '../../domain/receipt.ts';
import type { State } from '../../domain/ticket.ts';
import type { CustomerDatabase } from '../../sandbox/customer-database.ts';
import type { PEOPLE, PersonKey } from '../../sandbox/samples.ts';
import type { SandboxMail } from '../../sandbox/sandbox.ts';
import type { Desk } from '../desk.ts';
import { type Move, moveClock } from '../move-clock.ts';
import type { Checks } from './checks.ts';
import type { Narrator } from './narrator.ts';
import { type News, type ReceivedMail, readNews } from './news.ts';
import { DemoStuck, until } from './wait.ts';

export interface StageParts {
  readonly desk: Desk;
  readonly mail: SandboxMail;
  readonly customers: CustomerDatabase;
  readonly people: typeof PEOPLE;
  readonly readInbox: (imapUrl: string) => Promise<readonly Buffer[]>;
  readonly setClockOffset: (ms: number) => void;
  readonly narrator: Narrator;
  readonly checks: Checks;
  readonly signal: AbortSignal;
}

export interface Letter {
  readonly from: PersonKey;
  readonly text: string;
  readonly subject?: string;
  /** The mail that this one answers. */
  readonly answers?: ReceivedMail;
  /** Sends it unsigned and from elsewhere, in the name of `from`. */
  readonly forgedBy?: PersonKey;
}

/** What a letter led to. */
export interface Outcome extends News {
  readonly disposition: string;
  readonly needsAgent: boolean;
  /** Mails that this letter caused, whoever got them. */
  readonly caused: readonly ReceivedMail[];
  /** Tickets that it opened, in the order of its requests. */
  readonly opened: readonly TicketId[];
}

export interface Standing {
  readonly state: State;
  readonly holds: readonly string[];
  readonly verifiedAt: Date | null;
  readonly graceEndsAt: Date | null;
  readonly purgeStartedAt: Date | null;
  readonly receipt: SignedReceipt | null;
}

export interface Telling {
  /** Templates whose mails are printed from the first line to the last. */
  readonly inFull?: readonly string[];
}

export type RowSelection = Parameters<CustomerDatabase['count']>[0];

export interface Stage
  extends Pick<StageParts, 'desk' | 'mail' | 'customers' | 'people' | 'checks' | 'signal'> {
  /** Sends a letter by SMTP and waits until the desk has dealt with it. */
  write(letter: Letter): Promise<Outcome>;
  /** Moves the clock to the instant at which a ticket is due next, or by a length of time. */
  moveClock(why: string, move: Move, options?: Telling): Promise<News>;
  /** Waits until the desk has nothing left to do, and tells what it did. */
  settle(options?: Telling): Promise<News>;
  standing(id: TicketId): Promise<Standing>;
  countRows(what: string, rows: RowSelection): Promise<number>;
  note(text: string): Promise<void>;
  chapter(no: number, of: number, title: string, intro: string): Promise<void>;
}

export function openStage(parts: StageParts): Stage {
  const { desk, mail, customers, people, checks, signal, narrator } = parts;
  const news = readNews(desk.db, (address) => parts.readInbox(mail.server.imapUrlFor(address)));
  const now = async () => (await desk.now()).toISOString();
  const nameOf = (address: string) =>
    Object.values(people).find((person) => person.address === address)?.name ?? address;
  const settle = async ({ inFull = [] }: Telling = {}): Promise<News> => {
    await untilQuiet(parts);
    const found = await news.next();
    tellNews(narrator, found, nameOf, inFull);
    return found;
  };
  return {
    desk,
    mail,
    customers,
    people,
    checks,
    signal,
    settle,
    write: (letter) => writeLetter(parts, letter, settle),
    moveClock: async (why, move, telling = {}) => {
      const at = await moveClock(desk.db, move);
      parts.setClockOffset(await offsetMs(desk));
      narrator.tell({ kind: 'clock', at: at.toISOString(), text: why });
      return settle(telling);
    },
    standing: (id) => standingOf(desk, id),
    countRows: async (what, rows) => {
      const count = await customers.count(rows);
      narrator.tell({ kind: 'rows', at: await now(), text: what, rows: count });
      return count;
    },
    note: async (text) => narrator.tell({ kind: 'note', at: await now(), text }),
    chapter: async (no, of, text, intro) =>
      narrator.tell({ kind: 'chapter', at: await now(), no, of, text, intro }),
  };
}

async function writeLetter(parts: StageParts, letter: Letter, settle: () => Promise<News>): Promise<Outcome> {
  const { desk, people, narrator } = parts;
  const id = await post(parts, letter, (await desk.now()).toISOString());
  narrator.progress('the desk reads its mail');
  const message = await untilHandled(parts, id);
  const told = await settle();
  if (told.mails.length === 0) {
    const reason = message.disposition_reason;
    narrator.tell({
      kind: 'silence',
      at: (await desk.now()).toISOString(),
      who: people[letter.from].name,
      disposition: message.disposition,
      text: message.needs_agent ? `${reason}; an agent sees it` : reason,
    });
  }
  return outcomeOf(parts, message, told);
}

async function post(parts: StageParts, letter: Letter, now: string): Promise<string> {
  const { mail, people, narrator } = parts;
  const person = people[letter.from];
  const { answers } = letter;
  const subject = letter.subject ?? (answers === undefined ? 'Data deletion' : `Re: ${answers.subject}`);
  const messageId = await mail.customers.send({
    from: person.address,
    name: person.name,
    to: mail.deskAddress,
    subject,
    text: letter.text,
    date: new Date(now),
    ...(letter.forgedBy === undefined ? {} : { forgedBy: people[letter.forgedBy].address }),
    ...(answers === undefined
      ? {}
      : { inReplyTo: answers.messageId, references: [...answers.references, answers.messageId] }),
  });
  narrator.tell({
    kind: 'mail_in',
    at: now,
    who: person.name,
    address: person.address,
    subject,
    text: letter.text,
    messageId,
    forgedBy: letter.forgedBy === undefined ? null : people[letter.forgedBy].name,
  });
  return messageId;
}

interface HandledRow {
  readonly id: number;
  readonly disposition: string;
  readonly disposition_reason: string;
  readonly needs_agent: boolean;
}

const untilHandled = ({ desk, signal }: StageParts, messageId: string): Promise<HandledRow> =>
  until(
    'the desk to handle a mail',
    async () =>
      (await desk
        .db('messages')
        .select<HandledRow[]>('id', 'disposition', 'disposition_reason', 'needs_agent')
        .where({ message_id_header: messageId, status: 'done' })
        .first()) ?? null,
    { signal },
  );

async function outcomeOf({ desk }: StageParts, message: HandledRow, told: News): Promise<Outcome> {
  const caused = await desk
    .db('outbox')
    .select<{ message_id_header: string }[]>('message_id_header')
    .where({ cause_message_id: message.id });
  const opened = await desk
    .db('tickets')
    .select<{ id: number }[]>('id')
    .where({ message_id: message.id })
    .orderBy('request_no');
  return {
    ...told,
    disposition: message.disposition,
    needsAgent: message.needs_agent,
    caused: told.mails.filter((mail) => caused.some((row) => row.message_id_header === mail.messageId)),
    opened: opened.map((row) => ticketId(row.id)),
  };
}

interface Load {
  readonly mails: number;
  readonly letters: number;
  readonly jobs: number;
  readonly deleted: number;
  readonly expected: number;
}

/** Everything that the desk has yet to do; jobs and mails are written in the transactions that decide. */
const LOAD = `
  select
    (select count(*) from messages where status = 'pending') as mails,
    (select count(*) from outbox where status in ('pending', 'sending', 'unknown')) as letters,
    (select count(*) from graphile_worker.jobs) as jobs,
    (select coalesce(sum(deleted), 0) from purge_steps s join tickets t on t.id = s.ticket_id
      where t.state = 'purging') as deleted,
    (select coalesce(sum(s.estimate), 0) from purge_steps s join tickets t on t.id = s.ticket_id
      where t.state = 'purging') as expected`;

async function untilQuiet({ desk, narrator, signal }: StageParts): Promise<void> {
  let left: Load | undefined;
  const look = async (): Promise<true | null> => {
    const result = await desk.db.raw<{ rows: [Load] }>(LOAD);
    [left] = result.rows;
    const { mails, letters, jobs, deleted, expected } = left;
    if (mails + letters + jobs === 0) return true;
    const purged = `${Number(deleted).toLocaleString('en-GB')} of ${Number(expected).toLocaleString('en-GB')} rows`;
    narrator.progress(Number(expected) > 0 ? `deleting: ${purged}` : 'the desk is at work');
    return null;
  };
  await until('the desk to finish its work', look, { signal }).catch((error: unknown) => {
    if (!(error instanceof DemoStuck) || left === undefined) throw error;
    const { mails, letters, jobs } = left;
    throw new DemoStuck(`${error.message} (${mails} mails in, ${letters} mails out, ${jobs} jobs left)`);
  });
}

/** In the order of time; a decision stands before the mails that it caused. */
function tellNews(
  narrator: Narrator,
  news: News,
  nameOf: (address: string) => string,
  inFull: readonly string[],
): void {
  const all = [
    ...news.decisions.map((step) => ({ order: `${step.at} 0`, step })),
    ...news.mails.map((mail) => ({
      order: `${mail.at} 1`,
      step: {
        kind: 'mail_out',
        at: mail.at,
        who: nameOf(mail.address),
        address: mail.address,
        template: mail.template,
        tickets: mail.ticketIds.map((id) => referenceOf(ticketId(id))),
        subject: mail.subject,
        text: mail.text,
        inFull: inFull.includes(mail.template) && isFirstOfItsKind(news.mails, mail),
      } as const,
    })),
  ];
  for (const { step } of all.toSorted((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))) {
    narrator.tell(step);
  }
}

const isFirstOfItsKind = (mails: News['mails'], mail: News['mails'][number]): boolean =>
  mails.find((other) => other.template === mail.template) === mail;

async function offsetMs(desk: Desk): Promise<number> {
  const row = await desk.db('desk_clock').select<{ offset_ms: number }[]>('offset_ms').first();
  return row?.offset_ms ?? 0;
}

interface StandingRow {
  readonly state: State;
  readonly holds: readonly string[];
  readonly verified_at: Date | null;
  readonly grace_ends_at: Date | null;
  readonly purge_started_at: Date | null;
  readonly signed: SignedReceipt | null;
}

const STANDING = `
  select t.state, t.verified_at, t.grace_ends_at, t.purge_started_at, r.signed,
    array(select h.reason from holds h where h.ticket_id = t.id and h.lifted_at is null order by h.id) as holds
  from tickets t left join receipts r on r.ticket_id = t.id where t.id = ?`;

async function standingOf(desk: Desk, id: TicketId): Promise<Standing> {
  const result = await desk.db.raw<{ rows: StandingRow[] }>(STANDING, [id]);
  const [row] = result.rows;
  if (row === undefined) throw new DemoStuck(`there is no ticket ${referenceOf(id)}`);
  return {
    state: row.state,
    holds: row.holds,
    verifiedAt: row.verified_at,
    graceEndsAt: row.grace_ends_at,
    purgeStartedAt: row.purge_started_at,
    receipt: row.signed,
  };
}
