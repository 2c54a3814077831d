/**
 * Statements that are asked again and again, the same text each time: each session parses and plans them once and knows
 * them by name. Planning some forty of them anew takes a set of mails longer than carrying them out.
 */
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';

/**
 * PostgreSQL plans a named statement by its values five times, and keeps one plan for all values from then on where that
 * is no worse (its documentation of PREPARE).
 * @param sql - of a fixed text: each text is kept by every session for as long as it lives
 */
export const prepared = <Result>(
  db: Knex,
  sql: string,
  bindings: readonly unknown[] | Readonly<Record<string, unknown>> = [],
): Knex.Raw<Result> => db.raw<Result>(sql, bindings as Knex.RawBinding[]).options({ name: nameOf(sql) });

/** By text. */
const NAMES = new Map<string, string>();

function nameOf(sql: string): string {
  const known = NAMES.get(sql);
  if (known !== undefined) return known;
  const name = `pd_${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`;
  NAMES.set(sql, name);
  return name;
}
