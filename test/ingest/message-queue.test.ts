import { describe, expect, test } from 'vitest';
import { handlePending } from '../../src/ingest/message-queue.ts';
import type { IngestDeps } from '../../src/ingest/ports.ts';
import { freshDatabase } from '../support/database.ts';
import { queueDeps, readHere, storeMail, UNPROVEN } from './reader.ts';

type Fresh = Awaited<ReturnType<typeof freshDatabase>>;

/** Everything real but what a mail means to the tickets, which each test says itself. */
const depsOf = ({ db }: Fresh, overrides: Partial<IngestDeps> = {}): IngestDeps =>
  queueDeps(db, {
    ownMail: (id) => (id.includes('ours') ? { template: 'verify_request', tag: 'PD-1' } : null),
    bounced: async (_trx, { messageIds }) => messageIds.length,
    ...overrides,
  });

const mail = (headers: Record<string, string>, body = 'Please delete workspace acme-inc.'): string =>
  [
    ...Object.entries({
      From: 'ada@acme.example',
      To: 'privacy@desk.example',
      Subject: 'Hello',
      ...headers,
    }).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n');

async function commit(fresh: Fresh, ...mails: readonly (string | Buffer)[]): Promise<void> {
  for (const each of mails) {
    const raw = Buffer.from(each);
    await storeMail(fresh.db, raw);
  }
}

const dispositions = async (fresh: Fresh): Promise<(string | null)[]> =>
  (await fresh.db('messages').select<{ disposition: string | null }[]>('disposition').orderBy('id')).map(
    (row) => row.disposition,
  );

const forEver = new AbortController().signal;

describe('the order of judgement', () => {
  test.each([
    {
      title: 'our loop mark makes it our own mail',
      raw: mail({ 'X-Purgedesk-Loop': 'this-desk' }),
      is: 'own',
    },
    {
      title: 'the mark of another desk makes it automatic mail',
      raw: mail({ 'X-Purgedesk-Loop': 'that-desk' }),
      is: 'automatic',
    },
    {
      title: 'our keyed Message-ID makes it our own mail',
      raw: mail({ 'Message-ID': '<ours@desk.example>' }),
      is: 'own',
    },
    {
      title: 'our own address makes it our own mail',
      raw: mail({ From: 'Privacy@desk.example' }),
      is: 'own',
    },
    {
      title: 'an automatic mail is never handled',
      raw: mail({ 'Auto-Submitted': 'auto-replied' }),
      is: 'automatic',
    },
    {
      title: 'two authors are for an agent',
      raw: mail({ From: 'ada@acme.example, eve@evil.example' }),
      is: 'other',
    },
    { title: 'bytes that are no mail are kept as unreadable', raw: '\u0000\u0001\u0002', is: 'unreadable' },
  ])('$title', async ({ raw, is }) => {
    await using fresh = await freshDatabase();
    await commit(fresh, raw);
    await handlePending(depsOf(fresh), forEver);
    expect(await dispositions(fresh)).toEqual([is]);
  });
});

test('a mail that cannot be read is kept raw for an agent, and the next mail is handled', async () => {
  await using fresh = await freshDatabase();
  await commit(fresh, 'no header at all', mail({ 'Message-ID': '<1@acme.example>' }));
  await handlePending(depsOf(fresh), forEver);
  expect(await dispositions(fresh)).toEqual(['unreadable', 'other']);
  const [first] = await fresh.db('messages').select('raw', 'needs_agent').orderBy('id');
  expect(first).toMatchObject({ raw: Buffer.from('no header at all'), needs_agent: true });
});

test('the same content twice is handled once', async () => {
  await using fresh = await freshDatabase();
  const raw = mail({ 'Message-ID': '<1@acme.example>' });
  await commit(fresh, `Received: from a by b; now\r\n${raw}`, `Received: from c by d; later\r\n${raw}`);
  await handlePending(depsOf(fresh), forEver);
  expect(await dispositions(fresh)).toEqual(['other', 'duplicate']);
});

test('a report about mails of ours says which ones', async () => {
  await using fresh = await freshDatabase();
  const seen: (readonly string[])[] = [];
  const report = mail(
    {
      'Auto-Submitted': 'auto-replied',
      'Content-Type': 'multipart/report; report-type=delivery-status; boundary=x',
    },
    '--x\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <ours.1@desk.example>\r\nIn-Reply-To: <theirs@acme.example>\r\n--x--\r\n',
  );
  await commit(fresh, report);
  await handlePending(
    depsOf(fresh, {
      bounced: async (_trx, { messageIds }) => {
        seen.push(messageIds);
        return messageIds.length;
      },
    }),
    forEver,
  );
  expect(seen).toEqual([['<ours.1@desk.example>']]);
  expect(await dispositions(fresh)).toEqual(['automatic']);
});

test('a mail whose handling fails is put off alone, and tried again later', async () => {
  await using fresh = await freshDatabase();
  await commit(fresh, mail({ Subject: 'poison' }), mail({ Subject: 'fine' }));
  const deps = depsOf(fresh, {
    handle: async (trx, understood) => {
      await trx('conversations').insert({ requester_hash: 'x', opened_at: new Date() });
      if (understood.subject === 'poison') throw new Error('a bug');
      return { disposition: 'other', reason: 'a test', conversationId: null, needsAgent: false };
    },
  });
  await handlePending(deps, forEver);
  expect(await dispositions(fresh)).toEqual([null, 'other']);
  expect(await fresh.db('conversations').select('id')).toHaveLength(1); // what the failed one wrote is gone
  const rows = await fresh.db('messages').select('attempts', 'not_before', 'author', 'subject').orderBy('id');
  expect(rows[0]).toMatchObject({ attempts: 1, not_before: expect.any(Date) });
  // What a mail says stands in its row whatever becomes of it.
  expect(rows.map(({ author, subject }) => [author, subject])).toEqual([
    ['ada@acme.example', 'poison'],
    ['ada@acme.example', 'fine'],
  ]);
});

test('what comes while a set waits is begun at once, not after it', async () => {
  await using fresh = await freshDatabase();
  await commit(fresh, mail({ Subject: 'slow' }));
  const [slow, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const begun: string[] = [];
  const reader = readHere(UNPROVEN);
  const deps = depsOf(fresh, {
    read: async (raw, ...rest) => {
      const subject = /^Subject: (.*)$/m.exec(raw.toString())?.[1]?.trim() ?? '';
      begun.push(subject);
      if (subject === 'slow') {
        slow.resolve();
        await second.promise; // read only once the other one is under way
      } else second.resolve();
      return reader.read(raw, ...rest);
    },
  });
  let more: () => void = () => undefined;
  const handling = handlePending(deps, forEver, (start) => {
    more = start;
  });
  await slow.promise;
  await commit(fresh, mail({ From: 'bob@acme.example', Subject: 'fast' }));
  more();
  await handling;
  expect(begun).toEqual(['slow', 'fast']);
  expect(await dispositions(fresh)).toEqual(['other', 'other']);
  more(); // when all is over it begins nothing
  expect(begun).toHaveLength(2);
});

test('a mail that keeps failing ends with an agent', async () => {
  await using fresh = await freshDatabase();
  await commit(fresh, mail({}));
  const deps = depsOf(fresh, {
    handle: () => Promise.reject(new Error('a bug')),
  });
  for (let attempt = 0; attempt < 6; attempt += 1) {
    await fresh.db('messages').update({ not_before: null });
    await handlePending(deps, forEver);
  }
  expect(await fresh.db('messages').select('disposition', 'needs_agent')).toEqual([
    { disposition: 'unreadable', needs_agent: true },
  ]);
});

test('text that Postgres cannot hold does not make a mail unstorable', async () => {
  await using fresh = await freshDatabase();
  const html = mail(
    { 'Content-Type': 'text/html; charset=utf-8', Subject: '=?utf-8?q?a=00b?=' },
    '<p>Workspace slug: acme-inc<br>Source: Web&#0;site &#xD800; Prod<br>Please delete it, all time.</p>',
  );
  await commit(fresh, html);
  await handlePending(depsOf(fresh), forEver);
  expect(await dispositions(fresh)).toEqual(['other']);
});

test('two workers share the pending mails and handle each once', async () => {
  await using fresh = await freshDatabase();
  await commit(
    fresh,
    ...Array.from({ length: 120 }, (_, index) =>
      mail({ From: `p${index % 7}@acme.example`, Subject: `n ${index}` }),
    ),
  );
  const handled: number[] = [];
  const deps = depsOf(fresh, {
    handle: async (_trx, understood) => {
      handled.push(understood.messageId);
      return { disposition: 'other', reason: 'a test', conversationId: null, needsAgent: false };
    },
  });
  await Promise.all([handlePending(deps, forEver), handlePending(deps, forEver)]);
  expect(new Set(handled).size).toBe(120);
  expect(handled).toHaveLength(120);
});

test('mails of one author are handled in the order in which they came, however many sets are under way', async () => {
  await using fresh = await freshDatabase();
  const authors = ['ada', 'bob', 'eve'].map((name) => `${name}@acme.example`);
  await commit(
    fresh,
    ...Array.from({ length: 240 }, (_, index) =>
      mail({ From: authors[index % 3] ?? '', Subject: `n ${index}` }),
    ),
  );
  const order: { author: string; messageId: number }[] = [];
  const deps = depsOf(fresh, {
    // The first mails are the slowest to be read: without order the later sets would overtake them.
    ...readHere(async (raw) => {
      const isEarly = /Subject: n \d{1,2}\r/.test(raw.toString());
      await new Promise((resolve) => setTimeout(resolve, isEarly ? 20 : 0));
      return UNPROVEN;
    }),
    handle: async (_trx, understood) => {
      order.push({ author: understood.author, messageId: understood.messageId });
      return { disposition: 'other', reason: 'a test', conversationId: null, needsAgent: false };
    },
  });
  await handlePending(deps, forEver);
  expect(order).toHaveLength(240);
  for (const author of authors) {
    const ids = order.filter((one) => one.author === author).map((one) => one.messageId);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
  }
});

test('a set whose transaction fails holds up no other', async () => {
  await using fresh = await freshDatabase();
  await commit(fresh, ...Array.from({ length: 120 }, (_, index) => mail({ Subject: `n ${index}` })));
  let failures = 1;
  const deps = depsOf(fresh, {
    crashPoint: () => {
      if (failures-- > 0) throw new Error('lost');
    },
  });
  await expect(handlePending(deps, forEver)).rejects.toThrow('lost');
  await handlePending(deps, forEver);
  expect(await fresh.db('messages').where({ status: 'pending' }).select('id')).toEqual([]);
});

describe('F34 T06 a mail whose sender cannot be looked up', () => {
  const TEMPERROR = { ...UNPROVEN, dmarc: { result: 'temperror', policy: 'reject' } } as const;
  const request = mail({ Subject: 'Deletion' });
  const stop = mail({ Subject: 'Stop' }, 'Please stop the deletion of workspace acme-inc.');

  /** Everything about one mail whose servers do not answer before `answerAfter` tries. */
  async function waiting(fresh: Fresh, answerAfter = Number.POSITIVE_INFINITY) {
    await fresh.db('desk_clock').update({ movable: true });
    let tries = 0;
    const standings: string[] = [];
    const deps = depsOf(fresh, {
      ...readHere(async () => {
        tries += 1;
        return tries > answerAfter ? UNPROVEN : TEMPERROR;
      }),
      standingOf: ({ dmarc }) => (dmarc.result === 'temperror' ? 'undetermined' : 'unproven'),
      handle: async (_trx, { standing }) => {
        standings.push(standing);
        return { disposition: 'other', reason: 'a test', conversationId: null, needsAgent: true };
      },
    });
    return {
      standings,
      tries: () => tries,
      handle: () => handlePending(deps, forEver),
      pass: (minutes: number) =>
        fresh.db.raw('update desk_clock set offset_ms = offset_ms + ?', [minutes * 60_000]),
    };
  }

  test('is read again later, in desk time, and is no fault of ours', async () => {
    await using fresh = await freshDatabase();
    await commit(fresh, request);
    const desk = await waiting(fresh, 1);
    expect(await desk.handle()).toHaveLength(1); // once, and not round and round
    await desk.handle();
    expect(desk.tries()).toBe(1);
    const [row] = await fresh.db('messages').select('status', 'attempts', 'not_before', 'evidence');
    expect(row).toMatchObject({ status: 'pending', attempts: 0, not_before: null, evidence: TEMPERROR });
    await desk.pass(6);
    await desk.handle();
    expect(desk.standings).toEqual(['unproven']);
    expect(await dispositions(fresh)).toEqual(['other']);
  });

  test('is tried again and again for a day, and then handled by agents', async () => {
    await using fresh = await freshDatabase();
    await commit(fresh, request);
    const desk = await waiting(fresh);
    await desk.handle();
    for (let minutes = 5; minutes < 24 * 60; minutes += 5) {
      await desk.pass(5);
      await desk.handle();
    }
    expect(desk.standings).toEqual([]);
    expect(desk.tries()).toBeGreaterThan(7);
    expect(desk.tries()).toBeLessThan(15);
    await desk.pass(10);
    await desk.handle();
    expect(desk.standings).toEqual(['undetermined']);
    expect(await dispositions(fresh)).toEqual(['other']);
  });

  test('is tried for a day even if it came while nobody was there to read it', async () => {
    await using fresh = await freshDatabase();
    await commit(fresh, request);
    const desk = await waiting(fresh);
    await desk.pass(48 * 60);
    await desk.handle();
    expect(desk.standings).toEqual([]);
  });

  test('stops a deletion at once', async () => {
    await using fresh = await freshDatabase();
    await commit(fresh, stop);
    const desk = await waiting(fresh);
    await desk.handle();
    expect(desk.standings).toEqual(['unproven']);
  });

  test('holds up nobody behind it', async () => {
    await using fresh = await freshDatabase();
    await commit(fresh, request, stop);
    const desk = await waiting(fresh);
    await desk.handle();
    expect(await dispositions(fresh)).toEqual([null, 'other']);
  });
});

test('T08 a mail of several authors is for an agent, and a report about a mail of ours is heard all the same', async () => {
  await using fresh = await freshDatabase();
  const twice = (raw: string) => `From: eve@evil.example\r\n${raw}`;
  await commit(
    fresh,
    twice(mail({ 'Message-ID': '<1@acme.example>' })),
    twice(mail({ 'X-Purgedesk-Loop': 'this-desk' })),
    twice(mail({ 'Auto-Submitted': 'auto-replied' }, 'I am away.')),
  );
  const handled: number[] = [];
  await handlePending(
    depsOf(fresh, {
      handle: async (_trx, understood) => {
        handled.push(understood.messageId);
        return { disposition: 'other', reason: 'a test', conversationId: null, needsAgent: false };
      },
    }),
    forEver,
  );
  expect(handled).toEqual([]);
  expect(await fresh.db('messages').select('disposition', 'needs_agent').orderBy('id')).toEqual([
    { disposition: 'other', needs_agent: true },
    { disposition: 'own', needs_agent: false },
    { disposition: 'automatic', needs_agent: false },
  ]);
});
