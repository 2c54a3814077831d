import { z } from 'zod';
import type { Scope } from '../domain/request.ts';
import { type Place, repeats, SCOPE_NEEDS } from './stores/catalogue-fields.ts';
import { httpPlaces, httpProblems, httpStoreSchema } from './stores/http-catalogue.ts';
import { manualPlaces, manualProblems, manualStoreSchema } from './stores/manual-catalogue.ts';
import { s3Places, s3Problems, s3StoreSchema } from './stores/s3-catalogue.ts';
import { mysqlStoreSchema, postgresStoreSchema, sqlPlaces, sqlProblems } from './stores/sql-catalogue.ts';

/** A place where customer data lives. Each further kind is one more member here and one more store behind it. */
export const storeSchema = z.discriminatedUnion('kind', [
  postgresStoreSchema,
  mysqlStoreSchema,
  s3StoreSchema,
  httpStoreSchema,
  manualStoreSchema,
]);

export const storesSchema = z.array(storeSchema).max(100);

export type { PostgresStoreDefinition } from './stores/sql-catalogue.ts';
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
    case 'mysql':
      return sqlPlaces(store);
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
    case 'mysql':
      return sqlProblems(store);
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

/** What a place is called in messages, by kind of store: what it is, and what it lacks. */
const PLACE_WORDS = {
  postgres: { place: 'table', lacks: 'it names no column for' },
  mysql: { place: 'table', lacks: 'it names no column for' },
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
