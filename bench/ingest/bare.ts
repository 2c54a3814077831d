/**
 * A process of its own: what the libraries of the desk need for a full mailbox without any of its logic. Fetch, parse,
 * authenticate, one statement a batch, commit, answer, move. Nothing is judged, counted, remembered or repeated.
 */
import { createHash } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { type FetchMessageObject, ImapFlow } from 'imapflow';
import { authenticate } from 'mailauth';
import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import PQueue from 'p-queue';
import pg from 'pg';

export interface BareOrder {
  readonly imapUrl: string;
  readonly smtpUrl: string;
  readonly databaseUrl: string;
  readonly dnsServer: string;
}

const BATCH = 100;
/** Mails in hand at the same time: look-ups and sums overlap. */
const AT_ONCE = 8;
const CONNECTIONS = 4;

process.once('message', (order: BareOrder) => {
  run(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});

async function run(order: BareOrder): Promise<void> {
  const url = new URL(order.imapUrl);
  const client = new ImapFlow({
    host: url.hostname,
    port: Number(url.port),
    secure: false,
    doSTARTTLS: false,
    auth: { user: url.username, pass: url.password },
    logger: false,
    disableAutoIdle: true,
  });
  let news = true;
  let wake: () => void = () => undefined;
  client.on('exists', () => {
    news = true;
    wake();
  });
  await client.connect();
  await client.mailboxCreate('Processed').catch(() => undefined);
  await client.mailboxOpen('INBOX');
  const pool = new pg.Pool({ connectionString: order.databaseUrl, max: 2 });
  const sender = createTransport({
    pool: true,
    host: '127.0.0.1',
    port: Number(new URL(order.smtpUrl).port),
    ignoreTLS: true,
    maxConnections: CONNECTIONS,
    maxMessages: 100,
  });
  const resolver = cached(order.dnsServer);
  process.send?.('ready');
  for (let last = 0; ; ) {
    news = false;
    const found = await client.search({ uid: `${last + 1}:*` }, { uid: true });
    const uids = (found || []).filter((uid) => uid > last);
    for (let at = 0; at < uids.length; at += BATCH) {
      const range = uids.slice(at, at + BATCH);
      await handle(range);
      last = range.at(-1) ?? last;
    }
    if (news || uids.length > 0) continue;
    const announced = new Promise<void>((resolve) => {
      wake = resolve;
    });
    client.idle().catch(() => undefined);
    await announced;
  }

  async function handle(range: readonly number[]): Promise<void> {
    const set = `${range[0]}:${range.at(-1)}`;
    const mails = await client.fetchAll(set, { uid: true, source: true }, { uid: true });
    const read = await new PQueue({ concurrency: AT_ONCE }).addAll(
      mails.map((mail) => () => readMail(mail, resolver)),
    );
    await pool.query(
      `insert into bare (uid, hash, author, subject, facts, raw)
       select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::bytea[])`,
      [
        read.map(({ uid }) => uid),
        read.map(({ raw }) => createHash('sha256').update(raw).digest('hex')),
        read.map(({ author }) => author),
        read.map(({ subject }) => subject),
        read.map(({ facts }) => facts),
        read.map(({ raw }) => raw),
      ],
    );
    await Promise.all(read.map((mail) => sender.sendMail(answerTo(mail))));
    await client.messageMove(set, 'Processed', { uid: true });
  }
}

async function readMail(mail: FetchMessageObject, resolver: Resolve) {
  const raw = mail.source ?? Buffer.alloc(0);
  const [parsed, proof] = await Promise.all([
    simpleParser(raw, {
      skipHtmlToText: true,
      skipTextToHtml: true,
      skipImageLinks: true,
      skipTextLinks: true,
    }),
    authenticate(raw, { trustReceived: false, disableBimi: true, resolver }),
  ]);
  const author = parsed.from?.value[0]?.address ?? '';
  const dkim = proof.dkim.results.map(({ status }) => status.result);
  if (dkim[0] !== 'pass') throw new Error(`a mail of this bench has a bad signature: ${dkim.join()}`);
  return {
    uid: mail.uid,
    raw,
    author,
    subject: parsed.subject ?? '',
    id: parsed.messageId ?? '',
    facts: JSON.stringify({ dkim, dmarc: proof.dmarc }),
  };
}

/** As long as the desk's own answer, in both of its forms. */
const answerTo = ({ author, subject, id }: { author: string; subject: string; id: string }) => ({
  from: '"purgedesk support" <privacy@desk.example>',
  to: author,
  subject: `Re: ${subject}`,
  inReplyTo: id,
  references: [id],
  headers: { 'Auto-Submitted': 'auto-replied' },
  text: TEXT,
  html: HTML,
});

const TEXT = `${'Thank you for your request. Before anything is deleted we ask you for a code.\n'.repeat(12)}`;
const HTML = `<!doctype html><html><body>${'<p>Thank you for your request. Before anything is deleted we ask you for a code.</p>\n'.repeat(20)}</body></html>`;

type Resolve = (name: string, type: string) => Promise<string[] | string[][]>;

/** Every answer is kept for good. */
function cached(server: string): Resolve {
  const resolver = new Resolver();
  resolver.setServers([server]);
  const answers = new Map<string, ReturnType<Resolve>>();
  return (name, type) => {
    const key = `${type} ${name}`;
    const answer = answers.get(key) ?? (resolver.resolve(name, type) as ReturnType<Resolve>);
    answers.set(key, answer);
    return answer;
  };
}
