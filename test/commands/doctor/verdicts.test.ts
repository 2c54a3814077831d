import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/commands/doctor/finding.ts';
import { judgeDatabase, judgeMigrations } from '../../../src/commands/doctor/verdicts-database.ts';
import { judgeKey, judgeNode, judgeTraces, judgeWork } from '../../../src/commands/doctor/verdicts-desk.ts';
import { type DomainFacts, judgeDomain, judgeMailbox } from '../../../src/commands/doctor/verdicts-mail.ts';
import type { DatabaseFacts } from '../../../src/db/inspect.ts';
import type { MailboxFacts } from '../../../src/ingest/mailbox-probe.ts';

const DATABASE: DatabaseFacts = {
  versionNumber: 180_004,
  version: '18.4',
  isStandby: false,
  isReadOnly: false,
  synchronousCommit: 'on',
  fsync: 'on',
  fullPageWrites: 'on',
  encoding: 'UTF8',
  connectionsMax: 100,
  connectionsUsed: 12,
  sizeBytes: 42_100_000,
  clockAheadMs: -12,
  isSuperuser: false,
  ownsAudit: false,
  auditGuards: 1,
  tlsVersion: 'TLSv1.3',
  isLocal: false,
};
const BOX: MailboxFacts = {
  capabilities: ['IMAP4REV1', 'MOVE', 'UIDPLUS', 'IDLE', 'CONDSTORE'],
  folder: { uidValidity: '7', mails: 3, isReadOnly: false },
  hasProcessedFolder: true,
};
const NAMES = { folder: 'INBOX', processedFolder: 'Processed' };
const DOMAIN: DomainFacts = {
  domain: 'desk.example',
  mx: ['mx.desk.example'],
  txt: ['v=spf1 mx -all', 'something else'],
  dmarc: { at: 'desk.example', records: ['v=DMARC1; p=reject'] },
  dkim: { selector: 's1', records: ['v=DKIM1; k=rsa; p=MIIB'] },
};

const bad = (findings: readonly Finding[]) =>
  findings.filter(({ mark }) => mark !== 'ok').map(({ mark, what }) => `${mark}: ${what}`);

const database = (over: Partial<DatabaseFacts>) => bad(judgeDatabase({ ...DATABASE, ...over }));
const mailbox = (over: Partial<MailboxFacts>, cursor: Parameters<typeof judgeMailbox>[3] = null) =>
  bad(judgeMailbox('main', { ...BOX, ...over }, NAMES, cursor));
const domain = (over: Partial<DomainFacts>) => bad(judgeDomain({ ...DOMAIN, ...over }));

test('a sound installation has no problem and no warning', () => {
  expect([...database({}), ...mailbox({}), ...domain({})]).toEqual([]);
  expect(judgeDatabase(DATABASE).map(({ what }) => what)).toEqual([
    'PostgreSQL 18.4 answers; the database holds 43 MB.',
    'This machine and the database agree to 12 ms.',
    'The chain is guarded, and the role of the desk cannot lift the guard.',
  ]);
});

test.each<readonly [Partial<DatabaseFacts>, RegExp]>([
  [{ versionNumber: 140_010, version: '14.10' }, /^problem: PostgreSQL 14\.10 is older than 15\.$/],
  [{ isStandby: true, isReadOnly: true }, /^problem: It is a standby/],
  [{ isReadOnly: true }, /^problem: It is read-only/],
  [{ synchronousCommit: 'off' }, /^problem: synchronous_commit is off: what is committed may be gone/],
  [{ fsync: 'off', fullPageWrites: 'off' }, /^problem: fsync, full_page_writes are off/],
  [{ encoding: 'SQL_ASCII' }, /^problem: Its encoding is SQL_ASCII\.$/],
  [{ clockAheadMs: 2_500 }, /^warning: The database is 2\.5 seconds ahead of this machine\.$/],
  [{ clockAheadMs: -90_000 }, /^problem: The database is 90 seconds behind this machine\.$/],
  [{ connectionsUsed: 81 }, /^warning: 81 of its 100 connections are in use\.$/],
  [{ tlsVersion: null }, /^warning: The connection to it is not encrypted\.$/],
  [{ auditGuards: 0 }, /^problem: Nothing guards the audit chain/],
  [{ auditGuards: null }, /^warning: There are no tables yet\.$/],
  [{ ownsAudit: true }, /^warning: The role of the desk owns the tables/],
  [{ isSuperuser: true }, /^warning: The role of the desk is a superuser/],
])('a database %j', (over, words) => {
  expect(database(over)).toEqual([expect.stringMatching(words)]);
});

test('migrations that either side lacks', () => {
  expect(judgeMigrations({ missing: ['a'], newer: ['b'] })).toMatchObject({
    mark: 'problem',
    todo: 'Run: purgedesk migrate',
  });
  expect(judgeMigrations({ missing: [], newer: ['b'] }).mark).toBe('warning');
});

