/** The sending half of a desk on a real database, with mails that wait in its outbox, and SMTP servers that can be told to fail. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Knex } from 'knex';
import type { Environment } from '../../../src/commands/environment.ts';
import type { DeskMailbox } from '../../../src/commands/mailboxes.ts';
import { openOutgoing } from '../../../src/commands/outgoing.ts';
import type { TemplateName } from '../../../src/domain/mail-facts.ts';
import { flushOutbox, type OutboxDeps } from '../../../src/reply/outbox.ts';
import { sampleFacts } from '../../../src/reply/samples.ts';

export interface Office extends Disposable {
  /** Addresses whose mails were given up, each time. */
  readonly lost: string[];
  queue(
    count: number,
    options?: { readonly template?: TemplateName; readonly mailbox?: string },
  ): Promise<void>;
  flush(): Promise<number>;
  /** Every wait of a mail is over; what a lane waits for is not. */
  letTimePass(): Promise<void>;
  rows(): Promise<readonly OutboxLine[]>;
  statuses(): Promise<Readonly<Record<string, number>>>;
}

export interface OutboxLine {
  readonly recipient: string;
  readonly status: string;
  readonly attempts: number;
  readonly last_error: string | null;
  /** Seconds from now. */
  readonly due_in: number;
}

/** An outbox of its own; a database serves one at a time. */
export async function openOffice(db: Knex, mailboxes: readonly DeskMailbox[]): Promise<Office> {
  await db('outbox').delete();
  const [main] = mailboxes;
  if (main === undefined) throw new TypeError('an office has a mailbox');
  const environment = { mailboxes, desk: main.desk, key: Buffer.alloc(32, 7) } as unknown as Environment;
  const outgoing = openOutgoing(environment, () => undefined);
  const lost: string[] = [];
  const deps: OutboxDeps = {
    db,
    ...outgoing,
    crashPoint: () => undefined,
    undeliverable: async (_trx, mail) => {
      lost.push(mail.recipient);
    },
    log: () => undefined,
  };
  let queued = 0;
  return {
    lost,
    async queue(count, { template = 'verify_request', mailbox } = {}) {
      const facts = JSON.stringify({ ...sampleFacts(template, 'source', 'en'), tag: 'PD-1001' });
      const rows = Array.from({ length: count }, () => {
        queued += 1;
        return {
          key: `office:${queued}`,
          template,
          locale: 'en',
          recipient: `person${queued}@customer.example`,
          recipient_hash: `hash${queued}`,
          before_verification: true,
          facts,
          created_at: new Date(),
          mailbox: mailbox ?? null,
        };
      });
      await db('outbox').insert(rows);
    },
    flush: () => flushOutbox(deps, new AbortController().signal),
    async letTimePass() {
      await db.raw(`update outbox set next_attempt_at = clock_timestamp() - interval '1 second'`);
    },
    async rows() {
      const found = await db.raw<{ rows: OutboxLine[] }>(`
        select recipient, status, attempts, last_error,
          cast(extract(epoch from next_attempt_at - clock_timestamp()) as float) as due_in
        from outbox order by id`);
      return found.rows;
    },
    async statuses() {
      const found = await db.raw<{ rows: { status: string; mails: number }[] }>(
        'select status, cast(count(*) as integer) as mails from outbox group by status',
      );
      return Object.fromEntries(found.rows.map(({ status, mails }) => [status, mails]));
    },
    [Symbol.dispose]() {
      outgoing.close();
    },
  };
}

export const VERBS = ['CONNECT', 'EHLO', 'STARTTLS', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'DOT', 'QUIT'] as const;
export type Verb = (typeof VERBS)[number];

export interface ScriptedServer extends AsyncDisposable {
  readonly port: number;
  /** What it answers from now on, by verb: a reply line, silence, or the end of the connection. */
  say(script: Partial<Record<Verb, string>>): void;
  /** Connections that came, and how often each verb did. */
  heard(verb: Verb): number;
  /** Whole mails, by the envelope's recipient. */
  readonly taken: string[];
  /** Ends every open connection. */
  sever(): void;
}

export const SILENCE = 'silence';
export const GREETING = '220 scripted ESMTP';

const USUAL: Readonly<Record<Verb, string>> = {
  CONNECT: GREETING,
  EHLO: '250-scripted\r\n250-AUTH PLAIN\r\n250 STARTTLS',
  STARTTLS: '454 4.7.0 no',
  AUTH: '235 2.7.0 welcome',
  MAIL: '250 2.1.0 ok',
  RCPT: '250 2.1.5 ok',
  DATA: '354 go ahead',
  DOT: '250 2.0.0 queued',
  QUIT: '221 2.0.0 bye',
};

/** An SMTP server that answers as it is told, verb by verb. */
export async function startScriptedServer(
  first: Partial<Record<Verb, string>> = {},
): Promise<ScriptedServer> {
  let script = first;
  const counts = new Map<Verb, number>();
  const taken: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let recipient = '';
    let waiting = '';
    let isInMail = false;
    const answer = (verb: Verb): string => {
      counts.set(verb, (counts.get(verb) ?? 0) + 1);
      const reply = script[verb] ?? USUAL[verb];
      if (reply !== SILENCE) socket.write(`${reply}\r\n`);
      return reply;
    };
    answer('CONNECT');
    socket.on('data', (chunk: Buffer) => {
      waiting += chunk.toString('latin1');
      for (;;) {
        const end = waiting.indexOf(isInMail ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const line = waiting.slice(0, end);
        waiting = waiting.slice(end + (isInMail ? 5 : 2));
        if (isInMail) {
          isInMail = false;
          if (answer('DOT').startsWith('250')) taken.push(recipient);
          continue;
        }
        const word = line.split(/[ :]/, 1)[0]?.toUpperCase() ?? '';
        const verb = VERBS.find((each) => each === word);
        if (verb === undefined) socket.write('250 ok\r\n');
        else {
          if (verb === 'RCPT') recipient = /<([^>]*)>/.exec(line)?.[1] ?? '';
          const reply = answer(verb);
          isInMail = verb === 'DATA' && reply.startsWith('354');
          if (verb === 'QUIT' && reply !== SILENCE) socket.end();
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sever = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    say: (next) => {
      script = next;
    },
    heard: (verb) => counts.get(verb) ?? 0,
    taken,
    sever,
    async [Symbol.asyncDispose]() {
      sever();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
