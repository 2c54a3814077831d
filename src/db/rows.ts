/** Rows in one parameter, whatever their number: text for `jsonb_to_recordset`. Dates keep their milliseconds. */
export const asRows = (rows: readonly object[]): string => JSON.stringify(rows);

/** What many asked for, found once: for each its own share. */
export const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Rows by what they belong to, in their order. */
export function groupBy<K, R>(rows: readonly R[], keyOf: (row: R) => K): Map<K, R[]> {
  const groups = new Map<K, R[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
