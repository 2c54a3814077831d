import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type createImapServer from 'hoodiecrow-imap';
import type { ImapServer } from 'hoodiecrow-imap';
import type { SMTPServer, SMTPServerOptions, SMTPServerSession } from 'smtp-server';
import { foldAscii } from '../domain/directory.ts';
import { loadDevelopmentPackage } from './development-package.ts';
import { answerIdle } from './imap-idle.ts';

interface MailAccount {
  readonly address: string;
  /** Folders besides INBOX. */
  readonly folders?: readonly string[];
}

export interface MailServerOptions {
  readonly accounts: readonly MailAccount[];
  /** Stamps Received and INTERNALDATE: the desk's clock, which may have been moved. Without it, the machine's. */
  readonly now?: () => Date;
  /** Called for each mail put into a mailbox, before the sender is told that it was taken. */
  readonly onDelivered?: (delivery: Delivery) => void;
}

export interface Delivery {
  /** The account's address as in `accounts`. */
  readonly recipient: string;
  /** The envelope's sender; empty for the null sender. */
  readonly sender: string;
  readonly raw: Buffer;
}

interface StoredMail {
  readonly folder: string;
  readonly uid: number;
  readonly flags: readonly string[];
  readonly raw: Buffer;
}

export interface MailServer {
  /** smtp:// URL without login: takes mail for the accounts, refuses any other recipient with 550. */
  readonly smtpUrl: string;
  /** imap:// URL with the account's login. Holds a password: never log it. @throws RangeError on an unknown address */
  imapUrlFor(address: string): string;
  /** The mails of an account's INBOX, oldest first. @throws RangeError on an unknown address */
  inbox(address: string): Promise<readonly Buffer[]>;
  /** The mails of all folders of an account. @throws RangeError on an unknown address */
  messages(address: string): Promise<readonly StoredMail[]>;
  /** Drops all connections and mails. Safe to call twice. */
  stop(): Promise<void>;
}

/** The name under which the server writes its trace headers; RFC 5321 section 4.4. */
export const MX_NAME = 'mx.sandbox.purgedesk.test';

/**
 * Starts SMTP in and IMAP out on free ports of 127.0.0.1. A mail for `local+anything@domain` goes to `local@domain`.
 * Mail is kept in memory only, and UIDVALIDITY is a new one at each start, as the protocol asks (RFC 9051 section
 * 2.3.1.1). Each account has an IMAP server, and so a port, of its own: hoodiecrow has one store a server.
 */
export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const now = options.now ?? (() => new Date());
  const { SMTPServer } = await loadDevelopmentPackage('smtp-server', () => import('smtp-server'));
  const imap = await loadDevelopmentPackage('hoodiecrow-imap', () => import('hoodiecrow-imap'));
  const boxes = new Map<string, AccountBox>();
  for (const account of options.accounts) {
    boxes.set(foldAscii(account.address), await openAccountBox(imap.default, account));
  }
  const deliver = (sender: string, recipient: string, raw: Buffer) => {
    const box = boxes.get(recipient);
    if (box === undefined) throw new RangeError('the sandbox has no such mailbox');
    box.imap.appendMessage('INBOX', [], internalDate(now()), raw.toString('latin1'));
    options.onDelivered?.({ recipient: box.address, sender, raw });
  };
  const smtp = new SMTPServer(smtpOptions(new Set(boxes.keys()), now, deliver));
  const smtpPort = await listen(smtp.server);
  const boxOf = (address: string): AccountBox => {
    const box = boxes.get(foldAscii(address));
    if (box === undefined) throw new RangeError('the sandbox has no such mailbox');
    return box;
  };
  let stopping: Promise<void> | undefined;
  return {
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    imapUrlFor: (address) => boxOf(address).url,
    inbox: async (address) => mailsOf(boxOf(address), ['INBOX']).map((mail) => mail.raw),
    messages: async (address) => mailsOf(boxOf(address), Object.keys(boxOf(address).imap.folderCache)),
    stop: () => {
      stopping ??= stopAll(smtp, [...boxes.values()]);
      return stopping;
    },
  };
}

interface AccountBox {
  readonly address: string;
  readonly url: string;
  readonly imap: ImapServer;
  close(): Promise<void>;
}

/** Ours may well carry a scanned contract; larger mail is refused at once instead of filling memory. */
const MAIL_BYTES_MAX = 64 * 1024 * 1024;
const RECIPIENTS_MAX = 100;
const UNKNOWN_MAILBOX = 550;

const IMAP_PLUGINS = [
  'ID',
  'SASL-IR',
  'AUTH-PLAIN',
  'NAMESPACE',
  'ENABLE',
  'CONDSTORE',
  'LITERALPLUS',
  'UNSELECT',
  'SPECIAL-USE',
  'UIDPLUS',
  'MOVE',
];

