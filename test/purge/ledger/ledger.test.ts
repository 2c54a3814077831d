import { describe, expect, test } from 'vitest';
import type { PlanStep } from '../../../src/domain/plan.ts';
import { adoptErasures } from '../../../src/purge/ledger/adopt.ts';
import { EMPTY_LEDGER, entryHash, linkAfter, linkProblem } from '../../../src/purge/ledger/chain.ts';
import {
  appendMissing,
  ledgerLines,
  missingEntries,
  readLedgerFile,
} from '../../../src/purge/ledger/file.ts';
import {
  appendErasure,
  type Erasure,
  readLedger,
  type SealedLink,
} from '../../../src/purge/ledger/ledger.ts';
import { ledgerKey } from '../../../src/purge/ledger/seal.ts';
import { verifyLedger } from '../../../src/purge/ledger/verify.ts';
import { makePlan } from '../../../src/purge/plan.ts';
import { freshDatabase, type TestDatabase, untilBackendsWait } from '../../support/database.ts';
import { ACME, planInput, sampleTarget } from '../fixtures.ts';

const KEY = ledgerKey(Buffer.alloc(32, 3));
const OTHER_KEY = ledgerKey(Buffer.alloc(32, 4));
const PERSON = 'canary-person-8812';
const AT = new Date('2024-05-08T00:01:00Z');

const step = stepFor(PERSON);
const erasure: Erasure = { kind: 'erased', ticketId: 1001, step, deleted: 12, at: AT };

function stepFor(user: string, no = 1): PlanStep {
  const plan = makePlan(
    planInput(sampleTarget({ scope: 'user', source: null, timeFrame: null, users: [user] })),
  );
  if ('impossible' in plan) throw new Error(plan.impossible.join());
  const [first] = plan.steps;
  if (first === undefined) throw new Error('no step');
  return { ...first, no };
}

const append = (db: TestDatabase['db'], ...erasures: readonly Erasure[]) =>
  db.transaction(async (trx) => {
    for (const each of erasures) await appendErasure(trx, KEY, each);
  });

async function entriesOf(db: TestDatabase['db']): Promise<SealedLink[]> {
  const entries: SealedLink[] = [];
  for await (const part of readLedger(db)) entries.push(...part);
  return entries;
}

async function exported(db: TestDatabase['db']): Promise<string> {
  const lines: string[] = [];
  for await (const line of ledgerLines(db)) lines.push(line);
  return `${lines.join('\n')}\n`;
}

const several = (count: number): Erasure[] =>
  Array.from({ length: count }, (_, index) => ({ ...erasure, ticketId: 1001 + index }));

describe('the chain', () => {
  const entry = {
    at: AT.toISOString(),
    kind: 'erased',
    ticket: 1001,
    step: 1,
    store: 'archive',
    target: 'public.events',
    action: 'delete',
    workspace: ACME,
    stepDigest: KEY.digest(step),
    deleted: 12,
    replayOf: null,
  } as const;
  const first = linkAfter(EMPTY_LEDGER, entry);

  test('begins at 1 and each entry names the hash of the one before', () => {
    expect(linkProblem(EMPTY_LEDGER, first)).toBeNull();
    const second = linkAfter(first, { ...entry, ticket: 1002 });
    expect(second).toMatchObject({ seq: 2, previousHash: first.hash });
    expect(linkProblem(first, second)).toBeNull();
    expect(linkProblem(EMPTY_LEDGER, second)).toBe('entry 1 is missing');
  });

  const changes = {
    seq: 2,
    at: '2024-05-08T00:01:00.001Z',
    kind: 'replayed',
    ticket: 1002,
    step: 2,
    store: 'profiles',
    target: 'public.people',
    action: 'clear',
    workspace: 'ws_globex',
    stepDigest: KEY.digest(stepFor('somebody else')),
    deleted: 13,
    replayOf: 1,
    previousHash: 'a'.repeat(64),
    hash: 'b'.repeat(64),
  } as const satisfies typeof first;

  test.each(Object.entries(changes))('shows that %s was changed', (field, value) => {
    expect(linkProblem(EMPTY_LEDGER, { ...first, [field]: value })).toMatch(
      /missing|changed|does not follow/,
    );
  });

  test('hashes every field that it has', () => {
    const { previousHash, hash, ...hashed } = first;
    expect(Object.keys(changes).sort()).toEqual(Object.keys(first).sort());
    expect(entryHash(previousHash, hashed)).toBe(hash);
  });
});

