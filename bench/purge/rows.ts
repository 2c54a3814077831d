import { ensureDatabase } from '../../src/sandbox/postgres.ts';
import { line, median, ratios } from '../report.ts';
import { deleteByHand, WAYS, type Way, wayName } from './by-hand.ts';
import {
  customersStore,
  equalSizes,
  fillCustomers,
  onDatabase,
  othersFingerprint,
  TABLES,
} from './customers.ts';
import { memoryOf } from './memory.ts';
import { endProcess, quantile, startProcess, whileProbed } from './processes.ts';
import { purgeInProcess } from './purge-process.ts';
import type { PurgeOrder, PurgeReport } from './purger.ts';
import type { BenchServer } from './server.ts';

export interface RowsOptions {
  /** Rows to delete of ten times as many. */
  readonly rows: number;
  readonly rounds: number;
}

const DOOMED = 'ws_1';
const OTHERS = ['ws_2', 'ws_3', 'ws_4', 'ws_5', 'ws_6', 'ws_7', 'ws_8', 'ws_9'];
const WORKSPACES = 10;
const IDLE_MS = 5_000;

/** A tenth of the rows of three tables: the whole engine beside the best loop by hand, each on a fresh copy. */
export async function benchRows(server: BenchServer, { rows, rounds }: RowsOptions): Promise<boolean> {
  const scene = { server: server.url, desk: server.deskUrl };
  console.log(`\nrows: ${say(rows)} of ${say(rows * WORKSPACES)} in ${TABLES.length} tables`);
  await fillCustomers(await ensureDatabase(server.url, 'customers'), equalSizes(WORKSPACES, rows));
  const best = await bestWays(scene);
  const isKept = await compare(scene, { rows, rounds }, best);
  await dropDatabase(server.url, 'copy');
  await dropDatabase(server.url, 'customers');
  return isKept;
}

interface Scene {
  readonly server: string;
  readonly desk: string;
}

/** The database `customers` is filled and never changed: each run works on a copy. */
async function freshCopy({ server }: Scene): Promise<string> {
  await dropDatabase(server, 'copy');
  await onDatabase(server, (client) =>
    client.query('create database copy template customers strategy file_copy'),
  );
  const url = new URL(server);
  url.pathname = '/copy';
  await onDatabase(url.href, async (client) => {
    for (const { name } of TABLES) await client.query(`select count(*) from ${name} where id is null`);
    await client.query('checkpoint');
  });
  return url.href;
}

const dropDatabase = (server: string, name: string): Promise<unknown> =>
  onDatabase(server, (client) => client.query(`drop database if exists ${name} with (force)`));

/** Tries every way once on a copy of its own; for each table the fastest one. */
async function bestWays(scene: Scene): Promise<(table: string) => Way> {
  const tried: { way: Way; took: ReadonlyMap<string, number> }[] = [];
  for (const way of WAYS) {
    const took = await deleteByHand(await freshCopy(scene), DOOMED, () => way);
    tried.push({ way, took });
    const parts = [...took].map(([table, ms]) => `${table} ${ms.toFixed(0)}`);
    console.log(`  by hand, by ${wayName(way)}: ${parts.join(', ')} ms`);
  }
  const best = new Map(
    TABLES.map(({ name }) => {
      const [fastest] = tried.toSorted((a, b) => (a.took.get(name) ?? 0) - (b.took.get(name) ?? 0));
      return [name as string, fastest?.way ?? WAYS[0]];
    }),
  );
  return (table) => best.get(table) ?? { by: 'ids', batch: 10_000 };
}

interface Seen {
  readonly idle: number[];
  readonly busy: number[];
}

