import type { Connection, RowDataPacket } from 'mysql2/promise';
import { type ColumnUse, columnUses, type SqlStoreDefinition, type StoreTable } from './sql-catalogue.ts';
import { invalid } from './sql-steps.ts';

/** The two that speak this protocol. Their JSON and their time-outs differ. */
export type Flavour = 'mysql' | 'mariadb';

/** How the values of a column are compared. */
export type ColumnKind = 'text' | 'signed' | 'unsigned' | 'uuid' | 'date' | 'time' | 'json' | 'other';

export interface Column {
  readonly kind: ColumnKind;
  /** Whether the column's own bytes are UTF-8. */
  readonly utf8: boolean;
  /** Whether every update of the row sets it anew. */
  readonly renewed: boolean;
}

/** What was found out about a table. */
export interface TableFacts {
  /** The columns that its entry names. */
  readonly columns: ReadonlyMap<string, Column>;
  /** An index by which an id leads to its one row. */
  readonly uniqueIndex: string;
}

const TABLE = `
  select table_type as type, engine as engine from information_schema.tables
  where table_schema = ? and table_name = ?`;

const COLUMNS = `
  select column_name as name, data_type as type, column_type as full_type, is_nullable as nullable,
    character_set_name as charset, extra as extra
  from information_schema.columns where table_schema = ? and table_name = ?`;

/** Prefixes of columns and expressions keep nothing unique. */
const UNIQUE_INDEXES = `
  select index_name as name, column_name as part, sub_part as prefix from information_schema.statistics
  where table_schema = ? and table_name = ? and non_unique = 0`;

interface ColumnRow extends RowDataPacket {
  readonly name: string;
  readonly type: string;
  readonly full_type: string;
  readonly nullable: 'YES' | 'NO';
  readonly charset: string | null;
  readonly extra: string;
}

/**
 * Looks at the table itself: can a batch be rolled back, is the id unique, and are the columns of types on which
 * matching is exact?
 * @throws PurgedeskError PD_STORE_INVALID when it is not what the catalogue takes it for
 */
export async function readTable(
  store: SqlStoreDefinition,
  table: StoreTable,
  connection: Connection,
  flavour: Flavour,
): Promise<TableFacts> {
  const place = table.table.split('.');
  const [[found]] = await connection.execute<RowDataPacket[]>(TABLE, place);
  // Neither a view nor a table with system versioning, which keeps what was deleted as its history.
  if (found?.type !== 'BASE TABLE') {
    throw invalid(store, `${table.table} is not a plain table that this user can see`);
  }
  if (found.engine !== 'InnoDB') throw invalid(store, `${table.table} is not InnoDB and rolls nothing back`);
  const [rows] = await connection.execute<ColumnRow[]>(COLUMNS, place);
  const byName = new Map(rows.map((row) => [row.name, row]));
  const columns = new Map<string, Column>();
  for (const [name, uses] of columnUses(table)) {
    const row = byName.get(name);
    if (row === undefined) throw invalid(store, `${table.table} has no column ${name}`);
    const column = columnOf(row, uses, flavour);
    for (const use of uses) {
      const problem = columnProblem(row, column, use);
      if (problem !== null) throw invalid(store, `${table.table}.${name} ${problem}`);
    }
    columns.set(name, column);
  }
  const uniqueIndex = await uniqueIndexOf(connection, place, table);
  if (uniqueIndex === undefined) {
    throw invalid(store, `${table.table}.${table.id} is not unique, not even within a workspace`);
  }
  return { columns, uniqueIndex };
}

const KINDS: Readonly<Record<string, ColumnKind>> = {
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  tinyint: 'signed',
  smallint: 'signed',
  mediumint: 'signed',
  int: 'signed',
  bigint: 'signed',
  uuid: 'uuid',
  date: 'date',
  datetime: 'time',
  timestamp: 'time',
  json: 'json',
};

const UTF8 = ['utf8mb4', 'utf8mb3', 'utf8', 'ascii'];

function columnOf(row: ColumnRow, uses: readonly ColumnUse[], flavour: Flavour): Column {
  const listed = KINDS[row.type.toLowerCase()] ?? 'other';
  const unsigned = listed === 'signed' && / unsigned/i.test(row.full_type);
  // To MariaDB JSON is a text with a check.
  const json = uses.includes('json') && flavour === 'mariadb' && listed === 'text';
  return {
    kind: json ? 'json' : unsigned ? 'unsigned' : listed,
    utf8: row.charset !== null && UTF8.includes(row.charset),
    renewed: /on update/i.test(row.extra),
  };
}

const EXACT: readonly ColumnKind[] = ['text', 'signed', 'unsigned', 'uuid'];

function columnProblem(row: ColumnRow, { kind, utf8 }: Column, use: ColumnUse): string | null {
  const required = row.nullable === 'NO';
  switch (use) {
    case 'cleared':
      return required ? 'may not be null, so that it cannot be cleared' : null;
    case 'json':
      return kind === 'json' && (utf8 || row.charset === null) ? null : 'is not of type json';
    case 'time':
      return kind === 'time' || kind === 'date' ? null : 'is not a timestamp, datetime or date';
    case 'id':
      if (!required) return 'may be null';
      return EXACT.includes(kind) ? null : 'has a type that cannot be matched exactly';
    case 'key':
      return EXACT.includes(kind) ? null : 'has a type that cannot be matched exactly';
  }
}

/** Unique by itself or together with the workspace, by which every statement narrows. */
async function uniqueIndexOf(
  connection: Connection,
  place: readonly string[],
  table: StoreTable,
): Promise<string | undefined> {
  const [parts] = await connection.execute<RowDataPacket[]>(UNIQUE_INDEXES, [...place]);
  const indexes = new Set(parts.map((part) => String(part.name)));
  return [...indexes].find((index) => {
    const own = parts.filter((part) => part.name === index);
    const whole = own.every(
      ({ part, prefix }) => prefix === null && [table.id, table.workspace].includes(part),
    );
    return whole && own.some(({ part }) => part === table.id);
  });
}
