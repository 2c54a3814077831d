import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { farewell } from './farewell.ts';
import { KEEP_ALIVE_MS } from './session.ts';

const RECONNECT_MS = 1_000;

/**
 * Calls `onNotify` for each notification on a channel until `signal` aborts. A lost connection is opened again; what was
 * notified meanwhile is missed, so the caller polls too, and is called once after each connect.
 */
export async function listen(
  databaseUrl: string,
  channel: string,
  onNotify: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'purgedesk-listen',
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      connectionTimeoutMillis: 10_000,
    });
    const lost = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', onNotify);
    try {
      await client.connect();
      await client.query(`listen ${pg.escapeIdentifier(channel)}`);
      onNotify();
      await lost;
    } catch {
      // The database is away: the polling caller says so in the log, and this tries again.
    }
    await farewell(client);
    await sleep(RECONNECT_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
