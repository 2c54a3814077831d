import { printable } from './table.ts';

/**
 * What a spreadsheet takes for the beginning of a formula, full-width forms included. A line end is one too: what
 * follows it may be read as a cell of its own.
 */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;

/**
 * Rows under headings as RFC 4180 has them: every cell quoted, CRLF behind each line. A cell that would be a formula
 * begins with an apostrophe, which spreadsheets and `purgedesk directory import` take off again; control and
 * bidirectional characters become `?`.
 */
export const csv = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [headings, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');

const cell = (text: string): string =>
  `"${FORMULA.test(text) ? "'" : ''}${printable(text).replaceAll('"', '""')}"`;
