/**
 * What every session of the desk asks of the server, so that it does not outlive whoever opened it. A host that is cut
 * off says no farewell: without this its locks would stand for hours, and nobody else could go on with its work.
 */

export interface SessionLimits {
  /** A transaction in which nothing was asked for so long is rolled back and its session ended. */
  readonly idleInTransactionSeconds: number;
  /** A session that asked nothing for so long is ended; left out = never. */
  readonly idleSeconds?: number;
}

/** PostgreSQL 18 documentation, section 19.3.2 "TCP Settings". Together: a host that is gone is noticed within 30 s. */
const PEER_GONE = [
  ['tcp_keepalives_idle', '10'],
  ['tcp_keepalives_interval', '5'],
  ['tcp_keepalives_count', '3'],
  ['tcp_user_timeout', '30000'],
] as const;

/** A statement for a session that was just opened. What a server does not know is left out. */
export function limitSession({ idleInTransactionSeconds, idleSeconds }: SessionLimits): string {
  const settings = [
    ...PEER_GONE,
    ['idle_in_transaction_session_timeout', `${idleInTransactionSeconds * 1_000}`],
    ...(idleSeconds === undefined ? [] : [['idle_session_timeout', `${idleSeconds * 1_000}`]]),
  ];
  const values = settings.map(([name, value]) => `('${name}', '${value}')`).join(', ');
  return `select set_config(name, value, false) from (values ${values}) as wanted (name, value)
    where current_setting(name, true) is not null`;
}

/** Milliseconds after which this side begins to ask whether the server is still there, instead of the system's two hours. */
export const KEEP_ALIVE_MS = 10_000;
