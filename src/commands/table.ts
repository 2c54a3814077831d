/** Prints rows under headings, columns padded; cells are made safe for a terminal. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows].map((row) => row.map(printable));
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Control and bidirectional characters out of the database must not steer the reader's terminal. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?');

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** `--json` prints the data as it is; otherwise the words. */
export const show = (json: boolean | undefined, data: unknown, words: () => string): void =>
  print(json === true ? JSON.stringify(data, null, 2) : words());
