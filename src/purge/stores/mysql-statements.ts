import type { Column, ColumnKind, Flavour, TableFacts } from './mysql-columns.ts';
import type { JsonPlace, SqlStoreDefinition } from './sql-catalogue.ts';
import { type IdForm, refuseInexact, signedForm, UNSIGNED } from './sql-ids.ts';
import { type Clearing, type Condition, invalid, type SqlStep } from './sql-steps.ts';

/** A statement or a part of one with `?` for each of its values, in their order. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly string[];
}

export interface Dialect {
  readonly store: SqlStoreDefinition;
  readonly facts: TableFacts;
  readonly flavour: Flavour;
}

/** `matches` rows, and `broken` ones whose text is no JSON: nobody can say whether they hold a property. */
export function countStatement(dialect: Dialect, step: SqlStep): Statement {
  const where = allOf(step.conditions.map((condition) => conditionSql(dialect, condition)));
  const held = step.clearings.length === 0 ? plain('true') : anyHeld(dialect, step.clearings);
  const broken = documentsOf(step.clearings).map((name) => plain(`json_valid(${quoted(name)}) = 0`));
  return joined(
    plain('select coalesce(sum('),
    held,
    plain('), 0) as matches, coalesce(sum('),
    broken.length === 0 ? plain('false') : anyOf(broken),
    plain(`), 0) as broken from ${quoted(step.table.table)} where `),
    where,
  );
}

/** The next ids behind the checkpoint, in their order. Locks nothing. */
export function idsStatement(
  dialect: Dialect,
  step: SqlStep,
  checkpoint: string | null,
  limit: number,
): Statement {
  const id = quoted(step.table.id);
  return joined(
    plain(`select cast(${id} as char) as next_id from ${quoted(step.table.table)} where `),
    matching(dialect, step),
    checkpoint === null ? plain('') : idBehind(dialect, step, checkpoint),
    plain(` order by ${id} limit ${whole(limit)}`),
  );
}

/**
 * Deletes or clears the rows with these ids that still match. It goes to each by its id: a row that a statement passes
 * over on its way is locked for a moment too, and rows of everybody lie between these.
 */
export function changeStatement(dialect: Dialect, step: SqlStep, ids: readonly string[]): Statement {
  const { table, clearings } = step;
  const from = `${quoted(table.table)} as t force index (${quotedIndex(dialect.facts.uniqueIndex)})`;
  return joined(
    clearings.length === 0 ? plain(`delete t from ${from}`) : clearing(dialect, step, from),
    plain(' where '),
    matching(dialect, step),
    plain(` and ${quoted(table.id)} in (`),
    separated(
      ids.map((id) => idParameter(dialect, step, id)),
      ', ',
    ),
    plain(')'),
  );
}

function matching(dialect: Dialect, { conditions, clearings }: SqlStep): Statement {
  const all = conditions.map((condition) => conditionSql(dialect, condition));
  if (clearings.length > 0) all.push(anyHeld(dialect, clearings));
  return allOf(all);
}

function conditionSql(dialect: Dialect, condition: Condition): Statement {
  if (condition.is === 'one_of') {
    return anyOf(condition.columns.map((name) => oneOf(dialect, name, condition.values)));
  }
  const { kind } = columnOf(dialect, condition.column);
  const operator = condition.is === 'from' ? '>=' : '<';
  // Of a column of days, the day of the request stays: part of it lies behind the request.
  const type = kind === 'date' ? 'date' : 'datetime(3)';
  return {
    sql: `${quoted(condition.column)} ${operator} cast(? as ${type})`,
    values: [utcText(condition.instant)],
  };
}

/**
 * A column holds exactly one of the values. `=` alone takes `a`, `A`, `á` and `a ` for the same under most collations,
 * and `1x` for 1; but it can use an index, and it lets through whatever has the same bytes.
 */
function oneOf(dialect: Dialect, name: string, values: readonly string[]): Statement {
  const column = columnOf(dialect, name);
  for (const value of values) refuseInexact(dialect.store, name, formOf(column.kind), value);
  const marks = (mark: string) => values.map(() => mark).join(', ');
  const own = quoted(name);
  if (column.kind !== 'text') return { sql: `${own} in (${marks(typed(column.kind))})`, values };
  const bytes = column.utf8 ? own : `convert(${own} using utf8mb4)`;
  return {
    sql: `(${own} in (${marks('?')}) and cast(${bytes} as binary) in (${marks('cast(? as binary)')}))`,
    values: [...values, ...values],
  };
}

/** A value as a parameter of the column's own type, so that nothing is compared as a floating-point number. */
function typed(kind: ColumnKind): string {
  if (kind === 'signed') return 'cast(? as signed)';
  return kind === 'unsigned' ? 'cast(? as unsigned)' : '?';
}

const SIGNED = signedForm(64);

/** The parameter is cast to 64 bits, so that a narrower column needs no narrower bounds. */
function formOf(kind: ColumnKind): IdForm {
  if (kind === 'uuid') return 'uuid';
  if (kind === 'signed') return SIGNED;
  return kind === 'unsigned' ? UNSIGNED : 'text';
}