describe('a seal', () => {
  const hash = 'c'.repeat(64);

  test('opens with its key and in its place only', () => {
    const sealed = KEY.seal(step, hash);
    expect(KEY.open(sealed, hash)).toEqual(step);
    expect(() => OTHER_KEY.open(sealed, hash)).toThrow(/does not open/);
    expect(() => KEY.open(sealed, 'd'.repeat(64))).toThrow(/does not open/);
    expect(sealed.toString('latin1')).not.toContain(PERSON);
  });

  test('with any one bit changed opens no more', () => {
    const sealed = KEY.seal(step, hash);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => KEY.open(changed, hash), `byte ${at}`).toThrow(/does not open/);
    }
    for (const length of [0, 1, 13, 28, sealed.length - 1])
      expect(() => KEY.open(sealed.subarray(0, length), hash)).toThrow(/does not open/);
  });

  test('is another one each time, and the digest is the same', () => {
    expect(KEY.seal(step, hash).equals(KEY.seal(step, hash))).toBe(false);
    expect(KEY.digest(step)).toBe(KEY.digest({ ...step }));
    expect(KEY.digest(step)).not.toBe(OTHER_KEY.digest(step));
  });

  test('is not made with a short secret', () => {
    expect(() => ledgerKey(Buffer.alloc(31))).toThrow(/32 bytes/);
  });
});

describe('the ledger', () => {
  test('takes entries one behind the other, and verifies', async () => {
    await using database = await freshDatabase();
    await append(database.db, ...several(3));
    const entries = await entriesOf(database.db);
    expect(entries.map(({ link }) => [link.seq, link.ticket, link.deleted])).toEqual([
      [1, 1001, 12],
      [2, 1002, 12],
      [3, 1003, 12],
    ]);
    expect(await verifyLedger(database.db, KEY)).toMatchObject({ entries: 3, sealed: 3, problems: [] });
  });

  test('holds nothing that names an end user outside of a seal', async () => {
    await using database = await freshDatabase();
    await append(database.db, erasure);
    for (const table of ['erasure_ledger', 'ledger_seals', 'ledger_head']) {
      const rows = await database.db.raw<{ rows: { row: string }[] }>(
        `select cast(r as text) as row from ${table} r`,
      );
      expect(rows.rows.map(({ row }) => row).join()).not.toContain(PERSON);
    }
    expect(await exported(database.db)).not.toContain(PERSON);
  });

  test('has no gap and no fork when many append at once', async () => {
    await using database = await freshDatabase();
    const holder = await database.db.transaction();
    await appendErasure(holder, KEY, erasure);
    const others = several(6)
      .slice(1)
      .map((each) => append(database.db, each));
    await untilBackendsWait(database.db, 5);
    await holder.commit();
    await Promise.all(others);
    const report = await verifyLedger(database.db, KEY);
    expect(report).toMatchObject({ entries: 6, problems: [] });
    expect(new Set((await entriesOf(database.db)).map(({ link }) => link.ticket)).size).toBe(6);
  });

  test('keeps no trace of an entry that was rolled back', async () => {
    await using database = await freshDatabase();
    const failed = database.db.transaction(async (trx) => {
      await appendErasure(trx, KEY, erasure);
      throw new Error('the purge failed');
    });
    await expect(failed).rejects.toThrow('the purge failed');
    await append(database.db, erasure);
    expect(await verifyLedger(database.db, KEY)).toMatchObject({ entries: 1, problems: [] });
  });

  test('takes no change, of nobody', async () => {
    await using database = await freshDatabase();
    await append(database.db, erasure);
    for (const statement of [
      'update erasure_ledger set deleted = 0',
      'delete from erasure_ledger',
      'truncate erasure_ledger cascade',
      `update ledger_seals set sealed = ''`,
      'delete from ledger_head',
    ]) {
      await expect(database.db.raw(statement), statement).rejects.toMatchObject({ code: 'PD001' });
    }
  });

  test('records one erasure of a step, and no second', async () => {
    await using database = await freshDatabase();
    await append(database.db, erasure);
    await expect(append(database.db, erasure)).rejects.toMatchObject({ constraint: 'erasure_ledger_once' });
    expect(await verifyLedger(database.db, KEY)).toMatchObject({ entries: 1, problems: [] });
  });

  test.each([
    ['at', `at + interval '1 second'`],
    ['ticket_id', '7'],
    ['step', '9'],
    ['store', `'profiles'`],
    ['target', `'public.people'`],
    ['action', `'clear'`],
    ['workspace_id', `'ws_globex'`],
    ['step_digest', `repeat('e', 64)`],
    ['deleted', '0'],
    ['previous_hash', `repeat('e', 64)`],
    ['hash', `repeat('e', 64)`],
  ])('shows that somebody with all rights changed %s', async (column, value) => {
    await using database = await freshDatabase();
    await append(database.db, ...several(3));
    await database.db.raw('alter table erasure_ledger disable trigger user');
    await database.db.raw(`update erasure_ledger set ${column} = ${value} where seq = 2`);
    const { problems } = await verifyLedger(database.db, KEY);
    expect(problems.join()).toMatch(/entry 2/);
  });

  test('shows that the newest entries were taken away', async () => {
    await using database = await freshDatabase();
    await append(database.db, ...several(3));
    await database.db.raw('alter table erasure_ledger disable trigger user');
    await database.db.raw('delete from ledger_seals where seq = 3');
    await database.db.raw('delete from erasure_ledger where seq = 3');
    expect((await verifyLedger(database.db, KEY)).problems).toEqual(['the newest entries are missing']);
  });

  test('shows that seals were swapped, and with another key that none opens', async () => {
    await using database = await freshDatabase();
    await append(database.db, erasure, { ...erasure, ticketId: 1002, step: stepFor('somebody else') });
    await database.db.raw('alter table ledger_seals disable trigger user');
    await database.db.raw(`update ledger_seals set sealed = (select sealed from ledger_seals where seq = 2)
      where seq = 1`);
    expect((await verifyLedger(database.db, KEY)).problems).toEqual(['the seal of entry 1 does not open']);
    expect((await verifyLedger(database.db, OTHER_KEY)).problems).toHaveLength(2);
  });

  test('takes in what was erased before there was a chain, once', async () => {
    await using database = await freshDatabase();
    const rows = several(3).map(({ ticketId, step: planned, deleted, at }, index) => ({
      seq: index + 1,
      ticket_id: ticketId,
      step: JSON.stringify(planned),
      deleted,
      erased_at: at,
    }));
    await database.db('unchained_erasures').insert(rows);
    expect(await verifyLedger(database.db, KEY)).toMatchObject({ entries: 0, unchained: 3 });
    await Promise.all([adoptErasures(database.db, KEY), adoptErasures(database.db, KEY)]);
    expect(await adoptErasures(database.db, KEY)).toBe(0);
    expect(await verifyLedger(database.db, KEY)).toMatchObject({
      entries: 3,
      sealed: 3,
      unchained: 0,
      problems: [],
    });
  });
});

