import { afterAll, beforeAll } from 'vitest';
import { openStores } from '../../src/purge/stores/open-stores.ts';
import { EVENTS_A_DAY } from './customer-database.ts';
import { openDesk } from './desk.ts';
import { describeLies, describePurgeSweep, type SweptPlace } from './fault-sweep.ts';
import { type FaultyWire, mysqlClient, startWire, WIRE_WAYS } from './faulty-wire.ts';
import { ACME, sampleTarget, WEB_SOURCE } from './fixtures.ts';
import { type MariadbServer, startMariadb } from './mariadb-server.ts';
import { mysqlCustomers, mysqlStore } from './mysql-customers.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** Few rows and one step: the server answers each question slowly, and a sweep asks many. */
const MEANT = `binary workspace_id = '${ACME}' and source_id = '${WEB_SOURCE}'
  and received_at >= '2024-01-10' and received_at < '2024-01-12'`;

async function open(): Promise<SweptPlace & { readonly faults: FaultyWire }> {
  const customers = await mysqlCustomers(server);
  await customers.query(`create table kept_events as select * from events where ${MEANT}`);
  const faults = await startWire(customers.store.url, mysqlClient);
  const { tables } = customers.store;
  const catalogue = [mysqlStore({ url: faults.through(customers.store.url), tables })];
  const desk = await openDesk();
  const stores = openStores(catalogue, desk.db);
  return {
    desk,
    ports: { ...desk.ports, catalogue, stores },
    target: sampleTarget({ timeFrame: { from: '2024-01-10', to: '2024-01-11' } }),
    matching: 2 * EVENTS_A_DAY,
    faults,
    others: () => customers.fingerprint(`not (${MEANT})`),
    everything: () => customers.fingerprint('true'),
    refill: async () => {
      await customers.query('insert into events select * from kept_events');
    },
    [Symbol.asyncDispose]: async () => {
      await stores.close();
      await desk[Symbol.asyncDispose]();
      await faults[Symbol.asyncDispose]();
    },
  };
}

describePurgeSweep('MariaDB', WIRE_WAYS, open);
describeLies('MariaDB', open);
