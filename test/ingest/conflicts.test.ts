import { describe, expect, test } from 'vitest';
import { transact } from '../../src/db/again.ts';
import { openDatabase } from '../../src/db/connection.ts';
import { handlePending } from '../../src/ingest/message-queue.ts';
import type { IngestDeps } from '../../src/ingest/ports.ts';
import { injected } from '../faults/tally.ts';
import { freshDatabase, type TestDatabase, untilBackendsWait } from '../support/database.ts';
import { OTHER, queueDeps, storeMail } from './reader.ts';

type Transaction = Parameters<IngestDeps['handle']>[0];

const forEver = new AbortController().signal;

/** Two rows to fight about, and two mails; mails of other people have nothing to do with each other. */
async function arena(fresh: TestDatabase): Promise<void> {
  await fresh.db.raw('create table things (id integer primary key, seen integer not null default 0)');
  await fresh.db('things').insert([{ id: 1 }, { id: 2 }]);
  for (const author of ['ada', 'bob']) {
    const raw = Buffer.from(
      `From: ${author}@acme.example\r\nTo: privacy@desk.example\r\nSubject: Hello\r\n\r\nDelete workspace ${author}.`,
    );
    await storeMail(fresh.db, raw);
  }
}

const depsOf = (db: IngestDeps['db'], overrides: Partial<IngestDeps>): IngestDeps =>
  queueDeps(db, { touches: async (_trx, mail) => [mail.author], ...overrides });

const mails = ({ db }: TestDatabase) =>
  db('messages').select('status', 'attempts', 'disposition').orderBy('id');

const SEE = 'update things set seen = seen + 1 where id = ?';

/** What a second session does so that the first one ends with each code. `undo` ends that session's transaction. */
const RIVALS: Readonly<
  Record<string, (fresh: TestDatabase, trx: Transaction) => Promise<() => Promise<unknown>>>
> = {
  '55P03': async (fresh, trx) => {
    const rival = await fresh.db.transaction();
    await rival.raw(SEE, [1]);
    await trx.raw("set local lock_timeout = '20ms'");
    return () => rival.commit();
  },
  '40P01': async (fresh, trx) => {
    const rival = await fresh.db.transaction();
    await rival.raw(SEE, [1]);
    await trx.raw(SEE, [2]);
    await trx.raw("set local deadlock_timeout = '20ms'"); // whoever looks first is the one that gives way
    const waits = rival.raw(SEE, [2]);
    waits.catch(() => undefined);
    await untilBackendsWait(fresh.db, 1);
    return async () => {
      await waits;
      await rival.commit();
    };
  },
  '40001': async (fresh) => {
    await fresh.db.raw(SEE, [1]);
    return async () => undefined;
  },
};

describe('F21 a decision that another session is in the way of', () => {
  test.each(Object.keys(RIVALS))(
    '%s: the whole set is decided again at once, and no mail is blamed',
    async (code) => {
      await using fresh = await freshDatabase();
      await arena(fresh);
      const db = openDatabase(
        `${fresh.url}?options=-c%20default_transaction_isolation%3D${isolationFor(code)}`,
      );
      const codes: unknown[] = [];
      let calls = 0;
      const handle: IngestDeps['handle'] = async (trx, mail) => {
        calls += 1;
        if (mail.author !== 'ada@acme.example' || codes.length > 0) return OTHER;
        const undo = await RIVALS[code]!(fresh, trx);
        try {
          await trx.raw(SEE, [1]);
          return OTHER;
        } catch (error) {
          codes.push((error as { code?: unknown }).code);
          injected('F21');
          void undo();
          throw error;
        }
      };
      try {
        // Each for itself: nothing but the whole set being decided again can help it.
        await handlePending(depsOf(db, { handle, touches: async () => ['the same'] }), forEver);
      } finally {
        await db.destroy();
      }
      expect(codes).toEqual([code]);
      const done = { status: 'done', attempts: 0, disposition: 'other' };
      expect(await mails(fresh)).toEqual([done, done]);
      expect(calls).toBeGreaterThan(2);
    },
  );

  test('again and again: after five more tries it is an attempt of that mail alone', async () => {
    await using fresh = await freshDatabase();
    await arena(fresh);
    let tries = 0;
    const handle: IngestDeps['handle'] = async (trx, mail) => {
      if (mail.author !== 'ada@acme.example') return OTHER;
      tries += 1;
      injected('F21');
      await trx.raw(`do $$ begin raise exception 'injected' using errcode = '40001'; end $$`);
      return OTHER;
    };
    await handlePending(depsOf(fresh.db, { handle }), forEver);
    expect(tries).toBe(7); // six sets, and in the last one also alone
    expect(await mails(fresh)).toEqual([
      { status: 'pending', attempts: 1, disposition: null },
      { status: 'done', attempts: 0, disposition: 'other' },
    ]);
  });

  test('in what an agent or a page decides: begun again, and anything else is thrown at once', async () => {
    await using fresh = await freshDatabase();
    await arena(fresh);
    let tries = 0;
    const decided = await transact(fresh.db, async (trx) => {
      tries += 1;
      await trx.raw(SEE, [1]);
      if (tries < 3) {
        injected('F21');
        await trx.raw(`do $$ begin raise exception 'injected' using errcode = '40P01'; end $$`);
      }
      return tries;
    });
    expect(decided).toBe(3);
    expect(await fresh.db('things').orderBy('id').pluck('seen')).toEqual([1, 0]);
    const fault = transact(fresh.db, async (trx) => {
      tries += 1;
      await trx.raw('select 1/0');
    });
    await expect(fault).rejects.toMatchObject({ code: '22012' });
    expect(tries).toBe(4);
  });
});

const isolationFor = (code: string): string => (code === '40001' ? 'serializable' : 'read%5C%20committed');
