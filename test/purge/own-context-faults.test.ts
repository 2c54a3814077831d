import { deskNow, openDatabase } from '../../src/db/connection.ts';
import { ticketId } from '../../src/domain/ids.ts';
import { contextStep, openOwnContextStore } from '../../src/purge/stores/own-context.ts';
import { eraseTicketContext } from '../../src/tickets/erase-context.ts';
import { openTestDesk, type TestDesk } from '../tickets/desk.ts';
import { postgresClient, startWire, WIRE_WAYS } from './faulty-wire.ts';
import { pastMessage, pastTicket, restOf } from './own-context-rows.ts';
import { describeStoreFaults, type FaultyHarness } from './store-faults.ts';

const DUE = 5;

/** Fills, and fills again what was emptied. */
const FILLED = {
  messages: async (desk: TestDesk) => {
    const ids: number[] = [];
    for (let mail = 0; mail < DUE; mail++) ids.push(await pastMessage(desk, { arrived: 91 }));
    await pastMessage(desk, { arrived: 89 });
    const refill = () =>
      desk
        .db('messages')
        .whereIn('id', ids)
        .update({ raw: Buffer.from('a mail.'), author: 'ada@acme.example', erased_at: null });
    return { ids, refill };
  },
  tickets: async (desk: TestDesk) => {
    const ids: number[] = [];
    for (let ticket = 0; ticket < DUE; ticket++) ids.push((await pastTicket(desk, { closed: 31 })).id);
    await pastTicket(desk, { closed: 29 });
    const refill = () =>
      desk.db('tickets').whereIn('id', ids).update({ requester: 'ada@acme.example', erased_at: null });
    return { ids, refill };
  },
};

for (const kind of ['messages', 'tickets'] as const) {
  describeStoreFaults(`own context, ${kind},`, WIRE_WAYS, async (): Promise<FaultyHarness> => {
    const desk = await openTestDesk();
    const { ids, refill } = await FILLED[kind](desk);
    const faults = await startWire(desk.url, postgresClient);
    const db = openDatabase(faults.through(desk.url), { poolMax: 1 });
    return {
      store: openOwnContextStore({
        db,
        policy: { contextRetentionDays: 30, rawRetentionDays: 90 },
        eraseTickets: (trx, due) => eraseTicketContext(trx, desk.deps, due),
      }),
      step: contextStep(kind, await deskNow(desk.db)),
      matching: ids.length,
      faults,
      refill: async () => void (await refill()),
      fingerprint: () => restOf(desk.db, kind, ids.map(ticketId)),
      [Symbol.asyncDispose]: async () => {
        await db.destroy();
        await faults[Symbol.asyncDispose]();
        await desk[Symbol.asyncDispose]();
      },
    };
  });
}
