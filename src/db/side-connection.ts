import pg from 'pg';

/** One connection beside the pools, for those who watch: it neither waits for the desk's work nor holds it up. */
export interface SideConnection {
  /** Connects when there is no connection, also after one broke. @throws whatever the driver says; within the time given */
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/**
 * @param options.name - shown by the server as application_name
 * @param options.timeoutMs - for connecting and for each statement, one by one
 */
export function openSideConnection(
  url: string,
  options: { readonly name: string; readonly timeoutMs: number },
): SideConnection {
  const { name, timeoutMs } = options;
  let client: pg.Client | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  const drop = async (broken: pg.Client) => {
    if (client === broken) client = null;
    // A peer that is gone answers no farewell: whoever closes must not wait for it.
    (broken as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  };
  const connect = async (): Promise<pg.Client> => {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: name,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      statement_timeout: timeoutMs,
      keepAlive: true,
    });
    fresh.on('error', () => void drop(fresh));
    try {
      await fresh.connect();
    } catch (error) {
      await drop(fresh);
      throw error;
    }
    client = fresh;
    return fresh;
  };
  const run = async (sql: string, values: readonly unknown[]) => {
    const current = client ?? (await connect());
    try {
      return (await current.query(sql, [...values])).rows as readonly object[];
    } catch (error) {
      // The server's own word leaves the connection in order; anything else does not.
      if (!(error instanceof pg.DatabaseError) || error.severity === 'FATAL') await drop(current);
      throw error;
    }
  };
  return {
    query: async <Row extends object>(sql: string, values: readonly unknown[] = []) => {
      const mine = turn.then(() => run(sql, values));
      turn = mine.catch(() => undefined);
      return (await mine) as readonly Row[];
    },
    close: async () => {
      await turn;
      const current = client;
      client = null;
      await current?.end().catch(() => undefined);
    },
  };
}
