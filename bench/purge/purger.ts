/**
 * A process of its own: a desk with its queue, which carries out the purge of one workspace after the other as it would
 * at work, with guards, records, counts, ledger and receipt.
 */
import type { Knex } from 'knex';
import type { Desk } from '../../src/commands/desk.ts';
import { startJobs } from '../../src/db/jobs.ts';
import { importDirectory } from '../../src/directory/import.ts';
import { addressHash } from '../../src/domain/canonical.ts';
import { ticketId } from '../../src/domain/ids.ts';
import { type Target, targetDigest } from '../../src/domain/target.ts';
import type { StoreCatalogue } from '../../src/purge/catalogue.ts';
import { purgeTasks } from '../../src/purge/run-purge.ts';
import type { Store } from '../../src/purge/store.ts';
import { openBenchDesk } from '../desk.ts';

export interface PurgeOrder {
  readonly deskUrl: string;
  readonly stores: StoreCatalogue;
  readonly workspace: string;
}

/** Milliseconds, unless said otherwise. */
export interface PurgeReport {
  /** From the start of the first step to the signed receipt. */
  readonly total: number;
  /** Of that, counts: what was planned is counted again before a step, and what is left after it. */
  readonly counting: number;
  /** Of that, within the batches of the stores. */
  readonly erasing: number;
  /** The count before the grace, which is not part of `total`. */
  readonly rehearsing: number;
  readonly deleted: number;
  readonly batches: number;
  /** The longest that any batch held its locks. */
  readonly lockedMax: number;
  /** Bytes: at the start, and the peak of each quarter of the time. */
  readonly rssBefore: number;
  readonly rss: readonly number[];
  readonly heap: readonly number[];
}

const OWNER = 'owner@customer.example';
const CREATED = '2020-01-01T00:00:00.000Z';
const SAMPLE_MS = 100;

process.on('message', async (order: PurgeOrder) => {
  process.send?.(await purge(order));
});

async function purge({ deskUrl, stores, workspace }: PurgeOrder): Promise<PurgeReport> {
  const desk = openBenchDesk(deskUrl, '127.0.0.1', {
    stores,
    policy: { purgeEnabled: true, ticketCap: 1e9, dayCap: 1e9 },
  });
  try {
    await importDirectory(desk.db, [entryOf(workspace)], { dryRun: false, force: true });
    const watched = watchStores(desk);
    const id = await insertTicket(desk, targetOf(workspace));
    const never = new AbortController().signal;
    const rehearsed = performance.now();
    await purgeTasks(watched.ports)['purge.rehearse']({ ticketId: id }, never);
    const rehearsing = performance.now() - rehearsed;
    watched.forget();
    globalThis.gc?.();
    const memory = sampleMemory();
    const total = await runToEnd(desk, watched.ports, id);
    return { total, rehearsing, ...watched.figures(), ...(await deletedOf(desk.db, id)), ...memory.stop() };
  } finally {
    await desk.close();
  }
}

/** Every call of a store is timed on its way through. */
function watchStores(desk: Desk) {
  let figures = { counting: 0, erasing: 0, batches: 0, lockedMax: 0 };
  const timed = async <T>(field: 'counting' | 'erasing', call: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const result = await call();
    figures[field] += performance.now() - begun;
    return result;
  };
  const watch = (store: Store): Store => ({
    ...store,
    rehearse: (...args) => timed('counting', () => store.rehearse(...args)),
    countRemaining: (...args) => timed('counting', () => store.countRemaining(...args)),
    erase: async (...args) => {
      const begun = performance.now();
      const erased = await timed('erasing', () => store.erase(...args));
      figures.batches += 1;
      figures.lockedMax = Math.max(figures.lockedMax, erased.lockedMs ?? performance.now() - begun);
      return erased;
    },
  });
  const { stores } = desk.purge;
  return {
    ports: {
      ...desk.purge,
      stores: { get: (name: string) => watch(stores.get(name)), close: () => stores.close() },
    },
    forget: () => {
      figures = { counting: 0, erasing: 0, batches: 0, lockedMax: 0 };
    },
    figures: () => figures,
  };
}

