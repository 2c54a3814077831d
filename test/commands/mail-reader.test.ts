/** Mails that were built to stop their reader, through the real threads. */
import { afterAll, describe, expect, test } from 'vitest';
import { type MailReader, mailReader } from '../../src/commands/mail-reader.ts';
import type { IngestDeps } from '../../src/ingest/ports.ts';
import type { PoolLimits } from '../../src/ingest/read-pool.ts';

/** Nobody has any record: look-ups end at once. */
const noRecords = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
const options = {
  resolver: noRecords,
  trustedReceivedBy: [],
  trustedAuthservId: null,
  deskAddresses: ['desk@desk.example'],
};
const open = (limits: Partial<PoolLimits> = {}, log: IngestDeps['log'] = () => undefined): MailReader =>
  mailReader(options, log, { threads: 1, ...limits });
const reader = open();
afterAll(() => reader.close());

const ADA = ['From: ada@acme.example', 'To: desk@desk.example', 'Subject: Deletion', 'MIME-Version: 1.0'];
const mail = (header: readonly string[], body: string): Buffer =>
  Buffer.from(`${[...ADA, ...header].join('\r\n')}\r\n\r\n${body}`, 'latin1');
const honest = mail([], 'Please delete the workspace acme-inc.');
const read = (raw: Buffer, by = reader) => by.read(raw, false, new Date('2026-11-22T10:00:00Z'));

const html = 'Content-Type: text/html; charset=utf-8';
const mixed = 'Content-Type: multipart/mixed; boundary=b';
const nested = (depth: number): string =>
  Array.from(
    { length: depth },
    (_, at) => `--b${at || ''}\r\nContent-Type: multipart/mixed; boundary=b${at + 1}\r\n\r\n`,
  ).join('');

describe('a mail that was built to stop its reader ends as a value, and the next one is read', () => {
  test.each([
    ['T70 parts 50,000 deep', mail([mixed], nested(50_000))],
    [
      'T70 multiparts of one boundary',
      mail([mixed], '--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'.repeat(20_000)),
    ],
    [
      'T70 messages in messages',
      mail(['Content-Type: message/rfc822'], 'Content-Type: message/rfc822\r\n\r\n'.repeat(50_000)),
    ],
    ['T71 100,000 parts', mail([mixed], '--b\r\n\r\nx\r\n'.repeat(100_000))],
    [
      'T71 1,000 attachments with long names',
      mail(
        [mixed],
        `--b\r\nContent-Disposition: attachment; filename="${'x'.repeat(5_000)}"\r\n\r\nx\r\n`.repeat(900),
      ),
    ],
    ['T72 30,000 recipients', mail([`Cc: ${'a@b.co,'.repeat(30_000)}`], 'x')],
    ['T72 a quote bomb', mail([`Cc: ${'"'.repeat(60_000)}`], 'x')],
    ['T72 groups in groups', mail([`Cc: ${'a:'.repeat(30_000)}`], 'x')],
    ['T72 angles in angles', mail([`Cc: ${'<'.repeat(60_000)}`], 'x')],
    ['T72 parentheses in parentheses', mail([`Cc: ${'('.repeat(60_000)}a@b.co`], 'x')],
    ['T73 a field of 1,900 folded lines', mail([`X-Note: a${'\r\n b'.repeat(1_900)}`], 'x')],
    ['T73 250 KB of folded references', mail([`References: ${'\r\n <a@b.example>'.repeat(1_900)}`], 'x')],
    ['T73 encoded words without end', mail([`X-A: ${'=?utf-8?q?a?='.repeat(15_000)}`], 'x')],
    ['T73 parameters without end', mail([`Content-Type: text/plain;${' a*0*=b;'.repeat(20_000)}`], 'x')],
    ['T74 text for a careless pattern', mail([], `${'a '.repeat(200_000)}!`)],
    ['T74 quotes in quotes', mail([], `${'>'.repeat(500_000)} delete`)],
    ['T74 one line of a megabyte', mail([], 'delete workspace '.repeat(60_000))],
    ['T74 a million empty lines', mail([], '\r\n'.repeat(1_000_000))],
    ['T74 dates without end', mail([], 'from 1 May 2024 to '.repeat(50_000))],
    ['T74 markup 100,000 deep', mail([html], '<div>'.repeat(100_000))],
    ['T74 attributes without end', mail([html], `<p ${'a="'.repeat(300_000)}`)],
    ['T74 tables in tables', mail([html], '<table><tr><td>'.repeat(50_000))],
    [
      'T75 a charset that does not exist',
      mail(['Content-Type: text/plain; charset="no-such-charset"'], '\xff\xfe\x00x'),
    ],
    [
      'T75 a charset that lies',
      mail(['Content-Type: text/plain; charset=utf-16'], '\xd8\x00'.repeat(100_000)),
    ],
    ['T75 UTF-7', mail(['Content-Type: text/plain; charset=utf-7'], '+ADw-script+AD4-'.repeat(10_000))],
    ['T75 base64 that is none', mail(['Content-Transfer-Encoding: base64'], '=?!'.repeat(100_000))],
    [
      'T75 quoted-printable without end',
      mail(['Content-Transfer-Encoding: quoted-printable'], '='.repeat(1_000_000)),
    ],
    ['T75 NULs', mail([], '\0'.repeat(1_000_000))],
    ['T75 a date of no calendar', mail(['Date: Mon, 99 Feb 99999999 99:99:99 +9999'], 'last week')],
    ['T75 a date without end', mail([`Date: ${'1 '.repeat(100_000)}`], 'last week')],
    [
      'T76 60 signatures',
      mail(
        Array<string>(60).fill('DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=b; h=from; bh=x; b=y'),
        'x',
      ),
    ],
    ['T76 a signature without end', mail([`DKIM-Signature: v=1; h=${'from:'.repeat(40_000)}`], 'x')],
    ['T77 no body', mail([], '')],
    ['T77 nothing', Buffer.alloc(0)],
    [
      'T79 a TNEF part only',
      mail(
        ['Content-Type: application/ms-tnef; name=winmail.dat', 'Content-Transfer-Encoding: base64'],
        'eJ8+',
      ),
    ],
  ])('%s', async (_title, raw) => {
    const [poison, next] = await Promise.all([read(raw), read(honest)]);
    if ('unreadable' in poison) expect(poison.unreadable).toMatch(/^[A-Za-z0-9 ,()_]+$/);
    else expect(['other', 'delete']).toContain(poison.reading.understanding.intent);
    expect(next).toMatchObject({ reading: { understanding: { intent: 'delete' } } });
  });
});

