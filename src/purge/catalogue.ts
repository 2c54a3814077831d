import { z } from 'zod';
import { SCOPES, type Scope } from '../domain/request.ts';

/** A plain SQL identifier: what needs quoting to be understood is refused, not quoted. At most 63 bytes. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

const column = z.string().regex(IDENTIFIER, { error: 'a plain column name, like workspace_id' });
const scopes = z.array(z.enum(SCOPES)).min(1, { error: `at least one of ${SCOPES.join(', ')}` });

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
  /** Which of the store's scopes this table serves; without it, all of them. */
  scopes: scopes.optional(),
});

const postgresStoreSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, { error: 'a short name in lower case, like archive' }),
  kind: z.literal('postgres'),
  /** postgres:// URL of a role that may read and delete from the tables below. */
  url: z.string().min(1, { error: 'a postgres:// URL' }),
  /** Whether this is the archive that a source deletion is about. */
  archive: z.boolean().default(false),
  scopes,
  /** In the order of deletion: children before their parents, identities last. */
  tables: z.array(tableSchema).min(1, { error: 'at least one table' }).max(500),
});

/** A place where customer data lives. Each further kind is one more member here and one more store behind it. */
export const storeSchema = z.discriminatedUnion('kind', [postgresStoreSchema]);

export const storesSchema = z.array(storeSchema).max(100);

export type StoreTable = Readonly<z.infer<typeof tableSchema>>;
export type StoreDefinition = Readonly<z.infer<typeof storeSchema>>;
/** Every store in the order in which a purge visits them: restrict access first, identities last. */
export type StoreCatalogue = readonly StoreDefinition[];

type Field = 'source' | 'space' | 'project' | 'user' | 'event' | 'receivedAt';

/** The columns without which a table cannot say which of its rows a scope means. */
const SCOPE_NEEDS: Record<Scope, readonly Field[]> = {
  workspace: [],
  account: [],
  source: ['source', 'receivedAt'],
  space: ['space'],
  user: ['user'],
  events: ['project', 'event', 'receivedAt'],
};

/**
 * Everything in a catalogue that could make a purge match more, or less, than it says. Checked at start: a desk with a
 * problem here does not run.
 * @returns one plain sentence a problem, without any URL
 */
export function checkStores(stores: StoreCatalogue): string[] {
  const repeated = repeats(stores.map((store) => store.name));
  return [
    ...repeated.map((name) => `two stores are called ${name}`),
    ...stores.flatMap((store) => storeProblems(store).map((problem) => `store ${store.name}: ${problem}`)),
  ];
}

/** The tables of a store that a deletion of this scope touches; nothing is implied. */
export function tablesServing(store: StoreDefinition, scope: Scope): readonly StoreTable[] {
  if (!store.scopes.includes(scope) || (scope === 'source' && !store.archive)) return [];
  return store.tables.filter((table) => (table.scopes ?? store.scopes).includes(scope));
}

function storeProblems(store: StoreDefinition): string[] {
  const problems = repeats(store.tables.map((table) => table.table)).map(
    (table) => `table ${table} is listed twice`,
  );
  if (!/^postgres(ql)?:\/\//.test(store.url)) problems.push('url must begin with postgres://');
  if (store.scopes.includes('source') && !store.archive) {
    problems.push('scope source is for stores marked archive: true only');
  }
  problems.push(...repeats(store.scopes).map((scope) => `scope ${scope} is listed twice`));
  for (const scope of new Set(store.scopes)) {
    if (!store.tables.some((table) => (table.scopes ?? store.scopes).includes(scope))) {
      problems.push(`scope ${scope} is listed and no table serves it`);
    }
  }
  return [...problems, ...store.tables.flatMap((table) => tableProblems(store, table))];
}

function tableProblems(store: StoreDefinition, table: StoreTable): string[] {
  const problems = (table.scopes ?? [])
    .filter((scope) => !store.scopes.includes(scope))
    .map((scope) => `table ${table.table} lists scope ${scope}, which the store does not serve`);
  for (const scope of new Set(table.scopes ?? store.scopes)) {
    const missing = SCOPE_NEEDS[scope].filter((field) => table[field] === undefined);
    if (missing.length > 0) {
      problems.push(
        `table ${table.table} cannot express scope ${scope}: it names no column for ${missing.join(', ')}; ` +
          `name it, or list the table's own scopes`,
      );
    }
  }
  // One column with two meanings is how an id of one kind comes to be matched as another.
  const meanings = [table.workspace, table.source, table.space, table.project, table.event, table.receivedAt];
  const named = [...meanings, ...(table.user ?? [])].filter((name) => name !== undefined);
  problems.push(...repeats(named).map((name) => `table ${table.table} uses column ${name} for two meanings`));
  return problems;
}

const repeats = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];
