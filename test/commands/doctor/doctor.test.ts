/** The doctor on real servers: sound ones, and ones that are broken in every way that comes to mind. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { examine } from '../../../src/commands/doctor/doctor.ts';
import { lookAtAll } from '../../../src/commands/doctor/look.ts';
import { checkStore } from '../../../src/purge/stores/check-store.ts';
import { type DnsServer, startDnsServer } from '../../../src/sandbox/dns-server.ts';
import { type MailServer, startMailServer } from '../../../src/sandbox/mail-server.ts';
import { runCommand } from '../../flow/desk-process.ts';
import { startPeer } from '../../purge/http-peer.ts';
import { freshDatabase, type TestDatabase } from '../../support/database.ts';

const SECRET = 'hunter2-canary';
const KEY = Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 37) % 251)).toString('hex');

let fresh: TestDatabase;
let mail: MailServer;
let dns: DnsServer;
let folder: string;
let env: Record<string, string>;
/** Takes connections and says nothing, ever. */
const mute = createTcpServer(() => undefined);
const web = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ ready: true, reasons: [], alarms: [] }));
});
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  fresh = await freshDatabase();
  mail = await startMailServer({ accounts: [{ address: 'desk@desk.example', password: SECRET }] } as never);
  dns = await startDnsServer({
    records: {
      'desk.example': {
        MX: [{ exchange: 'mx.desk.example', preference: 10 }],
        TXT: ['v=spf1 mx -all'],
      },
      '_dmarc.desk.example': { TXT: ['v=DMARC1; p=reject'] },
      's1._domainkey.desk.example': { TXT: ['v=DKIM1; k=rsa; p=MIIBIjAN'] },
    },
    servfail: ['broken.example'],
  });
  await Promise.all(
    [mute, web].map((server) => new Promise<void>((up) => server.listen(0, '127.0.0.1', () => up()))),
  );
  folder = await mkdtemp(join(tmpdir(), 'purgedesk-doctor-'));
  await fresh.db.raw(
    'create table public.events (id bigint primary key, workspace_id text not null, received_at timestamptz not null)',
  );
  const stores = [
    {
      name: 'events',
      kind: 'postgres',
      url: `\${STORE_URL}`,
      scopes: ['workspace'],
      tables: [{ table: 'public.events', id: 'id', workspace: 'workspace_id', receivedAt: 'received_at' }],
    },
  ];
  const file = join(folder, 'purgedesk.yaml');
  await writeFile(file, stringify({ stores }));
  env = {
    DATABASE_URL: fresh.url,
    STORE_URL: fresh.url,
    IMAP_URL: mail.imapUrlFor('desk@desk.example'),
    SMTP_URL: mail.smtpUrl,
    DESK_ADDRESS: 'desk@desk.example',
    DNS_SERVERS: dns.address,
    PUBLIC_URL: `http://127.0.0.1:${portOf(web)}`,
    SECRET_KEY: KEY,
    PURGE_ENABLED: 'true',
    TRUSTED_RECEIVED_BY: 'mx.desk.example',
    PURGEDESK_CONFIG: file,
  };
});

afterAll(async () => {
  mute.close();
  web.close();
  await Promise.all([mail.stop(), dns.stop(), rm(folder, { recursive: true })]);
  await fresh[Symbol.asyncDispose]();
});

const options = { dkimSelector: 's1', sendTest: null, sandboxDatabaseUrl: null };

/** The server of the tests promises nothing after a crash, for speed, and the doctor says so. */
const isOfTestServer = ({ what }: { readonly what: string }) => what.startsWith('synchronous_commit, fsync');

/** Whatever else is wrong, neither a secret nor a login is ever shown. */
async function examined(over: Record<string, string>, more: Partial<typeof options> = {}) {
  const findings = await examine({ ...options, ...more, env: { ...env, ...over }, withinMs: 4_000 });
  const shown = JSON.stringify(findings);
  for (const secret of [SECRET, KEY, 'nobody:', new URL(fresh.url).password].filter((text) => text !== ''))
    expect(shown).not.toContain(secret);
  return findings.filter((finding) => !isOfTestServer(finding));
}
const problems = async (over: Record<string, string>) =>
  (await examined(over))
    .filter(({ mark }) => mark === 'problem')
    .map(({ check, what }) => `${check}: ${what}`);