describe('F35 D20 a reader that dies takes one mail with it', () => {
  const slow = mail([], 'Please delete the workspace acme-inc. '.repeat(2_000));

  test('of those that went to it together only the one that did it', async () => {
    const lost: string[] = [];
    const reader = open({ taskMs: 400, wallMs: 60_000 }, (_level, _message, { reason }) =>
      lost.push(String(reason)),
    );
    try {
      // The first occupies the one thread, so that the others wait and go together.
      const first = read(honest, reader);
      const poison = mail([], 'Please delete the workspace acme-inc. '.repeat(6_000));
      const group = await Promise.all([honest, poison, honest, honest].map((raw) => read(raw, reader)));
      await first;
      const said = group.map((one) =>
        'unreadable' in one ? one.unreadable : one.reading.understanding.intent,
      );
      expect(said).toEqual(['delete', 'the mail takes too long to read', 'delete', 'delete']);
      expect(lost).toEqual(['time']);
    } finally {
      await reader.close();
    }
  });

  test('by time', async () => {
    const lost: string[] = [];
    const impatient = open({ taskMs: 1, wallMs: 1 }, (_level, _message, { reason }) =>
      lost.push(String(reason)),
    );
    try {
      expect(await read(slow, impatient)).toEqual({ unreadable: 'the mail takes too long to read' });
      expect(lost).toEqual(['time']);
    } finally {
      await impatient.close();
    }
  });

  test('by memory', async () => {
    const lost: string[] = [];
    const small = open({ heapMb: 108, taskMs: 60_000, wallMs: 60_000 }, (_level, _message, { reason }) =>
      lost.push(String(reason)),
    );
    try {
      const huge = mail([], 'delete workspace \r\n'.repeat(1_000_000));
      const [first, second] = await Promise.all([read(huge, small), read(honest, small)]);
      expect(first).toEqual({ unreadable: 'the mail takes too much memory to read' });
      expect(second).toMatchObject({ reading: { understanding: { intent: 'delete' } } });
      expect(lost).toEqual(['memory']);
    } finally {
      await small.close();
    }
  });
});

test('F18 mails that take all of their time do not use up that of those behind them', async () => {
  const strict = open({ taskMs: 200, wallMs: 60_000 });
  try {
    const poison = Array.from({ length: 2 }, () =>
      mail(['Content-Type: text/plain; format=flowed'], 'a \r\n'.repeat(1_500_000)),
    );
    const results = await Promise.all([...poison, honest].map((raw) => read(raw, strict)));
    expect(results.slice(0, -1)).toEqual(
      poison.map(() => ({ unreadable: 'the mail takes too long to read' })),
    );
    expect(results.at(-1)).toMatchObject({ reading: { understanding: { intent: 'delete' } } });
  } finally {
    await strict.close();
  }
});

test('a closer look is taken by a thread too', async () => {
  const corrected = mail([], 'Sorry, not acme-inc but acme-eu instead.');
  expect(await reader.closer(corrected, false).corrects()).toBe(true);
  expect(await reader.closer(honest, false).corrects()).toBe(false);
  expect(await reader.closer(honest, false).workspace()).toMatchObject({ kind: expect.any(String) });
  expect(await reader.closer(honest, false).answersTo([], 'en')).toBeNull();
});

test('what the closer look says of a mail that kills its reader is nothing', async () => {
  const impatient = open({ taskMs: 1, wallMs: 1 });
  try {
    const look = impatient.closer(mail([], 'Please delete the workspace acme-inc. '.repeat(2_000)), false);
    expect(await look.corrects()).toBe(false);
    expect(await look.workspace()).toEqual({ kind: 'unclear' });
    expect(await look.answersTo([], 'en')).toBeNull();
  } finally {
    await impatient.close();
  }
});

test('nobody reads after the end', async () => {
  const closed = open();
  await closed.close();
  await expect(read(honest, closed)).rejects.toThrow();
});
