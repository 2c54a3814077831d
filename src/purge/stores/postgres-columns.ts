import type pg from 'pg';
import { type ColumnUse, columnUses, type SqlStoreDefinition, type StoreTable } from './sql-catalogue.ts';
import { type IdForm, signedForm } from './sql-ids.ts';
import { invalid } from './sql-steps.ts';

/** Types on which `=` is exact. Not `citext` nor `character`: they take different ids for the same. */
const ID_FORMS: ReadonlyMap<string, IdForm> = new Map<string, IdForm>([
  ['text', 'text'],
  ['character varying', 'text'],
  ['uuid', 'uuid'],
  ['smallint', signedForm(16)],
  ['integer', signedForm(32)],
  ['bigint', signedForm(64)],
]);
const EXACT_TYPES = [...ID_FORMS.keys()];
const TIME_TYPES = ['timestamp with time zone', 'timestamp without time zone', 'date'];
const JSON_TYPES = ['jsonb', 'json'];

const TYPES: Readonly<Record<Exclude<ColumnUse, 'cleared'>, readonly string[]>> = {
  id: EXACT_TYPES,
  key: EXACT_TYPES,
  time: TIME_TYPES,
  json: JSON_TYPES,
};

const COLUMNS = `
  select attribute.attname as name, format_type(attribute.atttypid, null) as type, attribute.attnotnull as required,
    coalesce(pg_collation.collisdeterministic, true) as exact,
    class.relkind = 'r' and not class.relhassubclass and exists (
      select from pg_index
      join pg_class index_class on index_class.oid = pg_index.indexrelid
      join pg_am on pg_am.oid = index_class.relam
      where pg_index.indrelid = class.oid and pg_index.indkey[0] = attribute.attnum and pg_am.amname = 'btree'
        and pg_index.indisvalid and pg_index.indpred is null) as leads
  from pg_attribute attribute
  join pg_class class on class.oid = attribute.attrelid
  join pg_namespace namespace on namespace.oid = class.relnamespace
  left join pg_collation on pg_collation.oid = attribute.attcollation
  where namespace.nspname = $1 and class.relname = $2 and class.relkind in ('r', 'p')
    and attribute.attnum > 0 and not attribute.attisdropped`;

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly exact: boolean;
  /** Whether it comes first in an index, of a table whose rows all lie in one place. */
  readonly leads: boolean;
}

/** What of a table decides how its rows are found, and with what. */
export interface TableFacts {
  /** Whether an index leads to the rows of one workspace, so that those of all others need not be read. */
  readonly byWorkspace: boolean;
  /** Of the columns with ids that its entry names. */
  readonly forms: ReadonlyMap<string, IdForm>;
}

/**
 * Looks at the table itself: is it one, and are its columns of types on which matching is exact?
 * @throws PurgedeskError PD_STORE_INVALID when it is not what the catalogue takes it for
 */
export async function checkColumns(
  store: SqlStoreDefinition,
  table: StoreTable,
  client: pg.PoolClient,
): Promise<TableFacts> {
  const found = await client.query<ColumnRow>(COLUMNS, table.table.split('.'));
  if (found.rows.length === 0) throw invalid(store, `${table.table} is not a table that this role can see`);
  const columns = new Map(found.rows.map((row) => [row.name, row]));
  const forms = new Map<string, IdForm>();
  for (const [name, uses] of columnUses(table)) {
    const column = columns.get(name);
    if (column === undefined) throw invalid(store, `${table.table} has no column ${name}`);
    for (const use of uses) {
      const problem = columnProblem(column, use);
      if (problem !== null) throw invalid(store, `${table.table}.${name} ${problem}`);
    }
    const form = ID_FORMS.get(column.type);
    if (form !== undefined && uses.some((use) => use === 'id' || use === 'key')) forms.set(name, form);
  }
  return { byWorkspace: columns.get(table.workspace)?.leads === true, forms };
}

function columnProblem(column: ColumnRow, use: ColumnUse): string | null {
  if (use === 'cleared') return column.required ? 'may not be null, so that it cannot be cleared' : null;
  if (use === 'json' && !JSON_TYPES.includes(column.type)) return 'is not of type jsonb or json';
  if (!TYPES[use].includes(column.type) || !column.exact) {
    return 'has a type or collation that cannot be matched exactly';
  }
  // A row whose id is null is behind no checkpoint and would never be reached.
  return use === 'id' && !column.required ? 'may be null' : null;
}