async function compare(
  scene: Scene,
  { rows, rounds }: RowsOptions,
  best: (table: string) => Way,
): Promise<boolean> {
  const byHand: number[] = [];
  const reports: PurgeReport[] = [];
  const seen = { hand: { idle: [], busy: [] } as Seen, purge: { idle: [], busy: [] } as Seen };
  const runs = {
    hand: async (url: string) => {
      const took = await deleteByHand(url, DOOMED, best);
      byHand.push([...took.values()].reduce((sum, ms) => sum + ms, 0));
    },
    purge: async (url: string) => {
      reports.push(await purgeInProcess(orderFor(scene.desk, url, DOOMED)));
    },
  };
  let intact = true;
  for (let round = 0; round < rounds; round++) {
    // Who goes first changes, so that a machine that tires is fair.
    for (const name of round % 2 === 0 ? (['purge', 'hand'] as const) : (['hand', 'purge'] as const)) {
      const url = await freshCopy(scene);
      const before = name === 'purge' ? await othersFingerprint(url, DOOMED) : '';
      const probe = startProcess('./probe.ts');
      const ask = { url, workspaces: OTHERS, rows: rows * WORKSPACES };
      await whileProbed(probe, ask, () => wait(1_000)); // plans and pages get warm
      const idle = await whileProbed(probe, ask, () => wait(IDLE_MS));
      const busy = await whileProbed(probe, ask, () => runs[name](url));
      seen[name].idle.push(...idle.took);
      seen[name].busy.push(...busy.took);
      await endProcess(probe);
      if (name === 'purge') intact &&= (await othersFingerprint(url, DOOMED)) === before;
    }
  }
  return report({ rows, byHand, reports, seen, intact });
}

export const orderFor = (deskUrl: string, customers: string, workspace: string): PurgeOrder => ({
  deskUrl,
  stores: [customersStore(customers)],
  workspace,
});

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function report(found: {
  readonly rows: number;
  readonly byHand: readonly number[];
  readonly reports: readonly PurgeReport[];
  readonly seen: { readonly hand: Seen; readonly purge: Seen };
  readonly intact: boolean;
}): boolean {
  const { rows, byHand, reports, seen, intact } = found;
  const without = reports.map(({ total, counting }) => total - counting);
  const whole = reports.map(({ total }) => total);
  const perSecond = (values: readonly number[]) => values.map((ms) => (rows * 1_000) / ms);
  console.log(line('best by hand, no count, no record', perSecond(byHand), 'rows/s'));
  console.log(line('purge without its counts', perSecond(without), 'rows/s'));
  console.log(line('purge as it is', perSecond(whole), 'rows/s'));
  console.log(
    `  of the best by hand: ${ratios(byHand, without)} without its counts, ${ratios(byHand, whole)} with them`,
  );
  const of = (field: 'batches' | 'lockedMax' | 'counting' | 'rehearsing') =>
    median(reports.map((each) => each[field])).toFixed(0);
  const guarding = reports.map(({ total, counting, erasing }) => total - counting - erasing);
  console.log(
    `  ${of('batches')} batches, locks held for ${of('lockedMax')} ms at most, ` +
      `counts ${of('counting')} ms, rehearsal ${of('rehearsing')} ms, ` +
      `guards and records ${median(guarding).toFixed(0)} ms`,
  );
  console.log(`  ${memoryOf(reports)}`);
  const p99 = (values: readonly number[]) => quantile(values, 0.99);
  const slower = p99(seen.purge.busy) / p99(seen.purge.idle);
  const against = p99(seen.purge.busy) / p99(seen.hand.busy);
  console.log(
    `  queries of others, p50 and p99: idle ${both(seen.purge.idle)} ms, during the purge ${both(seen.purge.busy)} ms, ` +
      `during the loop by hand ${both(seen.hand.busy)} ms (idle before ${both(seen.hand.idle)} ms)`,
  );
  console.log(
    `  p99 during the purge: ${slower.toFixed(2)} of idle, ${against.toFixed(2)} of the loop by hand`,
  );
  console.log(`  rows of all others ${intact ? 'are what they were' : 'WERE CHANGED'}`);
  return intact && reports.every(({ deleted }) => deleted === rows);
}

const both = (values: readonly number[]): string =>
  `${quantile(values, 0.5).toFixed(2)} and ${quantile(values, 0.99).toFixed(2)}`;

export const say = (count: number): string => count.toLocaleString('en');
