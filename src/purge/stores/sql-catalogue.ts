import { z } from 'zod';
import type { PropertyClause } from '../../domain/request.ts';
import {
  FIELDS,
  type Place,
  type PropertyFate,
  repeats,
  storeName,
  storeScopes,
} from './catalogue-fields.ts';

/** A plain SQL identifier: what needs quoting to be understood is refused, not quoted. At most 63 bytes. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

const column = z.string().regex(IDENTIFIER, { error: 'a plain column name, like workspace_id' });

/** Where a table keeps the properties of one kind: in a JSON column, in columns of their own, or in both. */
const propertiesSchema = z.union(
  [
    z.literal('none'),
    z.strictObject({
      /** A column of JSON objects with one key a property. */
      json: column.optional(),
      /** The keys that lead from the top of the document to that object; without it, the document itself. */
      path: z.array(z.string().min(1).max(200)).min(1).max(8).optional(),
      /** Columns that are set to null, by the name of the property that each holds. */
      columns: z.record(z.string().min(1).max(200), column).optional(),
    }),
  ],
  { error: 'none, or json (with path) and columns' },
);

/** One table, and the columns by which its rows are told apart. A column that is not named cannot be matched on. */
const tableSchema = z.strictObject({
  table: z
    .string()
    .refine(
      (name) => name.split('.').length === 2 && name.split('.').every((part) => IDENTIFIER.test(part)),
      {
        error: 'a table with its schema, like public.events',
      },
    ),
  /** Unique, never null and ordered: batches walk along it. */
  id: column,
  /** The immutable workspace id: without it a delete could leave its tenant. */
  workspace: column,
  source: column.optional(),
  space: column.optional(),
  project: column.optional(),
  /** A row belongs to a user when any of these columns holds the user's id. */
  user: z.union([column.transform((name) => [name]), z.array(column).min(1).max(8)]).optional(),
  event: column.optional(),
  /** When the row was received, never the event's own time. */
  receivedAt: column.optional(),
  /** Where single properties are cleared. `none` = the table holds none of this kind; left out = nobody has said. */
  properties: z
    .strictObject({ event: propertiesSchema.optional(), user: propertiesSchema.optional() })
    .optional(),
  /** Which of the store's scopes this table serves; without it, all of them. */
  scopes: storeScopes.optional(),
});

const sqlStore = {
  name: storeName,
  /** Whether this is the archive that a source deletion is about. */
  archive: z.boolean().default(false),
  scopes: storeScopes,
  /** In the order of deletion: children before their parents, identities last. */
  tables: z.array(tableSchema).min(1, { error: 'at least one table' }).max(500),
};

export const postgresStoreSchema = z.strictObject({
  ...sqlStore,
  kind: z.literal('postgres'),
  /** postgres:// URL of a role that may read, delete and, for properties, update the tables below. */
  url: z.string().min(1, { error: 'a postgres:// URL' }),
});

export const mysqlStoreSchema = z.strictObject({
  ...sqlStore,
  kind: z.literal('mysql'),
  /** mysql:// URL of a user who may read, delete and, for properties, update the tables below. */
  url: z.string().min(1, { error: 'a mysql:// URL' }),
});

export type StoreTable = Readonly<z.infer<typeof tableSchema>>;
export type PostgresStoreDefinition = Readonly<z.infer<typeof postgresStoreSchema>>;
export type MysqlStoreDefinition = Readonly<z.infer<typeof mysqlStoreSchema>>;
export type SqlStoreDefinition = PostgresStoreDefinition | MysqlStoreDefinition;

export const sqlPlaces = (store: SqlStoreDefinition): readonly Place[] => store.tables.map(tablePlace);

const tablePlace = (table: StoreTable): Place => ({
  target: table.table,
  fields: FIELDS.filter((field) => table[field] !== undefined),
  scopes: table.scopes,
  propertyFate: (clause) => propertyFate(table, clause),
});

function propertyFate({ properties }: StoreTable, { name, kind }: PropertyClause): PropertyFate {
  const kept = properties?.[kind];
  if (kept === undefined) return { lacks: `does not say where it keeps ${kind} properties` };
  if (kept === 'none') return 'absent';
  if (kept.json !== undefined || Object.hasOwn(kept.columns ?? {}, name)) return 'cleared';
  return { lacks: `names no column for one of the ${kind} properties` };
}

