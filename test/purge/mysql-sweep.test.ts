import { createHash } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { openStores } from '../../src/purge/stores/open-stores.ts';
import { EVENTS_A_DAY } from './customer-database.ts';
import { openDesk } from './desk.ts';
import { describeLies, describePurgeSweep, type SweptPlace } from './fault-sweep.ts';
import { type FaultyWire, mysqlClient, startWire, WIRE_WAYS } from './faulty-wire.ts';
import { ACME, WORKSPACE_TARGET } from './fixtures.ts';
import { type MariadbServer, startMariadb } from './mariadb-server.ts';
import { mysqlCustomers, mysqlStore } from './mysql-customers.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.[Symbol.asyncDispose]());

const IS_ACME = `binary workspace_id = '${ACME}'`;
const TABLES = ['events', 'people'];

async function open(): Promise<SweptPlace & { readonly faults: FaultyWire }> {
  const customers = await mysqlCustomers(server);
  for (const table of TABLES) {
    await customers.query(`create table kept_${table} as select * from ${table} where ${IS_ACME}`);
  }
  const faults = await startWire(customers.store.url, mysqlClient);
  const { tables } = customers.store;
  const catalogue = [mysqlStore({ url: faults.through(customers.store.url), tables })];
  const desk = await openDesk();
  const stores = openStores(catalogue, desk.db);
  const sum = async (kept: string) => {
    const hash = createHash('sha256');
    for (const table of TABLES) {
      const rows = await customers.query(`select * from ${table} where ${kept} order by id`);
      hash.update(JSON.stringify(rows));
    }
    return hash.digest('hex');
  };
  return {
    desk,
    ports: { ...desk.ports, catalogue, stores },
    target: WORKSPACE_TARGET,
    matching: 50 * 2 * EVENTS_A_DAY + 3,
    faults,
    others: () => sum(`not (${IS_ACME})`),
    everything: () => sum('true'),
    refill: async () => {
      for (const table of TABLES) await customers.query(`insert into ${table} select * from kept_${table}`);
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