describe('an installation', () => {
  test('that is sound has no problem, and nothing was changed by looking', async () => {
    const tables = async () =>
      (await fresh.db.raw('select sum(n_live_tup) as n from pg_stat_user_tables')).rows;
    const before = await tables();
    const findings = await examined({});
    expect(findings.filter(({ mark }) => mark === 'problem')).toEqual([]);
    const said = (check: string) =>
      findings.filter((finding) => finding.check === check).map(({ what }) => what);
    expect(said('mailbox main')[0]).toBe('Lets the desk in; INBOX holds 0 mail(s).');
    expect(said('smtp main')).toEqual([
      'Takes mail from the desk, without a login, unencrypted on this machine.',
    ]);
    expect(said('domain desk.example')).toEqual([
      'Takes mail at 1 host(s).',
      'Publishes SPF.',
      'Publishes the DKIM key s1.',
      'Publishes DMARC with the policy reject.',
    ]);
    expect(said('store events')).toEqual([
      'Answers; its table is what the catalogue says.',
      'public.events has no index that leads to a workspace, so every purge reads all of it.',
    ]);
    expect(said('public url')).toEqual(['The desk answers at PUBLIC_URL.']);
    expect(said('migrations')).toEqual(['The schema is that of this version.']);
    expect(said('work')).toContain('No process of this desk is running.');
    expect(await tables()).toEqual(before);
  });

  test('without its database still has its mail looked at, and says so once', async () => {
    const found = await examined({ DATABASE_URL: 'postgres://nobody:hunter2-canary@127.0.0.1:9/none' });
    const database = found.filter(({ check }) => ['database', 'migrations', 'work'].includes(check));
    expect(database.map(({ what }) => what)).toEqual(['Nothing listens there (ECONNREFUSED).']);
    expect(found.find(({ check }) => check === 'mailbox main')?.mark).toBe('ok');
  });

  test('with settings that are wrong is looked at without them, and each is named', async () => {
    const found = await examined({
      SMTP_URL: 'http://nobody:hunter2-canary@x',
      LOG_LEVEL: 'loud',
      SECRET_KEY: 'short',
    });
    const configuration = found.filter(({ check }) => check === 'configuration').map(({ what }) => what);
    expect(configuration.map((what) => what.split(':')[0]).sort()).toEqual([
      'LOG_LEVEL',
      'SECRET_KEY',
      'SMTP_URL',
    ]);
    expect(found.find(({ check }) => check === 'database')?.mark).toBe('ok');
    await writeFile(join(folder, 'broken.yaml'), 'stores: [');
    const broken = await examined({ PURGEDESK_CONFIG: join(folder, 'broken.yaml') });
    expect(broken.find(({ check }) => check === 'mailbox main')?.mark).toBe('ok');
    expect(broken[0]?.what).toMatch(/^purgedesk\.yaml: is not YAML at line 1/);
  });

  test('whose servers refuse, are gone, hang or lie is told which, in words', async () => {
    const imap = new URL(env.IMAP_URL ?? '');
    imap.password = 'wrong';
    expect(await problems({ IMAP_URL: imap.href })).toEqual([
      'mailbox main: The mail server refuses user name or password (PD_MAILBOX_LOGIN).',
    ]);
    expect(await problems({ IMAP_URL: `${env.IMAP_URL}/None` })).toEqual([
      'mailbox main: It lets the desk in, and there is no folder None that the account may open.',
    ]);
    expect(await problems({ SMTP_URL: 'smtp://127.0.0.1:9' })).toEqual([
      'smtp main: The server cannot be reached (ESOCKET).',
    ]);
    const hanging = `127.0.0.1:${portOf(mute)}`;
    expect(
      await problems({
        IMAP_URL: `imap://a:b@${hanging}`,
        SMTP_URL: `smtp://${hanging}`,
        DATABASE_URL: `postgres://a@${hanging}/x`,
      }),
    ).toEqual([
      'database: Did not answer within 4 seconds.',
      'mailbox main: Did not answer within 4 seconds.',
      'smtp main: Did not answer within 4 seconds.',
    ]);
    expect(await problems({ DESK_ADDRESS: 'desk@broken.example' })).toEqual([
      'domain broken.example: The name service does not answer for it.',
    ]);
    await fresh.db.raw('alter table public.events rename to events_now');
    expect(await problems({})).toEqual([
      'store events: Store events: public.events is not a table that this role can see (PD_STORE_INVALID).',
    ]);
    await fresh.db.raw('alter table public.events_now rename to events');
  });

  test('F37 whose key was changed is told that open codes are void', async () => {
    const id = '11111111-1111-4111-8111-111111111111';
    const [conversation] = await fresh
      .db('conversations')
      .insert({
        requester: 'ada@acme.example',
        requester_hash: 'a'.repeat(32),
        subject: 's',
        locale: 'en',
        opened_at: new Date(),
      })
      .returning('id');
    await fresh.db('challenges').insert({
      id,
      conversation_id: conversation.id,
      requester_hash: 'a'.repeat(32),
      digest: 'd'.repeat(64),
      ticket_digests: {},
      code_hash: 'c'.repeat(64),
      link_hash: 'f'.repeat(64),
      tries_left: 5,
      created_at: new Date(),
      expires_at: '2100-01-01',
    });
    expect(await problems({})).toEqual([
      'key: SECRET_KEY is not the one that made the newest code in the database: open codes and links are void with it.',
    ]);
    await fresh.db('challenges').delete();
  });

  test('sends a test mail only where it is asked to', async () => {
    expect(await mail.inbox('desk@desk.example')).toEqual([]);
    const found = await examined({}, { sendTest: 'desk@desk.example' as never });
    expect(found.find(({ check }) => check === 'smtp main')?.what).toMatch(/It took the test mail\.$/);
    const [raw] = await mail.inbox('desk@desk.example');
    expect(raw?.toString()).toMatch(/^Auto-Submitted: auto-generated/m);
  });

  test('sends it as the desk would: a server that takes no subaddress as sender is told of', async () => {
    const senders: (string | false)[] = [];
    const strict = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo: (_address, { envelope: { mailFrom } }, done) => {
        senders.push(mailFrom === false ? false : mailFrom.address);
        const isOurs = mailFrom !== false && !mailFrom.address.includes('+');
        done(
          isOurs ? null : Object.assign(new Error('5.7.1 Sender address rejected'), { responseCode: 553 }),
        );
      },
      onData: (stream, _session, done) => void stream.on('end', () => done()).resume(),
    });
    await new Promise<void>((up) => strict.listen(0, '127.0.0.1', () => up()));
    const SMTP_URL = `smtp://127.0.0.1:${portOf(strict.server)}`;
    const sent = async (more: Record<string, string>) => {
      const found = await examined({ SMTP_URL, ...more }, { sendTest: 'desk@desk.example' as never });
      return found.find(({ check }) => check === 'smtp main')?.mark;
    };
    expect(await sent({})).toBe('warning');
    expect(await sent({ MAIL_ENVELOPE: 'address' })).toBe('ok');
    expect(await sent({ MAIL_ENVELOPE: 'null' })).toBe('ok');
    const desk = 'desk@desk.example';
    expect(senders).toEqual(['desk+bounce.0.test@desk.example', desk, desk, '']);
    await new Promise<void>((down) => strict.close(() => down()));
  });
});

