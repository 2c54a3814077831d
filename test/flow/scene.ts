/** One desk with its own databases, mailbox and customers, on the common ground. */
import type { Knex } from 'knex';
import { moveClock } from '../../src/commands/move-clock.ts';
import { deskNow, openDatabase } from '../../src/db/connection.ts';
import { type CustomerDatabase, openCustomerDatabase } from '../../src/sandbox/customer-database.ts';
import { PEOPLE, type PersonKey } from '../../src/sandbox/samples.ts';
import { openCustomerTransport } from '../../src/sandbox/signing.ts';
import {
  type DeskProcess,
  runCommand,
  type Settings,
  type Spawning,
  spawnDesk,
  untilReady,
} from './desk-process.ts';
import { CUSTOMERS_TEMPLATE, DESK_DOMAIN, DESK_TEMPLATE, type Ground, MX_NAME } from './ground.ts';
import { codeIn, type ReceivedMail, readMail } from './received-mail.ts';
import { type MailServer, startSmtpServer, type TakenMail } from './smtp-server.ts';
import { until } from './until.ts';

export interface Letter {
  readonly from: PersonKey;
  readonly subject: string;
  readonly text: string;
  /** The mail of the desk that this one answers. */
  readonly answers?: ReceivedMail;
}

export interface Scene extends AsyncDisposable {
  /** Unique on the ground: the Dovecot account and the local part of the desk's address. */
  readonly name: string;
  readonly ground: Ground;
  readonly settings: Settings;
  readonly db: Knex;
  readonly customers: CustomerDatabase;
  /** Takes the desk's own mails and keeps them for the customers. */
  readonly relay: MailServer;
  /** What the desk has sent, in the order of arrival. */
  readonly delivered: readonly ReceivedMail[];
  /** Every mail as it was put into the mailbox. */
  readonly written: readonly Buffer[];
  /** Starts the desk; with `crashAt` it kills itself there. Does not wait. */
  spawn(crashAt?: string, spawning?: Spawning): DeskProcess;
  /** Starts the desk and waits until it runs. */
  serve(spawning?: Spawning): Promise<DeskProcess>;
  /** Writes to the desk, DKIM-signed, by SMTP. @returns the Message-ID */
  write(letter: Letter): Promise<string>;
  /** Puts a mail into the mailbox as it is. */
  put(raw: Buffer): Promise<void>;
  command(...args: readonly string[]): ReturnType<typeof runCommand>;
  inboxOf(person: PersonKey): readonly ReceivedMail[];
  /** Waits for a condition; a failure shows what the desk said last. */
  until<T>(what: string, probe: () => Promise<T | null | false | undefined>): Promise<T>;
  /** Moves the desk's clock to an instant and has what is due looked at. */
  advanceTo(instant: Date): Promise<void>;
}

let scenes = 0;

