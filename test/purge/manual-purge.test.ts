import { openDatabase } from '../../src/db/connection.ts';
import { readChecklist, tickItem } from '../../src/purge/checklist.ts';
import { openManualStore } from '../../src/purge/stores/manual.ts';
import { openDesk } from './desk.ts';
import { describeLies, describePurgeSweep, type SweptPlace } from './fault-sweep.ts';
import { type FaultyWire, postgresClient, startWire, WIRE_WAYS } from './faulty-wire.ts';
import { WORKSPACE_TARGET } from './fixtures.ts';
import { ITEMS, manualStore } from './office.ts';

/** The wire lies between the store and the desk's database, where the ticks are. */
async function open(): Promise<SweptPlace & { readonly faults: FaultyWire }> {
  const desk = await openDesk();
  const faults = await startWire(desk.url, postgresClient);
  const db = openDatabase(faults.through(desk.url));
  const definition = manualStore();
  const store = openManualStore(definition, db);
  const ports = {
    ...desk.ports,
    catalogue: [definition],
    stores: { get: () => store, close: () => store.close() },
  };
  // What a purge by hand must leave alone are the databases.
  const everything = () => desk.customers.fingerprint('true');
  return {
    desk,
    ports,
    target: WORKSPACE_TARGET,
    matching: ITEMS.length,
    faults,
    others: everything,
    everything,
    refill: async () => undefined,
    byHand: async (ticketId) => {
      for (const { step, item, ticked } of await readChecklist(ports, ticketId)) {
        if (ticked === null) await tickItem(ports, { ticketId, step, item, agent: 'ada', evidence: 'seen' });
      }
    },
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      await faults[Symbol.asyncDispose]();
      await desk[Symbol.asyncDispose]();
    },
  };
}

describePurgeSweep('a checklist', WIRE_WAYS, open);
describeLies('a checklist', open);
