import type { Statement } from '../sentences/statements.ts';
import type { Field } from '../vocabulary/vocabulary.ts';

/**
 * Forms and tables that ask for several things: the lines of each, told apart by a field that comes again with another
 * value. Empty when there are not at least two. Users and events are lists of one request, so they divide nothing.
 */
export function recordsOf(statements: readonly Statement[]): readonly (readonly Statement[])[] {
  if (statements.every(({ field }) => field === null)) return [];
  const divider = DIVIDERS.find((field) => valuesOf(statements, field).size > 1);
  if (divider === undefined) return [];
  const [first] = statements.filter(({ field }) => field !== null);
  const opener = first?.field ?? divider;
  // The first line of a record is the first field of the form, if that comes again as often.
  const count = (field: Field): number => statements.filter((each) => each.field === field).length;
  const start = count(opener) === count(divider) ? opener : divider;
  const records: Statement[][] = [];
  for (const each of statements) {
    if (each.field === start) records.push([each]);
    else if (records.length > 0 && isOfRecord(each, records.at(-1) ?? [])) records.at(-1)?.push(each);
  }
  // Two workspaces without a line of their own each contradict one another.
  const isFull = (record: readonly Statement[]): boolean =>
    record.length > 1 && record.length <= RECORD_LINES;
  return records.length < 2 || !records.every(isFull) ? [] : records;
}

const DIVIDERS = ['source', 'space', 'workspace', 'workspaceId'] as const;
const RECORD_LINES = 20;

const valuesOf = (statements: readonly Statement[], wanted: Field): ReadonlySet<string> =>
  new Set(
    statements
      .filter(({ field }) => field === wanted)
      .map(({ text }) => text.trim())
      // A link beside the name is no second thing.
      .filter((text) => !/^https?:/i.test(text)),
  );

/** The lines right below: fields, notes, and what is said in a line of the table. */
function isOfRecord(each: Statement, record: readonly Statement[]): boolean {
  const last = record.at(-1);
  if (last === undefined || each.paragraph > last.paragraph + 1) return false;
  return (
    each.field !== null || (each.paragraph === last.paragraph && /^[^.!?]{2,60}:\s/.test(each.text.trim()))
  );
}
