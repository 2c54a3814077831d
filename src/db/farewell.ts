import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

const FAREWELL_MS = 1_000;

/** Ends a connection, also one whose server is gone and answers no farewell. Safe to call on one that never opened. */
export async function farewell(client: pg.Client): Promise<void> {
  const over = new AbortController();
  const late = sleep(FAREWELL_MS, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
  await Promise.race([client.end().catch(() => undefined), late]);
  over.abort();
  // The driver has no word for it.
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
