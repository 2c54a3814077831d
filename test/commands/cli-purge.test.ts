import { afterEach, describe, expect, test, vi } from 'vitest';
import { addPurgeCommands } from '../../src/commands/cli-purge.ts';
import { addTicketCommands } from '../../src/commands/cli-tickets.ts';
import {
  durationInWords,
  progressInWords,
  purgeNotices,
  rateInWords,
} from '../../src/commands/purge-words.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import { readPurgeStatus } from '../../src/purge/status.ts';
import { EVENTS_A_DAY } from '../purge/customer-database.ts';
import { type Desk, openDesk } from '../purge/desk.ts';
import { sampleTarget } from '../purge/fixtures.ts';
import { NEVER } from '../purge/store-contract.ts';
import { runCommand } from './run-command.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const JANUARY = 31 * EVENTS_A_DAY;
const AS = ['--as', 'ada', '--reason', 'a customer called'];

/** The command, as a person calls it. @returns what it writes to standard output */
const run = (desk: Desk, ...args: readonly string[]): Promise<string> => {
  const { tables, scopes, archive } = desk.customers.store;
  const stores = [{ name: 'archive', kind: 'postgres', url: desk.url, archive, scopes, tables }];
  return runCommand({ url: desk.url, stores }, [addPurgeCommands, addTicketCommands], args);
};

/** A purge that was stopped between two batches. */
async function halfway(desk: Desk) {
  const id = await desk.ticketInGrace(sampleTarget());
  await rehearse(desk.ports, id, NEVER);
  await desk.startPurge(id);
  const stop = new AbortController();
  desk.atCrashPoint = (label) => {
    if (label === 'purge.batch.recorded') stop.abort(new Error('stop'));
  };
  await runStep(desk.ports, id, 1, stop.signal).catch(() => undefined);
  desk.atCrashPoint = () => undefined;
  return id;
}

describe('purgedesk purge', () => {
  test('status says that nothing is under way', async () => {
    await using desk = await openDesk();
    expect(await run(desk, 'purge', 'status')).toBe('No purge is under way.\n');
  });

  test('halt, status and resume: what stops, how far it is, and that it goes on', async () => {
    await using desk = await openDesk();
    const id = await halfway(desk);
    expect(await run(desk, 'purge', 'halt', ...AS)).toBe(
      'All purges are halted; nothing is being deleted any more.\n',
    );
    expect(await run(desk, 'purge', 'halt', ...AS)).toMatch(/^All purges were halted already;/);
    const status = await run(desk, 'purge', 'status');
    expect(status).toMatch(/^All purges are halted since .*, by ada: a customer called\n/);
    expect(status).toMatch(new RegExp(`PD-${id} +1 of 1 +archive +1 +${JANUARY} +0 .* halted\n$`));
    expect(JSON.parse(await run(desk, 'purge', 'status', '--json'))).toMatchObject({
      halt: { by: 'ada', reason: 'a customer called' },
      purges: [{ reference: `PD-${id}`, deleted: 1, estimate: JANUARY, waitsFor: ['halted'] }],
    });
    expect(await run(desk, 'purge', 'resume', ...AS)).toBe('Purges run again.\n');
    expect(await run(desk, 'purge', 'resume', ...AS)).toBe('Purges were not halted.\n');
    const jobs = await desk.db.raw(`select key from graphile_worker.jobs where key like 'step:%'`);
    expect(jobs.rows).toEqual([{ key: `step:${id}:1` }]);
  });

  test('tickets show tells how far the purge is', async () => {
    await using desk = await openDesk();
    const id = await halfway(desk);
    expect(await run(desk, 'tickets', 'show', `PD-${id}`)).toMatch(
      new RegExp(
        `\nprogress +step 1 of 1 \\(archive\\): 1 of about ${JANUARY} \\(0 %\\).*; its turn comes\n`,
      ),
    );
  });

  test('brake set and release, of a store that there is', async () => {
    await using desk = await openDesk();
    await expect(run(desk, 'purge', 'brake', 'set', 'attic', ...AS)).rejects.toMatchObject({
      code: 'PD_USAGE',
      remedy: 'one of: archive',
    });
    expect(await run(desk, 'purge', 'brake', 'set', 'archive', ...AS)).toBe(
      'Purges leave store archive alone until it is released.\n',
    );
    expect(await run(desk, 'purge', 'status')).toMatch(
      /^Store archive is braked by ada until an agent releases it: a customer called\n/,
    );
    expect(await run(desk, 'purge', 'brake', 'release', 'archive', '--as', 'bob')).toBe(
      'Store archive is released.\n',
    );
    expect(await run(desk, 'purge', 'brake', 'release', 'archive', '--as', 'bob')).toBe(
      'Store archive is not braked.\n',
    );
  });

  test.each([
    { title: 'no name', args: ['--as', '\u0007', '--reason', 'x'] },
    { title: 'no reason', args: ['--as', 'ada', '--reason', '  '] },
    { title: 'a reason of several lines', args: ['--as', 'ada', '--reason', 'a\nb'] },
    { title: 'a reason without end', args: ['--as', 'ada', '--reason', 'x'.repeat(501)] },
  ])('halt takes $title for a slip', async ({ args }) => {
    await using desk = await openDesk();
    await expect(run(desk, 'purge', 'halt', ...args)).rejects.toMatchObject({ code: 'PD_USAGE' });
    expect((await readPurgeStatus(desk.db)).halt).toBeNull();
  });
});

describe('the words', () => {
  test.each([
    [5, '5 s'],
    [119, '119 s'],
    [120, '2 min'],
    [7_140, '119 min'],
    [11_100, '3 h 5 min'],
    [183_600, '2 d 3 h'],
  ])('%i seconds are %s', (seconds, words) => {
    expect(durationInWords(seconds)).toBe(words);
  });

  test('of a rate keep a digit where it matters', () => {
    expect([0.04, 3.12, 12.5, 1_234.5].map(rateInWords)).toEqual(['0.0', '3.1', '13', '1235']);
  });

  test('of a step say what it waits for', () => {
    const line = {
      reference: 'PD-1001',
      step: 2,
      steps: 5,
      store: 'archive',
      target: 'public.events',
      deleted: 1_200,
      estimate: 4_000,
      percent: 30,
      perSecond: 500,
      etaSeconds: 6,
      isRunning: true,
      waitsFor: [],
      lastError: null,
    };
    const words = 'step 2 of 5 (archive): 1200 of about 4000 (30 %), 500 a second, 6 s to go';
    expect(progressInWords(line)).toBe(`${words}; running`);
    expect(
      progressInWords({ ...line, isRunning: false, waitsFor: ['step_failed'], lastError: 'PD_STORE_LIED' }),
    ).toBe(`${words}; on hold: step_failed (PD_STORE_LIED)`);
    expect(progressInWords({ ...line, isRunning: false, waitsFor: ['braked'] })).toBe(
      `${words}; waits for the store`,
    );
  });

  test('of a store that fails say that nobody is needed', () => {
    const brake = {
      store: 'archive',
      failures: 7,
      since: '2026-11-22T10:00:00.000Z',
      lastError: 'PD_STORE_FAILED',
      seconds: 42,
      setBy: null,
      reason: null,
    };
    expect(purgeNotices({ halt: null, brakes: [brake] })).toEqual([
      expect.stringMatching(
        /^Store archive fails \(PD_STORE_FAILED, 7 in a row, since .*\); tried again in 42 s, by itself\.$/,
      ),
    ]);
  });
});