/** Problems of the entry of a SQL store that its shape does not show. Never says the URL, which holds a password. */
export function sqlProblems(store: SqlStoreDefinition): string[] {
  const problems = store.tables.flatMap((table) => [...meaningProblems(table), ...propertyProblems(table)]);
  return [
    ...problems,
    ...(store.kind === 'mysql' ? mysqlUrlProblems(store.url) : postgresUrlProblems(store.url)),
  ];
}

const postgresUrlProblems = (url: string): string[] =>
  /^postgres(ql)?:\/\//.test(url) ? [] : ['url must begin with postgres://'];

function mysqlUrlProblems(text: string): string[] {
  if (!/^(mysql|mariadb):\/\//.test(text)) return ['url must begin with mysql://'];
  const url = URL.parse(text);
  if (url === null || url.hostname === '') return ['url names no host'];
  if (url.username === '') return ['url names no user'];
  if (!isDecodable(`${url.username}${url.password}${url.pathname}`)) {
    return ['url has a % that stands for no character; write it as %25'];
  }
  const known = url.search === '' || url.search === '?ssl=verify';
  return known && url.hash === '' ? [] : ['url may end with ?ssl=verify and nothing else'];
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** One column with two meanings is how an id of one kind comes to be matched as another, or an id to be cleared. */
function meaningProblems(table: StoreTable): string[] {
  const { id, workspace, source, space, project, event, receivedAt, user = [] } = table;
  const matched = [workspace, source, space, project, event, receivedAt, ...user].filter(
    (name) => name !== undefined,
  );
  const changed = [...new Set(jsonPlaces(table).map(({ json }) => json)), ...clearedColumns(table)];
  const twice = new Set([...repeats([...matched, ...changed]), ...changed.filter((name) => name === id)]);
  return [...twice].map((name) => `table ${table.table} uses column ${name} for two meanings`);
}

function propertyProblems(table: StoreTable): string[] {
  const problems: string[] = [];
  for (const kind of ['event', 'user'] as const) {
    const kept = table.properties?.[kind];
    if (kept === undefined || kept === 'none') continue;
    const names = Object.keys(kept.columns ?? {});
    if (kept.json === undefined && names.length === 0) {
      problems.push(`table ${table.table} names neither json nor columns for ${kind} properties`);
    }
    if (kept.json === undefined && kept.path !== undefined) {
      problems.push(`table ${table.table} has a path of ${kind} properties without json`);
    }
  }
  const [first, second] = jsonPlaces(table);
  if (first !== undefined && second !== undefined && first.json === second.json && overlap(first, second)) {
    // A property of one kind would be an object of the other.
    problems.push(
      `table ${table.table} keeps event and user properties in one place of column ${first.json}`,
    );
  }
  return problems;
}

export interface JsonPlace {
  readonly json: string;
  readonly path: readonly string[];
}

function jsonPlaces({ properties }: StoreTable): readonly JsonPlace[] {
  return [properties?.event, properties?.user].flatMap((kept) =>
    kept === undefined || kept === 'none' || kept.json === undefined
      ? []
      : [{ json: kept.json, path: kept.path ?? [] }],
  );
}

const clearedColumns = ({ properties }: StoreTable): readonly string[] =>
  [properties?.event, properties?.user].flatMap((kept) =>
    kept === undefined || kept === 'none' ? [] : Object.values(kept.columns ?? {}),
  );

const overlap = (one: JsonPlace, other: JsonPlace): boolean => {
  const shared = Math.min(one.path.length, other.path.length);
  return one.path.slice(0, shared).every((key, index) => key === other.path[index]);
};

/** What the columns that a table's entry names are used for. */
export type ColumnUse = 'id' | 'key' | 'time' | 'json' | 'cleared';

/** Every column that a table's entry names. */
export function columnUses(table: StoreTable): ReadonlyMap<string, readonly ColumnUse[]> {
  const { id, workspace, source, space, project, event, receivedAt, user = [] } = table;
  const uses = new Map<string, ColumnUse[]>();
  const add = (use: ColumnUse, names: readonly (string | undefined)[]) => {
    for (const name of names) if (name !== undefined) uses.set(name, [...(uses.get(name) ?? []), use]);
  };
  add('id', [id]);
  add('key', [workspace, source, space, project, event, ...user]);
  add('time', [receivedAt]);
  add(
    'json',
    jsonPlaces(table).map(({ json }) => json),
  );
  add('cleared', clearedColumns(table));
  return uses;
}
