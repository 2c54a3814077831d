import { describe, expect, test } from 'vitest';
import { rehearsalInWords } from '../../../src/commands/ledger-words.ts';
import { storeSchema } from '../../../src/purge/catalogue.ts';
import { ledgerLines, readLedgerFile } from '../../../src/purge/ledger/file.ts';
import { appendErasure } from '../../../src/purge/ledger/ledger.ts';
import { type ReplayOptions, rehearseReplay } from '../../../src/purge/ledger/replay.ts';
import { runReplay } from '../../../src/purge/ledger/replay-run.ts';
import { makePlan } from '../../../src/purge/plan.ts';
import type { Desk } from '../desk.ts';
import { ACME, planInput, sampleTarget, WORKSPACE_TARGET } from '../fixtures.ts';
import { NEVER } from '../store-contract.ts';
import { openRestorable, purge, reportGone, restore } from './scene.ts';

const ALL: ReplayOptions = { since: null, store: null, file: null, includeUndatable: false };
const USER_TARGET = sampleTarget({ scope: 'user', source: null, timeFrame: null, users: ['u1'] });
const OF_USER = 100;

const rehearsed = (desk: Desk, options: Partial<ReplayOptions> = {}) =>
  rehearseReplay(desk.ports, { ...ALL, ...options }, NEVER);
const confirmed = (desk: Desk, digest: string | null, options: Partial<ReplayOptions> = {}) => {
  const order = { digest: digest ?? 'none', agent: 'Grace', reason: 'restored', reasonHash: 'e'.repeat(32) };
  return runReplay(desk.ports, { ...ALL, ...options }, order, NEVER);
};
const nowOf = async (desk: Desk): Promise<Date> =>
  (await desk.db.raw('select desk_now() as now')).rows[0].now;

describe('of a backup made between a restore and its replay', () => {
  test('what was erased long before and replayed since is looked at', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    const backup = await nowOf(desk);
    const { digest } = await rehearsed(desk);
    await confirmed(desk, digest);
    await restore(desk);
    const again = await rehearsed(desk, { since: backup });
    expect(again).toMatchObject({ lines: [{ seq: 1, again: OF_USER }], total: OF_USER });
    expect((await rehearsed(desk, { since: await nowOf(desk) })).lines).toEqual([]);
    expect((await rehearsed(desk, { since: backup, store: 'other' })).lines).toEqual([]);
  });

  test('it is so where only an exported ledger knows of the replay', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    const backup = await nowOf(desk);
    const { digest } = await rehearsed(desk);
    await confirmed(desk, digest);
    const lines: string[] = [];
    for await (const line of ledgerLines(desk.db)) lines.push(line);
    await restore(desk);
    await desk.db.raw('alter table erasure_ledger disable trigger user');
    await desk.db.raw('delete from erasure_ledger where seq = 2');
    await desk.db.raw('update ledger_head set (seq, hash) = (select seq, hash from erasure_ledger)');
    const file = readLedgerFile(lines.join('\n'), desk.ports.ledgerKey);
    expect((await rehearsed(desk, { since: backup })).lines).toEqual([]);
    expect((await rehearsed(desk, { since: backup, file })).lines).toMatchObject([
      { seq: 1, again: OF_USER },
    ]);
  });
});

describe('a person decides', () => {
  test('on a workspace that the directory does not know, as on a desk before its first import', async () => {
    await using desk = await openRestorable();
    await purge(desk, WORKSPACE_TARGET);
    await restore(desk);
    await desk.db('workspaces').delete();
    const customers = await desk.customers.fingerprint('true');
    const found = await rehearsed(desk);
    expect(found).toMatchObject({
      lines: [
        { again: 400, left: 'unknown' },
        { again: 3, left: 'unknown' },
      ],
      digest: null,
    });
    expect(rehearsalInWords(found)).toContain('the directory does not know the workspace');
    await expect(confirmed(desk, found.digest)).rejects.toMatchObject({ code: 'PD_USAGE' });
    expect(await desk.customers.fingerprint('true')).toBe(customers);
  });

  test('on a workspace that was brought back, and a confirmation from before does not hold', async () => {
    await using desk = await openRestorable();
    await purge(desk, WORKSPACE_TARGET);
    await reportGone(desk, true);
    await restore(desk);
    const options = { includeUndatable: true };
    const gone = await rehearsed(desk, options);
    expect(gone).toMatchObject({ lines: [{ despite: [] }, { despite: [] }], total: 403 });
    await reportGone(desk, false);
    const customers = await desk.customers.fingerprint('true');
    for (const digest of [gone.digest, (await rehearsed(desk)).digest])
      await expect(confirmed(desk, digest, options)).rejects.toMatchObject({ code: 'PD_USAGE' });
    expect(await desk.customers.fingerprint('true')).toBe(customers);
    const living = await rehearsed(desk, options);
    expect(living.lines).toMatchObject([
      { left: null, despite: ['lives_again'] },
      { left: null, despite: ['lives_again', 'undatable'] },
    ]);
    expect(rehearsalInWords(living)).toContain('INCLUDED: needs a person: all of the workspace was erased');
  });

  test('on objects whose time is that of their restore: nobody claims that they are not there', async () => {
    await using desk = await openRestorable();
    const lake = storeSchema.parse({
      name: 'lake',
      kind: 's3',
      endpoint: 'https://s3.example.org',
      region: 'eu-1',
      bucket: 'lake',
      accessKeyId: 'id',
      secretAccessKey: 'secret',
      archive: true,
      scopes: ['source'],
      prefixes: [{ prefix: 'raw/{workspace}/{source}/', receivedAt: 'lastModified' }],
    });
    const plan = makePlan(planInput(sampleTarget(), [lake]));
    const step = 'steps' in plan ? plan.steps[0] : undefined;
    if (step === undefined) throw new Error('no step');
    const ticketId = await desk.ticketInGrace(sampleTarget());
    const at = await nowOf(desk);
    await desk.db.transaction((trx) =>
      appendErasure(trx, desk.ports.ledgerKey, { kind: 'erased', ticketId, step, deleted: 7, at }),
    );
    // As the bucket answers: no object there is older than its restore.
    const empty = { ...desk.ports.stores.get('archive'), rehearse: async () => 0 };
    const ports = { ...desk.ports, catalogue: [lake], stores: { ...desk.ports.stores, get: () => empty } };
    for (const includeUndatable of [false, true]) {
      const found = await rehearseReplay(ports, { ...ALL, includeUndatable }, NEVER);
      expect(found).toMatchObject({
        lines: [{ workspace: ACME, again: null, left: 'object_time' }],
        digest: null,
      });
      const words = rehearsalInWords(found);
      expect(words).toContain('do it by hand');
      expect(words).toContain('0 erasure(s) hold');
    }
  });
});
