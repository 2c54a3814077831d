/**
 * What a spreadsheet takes for the beginning of a formula, full-width forms included. A line end is one too: what
 * follows it may be read as a cell of its own.
 */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;

/**
 * One line as RFC 4180 has it: every cell quoted, CRLF behind. A cell that would be a formula begins with an apostrophe,
 * which spreadsheets and `purgedesk directory import` take off again; control and bidirectional characters become `?`.
 */
export const csvLine = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

const cell = (text: string): string =>
  `"${FORMULA.test(text) ? "'" : ''}${text.replace(/[\p{Cc}\p{Cf}]/gu, '?').replaceAll('"', '""')}"`;
