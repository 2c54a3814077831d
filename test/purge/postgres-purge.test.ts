import { openStores } from '../../src/purge/stores/open-stores.ts';
import { openDesk } from './desk.ts';
import { describeLies, describePurgeSweep, type SweptPlace } from './fault-sweep.ts';
import { type FaultyWire, postgresClient, startWire, WIRE_WAYS } from './faulty-wire.ts';
import { ACME, sampleTarget, WEB_SOURCE, WORKSPACE_TARGET } from './fixtures.ts';

/** Two steps and many batches of the store; one step and few operations of the desk, which makes many more of them. */
const MEANT = {
  store: { target: WORKSPACE_TARGET, matching: 50 * 2 * 4 + 3, where: `workspace_id = '${ACME}'` },
  desk: {
    target: sampleTarget({ timeFrame: { from: '2024-01-10', to: '2024-01-11' } }),
    matching: 2 * 4,
    where: `to_jsonb(r) @> '{"workspace_id": "${ACME}", "source_id": "${WEB_SOURCE}"}'
      and cast(to_jsonb(r) ->> 'received_at' as timestamptz) >= '2024-01-10Z'
      and cast(to_jsonb(r) ->> 'received_at' as timestamptz) < '2024-01-12Z'`,
  },
};

const SUM = (kept: string) => `
  select md5((select string_agg(cast(r as text), ',' order by id) from events r where ${kept}) ||
    (select string_agg(cast(r as text), ',' order by id) from people r where ${kept})) as sum`;
const keep = (where: string) =>
  ['events', 'people'].map(
    (table) => `create table kept_${table} as select * from ${table} r where coalesce(${where}, false)`,
  );
const REFILL = `insert into events overriding system value select * from kept_events;
  insert into people select * from kept_people`;

/** The wire lies before the customers' tables, or before the desk's own. */
async function open(lost: 'store' | 'desk'): Promise<SweptPlace & { readonly faults: FaultyWire }> {
  const { target, matching, where } = MEANT[lost];
  const wired = Promise.withResolvers<FaultyWire>();
  const desk = await openDesk({
    through: async (url) => {
      const wire = await startWire(url, postgresClient);
      wired.resolve(wire);
      return lost === 'desk' ? wire.through(url) : url;
    },
  });
  const faults = await wired.promise;
  await desk.db.raw(keep(where).join(';'));
  const { store } = desk.customers;
  const catalogue = [lost === 'store' ? { ...store, url: faults.through(store.url) } : store];
  const stores = openStores(catalogue, desk.db);
  const sum = async (kept: string) => (await desk.db.raw<{ rows: [{ sum: string }] }>(SUM(kept))).rows[0].sum;
  return {
    desk,
    ports: { ...desk.ports, catalogue, stores },
    target,
    matching,
    faults,
    others: () => sum(`not coalesce(${where}, false)`),
    everything: () => sum('true'),
    refill: async () => {
      await desk.db.raw(REFILL);
    },
    [Symbol.asyncDispose]: async () => {
      await stores.close();
      await desk[Symbol.asyncDispose]();
      await faults[Symbol.asyncDispose]();
    },
  };
}

describePurgeSweep('PostgreSQL', WIRE_WAYS, () => open('store'));
describePurgeSweep('PostgreSQL by a desk whose own database is lost', WIRE_WAYS, () => open('desk'));
describeLies('PostgreSQL', () => open('store'));
