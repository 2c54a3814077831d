import { z } from 'zod';
import type { Scope } from '../domain/request.ts';
import {
  FIELDS,
  type Place,
  repeats,
  SCOPE_NEEDS,
  storeName,
  storeScopes,
} from './stores/catalogue-fields.ts';
import { httpPlaces, httpProblems, httpStoreSchema } from './stores/http-catalogue.ts';
import { manualPlaces, manualProblems, manualStoreSchema } from './stores/manual-catalogue.ts';
import { s3Places, s3Problems, s3StoreSchema } from './stores/s3-catalogue.ts';

/** A plain SQL identifier: what needs quoting to be understood is refused, not quoted. At most 63 bytes. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

const column = z.string().regex(IDENTIFIER, { error: 'a plain column name, like workspace_id' });

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
  scopes: storeScopes.optional(),
});

const postgresStoreSchema = z.strictObject({
  name: storeName,
  kind: z.literal('postgres'),
  /** postgres:// URL of a role that may read and delete from the tables below. */
  url: z.string().min(1, { error: 'a postgres:// URL' }),
  /** Whether this is the archive that a source deletion is about. */
  archive: z.boolean().default(false),
  scopes: storeScopes,
  /** In the order of deletion: children before their parents, identities last. */
  tables: z.array(tableSchema).min(1, { error: 'at least one table' }).max(500),
});

/** A place where customer data lives. Each further kind is one more member here and one more store behind it. */
export const storeSchema = z.discriminatedUnion('kind', [
  postgresStoreSchema,
  s3StoreSchema,
  httpStoreSchema,
  manualStoreSchema,
]);

export const storesSchema = z.array(storeSchema).max(100);

export type StoreTable = Readonly<z.infer<typeof tableSchema>>;
export type PostgresStoreDefinition = Readonly<z.infer<typeof postgresStoreSchema>>;
export type StoreDefinition = Readonly<z.infer<typeof storeSchema>>;
/** Every store in the order in which a purge visits them: restrict access first, identities last. */
export type StoreCatalogue = readonly StoreDefinition[];

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

/** The places of a store, in the order of deletion. */
export function placesOf(store: StoreDefinition): readonly Place[] {
  switch (store.kind) {
    case 'postgres':
      return store.tables.map(tablePlace);
    case 's3':
      return s3Places(store);
    case 'http':
      return httpPlaces(store);
    case 'manual':
      return manualPlaces(store);
  }
}

function problemsOfKind(store: StoreDefinition): string[] {
  switch (store.kind) {
    case 'postgres':
      return postgresProblems(store);
    case 's3':
      return s3Problems(store);
    case 'http':
      return httpProblems(store);
    case 'manual':
      return manualProblems(store);
  }
}

/** The places of a store that a deletion of this scope touches; nothing is implied. */
export function placesServing(store: StoreDefinition, scope: Scope): readonly Place[] {
  if (!store.scopes.includes(scope) || (scope === 'source' && !store.archive)) return [];
  return placesOf(store).filter((place) => (place.scopes ?? store.scopes).includes(scope));
}

const tablePlace = (table: StoreTable): Place => ({
  target: table.table,
  fields: FIELDS.filter((field) => table[field] !== undefined),
  scopes: table.scopes,
});

/** What a place is called in messages, by kind of store: what it is, and what it lacks. */
const PLACE_WORDS = {
  postgres: { place: 'table', lacks: 'it names no column for' },
  s3: { place: 'prefix', lacks: 'it holds no placeholder for' },
  http: { place: 'collection', lacks: 'it does not narrow by' },
  manual: { place: 'checklist', lacks: 'not every item names' },
} as const satisfies Record<StoreDefinition['kind'], { place: string; lacks: string }>;

function storeProblems(store: StoreDefinition): string[] {
  const { place: called } = PLACE_WORDS[store.kind];
  const places = placesOf(store);
  const problems = repeats(places.map(({ target }) => target)).map(
    (target) => `${called} ${target} is listed twice`,
  );
  problems.push(...problemsOfKind(store));
  if (store.scopes.includes('source') && !store.archive) {
    problems.push('scope source is for stores marked archive: true only');
  }
  problems.push(...repeats(store.scopes).map((scope) => `scope ${scope} is listed twice`));
  for (const scope of new Set(store.scopes)) {
    if (!places.some((place) => (place.scopes ?? store.scopes).includes(scope))) {
      problems.push(`scope ${scope} is listed and no ${called} serves it`);
    }
  }
  return [...problems, ...places.flatMap((place) => placeProblems(store, place))];
}

function placeProblems(store: StoreDefinition, { target, fields, scopes }: Place): string[] {
  const { place: called, lacks } = PLACE_WORDS[store.kind];
  const problems = (scopes ?? [])
    .filter((scope) => !store.scopes.includes(scope))
    .map((scope) => `${called} ${target} lists scope ${scope}, which the store does not serve`);
  for (const scope of new Set(scopes ?? store.scopes)) {
    const missing = SCOPE_NEEDS[scope].filter((field) => !fields.includes(field));
    if (missing.length > 0) {
      problems.push(
        `${called} ${target} cannot express scope ${scope}: ${lacks} ${missing.join(', ')}; ` +
          `name it, or list the ${called}'s own scopes`,
      );
    }
  }
  return problems;
}

function postgresProblems(store: PostgresStoreDefinition): string[] {
  const problems = store.tables.flatMap(tableProblems);
  if (!/^postgres(ql)?:\/\//.test(store.url)) problems.push('url must begin with postgres://');
  return problems;
}

/** One column with two meanings is how an id of one kind comes to be matched as another. */
function tableProblems(table: StoreTable): string[] {
  const meanings = [table.workspace, table.source, table.space, table.project, table.event, table.receivedAt];
  const named = [...meanings, ...(table.user ?? [])].filter((name) => name !== undefined);
  return repeats(named).map((name) => `table ${table.table} uses column ${name} for two meanings`);
}
