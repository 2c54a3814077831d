import { createHash } from 'node:crypto';
import { storeSchema } from '../../src/purge/catalogue.ts';
import type { MysqlStoreDefinition } from '../../src/purge/stores/sql-catalogue.ts';
import { EVENTS_A_DAY } from './customer-database.ts';
import { ACME, eventsTable, NEIGHBOUR } from './fixtures.ts';
import type { MariadbServer } from './mariadb-server.ts';

/** The same two customers in MariaDB, beside others whose ids its collation takes for the same. */
export interface MysqlCustomers {
  readonly store: MysqlStoreDefinition;
  readonly database: string;
  /** The rows of one statement, as the server's administrator. */
  query(sql: string): ReturnType<MariadbServer['query']>;
  /** A checksum over all rows of events that `kept` selects, and over all people. */
  fingerprint(kept: string): Promise<string>;
}

/** Equal to `ws_acme` under the table's collation, and strangers. */
export const LOOKALIKES = ['WS_ACME', 'ws_acmé', `${ACME} `];

const SCHEMA = `
  create table events (
    id bigint unsigned not null auto_increment primary key,
    workspace_id varchar(64) not null,
    source_id varchar(64) not null,
    space_id varchar(64),
    project_id varchar(64),
    user_id varchar(64),
    anonymous_id varchar(64),
    event varchar(64) not null,
    received_at datetime(6) not null,
    properties json,
    context longtext,
    email varchar(64),
    key (workspace_id)
  ) engine = innodb default charset = utf8mb4 collate = utf8mb4_general_ci;
  create table people (id varchar(64) not null primary key, workspace_id varchar(64) not null)
    engine = innodb default charset = utf8mb4 collate = utf8mb4_general_ci;
  insert into people select concat('person_', n, '_', w), w
    from (select '${ACME}' w union select '${NEIGHBOUR}') ws, (select 1 n union select 2 union select 3) ns`;

/** Each source of each workspace has EVENTS_A_DAY events a day from 20 December 2023 on, for 50 days. */
const FILL = `
  insert into events (workspace_id, source_id, space_id, project_id, user_id, anonymous_id, event, received_at)
  select w, s, concat('spa_', n % 2), 'prj_1', concat('u', n), if(n = 1, 'u2', null),
    if(n % 2 = 0, 'Signed Up', 'Ordered'),
    timestamp '2023-12-20 00:00:00' + interval days.seq day
      + interval if(n = 1, 0, 86400000000 div n - 1) microsecond
  from seq_0_to_49 days, (select seq n from seq_1_to_${EVENTS_A_DAY}) ns,
    (select '${ACME}' w union all select '${NEIGHBOUR}'
      ${LOOKALIKES.map((id) => `union all select '${id}'`).join(' ')}) ws,
    (select 'src_web' s union all select 'src_ios') ss
  order by md5(concat(w, s, days.seq, n))`;

export async function mysqlCustomers(
  server: MariadbServer,
  overrides: Record<string, unknown> = {},
): Promise<MysqlCustomers> {
  const url = await server.emptyDatabase();
  const database = new URL(url).pathname.slice(1);
  await server.query(`${SCHEMA}; ${FILL}`, database);
  const query = (sql: string) => server.query(sql, database);
  return {
    store: mysqlStore({ url, tables: customerTables(database), ...overrides }),
    database,
    query,
    fingerprint: async (kept) => {
      const events = await query(`select * from events where ${kept} order by id`);
      const people = await query('select * from people order by id');
      return createHash('sha256')
        .update(JSON.stringify([events, people]))
        .digest('hex');
    },
  };
}

/** The entries of the two tables. */
export const customerTables = (database: string, events: Record<string, unknown> = {}) => [
  eventsTable({ table: `${database}.events`, ...events }),
  { table: `${database}.people`, id: 'id', workspace: 'workspace_id', scopes: ['workspace', 'account'] },
];

export function mysqlStore(overrides: Record<string, unknown> = {}): MysqlStoreDefinition {
  const store = storeSchema.parse({
    name: 'archive',
    kind: 'mysql',
    url: 'mysql://purger@127.0.0.1/archive',
    archive: true,
    scopes: ['workspace', 'account', 'source', 'space', 'user', 'events'],
    tables: customerTables('archive'),
    ...overrides,
  });
  if (store.kind !== 'mysql') throw new TypeError('the sample archive is a MySQL store');
  return store;
}
