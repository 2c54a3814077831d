/** The desk as it is joined for real: database, name service and SMTP are real servers; mails are put into its queue. */
import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Desk, openDesk } from '../../src/commands/desk.ts';
import type { Environment } from '../../src/commands/environment.ts';
import type { DeskMailbox } from '../../src/commands/mailboxes.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { contentHash } from '../../src/ingest/content-hash.ts';
import { openMailbox } from '../../src/ingest/mailbox-store.ts';
import { handlePending } from '../../src/ingest/message-queue.ts';
import { flushOutbox } from '../../src/reply/outbox.ts';
import { startDnsServer, type Zone } from '../../src/sandbox/dns-server.ts';
import { readMail } from '../flow/received-mail.ts';
import { startSmtpServer, type TakenMail } from '../flow/smtp-server.ts';
import { freshDatabase } from '../support/database.ts';
import { sampleMailbox } from '../support/mailbox.ts';

export const DESK = 'desk@desk.example';
export const ada = 'ada@acme.example';
export const bob = 'bob@acme.example';
export const mia = 'mia@acme.example';
export const zoe = 'zoe@globex.example';
export const eve = 'eve@evil.example';

/** The mail server of both customers; mail that it hands over passes SPF for their domains. */
const CUSTOMERS_IP = '198.51.100.7';
const MX = 'in.desk.example';

const SPF = { TXT: [[`v=spf1 ip4:${CUSTOMERS_IP} -all`]] };
const WATCHING = { TXT: [['v=DMARC1; p=none']] };
const ZONE: Zone = {
  records: {
    'acme.example': SPF,
    'globex.example': SPF,
    'evil.example': { TXT: [['v=spf1 ip4:203.0.113.9 -all']] },
    '_dmarc.acme.example': WATCHING,
    '_dmarc.globex.example': WATCHING,
  },
};

export interface Letter {
  /** The value of From, as it stands in the mail. */
  readonly from: string;
  readonly subject?: string;
  readonly text?: string;
  /** Further header lines; a Content-Type among them takes the place of plain text. */
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly to?: string;
  readonly messageId?: string | null;
  /** MAIL FROM as our server saw it; by default the address in From. */
  readonly mailFrom?: string;
  /** The peer that handed the mail over; another one than that of the customers proves nothing. */
  readonly ip?: string;
}

/** The raw mail as the desk's own server stored it, trace headers on top. */
export function rawOf(letter: Letter): Buffer {
  const { from, headers = [], ip = CUSTOMERS_IP } = letter;
  const sender = letter.mailFrom ?? /[^\s<>]+@[^\s<>]+/.exec(from)?.[0] ?? '';
  const messageId = letter.messageId === undefined ? `<${randomUUID()}@mail.example>` : letter.messageId;
  const hasType = headers.some((line) => /^content-type:/i.test(line));
  const lines = [
    `Return-Path: <${sender}>`,
    `Received: from mail.example (mail.example [${ip}])`,
    `\tby ${MX} (Postfix) with ESMTPS id 4XYZ; ${dateOf()}`,
    `From: ${from}`,
    `To: ${letter.to ?? DESK}`,
    `Subject: ${letter.subject ?? 'Deletion'}`,
    `Date: ${dateOf()}`,
    ...(messageId === null ? [] : [`Message-ID: ${messageId}`]),
    'MIME-Version: 1.0',
    ...(hasType ? [] : ['Content-Type: text/plain; charset=utf-8']),
    ...headers,
    '',
    letter.body ?? letter.text ?? '',
    '',
  ];
  return Buffer.from(lines.join('\n').replaceAll(/\r?\n/g, '\r\n'));
}

const dateOf = (): string => new Date().toUTCString().replace('GMT', '+0000');

/** Asks for one source of acme-inc, complete. */
export const REQUEST = [
  'Hello,',
  '',
  'please delete this data:',
  '',
  'Workspace slug: acme-inc',
  'Source: Website Prod',
  'Time frame: 2024-01-01 to 2024-03-31',
  '',
  'Thank you',
].join('\n');

/** One mail of ours as the receiving server took it. */
export interface Sent extends TakenMail {
  readonly template: string;
  readonly text: string;
}

export interface Outcome {
  /** The number under which agents find it. */
  readonly id: number;
  readonly disposition: string;
  readonly needsAgent: boolean;
  /** What the desk sent because of this mail. */
  readonly sent: readonly Sent[];
}

export interface MailDesk extends AsyncDisposable {
  readonly desk: Desk;
  /** Everything that was sent so far. */
  readonly sent: readonly Sent[];
  /** One mail comes in, is read, authenticated and decided, and what is due goes out. */
  /** @param mailbox - name of the mailbox that it comes to; by default nobody knows */
  write(letter: Letter | Buffer, mailbox?: string): Promise<Outcome>;
  tickets(): Promise<readonly TicketLine[]>;
  /** Moves the desk's clock on. */
  pass(hours: number): Promise<void>;
}

export interface TicketLine {
  readonly id: number;
  readonly state: string;
  readonly requester: string | null;
  readonly verified_at: Date | null;
  readonly conversation_id: number;
  readonly holds: readonly string[];
}

/**
 * acme-inc of Ada (owner) and Bob (admin) with Mia as a plain member; globex of Zoe.
 * @param further - names of the zone, besides those of the customers
 * @param servfail - names that the name service cannot tell anything of for now
 * @param mailboxes - made of the URL of the SMTP server that takes what is sent
 */
