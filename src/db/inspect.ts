/** What a database says of itself: for people who set a desk up, or look for what is wrong with it. */
import { MIGRATIONS_TABLE, migrationSource } from './migrator.ts';
import { openSideConnection, type SideConnection } from './side-connection.ts';

export interface DatabaseFacts {
  /** As `server_version_num`: 150004. */
  readonly versionNumber: number;
  readonly version: string;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  readonly synchronousCommit: string;
  readonly fsync: string;
  readonly fullPageWrites: string;
  readonly encoding: string;
  readonly connectionsMax: number;
  readonly connectionsUsed: number;
  readonly sizeBytes: number;
  /** Database minus this machine. */
  readonly clockAheadMs: number;
  readonly isSuperuser: boolean;
  /** Whether this role owns the audit chain, so that it could lift the triggers that guard it. */
  readonly ownsAudit: boolean;
  /** Triggers that refuse changes of the audit chain and are in force; `null` = there is no such table. */
  readonly auditGuards: number | null;
  readonly tlsVersion: string | null;
  readonly isLocal: boolean;
}

export interface MigrationFacts {
  /** This program has them and the database has not. */
  readonly missing: readonly string[];
  /** The database has them and this program has not. */
  readonly newer: readonly string[];
}

const STATEMENT_MS = 8_000;

/** A connection for looking only: nothing in it can write. */
export function openForInspection(url: string): SideConnection {
  const connection = openSideConnection(url, { name: 'purgedesk-doctor', timeoutMs: STATEMENT_MS });
  return {
    query: async <Row extends object>(sql: string, values?: readonly unknown[]) => {
      await connection.query('set default_transaction_read_only = on');
      return connection.query<Row>(sql, values);
    },
    close: () => connection.close(),
  };
}

/** @param wallClock - milliseconds since 1970, asked before and after */
export async function inspectDatabase(url: string, wallClock: () => number): Promise<DatabaseFacts> {
  const connection = openSideConnection(url, { name: 'purgedesk-doctor', timeoutMs: STATEMENT_MS });
  try {
    const [row] = await connection.query<{ facts: Omit<DatabaseFacts, 'clockAheadMs'> }>(FACTS);
    if (row === undefined) throw new TypeError('no facts');
    const before = wallClock();
    const [clock] = await connection.query<{ ms: number }>(CLOCK);
    const middle = (before + wallClock()) / 2;
    return { ...row.facts, clockAheadMs: Math.round((clock?.ms ?? middle) - middle) };
  } finally {
    await connection.close();
  }
}

export async function inspectMigrations(connection: SideConnection): Promise<MigrationFacts> {
  const known = (await migrationSource.getMigrations([])).map(migrationSource.getMigrationName);
  const [there] = await connection.query<{ there: boolean }>(
    `select to_regclass('${MIGRATIONS_TABLE}') is not null as there`,
  );
  const rows = there?.there
    ? await connection.query<{ name: string }>(`select name from ${MIGRATIONS_TABLE}`)
    : [];
  const done = new Set(rows.map(({ name }) => name));
  return {
    missing: known.filter((name) => !done.has(name)),
    newer: [...done].filter((name) => !known.includes(name)),
  };
}

const CLOCK = 'select cast(extract(epoch from clock_timestamp()) * 1000 as double precision) as ms';

const setting = (name: string): string => `current_setting('${name}')`;

const FACTS = `
  select jsonb_build_object(
    'versionNumber', cast(${setting('server_version_num')} as integer),
    'version', split_part(${setting('server_version')}, ' ', 1),
    'isStandby', pg_is_in_recovery(),
    'isReadOnly', ${setting('default_transaction_read_only')} = 'on',
    'synchronousCommit', ${setting('synchronous_commit')},
    'fsync', ${setting('fsync')},
    'fullPageWrites', ${setting('full_page_writes')},
    'encoding', ${setting('server_encoding')},
    'connectionsMax', cast(${setting('max_connections')} as integer),
    'connectionsUsed', (select count(*) from pg_stat_activity where backend_type = 'client backend'),
    'sizeBytes', pg_database_size(current_database()),
    'isSuperuser', (select rolsuper from pg_roles where rolname = current_user),
    'ownsAudit', coalesce((select pg_has_role(current_user, relowner, 'USAGE')
      from pg_class where oid = to_regclass('ticket_events')), false),
    'auditGuards', case when to_regclass('ticket_events') is not null then (select count(*) from pg_trigger
      where tgrelid = to_regclass('ticket_events') and not tgisinternal and tgenabled in ('O', 'A')
        and tgtype & 24 <> 0) end,
    'tlsVersion', (select version from pg_stat_ssl where pid = pg_backend_pid()),
    'isLocal', coalesce(inet_server_addr() <<= '127.0.0.0/8' or inet_server_addr() = '::1', true)
  ) as facts`;