test.each<readonly [Partial<MailboxFacts>, RegExp]>([
  [{ folder: null }, /^problem: It lets the desk in, and there is no folder INBOX/],
  [
    { folder: { uidValidity: '7', mails: 0, isReadOnly: true }, hasProcessedFolder: false },
    /^warning: INBOX is read-only/,
  ],
  [{ hasProcessedFolder: false }, /^warning: There is no folder Processed\.$/],
  [{ capabilities: ['UIDPLUS', 'IDLE'] }, /^warning: The server cannot move mails/],
  [{ capabilities: ['MOVE', 'IDLE'] }, /^warning: The server does not say which mails it moved/],
  [{ capabilities: ['MOVE', 'UIDPLUS'] }, /^warning: The server announces no new mail/],
])('a mailbox %j', (over, words) => {
  expect(mailbox(over)).toEqual([expect.stringMatching(words)]);
});

test('a mailbox whose server numbers its mails anew', () => {
  expect(mailbox({}, { uidValidity: '6', lastUid: 9 })).toEqual([expect.stringMatching(/UIDVALIDITY/)]);
  expect(mailbox({}, { uidValidity: '6', lastUid: 0 })).toEqual([]);
});

test.each<readonly [Partial<DomainFacts>, RegExp]>([
  [{ mx: null }, /^problem: The name service does not answer/],
  [{ mx: [''] }, /^problem: It takes no mail/],
  [{ txt: ['v=spf10'] }, /^warning: It publishes no SPF record/],
  [{ txt: ['v=spf1 -all', 'v=spf1 a -all'] }, /^problem: It publishes 2 SPF records/],
  [{ txt: ['v=spf1 mx +all'] }, /^problem: Its SPF record allows every sender/],
  [{ txt: ['v=spf1 all'] }, /^problem: Its SPF record allows every sender/],
  [{ dmarc: null }, /^warning: It publishes no DMARC record/],
  [{ dmarc: { at: 'a', records: ['v=DMARC1; p=none'] } }, /^warning: Its DMARC policy is none/],
  [{ dmarc: { at: 'a', records: ['v=DMARC1; sp=reject'] } }, /^problem: Its DMARC record names no policy/],
  [{ dkim: { selector: 's1', records: [] } }, /^warning: There is no DKIM key s1\._domainkey/],
  [{ dkim: { selector: 's1', records: null } }, /^problem: The name service does not tell its DKIM key/],
  [{ dkim: { selector: 's1', records: ['v=DKIM1; p='] } }, /^problem: The DKIM key s1 is revoked/],
])('a domain %j', (over, words) => {
  expect(domain(over)).toEqual([expect.stringMatching(words)]);
});

describe('a key', () => {
  const key = new Uint8Array(32).map((_, at) => at);
  const receipts = { newest: null, current: 'ab'.repeat(32) };
  const right = { linkHash: 'x', derivedLinkHash: 'x' };

  test('that the database knows, or knows nothing of', () => {
    expect(bad(judgeTraces({ challenge: right, receipts }))).toEqual([]);
    expect(bad(judgeTraces({ challenge: null, receipts }))).toEqual([]);
    expect(bad([judgeKey(key)])).toEqual([]);
  });

  test('that was changed, or is weak', () => {
    const wrong = { challenge: { ...right, derivedLinkHash: 'y' }, receipts };
    expect(bad(judgeTraces(wrong))).toEqual([expect.stringMatching(/^problem: SECRET_KEY is not the one/)]);
    const former = { challenge: null, receipts: { ...receipts, newest: 'cd'.repeat(32) } };
    expect(bad(judgeTraces(former))).toEqual([
      expect.stringMatching(/^warning: The last receipt was signed/),
    ]);
    expect(bad([judgeKey(new Uint8Array(32))])).toEqual([
      expect.stringMatching(/^warning: SECRET_KEY repeats/),
    ]);
  });
});

test('Node, and the work of the desk', () => {
  expect(
    bad([judgeNode('22.18.9'), judgeNode('20.19.0'), judgeNode('22.19.0'), judgeNode('24.0.1')]),
  ).toHaveLength(2);
  const halted = {
    code: 'purges_halted',
    severity: 'warning',
    subject: null,
    sentence: 'All purges are halted.',
  } as const;
  const silent = {
    code: 'no_work',
    severity: 'problem',
    subject: null,
    sentence: 'No process runs.',
  } as const;
  const restored = {
    code: 'purges_quarantined',
    severity: 'problem',
    subject: 'restored',
    sentence: 'The database was restored.',
  } as const;
  expect(bad(judgeWork([restored, halted, silent], false))).toEqual([
    'warning: No process of this desk is running.',
    'problem: The database was restored.',
    'warning: All purges are halted.',
  ]);
  expect(judgeWork([silent], true)).toEqual([
    { check: 'work', mark: 'problem', what: 'No process runs.', todo: 'docs/operations.md, "no_work".' },
  ]);
  expect(bad(judgeWork([], true))).toEqual([]);
});