describe('an exported ledger', () => {
  test('comes back as it was, on a desk that lost its newest entries or all of them', async () => {
    await using database = await freshDatabase();
    await append(database.db, ...several(5));
    const file = readLedgerFile(await exported(database.db), KEY);
    expect(await missingEntries(database.db, file)).toEqual([]);
    for (const kept of [0, 2]) {
      await using restored = await freshDatabase();
      await restored.db.transaction((trx) => appendMissing(trx, file.slice(0, kept)));
      const missing = await missingEntries(restored.db, file);
      expect(missing.map(({ link }) => link.seq)).toEqual([1, 2, 3, 4, 5].slice(kept));
      await restored.db.transaction((trx) => appendMissing(trx, missing));
      expect(await verifyLedger(restored.db, KEY)).toMatchObject({ entries: 5, sealed: 5, problems: [] });
      expect(await exported(restored.db)).toBe(await exported(database.db));
    }
  });

  test('may be older than the desk', async () => {
    await using database = await freshDatabase();
    await append(database.db, ...several(2));
    const file = readLedgerFile(await exported(database.db), KEY);
    await append(database.db, { ...erasure, ticketId: 2000 });
    expect(await missingEntries(database.db, file)).toEqual([]);
  });

  test('of another desk, or one that went its own way since, is refused', async () => {
    await using database = await freshDatabase();
    await using other = await freshDatabase();
    await append(database.db, ...several(3));
    await append(other.db, erasure, { ...erasure, ticketId: 4711 });
    const file = readLedgerFile(await exported(database.db), KEY);
    await expect(missingEntries(other.db, file)).rejects.toThrow('the ledgers part at entry');
  });

  test('is refused with another key, cut short, or with any line changed, left out or repeated', async () => {
    await using database = await freshDatabase();
    await append(database.db, ...several(3));
    const text = await exported(database.db);
    const lines = text.trimEnd().split('\n');
    expect(() => readLedgerFile(text, OTHER_KEY)).toThrow(/does not open/);
    const changed = [
      '',
      'ledger',
      lines.slice(0, -1).join('\n'),
      lines.slice(1).join('\n'),
      [...lines, lines.at(-1)].join('\n'),
      ...lines.slice(1).map((_, index) => lines.filter((_line, at) => at !== index + 1).join('\n')),
      text.replace('"deleted":12', '"deleted":13'),
      text.replace('"at":"2024', '"at":"2025'),
      text.replace(/"sealed":"A./, '"sealed":"AA'),
      text.replace('"kind"', '"note":1,"kind"'),
    ];
    for (const each of changed) {
      expect(() => readLedgerFile(each, KEY), each.slice(0, 80)).toThrow(/exported ledger does not hold/);
    }
  });
});
