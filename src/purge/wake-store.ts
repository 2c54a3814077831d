import type { TicketId } from '../domain/ids.ts';
import type { PurgePorts } from './ports.ts';
import { enqueueStep } from './step-run.ts';
import { type Callback, isSigned } from './stores/http-callback.ts';

const WAITING = `
  select purge_steps.ticket_id as id, no from purge_steps join tickets on tickets.id = purge_steps.ticket_id
  where store = ? and status = 'running' and state = 'purging'
  order by ticket_id limit 1000`;

/**
 * A service says that it is through with something. That is no proof of anything, and no word of it is read: the steps
 * that wait for this store only look sooner than they would have, by the same calls and counts.
 * @param nowSeconds - by the real clock, since 1970: the desk's own may be moved
 * @returns whether it was signed with the secret of this store
 */
export async function takeCallback(
  ports: Pick<PurgePorts, 'db' | 'catalogue' | 'enqueue'>,
  store: string,
  callback: Callback,
  nowSeconds: number,
): Promise<boolean> {
  const found = ports.catalogue.find(({ name }) => name === store);
  const secret = found?.kind === 'http' ? (found.callbackSecret ?? null) : null;
  if (!isSigned(callback, secret, nowSeconds)) return false;
  await ports.db.transaction(async (trx) => {
    const waiting = await trx.raw<{ rows: { id: TicketId; no: number }[] }>(WAITING, [store]);
    for (const { id, no } of waiting.rows) await enqueueStep(ports, trx, id, no);
  });
  return true;
}