/** @param own - settings that only this desk has */
export async function openScene(ground: Ground, own: Settings = {}): Promise<Scene> {
  const name = `desk${++scenes}`;
  const databaseUrl = await ground.postgres.createDatabase(`${name}_own`, DESK_TEMPLATE);
  const customersName = `${name}_customers`;
  const customersUrl = await ground.postgres.createDatabase(customersName, CUSTOMERS_TEMPLATE);
  const db = openDatabase(databaseUrl, { poolMax: 4 });
  const customers = await openCustomerDatabase(customersUrl, { until: new Date(0), name: customersName });
  const address = `${name}@${DESK_DOMAIN}`;
  const delivered: ReceivedMail[] = [];
  const keep = async ({ recipient, raw }: TakenMail) => {
    delivered.push(await readMail(recipient, raw));
  };
  const relay = await startSmtpServer('relay.flow.test', keep, ground.abroad);
  const imapUrl = await ground.dovecot.addUser(name);
  const written: Buffer[] = [];
  const put = async (raw: Buffer) => {
    await ground.dovecot.deliver(name, raw);
    written.push(raw);
  };
  const mx = await startSmtpServer(MX_NAME, ({ raw }) => put(raw));
  const transport = openCustomerTransport(mx.url, ground.keys);
  const settings = {
    ...ground.settings,
    DATABASE_URL: databaseUrl,
    CUSTOMERS_URL: customersUrl,
    IMAP_URL: imapUrl,
    SMTP_URL: relay.url,
    DESK_ADDRESS: address,
    ...own,
  };
  const desks: DeskProcess[] = [];
  const spawn = (crashAt?: string, spawning?: Spawning): DeskProcess => {
    const desk = spawnDesk(crashAt === undefined ? settings : { ...settings, CRASH_AT: crashAt }, spawning);
    desks.push(desk);
    return desk;
  };
  return {
    name,
    ground,
    settings,
    db,
    customers,
    relay,
    delivered,
    written,
    spawn,
    serve: (spawning) => untilReady(spawn(undefined, spawning)),
    write: async ({ from, subject, text, answers }) => {
      const person = PEOPLE[from];
      return transport.send({
        from: person.address,
        name: person.name,
        to: answers?.replyTo ?? address,
        subject,
        text,
        date: await deskNow(db),
        ...(answers === undefined ? {} : { inReplyTo: answers.messageId, references: [answers.messageId] }),
      });
    },
    put,
    command: (...args) => runCommand(settings, ...args),
    inboxOf: (person) => delivered.filter((mail) => mail.recipient === PEOPLE[person].address),
    until: (what, probe) => until(what, probe, () => diagnose(db, delivered, desks)),
    advanceTo: (instant) => advanceTo(db, instant),
    [Symbol.asyncDispose]: async () => {
      for (const desk of desks) desk.kill('SIGKILL');
      await Promise.all(desks.map((desk) => desk.exit));
      transport.close();
      await Promise.all([mx.stop(), relay.stop()]);
      await customers.close();
      await db.destroy();
    },
  };
}

/**
 * The database refuses to move the clock of a desk that is not a sandbox, and no command can. Five days cannot be
 * waited out here, so the test, as the superuser, declares this one desk movable.
 */
async function advanceTo(db: Knex, instant: Date): Promise<void> {
  await db('desk_clock').update({ movable: true });
  const byMs = Math.ceil(instant.getTime() - (await deskNow(db)).getTime()) + 1;
  await moveClock(db, { byMs: Math.max(byMs, 0) });
}

/** What a person would want to see first. */
async function diagnose(
  db: Knex,
  delivered: readonly ReceivedMail[],
  desks: readonly DeskProcess[],
): Promise<string> {
  const count = async (table: string, columns: readonly string[]) =>
    JSON.stringify(
      await db(table)
        .select(...columns)
        .count('* as n')
        .groupBy(...columns),
    );
  const lines = [
    `messages ${await count('messages', ['status', 'disposition'])}`,
    `tickets ${await count('tickets', ['state', 'verdict'])}`,
    `outbox ${await count('outbox', ['template', 'status'])}`,
    `jobs ${JSON.stringify(await db('graphile_worker.jobs').select('task_identifier', 'attempts', 'locked_at', 'last_error'))}`,
    `holds ${JSON.stringify(await db('holds').select('ticket_id', 'reason', 'note').whereNull('lifted_at'))}`,
    `delivered ${delivered.map((mail) => `${mail.template}:${mail.recipient}`).join(' ')}`,
    ...desks.map((desk) => `desk ${JSON.stringify(desk.ended())}\n${desk.output().slice(-4_000)}`),
  ];
  return lines.join('\n');
}

/** The reply to a mail of the desk that asked for a code, with that code. */
export const answerWithCode = (scene: Scene, from: PersonKey, mail: ReceivedMail): Promise<string> =>
  scene.write({
    from,
    subject: `Re: ${mail.subject}`,
    text: `Hello,\n\nthe code is ${codeIn(mail)}\n`,
    answers: mail,
  });
