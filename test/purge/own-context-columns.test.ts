import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { freshDatabase } from '../support/database.ts';

const DOCUMENT = new URL('../../docs/retention.md', import.meta.url);

/** What a column can come to. */
const FATES = ['erased', 'stays', 'not ours'];

/** `| `table` | `column`, `column` | fate | why |`: every column with its fate, in the order of the document. */
async function documented(): Promise<readonly (readonly [column: string, fate: string, why: string])[]> {
  const text = await readFile(DOCUMENT, 'utf8');
  return text
    .split('\n')
    .filter((line) => /^\| `[a-z_]+` \|/.test(line))
    .flatMap((line) => {
      const [table = '', columns = '', fate = '', why = ''] = line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim());
      return [...columns.matchAll(/`([a-z_]+)`/g)].map(
        ([, column]) => [`${table.replaceAll('`', '')}.${column}`, fate, why] as const,
      );
    });
}

test('docs/retention.md says of every column of the database whether it is erased, and why it stays', async () => {
  await using database = await freshDatabase();
  const found = await database.db.raw<{ rows: { column: string }[] }>(
    `select table_name || '.' || column_name as column from information_schema.columns
     where table_schema = 'public' and table_name not like 'purgedesk_migrations%' order by 1`,
  );
  const rows = await documented();
  expect(rows.map(([column]) => column).sort()).toEqual(found.rows.map(({ column }) => column).sort());
  for (const [column, fate, why] of rows) {
    expect(FATES, column).toContain(fate);
    expect(why.length, column).toBeGreaterThan(10);
  }
});
