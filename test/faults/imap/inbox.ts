/** The desk's side of a mailbox: a database of its own, and pollers in this process that hardly pause between tries. */
import { createHash } from 'node:crypto';
import { type MailboxDeps, watchMailbox } from '../../../src/ingest/mailbox.ts';
import type { MailboxAccount, MailboxPorts } from '../../../src/ingest/mailbox-ports.ts';
import { mailboxPorts, openMailbox } from '../../../src/ingest/mailbox-store.ts';
import { until } from '../../flow/until.ts';
import { freshDatabase } from '../../support/database.ts';

export interface Inbox extends AsyncDisposable {
  readonly log: readonly string[];
  readonly ports: MailboxPorts;
  /** Log lines that hold this text. */
  logged(text: string): number;
  /** Begins to read; the next one ends the one before. */
  watch(account: MailboxAccount, changes?: Partial<MailboxDeps>): Promise<void>;
  rest(): Promise<void>;
  /** Content of all that is stored, each as often as it is there. */
  stored(): Promise<readonly string[]>;
  unmoved(): Promise<number>;
  /** As the operations page shows it. */
  lastError(): Promise<string | null>;
  /** Until so many mails are stored, and none waits to be moved. */
  untilTakenIn(mails: number): Promise<void>;
  until(what: string, probe: () => Promise<unknown>): Promise<void>;
}

/** What a mail is recognised by. */
export const sha = (raw: Buffer): string => createHash('sha256').update(raw).digest('hex');

export const shas = (raws: readonly Buffer[]): readonly string[] => raws.map(sha).sort();

export async function openInbox(): Promise<Inbox> {
  const database = await freshDatabase();
  const { db } = database;
  const mailboxId = await openMailbox(db, 'mail.test/desk', 'INBOX');
  const log: string[] = [];
  const note = (details: object, message: string) => void log.push(`${message} ${JSON.stringify(details)}`);
  const ports = mailboxPorts(db, { mailboxId, token: 0 });
  let stop = new AbortController();
  let done: Promise<void> = Promise.resolve();
  const rest = async () => {
    stop.abort();
    await done;
  };
  const stored = async () => {
    const rows = await db('messages').select<{ raw: Buffer; size_bytes: number }[]>('raw', 'size_bytes');
    for (const row of rows) {
      if (row.raw.length !== Number(row.size_bytes)) throw new Error('a mail is stored in part');
    }
    return shas(rows.map((row) => row.raw));
  };
  const unmoved = async () => (await db('messages').whereNull('moved_at').select('id')).length;
  const wait = async (what: string, probe: () => Promise<unknown>) => {
    await until(
      what,
      async () => (await probe()) === true,
      async () => log.slice(-15).join('\n'),
    );
  };
  return {
    log,
    ports,
    logged: (text) => log.filter((line) => line.includes(text)).length,
    watch: async (account, changes = {}) => {
      await rest();
      stop = new AbortController();
      const deps: MailboxDeps = {
        account,
        ports,
        log: { debug: note, info: note, warn: note, error: note },
        random: () => 0.0005,
        crashPoint: () => undefined,
        ...changes,
      };
      done = watchMailbox(deps, stop.signal);
    },
    rest,
    stored,
    unmoved,
    lastError: async () => (await db('mailboxes').where({ id: mailboxId }).first('last_error')).last_error,
    untilTakenIn: (mails) =>
      wait(`${mails} mails are taken in`, async () => {
        const found = await stored();
        return found.length >= mails && (await unmoved()) === 0;
      }),
    until: wait,
    [Symbol.asyncDispose]: async () => {
      await rest();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** A mail of its own, whose length grows with its number. */
export const mail = (number: number, lines = 1 + (number % 40)): Buffer =>
  Buffer.from(
    `From: Ada <ada@example.org>\r\nTo: desk@desk.example\r\nSubject: mail ${number}\r\n\r\n` +
      `line of mail ${number}, with a ) and a {12} in it\r\n`.repeat(lines),
  );

export const mails = (from: number, to: number): Buffer[] =>
  Array.from({ length: to - from + 1 }, (_, index) => mail(from + index));

/** @param url - imap://user:password@host:port */
export function accountAt(url: string, changes: Partial<MailboxAccount> = {}): MailboxAccount {
  const { hostname, port, username, password } = new URL(url);
  return {
    host: hostname,
    port: Number(port),
    secure: false,
    user: decodeURIComponent(username),
    login: { kind: 'password', password: { reveal: () => decodeURIComponent(password) } },
    folder: 'INBOX',
    processedFolder: 'Processed',
    pollSeconds: 5,
    ...changes,
  };
}
