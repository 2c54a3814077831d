import type { Command } from 'commander';
import { deskNow, openDatabase } from '../db/connection.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { parseReference, ticketId } from '../domain/ids.ts';
import { isUnreadable, type ParsedMessage, parseMessage } from '../ingest/parse-message.ts';
import { needSandbox } from './attach.ts';
import { type Move, moveClock, readDuration } from './move-clock.ts';
import { printable, show } from './table.ts';

/** Plays a customer against a sandbox that runs in another terminal. */
export function addSandboxCommands(program: Command): void {
  const sandbox = program
    .command('sandbox')
    .description('play with the desk that `purgedesk serve` runs without configuration');
  sandbox
    .command('advance [duration]')
    .description('move the clock of the sandbox forward, like 6d, 12h or 30m')
    .option('--ticket <reference>', 'to the instant at which this ticket is due next')
    .option('--json', 'print JSON')
    .action(async (duration: string | undefined, options: { ticket?: string; json?: boolean }) =>
      advance(duration, options),
    );
  sandbox
    .command('send')
    .description('write to the desk as one of the sample customers')
    .requiredOption('--from <who>', 'a name of the cast (ada, tom, priya …) or its address')
    .option('--subject <text>', 'the subject')
    .requiredOption('--text <text>', 'the mail; \\n makes a new line')
    .option('--reply', 'answer the newest mail from the desk')
    .option('--json', 'print JSON')
    .action(async (options: SendOptions) => send(options));
  sandbox
    .command('inbox <who>')
    .description('read what the desk wrote to a sample customer')
    .option('--json', 'print JSON')
    .action(async (who: string, options: { json?: boolean }) => inbox(who, options.json));
}

async function advance(
  duration: string | undefined,
  options: { ticket?: string; json?: boolean },
): Promise<void> {
  const { running } = await needSandbox();
  if (!running.isAllSandbox) {
    throw new PurgedeskError('PD_USAGE', 'the clock moves only where everything is a sample');
  }
  const db = openDatabase(running.databaseUrl);
  try {
    const now = await moveClock(db, moveOf(duration, options.ticket));
    show(
      options.json,
      { now: now.toISOString() },
      () => `The sandbox's clock now shows ${now.toISOString()}.`,
    );
  } finally {
    await db.destroy();
  }
}

function moveOf(duration: string | undefined, reference: string | undefined): Move {
  if (reference !== undefined && duration === undefined) {
    const id = parseReference(reference);
    if (id !== null) return { ticket: ticketId(id) };
    throw new PurgedeskError('PD_USAGE', 'a ticket is named like PD-1042');
  }
  const byMs = duration === undefined || reference !== undefined ? null : readDuration(duration);
  if (byMs !== null) return { byMs };
  throw new PurgedeskError('PD_USAGE', 'say how far, like 6d, 12h or 30m, or name a ticket with --ticket');
}

interface SendOptions {
  readonly from: string;
  readonly subject?: string;
  readonly text: string;
  readonly reply?: boolean;
  readonly json?: boolean;
}

async function send(options: SendOptions): Promise<void> {
  const { config, running } = await needSandbox();
  const { openSampleTransport, PEOPLE, readInbox } = await import('../sandbox/sandbox.ts');
  const person = personNamed(PEOPLE, options.from);
  const imapUrl = running.imapUrls[person.address];
  if (running.smtpUrl === null || imapUrl === undefined) {
    throw new PurgedeskError('PD_USAGE', 'this desk has a real mailbox: write to it from a real one');
  }
  const answered = options.reply === true ? await newest(await readInbox(imapUrl)) : null;
  if (options.reply === true && answered === null) {
    throw new PurgedeskError('PD_USAGE', 'there is no mail to answer yet');
  }
  const db = openDatabase(running.databaseUrl);
  const transport = await openSampleTransport(config.dataDir, running.smtpUrl);
  try {
    const messageId = await transport.send({
      from: person.address,
      name: person.name,
      to: running.deskAddress,
      subject: options.subject ?? (answered === null ? 'Data deletion request' : `Re: ${answered.subject}`),
      text: options.text.replaceAll('\\n', '\n'),
      date: await deskNow(db),
      ...(answered?.messageId == null
        ? {}
        : { inReplyTo: answered.messageId, references: [...answered.references, answered.messageId] }),
    });
    show(
      options.json,
      { messageId },
      () => `Sent. The answer will be in: npx purgedesk sandbox inbox ${options.from}`,
    );
  } finally {
    transport.close();
    await db.destroy();
  }
}

async function inbox(who: string, json: boolean | undefined): Promise<void> {
  const { running } = await needSandbox();
  const { PEOPLE, readInbox } = await import('../sandbox/sandbox.ts');
  const person = personNamed(PEOPLE, who);
  const imapUrl = running.imapUrls[person.address];
  if (imapUrl === undefined) throw new PurgedeskError('PD_USAGE', 'this desk has a real mailbox');
  const parsed = await Promise.all((await readInbox(imapUrl)).map(parseMessage));
  const mails = parsed.flatMap((mail) => (isUnreadable(mail) ? [] : [mail]));
  const plain = mails.map((mail) => ({
    from: mail.from.raw,
    subject: mail.subject,
    date: mail.date?.toISOString() ?? null,
    messageId: mail.messageId,
    text: mail.text ?? '',
  }));
  show(json, plain, () =>
    plain.length === 0 ? 'No mail yet.' : plain.map(mailWords).join(`\n${'─'.repeat(72)}\n`),
  );
}

const mailWords = (mail: {
  readonly subject: string;
  readonly date: string | null;
  readonly text: string;
}): string =>
  [
    `${printable(mail.subject)}   ${mail.date ?? ''}`,
    '',
    mail.text.split('\n').map(printable).join('\n'),
  ].join('\n');

async function newest(raws: readonly Buffer[]): Promise<ParsedMessage | null> {
  const raw = raws.at(-1);
  if (raw === undefined) return null;
  const mail = await parseMessage(raw);
  return isUnreadable(mail) ? null : mail;
}

interface Person {
  readonly name: string;
  readonly address: string;
}

function personNamed(people: Readonly<Record<string, Person>>, who: string): Person {
  const found = Object.entries(people).find(
    ([key, person]) => key === who.toLowerCase() || person.address === who,
  );
  if (found !== undefined) return found[1];
  throw new PurgedeskError('PD_USAGE', `the cast is: ${Object.keys(people).join(', ')}`);
}