test('a service that deletes is asked for what it cannot know, and has to say so', async () => {
  await using peer = await startPeer([]);
  const signal = new AbortController().signal;
  expect(await checkStore(peer.definition, signal)).toEqual({
    what: 'Answers as the protocol says.',
    notes: [],
  });
  const elsewhere = { ...peer.definition, url: `http://127.0.0.1:${portOf(web)}` };
  await expect(checkStore(elsewhere, signal)).rejects.toMatchObject({
    code: 'PD_STORE_INVALID',
    details: { status: 200 },
  });
  await expect(checkStore({ ...peer.definition, token: 'wrong' }, signal)).rejects.toMatchObject({
    code: 'PD_STORE_INVALID',
  });
});

test('a look that throws or hangs is its own problem and nobody else’s', async () => {
  const found = await lookAtAll(
    [
      {
        check: 'a',
        run: async () => Promise.reject(Object.assign(new Error('ada@acme.example'), { code: 'EWHATEVER' })),
      },
      { check: 'b', run: () => new Promise(() => undefined) },
      { check: 'c', run: async () => [{ check: 'c', mark: 'ok', what: 'Fine.', todo: null }] },
    ],
    1_000,
  );
  expect(found.map(({ check, what }) => `${check}: ${what}`)).toEqual([
    'a: It failed (EWHATEVER).',
    'b: Did not answer within 1 seconds.',
    'c: Fine.',
  ]);
});

test('the command prints one line each, and its exit code tells', async () => {
  const { DATABASE_URL: _, ...rest }: Record<string, string> = { ...env, DATA_DIR: folder };
  const sound = await runCommand(rest, 'doctor', '--json');
  expect([sound.code, JSON.parse(sound.output)]).toMatchObject([0, { ok: true }]);
  const broken = await runCommand({ ...env, SMTP_URL: 'smtp://127.0.0.1:9' }, 'doctor');
  expect(broken.code).toBe(1);
  expect(broken.output).toMatch(/^PROBLEM {2}smtp main +The server cannot be reached \(ESOCKET\)\.$/m);
  expect(broken.output).toMatch(/\n\d problem\(s\), \d+ warning\(s\)\.\n$/);
});
