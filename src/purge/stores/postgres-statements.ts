import pg from 'pg';
import type { Clearing, Condition, SqlStep } from './sql-steps.ts';

/** A statement or a part of one, and the values of its parameters. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export function countStatement(step: SqlStep): Statement {
  const values: unknown[] = [];
  const match = matching(step, parametersOf(values));
  return { sql: `select count(*) as matches from ${quoted(step.table.table)} where ${match}`, values };
}

/**
 * One batch: finds the next ids, then deletes or clears the rows that have them and still match. Answers with how many it
 * `found`, how many are `gone`, and the `last` id.
 */
export function batchStatement(step: SqlStep, checkpoint: string | null, limit: number): Statement {
  const values: unknown[] = [];
  const parameter = parametersOf(values);
  const id = quoted(step.table.id);
  const table = quoted(step.table.table);
  const match = matching(step, parameter);
  const behind = checkpoint === null ? '' : `and ${id} > ${parameter(checkpoint)}`;
  const change = step.clearings.length === 0 ? `delete from ${table}` : clearing(step, parameter);
  const sql = `
    with doomed as materialized (
      select ${id} as key from ${table} where ${match} ${behind} order by ${id} limit ${parameter(limit)}
    ), gone as (
      ${change} where ${match} and ${id} = any (array(select key from doomed)) returning 1
    )
    select (select count(*) from doomed) as found, (select count(*) from gone) as gone,
      (select cast(key as text) from doomed order by key desc limit 1) as last`;
  return { sql, values };
}

/**
 * Whether a step takes most of what an index on the workspace leads to. Then its rows are taken in the order of that
 * index, which costs the same for each: in the order of the ids, every batch would sort all that is left, or pass over
 * the rows of everybody else.
 */
export const isWholesale = ({ table, conditions, clearings }: SqlStep): boolean => {
  const narrow = [...(table.user ?? []), table.event];
  return (
    clearings.length === 0 &&
    conditions.every((each) => each.is !== 'one_of' || !each.columns.some((name) => narrow.includes(name)))
  );
};

/** Keeps to plain index scans: any other way begins from the start in each batch, and reads what is deleted once more. */
export const BY_INDEX = 'set local enable_seqscan = off; set local enable_bitmapscan = off';

/**
 * Finds rows where they lie, without locking any, and then deletes those that still match. How many were found and when
 * is noted in a setting of the transaction, for `FOUND`: to return a row for each deletion would cost a fifth more.
 * With `is true` no index leads to the predicate: each row is looked up where it was found, and not once more by index.
 */
export function deleteStatement(step: SqlStep, limit: number): Statement {
  const values: unknown[] = [];
  const parameter = parametersOf(values);
  const table = quoted(step.table.table);
  const match = matching(step, parameter);
  const sql = `
    delete from ${table} where (${match}) is true and ctid = any (cast((
      select places from (
        select array_agg(place) as places, set_config('purgedesk.found',
          concat(count(*), ' ', extract(epoch from clock_timestamp())), true) as noted
        from (select ctid as place from ${table} where ${match} limit ${parameter(limit)}) nearest
      ) search where noted is not null
    ) as tid[]))`;
  return { sql, values };
}

/** How many rows the deletion before it found, and seconds since: no lock is older. */
export const FOUND = `
  select split_part(noted, ' ', 1) as found,
    extract(epoch from clock_timestamp()) - cast(split_part(noted, ' ', 2) as numeric) as seconds
  from current_setting('purgedesk.found') noted`;

type Parameter = (value: unknown) => string;

const parametersOf =
  (values: unknown[]): Parameter =>
  (value) =>
    `$${values.push(value)}`;

function matching({ conditions, clearings }: SqlStep, parameter: Parameter): string {
  const all = conditions.map((condition) => conditionSql(condition, parameter));
  if (clearings.length > 0) {
    const held = clearings.map((each) => holding(each, parameter));
    all.push(`(${held.join(' or ')})`);
  }
  return all.join(' and ');
}

function conditionSql(condition: Condition, parameter: Parameter): string {
  if (condition.is === 'one_of') {
    const each = condition.columns.map((name) => `${quoted(name)} = any (${parameter(condition.values)})`);
    return `(${each.join(' or ')})`;
  }
  const operator = condition.is === 'from' ? '>=' : '<';
  return `${quoted(condition.column)} ${operator} ${parameter(condition.instant)}`;
}

/** Whether a row holds a property: a key of the object, also one with the value null, or a column that is not null. */
function holding({ name, only, json, column }: Clearing, parameter: Parameter): string {
  const held: string[] = [];
  if (json !== null) {
    const object = objectAt(quoted(json.json), json.path, parameter);
    held.push(`(jsonb_typeof(${object}) = 'object' and ${object} ? ${text(parameter(name))})`);
  }
  if (column !== null) held.push(`${quoted(column)} is not null`);
  const holds = `(${held.join(' or ')})`;
  return only === null ? holds : `(${conditionSql(only, parameter)} and ${holds})`;
}

function clearing({ table, clearings }: SqlStep, parameter: Parameter): string {
  const columns = [...new Set(clearings.map(({ column }) => column).filter((column) => column !== null))];
  const nulled = columns.map((column) => {
    const where = clearings
      .filter((each) => each.column === column)
      .map(({ only }) => (only === null ? 'true' : conditionSql(only, parameter)));
    return `${quoted(column)} = case when ${where.join(' or ')} then null else ${quoted(column)} end`;
  });
  const documents = [
    ...new Set(clearings.map(({ json }) => json?.json).filter((name) => name !== undefined)),
  ];
  const emptied = documents.map((name) => {
    const own = clearings.filter(({ json }) => json?.json === name);
    return `${quoted(name)} = ${withoutKeys(name, own, parameter)}`;
  });
  return `update ${quoted(table.table)} set ${[...nulled, ...emptied].join(', ')}`;
}

/** The document without the keys of these properties. Property kinds lie in different objects of it, one after another. */
function withoutKeys(name: string, clearings: readonly Clearing[], parameter: Parameter): string {
  const paths = new Map(clearings.map(({ json }) => [JSON.stringify(json?.path), json?.path ?? []]));
  let document = `cast(${quoted(name)} as jsonb)`;
  for (const [key, path] of paths) {
    const own = clearings.filter(({ json }) => JSON.stringify(json?.path) === key);
    const names = own.map(({ name: property, only }) => {
      const value = text(parameter(property));
      return only === null ? value : `case when ${conditionSql(only, parameter)} then ${value} end`;
    });
    const keys = `array_remove(array[${names.join(', ')}], null)`;
    const object = objectAt(document, path, parameter);
    const rest =
      path.length === 0
        ? `${object} - ${keys}`
        : `jsonb_set(${document}, cast(${parameter(path)} as text[]), ${object} - ${keys}, false)`;
    // An array loses no element that happens to be called like the property.
    document = `case when jsonb_typeof(${object}) = 'object' then ${rest} else ${document} end`;
  }
  return document;
}

/** The value at a path of keys, as jsonb; null where one of them is missing or leads through an array. */
const objectAt = (document: string, path: readonly string[], parameter: Parameter): string =>
  `(${[`cast(${document} as jsonb)`, ...path.map((key) => text(parameter(key)))].join(' -> ')})`;

const text = (value: string): string => `cast(${value} as text)`;

/** `schema.table` or a column, each part quoted. The catalogue lets plain identifiers through only. */
const quoted = (name: string): string =>
  name
    .split('.')
    .map((part) => pg.escapeIdentifier(part))
    .join('.');
