import { PurgedeskError } from '../../domain/errors.ts';
import { actionOf, type PlanStep, type Predicate } from '../../domain/plan.ts';
import type { PropertyClause } from '../../domain/request.ts';
import type { JsonPlace, SqlStoreDefinition, StoreTable } from './sql-catalogue.ts';

/** What a step means for the columns of its table; the dialects put it into words. */
export interface SqlStep {
  readonly table: StoreTable;
  /** A row has to meet all of them. */
  readonly conditions: readonly Condition[];
  /** A row has to hold any of them, and loses it. Empty = the row itself goes. */
  readonly clearings: readonly Clearing[];
}

export type Condition =
  /** Any of the columns holds exactly one of the values. */
  | { readonly is: 'one_of'; readonly columns: readonly string[]; readonly values: readonly string[] }
  /** The column holds this instant (ISO 8601) or a later one. */
  | { readonly is: 'from'; readonly column: string; readonly instant: string }
  /** The column holds an earlier instant than this one. */
  | { readonly is: 'before'; readonly column: string; readonly instant: string };

/** One property, and where it is kept: as a key of the object in a JSON column, in a column of its own, or in both. */
export interface Clearing {
  readonly name: string;
  /** Only on rows that meet this; `null` = on all. */
  readonly only: Condition | null;
  readonly json: JsonPlace | null;
  readonly column: string | null;
}

/** @throws PurgedeskError PD_STORE_INVALID when the step is not one of this store or cannot be expressed exactly */
export function sqlStep(store: SqlStoreDefinition, step: PlanStep): SqlStep {
  const { predicate } = step;
  const table = store.tables.find((candidate) => candidate.table === step.target);
  if (table === undefined || step.store !== store.name || step.action !== actionOf(predicate)) {
    throw invalid(store, 'a step is not one of this store');
  }
  refuseEmpty(store, predicate);
  if (step.action === 'clear' && predicate.events.length > 0) {
    throw invalid(store, 'a step that clears properties names events of its own');
  }
  return {
    table,
    conditions: conditionsOf(store, table, predicate),
    clearings: predicate.properties.map((clause) => clearingOf(store, table, clause)),
  };
}

function refuseEmpty(store: SqlStoreDefinition, predicate: Predicate): void {
  const { workspaceId, sourceId, spaceId, projectId, users, events, properties } = predicate;
  const named = properties.flatMap(({ name, event }) => [name, event ?? 'all']);
  const ids = [workspaceId, sourceId ?? 'none', spaceId ?? 'none', projectId ?? 'none'];
  const all = [...ids, ...users, ...events, ...named];
  if (all.some((id) => typeof id !== 'string' || id.trim() === '')) {
    throw invalid(store, 'an identifier is empty');
  }
  // Half a character becomes another one on its way to a server.
  if (!all.every((id) => id.isWellFormed())) throw invalid(store, 'an identifier is no well-formed text');
}

function conditionsOf(store: SqlStoreDefinition, table: StoreTable, predicate: Predicate): Condition[] {
  const { sourceId, spaceId, projectId, users, events, receivedFrom, receivedBefore } = predicate;
  const conditions: Condition[] = [oneOf([table.workspace], [predicate.workspaceId])];
  const add = (field: 'source' | 'space' | 'project' | 'event', values: readonly string[]) =>
    conditions.push(oneOf([columnFor(store, table, field)], values));
  if (sourceId !== null) add('source', [sourceId]);
  if (spaceId !== null) add('space', [spaceId]);
  if (projectId !== null) add('project', [projectId]);
  if (users.length > 0) {
    if (table.user === undefined) throw invalid(store, `${table.table} names no column for user`);
    conditions.push(oneOf(table.user, users));
  }
  if (events.length > 0) add('event', events);
  if (receivedFrom !== null) {
    const column = columnFor(store, table, 'receivedAt');
    conditions.push({ is: 'from', column, instant: receivedFrom });
  }
  if (receivedBefore !== null) {
    const column = columnFor(store, table, 'receivedAt');
    conditions.push({ is: 'before', column, instant: receivedBefore });
  }
  return conditions;
}

function clearingOf(store: SqlStoreDefinition, table: StoreTable, clause: PropertyClause): Clearing {
  const { name, kind, event } = clause;
  const kept = table.properties?.[kind];
  if (kept === undefined || kept === 'none') {
    throw invalid(store, `${table.table} does not say where it keeps ${kind} properties`);
  }
  const column = Object.hasOwn(kept.columns ?? {}, name) ? (kept.columns?.[name] ?? null) : null;
  const json = kept.json === undefined ? null : { json: kept.json, path: kept.path ?? [] };
  if (json === null && column === null) {
    throw invalid(store, `${table.table} names no column for one of the ${kind} properties`);
  }
  const only = event === null ? null : oneOf([columnFor(store, table, 'event')], [event]);
  return { name, only, json, column };
}

const oneOf = (columns: readonly string[], values: readonly string[]): Condition => ({
  is: 'one_of',
  columns,
  values,
});

function columnFor(
  store: SqlStoreDefinition,
  table: StoreTable,
  field: 'source' | 'space' | 'project' | 'event' | 'receivedAt',
): string {
  const name = table[field];
  if (name === undefined) throw invalid(store, `${table.table} names no column for ${field}`);
  return name;
}

export function invalid(store: SqlStoreDefinition, what: string): PurgedeskError {
  return new PurgedeskError('PD_STORE_INVALID', `store ${store.name}: ${what}`, {
    details: { store: store.name },
    remedy: 'Correct the entry of this store in the catalogue.',
  });
}