async function openAccountBox(
  createServer: typeof createImapServer,
  account: MailAccount,
): Promise<AccountBox> {
  const password = randomBytes(18).toString('base64url');
  const uidvalidity = nextUidValidity();
  const folders = Object.fromEntries((account.folders ?? []).map((name) => [name, { uidvalidity }]));
  const imap = createServer({
    plugins: [...IMAP_PLUGINS, answerIdle],
    users: { [account.address]: { password } },
    storage: { INBOX: { uidvalidity }, '': { separator: '/', folders } },
  });
  const sockets = new Set<Socket>();
  imap.server.on('connection', (socket) => {
    socket.setNoDelay(true); // answers go out in small pieces; without it each command takes 40 ms and more
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(imap.server);
  const login = `${encodeURIComponent(account.address)}:${password}`;
  return {
    address: account.address,
    url: `imap://${login}@127.0.0.1:${port}`,
    imap,
    close: async () => {
      const closed = new Promise<void>((resolve) => imap.server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function stopAll(smtp: SMTPServer, boxes: readonly AccountBox[]): Promise<void> {
  await new Promise<void>((resolve) => smtp.close(resolve));
  await Promise.all(boxes.map((box) => box.close()));
}

let lastUidValidity = 0;

/** Seconds since 1970, as many servers do; one more than the last where two starts fall into one second. 32 bits. */
function nextUidValidity(): number {
  lastUidValidity = Math.max(lastUidValidity + 1, Math.floor(Date.now() / 1_000));
  return lastUidValidity;
}

function smtpOptions(
  addresses: ReadonlySet<string>,
  now: () => Date,
  deliver: (sender: string, recipient: string, raw: Buffer) => void,
): SMTPServerOptions {
  return {
    name: MX_NAME,
    banner: 'purgedesk sandbox',
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    size: MAIL_BYTES_MAX,
    closeTimeout: 500,
    onRcptTo: ({ address }, session, callback) => {
      if (session.envelope.rcptTo.length >= RECIPIENTS_MAX)
        return callback(smtpError(452, 'too many recipients'));
      if (mailboxOf(address, addresses) === null)
        return callback(smtpError(UNKNOWN_MAILBOX, 'no such mailbox'));
      callback();
    },
    onData: (stream, session, callback) => {
      takeMail(stream, session).then(
        (mail) => {
          if (mail === null) return callback(smtpError(552, 'the message is too large'));
          for (const recipient of recipientsOf(session, addresses)) {
            deliver(mail.sender, recipient, Buffer.concat([traceHeaders(mail, session, now()), mail.raw]));
          }
          callback(null, `taken as ${mail.id}`);
        },
        (error: Error) => callback(error),
      );
    },
  };
}

interface TakenMail {
  readonly id: string;
  readonly sender: string;
  readonly raw: Buffer;
}

async function takeMail(
  stream: Readable & { readonly sizeExceeded: boolean },
  session: SMTPServerSession,
): Promise<TakenMail | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAIL_BYTES_MAX) chunks.push(chunk); // the rest is read and dropped, as the protocol wants
  }
  if (stream.sizeExceeded || bytes > MAIL_BYTES_MAX) return null;
  const { mailFrom } = session.envelope;
  const sender = mailFrom === false ? '' : mailFrom.address;
  return { id: randomBytes(6).toString('hex'), sender, raw: Buffer.concat(chunks) };
}

/** Each mailbox once, however often and under whichever tags it was named. */
const recipientsOf = (session: SMTPServerSession, addresses: ReadonlySet<string>): ReadonlySet<string> =>
  new Set(
    session.envelope.rcptTo
      .map(({ address }) => mailboxOf(address, addresses))
      .filter((address) => address !== null),
  );

function mailboxOf(address: string, addresses: ReadonlySet<string>): string | null {
  const exact = foldAscii(address);
  if (addresses.has(exact)) return exact;
  const untagged = exact.replace(/\+[^@]*@/, '@');
  return addresses.has(untagged) ? untagged : null;
}

/** What a real MX writes on top; the client's name is its own claim and may hold no line break (RFC 5321 4.1.1.1). */
function traceHeaders(mail: TakenMail, session: SMTPServerSession, now: Date): Buffer {
  const helo = String(session.hostNameAppearsAs || 'unknown').replace(/[^A-Za-z0-9.:[\]_-]/g, '');
  return Buffer.from(
    `Return-Path: <${mail.sender}>\r\n` +
      `Received: from ${helo} ([${session.remoteAddress}])\r\n` +
      `\tby ${MX_NAME} with ESMTP id ${mail.id};\r\n` +
      `\t${rfc5322Date(now)}\r\n`,
  );
}

const rfc5322Date = (instant: Date): string => instant.toUTCString().replace('GMT', '+0000');

/** RFC 9051 date-time in UTC, like ` 5-Mar-2026 09:30:00 +0000`. */
function internalDate(instant: Date): string {
  const [, day = '', month = '', year = '', time = ''] = instant.toUTCString().split(' ');
  return `${day.replace(/^0/, ' ')}-${month}-${year} ${time} +0000`;
}

function mailsOf(box: AccountBox, folders: readonly string[]): StoredMail[] {
  return folders.flatMap((folder) =>
    (box.imap.getMailbox(folder)?.messages ?? []).map(({ uid, flags, raw }) => ({
      folder,
      uid,
      flags: [...flags],
      raw: Buffer.from(raw, 'latin1'),
    })),
  );
}

const smtpError = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