/**
 * Runs the queue until the ticket is completed.
 * @returns milliseconds from the first job to the end of the last
 * @throws Error when the ticket is held instead
 */
async function runToEnd(desk: Desk, ports: Desk['purge'], id: number): Promise<number> {
  const ended = Promise.withResolvers<void>();
  const tasks = purgeTasks(ports);
  const jobs = await startJobs({
    databaseUrl: desk.environment.databaseUrl,
    tasks: {
      'purge.step': async (payload, helpers) => {
        await tasks['purge.step'](payload, helpers.abortSignal ?? new AbortController().signal);
        const ticket = await desk.db('tickets').where({ id }).first('state');
        const hold = await desk.db('holds').where({ ticket_id: id, lifted_at: null }).first('reason', 'note');
        if (hold !== undefined) ended.reject(new Error(`the purge was held: ${hold.reason} ${hold.note}`));
        if (ticket?.state === 'completed') ended.resolve();
      },
    },
    concurrency: 1,
    cron: [],
    log: () => undefined,
  });
  try {
    const begun = performance.now();
    await desk.db.transaction(async (trx) => {
      await trx('tickets').where({ id }).update({ state: 'purging', purge_started_at: new Date() });
      await ports.enqueue(trx, 'purge.step', { ticketId: id, no: 1 }, `step:${id}:1`);
    });
    await ended.promise;
    return performance.now() - begun;
  } finally {
    await jobs.stop();
  }
}

async function deletedOf(db: Knex, id: number): Promise<{ deleted: number }> {
  const steps = await db('purge_steps').where({ ticket_id: id }).select<{ deleted: number }[]>('deleted');
  return { deleted: steps.reduce((sum, step) => sum + step.deleted, 0) };
}

function sampleMemory() {
  const samples: NodeJS.MemoryUsage[] = [process.memoryUsage()];
  const timer = setInterval(() => samples.push(process.memoryUsage()), SAMPLE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      const size = Math.ceil(samples.length / 4);
      const quarters = [0, 1, 2, 3].map((no) => samples.slice(no * size, (no + 1) * size));
      const peaks = (field: 'rss' | 'heapUsed') =>
        quarters.map((quarter) => Math.max(0, ...quarter.map((sample) => sample[field])));
      return { rssBefore: samples[0]?.rss ?? 0, rss: peaks('rss'), heap: peaks('heapUsed') };
    },
  };
}

const entryOf = (workspace: string): Parameters<typeof importDirectory>[1][number] => ({
  id: workspace,
  slug: workspace.replaceAll('_', '-'),
  name: workspace,
  createdAt: new Date(CREATED),
  deletedAt: null,
  members: [{ address: OWNER, role: 'owner' }],
  sources: [],
  spaces: [],
  projects: [],
  blockers: [],
});

const targetOf = (workspace: string): Target => ({
  scope: 'workspace',
  workspaces: [
    {
      id: workspace,
      slug: workspace.replaceAll('_', '-'),
      name: workspace,
      createdAt: CREATED,
      tombstone: false,
    },
  ],
  source: null,
  space: null,
  project: null,
  users: [],
  events: [],
  properties: [],
  timeFrame: null,
  cutoff: new Date().toISOString(),
});

/** A ticket whose grace has just ended. */
async function insertTicket({ db, environment }: Desk, target: Target) {
  const now = Date.now();
  const at = (daysAgo: number) => new Date(now - daysAgo * 86_400_000);
  const hash = addressHash(environment.key, OWNER);
  const [conversation] = await db('conversations').insert({ requester_hash: hash, opened_at: at(8) }, 'id');
  const [ticket] = await db('tickets').insert(
    {
      conversation_id: conversation.id,
      origin: 'mail',
      scope: target.scope,
      request: '{}',
      target: JSON.stringify(target),
      digest: targetDigest(target),
      workspace_ids: target.workspaces.map(({ id }) => id),
      requester: OWNER,
      requester_hash: hash,
      requested_at: at(8),
      due_at: at(-22),
      verdict: 'entitled',
      state: 'grace',
      state_since: at(7),
      verified_at: at(7),
      grace_started_at: at(7),
      grace_ends_at: at(1),
    },
    'id',
  );
  return ticketId(ticket.id);
}