const idBehind = (dialect: Dialect, step: SqlStep, checkpoint: string): Statement =>
  joined(plain(` and ${quoted(step.table.id)} > `), idParameter(dialect, step, checkpoint));

function idParameter(dialect: Dialect, { table }: SqlStep, value: string): Statement {
  const { kind } = columnOf(dialect, table.id);
  refuseInexact(dialect.store, table.id, formOf(kind), value);
  return { sql: typed(kind), values: [value] };
}

const anyHeld = (dialect: Dialect, clearings: readonly Clearing[]): Statement =>
  anyOf(clearings.map((each) => holding(dialect, each)));

/** Whether a row holds a property: a key of the object, also one with the value null, or a column that is not null. */
function holding(dialect: Dialect, { name, only, json, column }: Clearing): Statement {
  const held: Statement[] = [];
  if (json !== null) {
    const own = quoted(json.json);
    // MySQL stores what it has parsed; MariaDB keeps the text, and only json_exists reads a key that is escaped in it.
    const sql =
      dialect.flavour === 'mariadb' ? `json_exists(${own}, ?)` : `json_contains_path(${own}, 'one', ?)`;
    held.push({ sql: `coalesce(${sql}, 0)`, values: [pathOf(dialect, json, name)] });
  }
  if (column !== null) held.push(plain(`${quoted(column)} is not null`));
  return only === null ? anyOf(held) : allOf([conditionSql(dialect, only), anyOf(held)]);
}

/** Assignments are carried out from left to right, each on what the one before it left. */
function clearing(dialect: Dialect, { table, clearings }: SqlStep, tables: string): Statement {
  const parts: Statement[] = [];
  for (const { name, only, json, column } of clearings) {
    const where = only === null ? null : conditionSql(dialect, only);
    if (json !== null) {
      const own = quoted(json.json);
      // Of a text that is no JSON nothing is removed, and null comes back: the text stays for a person to look at.
      const rest = { sql: `coalesce(json_remove(${own}, ?), ${own})`, values: [pathOf(dialect, json, name)] };
      parts.push(assigned(own, rest, where));
    }
    if (column !== null) parts.push(assigned(quoted(column), plain('null'), where));
  }
  // A time that every update renews would put the row outside of what was asked for.
  const { receivedAt } = table;
  if (receivedAt !== undefined && columnOf(dialect, receivedAt).renewed) {
    parts.push(assigned(quoted(receivedAt), plain(quoted(receivedAt)), null));
  }
  return joined(plain(`update ${tables} set `), separated(parts, ', '));
}

const assigned = (own: string, value: Statement, where: Statement | null): Statement =>
  where === null
    ? joined(plain(`${own} = `), value)
    : joined(plain(`${own} = if(`), where, plain(', '), value, plain(`, ${own})`));

/** The columns of documents that these properties are keys in. */
const documentsOf = (clearings: readonly Clearing[]): string[] => [
  ...new Set(clearings.flatMap(({ json }) => (json === null ? [] : [json.json]))),
];

/**
 * A path of quoted keys, in which no wildcard, dot or bracket does anything. MariaDB 10.11 does not find a key that
 * begins with `-` between quotes unless it is escaped, so that all but letters and digits is.
 */
const pathOf = ({ flavour }: Dialect, { path }: JsonPlace, name: string): string =>
  ['$', ...[...path, name].map(flavour === 'mariadb' ? escapedKey : (key) => JSON.stringify(key))].join('.');

const escapedKey = (key: string): string => `"${key.replace(/[^A-Za-z0-9]/g, escapedUnit)}"`;

/** Of a character beyond the first plane both halves, as JSON has it (RFC 8259 section 7). */
const escapedUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

function columnOf({ store, facts }: Dialect, name: string): Column {
  const column = facts.columns.get(name);
  if (column === undefined) throw invalid(store, `column ${name} was not looked at`);
  return column;
}

/** `2024-01-31 23:59:59.999`, as the session's time zone, which is UTC, understands it. */
const utcText = (instant: string): string => new Date(instant).toISOString().slice(0, 23).replace('T', ' ');

/** A limit cannot be a parameter everywhere. */
function whole(limit: number): string {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError('a limit is 1 or more');
  return String(limit);
}

const plain = (sql: string): Statement => ({ sql, values: [] });

const joined = (...parts: readonly Statement[]): Statement => separated(parts, '');

const separated = (parts: readonly Statement[], separator: string): Statement => ({
  sql: parts.map(({ sql }) => sql).join(separator),
  values: parts.flatMap(({ values }) => values),
});

const allOf = (parts: readonly Statement[]): Statement =>
  joined(plain('('), separated(parts, ' and '), plain(')'));

const anyOf = (parts: readonly Statement[]): Statement =>
  joined(plain('('), separated(parts, ' or '), plain(')'));

/** `schema.table` or a column, each part quoted. The catalogue lets plain identifiers through only. */
const quoted = (name: string): string =>
  name
    .split('.')
    .map((part) => `\`${part}\``)
    .join('.');

/** A name that the server told; a back quote in it is doubled. */
const quotedIndex = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