export async function openMailDesk(
  further: Zone['records'] = {},
  servfail: readonly string[] = [],
  mailboxes = (smtpUrl: string): readonly DeskMailbox[] => [sampleMailbox({ desk: IDENTITY, smtpUrl })],
): Promise<MailDesk> {
  const database = await freshDatabase();
  const sent: Sent[] = [];
  const dns = await startDnsServer({ records: { ...ZONE.records, ...further }, servfail });
  const smtp = await startSmtpServer('sink.example', async (mail) => {
    const { template, text } = await readMail(mail.recipient, mail.raw);
    sent.push({ ...mail, template, text });
  });
  const desk = openDesk(environmentOf(database.url, mailboxes(smtp.url), dns.address));
  await seedDirectory(desk);
  const never = new AbortController().signal;
  return {
    desk,
    sent,
    async write(letter, mailbox) {
      const before = sent.length;
      const id = await commit(desk, Buffer.isBuffer(letter) ? letter : rawOf(letter), mailbox);
      await handlePending(desk.ingest, never);
      await flushOutbox(desk.outbox, never);
      const row = await desk
        .db('messages')
        .select<{ disposition: string; needs_agent: boolean }[]>('disposition', 'needs_agent')
        .where({ id })
        .first();
      return {
        id,
        disposition: row?.disposition ?? 'pending',
        needsAgent: row?.needs_agent ?? false,
        sent: sent.slice(before),
      };
    },
    async tickets() {
      const found = await desk.db.raw<{ rows: TicketLine[] }>(`
        select t.id, t.state, t.requester, t.verified_at, t.conversation_id, array(select h.reason from holds h
          where h.ticket_id = t.id and h.lifted_at is null order by h.id) as holds
        from tickets t order by t.id`);
      return found.rows;
    },
    async pass(hours) {
      await desk.db.raw('update desk_clock set offset_ms = offset_ms + ?', [hours * 3_600_000]);
    },
    async [Symbol.asyncDispose]() {
      await desk.close();
      await smtp.stop();
      await dns.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}

const IDENTITY = { name: 'Desk', address: DESK, publicUrl: 'https://desk.example' };

const environmentOf = (
  databaseUrl: string,
  mailboxes: readonly DeskMailbox[],
  dnsServer: string,
): Environment => ({
  databaseUrl,
  mailboxes,
  desk: IDENTITY,
  key: Buffer.alloc(32, 7),
  dnsServers: [dnsServer],
  trustedReceivedBy: [MX],
  trustedAuthservId: null,
  trustedSealers: [],
  suppressionToken: null,
  webhooks: [],
  callbackHosts: [],
  policy: { ...DEFAULT_POLICY, purgeEnabled: true },
  stores: [],
  http: { host: '127.0.0.1', port: 0 },
  crashAt: null,
  sandbox: null,
  isAllSandbox: false,
  log: pino({ level: 'silent' }),
});

async function seedDirectory({ db }: Desk): Promise<void> {
  await db('workspaces').insert([
    { id: 'wsAcme0001', slug: 'acme-inc', name: 'Acme Inc', created_at: '2020-01-01T00:00:00Z' },
    { id: 'wsGlobex01', slug: 'globex', name: 'Globex', created_at: '2021-01-01T00:00:00Z' },
  ]);
  await db('members').insert([
    { workspace_id: 'wsAcme0001', address: ada, role: 'owner' },
    { workspace_id: 'wsAcme0001', address: bob, role: 'admin' },
    { workspace_id: 'wsAcme0001', address: mia, role: 'member' },
    { workspace_id: 'wsGlobex01', address: zoe, role: 'owner' },
  ]);
  await db('workspace_parts').insert([
    { workspace_id: 'wsAcme0001', kind: 'source', id: 'srcWebPr01', name: 'Website Prod' },
    { workspace_id: 'wsAcme0001', kind: 'source', id: 'srcIosAp01', name: 'iOS App' },
    { workspace_id: 'wsGlobex01', kind: 'source', id: 'srcGlobe01', name: 'Globex Web' },
  ]);
  await db('desk_clock').update({ movable: true });
}

async function commit(desk: Desk, raw: Buffer, mailbox?: string): Promise<number> {
  const from =
    mailbox === undefined ? null : await openMailbox(desk.db, `imap.example/${mailbox}`, 'INBOX', mailbox);
  const [row] = await desk
    .db('messages')
    .insert({
      mailbox_id: from,
      content_hash: contentHash(raw),
      size_bytes: raw.length,
      raw,
      arrived_at: desk.db.raw('desk_now()'),
    })
    .returning<{ id: number }[]>('id');
  if (row === undefined) throw new Error('the mail was not stored');
  return row.id;
}

/** The six digits that stand alone in a line. */
export function codeIn(mail: Sent): string {
  const code = /^\s*(\d{6})\s*$/m.exec(mail.text)?.[1];
  if (code === undefined) throw new Error(`a mail of type ${mail.template} holds no code`);
  return code;
}

/**
 * One desk for all tests of the describe block that calls this: most of a desk's cost is its start. Three days pass
 * before each test, so that no budget of one is missing in the next.
 */
export function sharedDesk(): () => MailDesk {
  let desk: MailDesk | undefined;
  beforeAll(async () => {
    desk = await openMailDesk();
  });
  beforeEach(() => desk?.pass(72));
  afterAll(() => desk?.[Symbol.asyncDispose]());
  return () => {
    if (desk === undefined) throw new Error('the desk was not opened');
    return desk;
  };
}

let requests = 0;
/** The same request for another time frame each time: none of them joins one before. */
export const newRequest = (): string => {
  requests += 1;
  return REQUEST.replace('2024-01-01', new Date(Date.UTC(2020, 0, requests)).toISOString().slice(0, 10));
};

/** What was told to whom, in the order of sending. */
export const told = (mails: readonly Sent[]): readonly string[] =>
  mails.map((mail) => `${mail.template} > ${mail.recipient}`);
