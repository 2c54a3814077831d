/** A sign as a terminal shows it. */
export interface Cell {
  readonly shown: string;
  /** How many columns it takes: 2 for East Asian wide signs and emoji, 0 for marks on the sign before. */
  readonly columns: number;
  /** Where it began in the text, in UTF-16 code units. */
  readonly at: number;
}

/**
 * Control signs, escapes, signs that turn the direction of writing and signs that cannot be seen: none of them may reach
 * a terminal, where they move the cursor, hide words or change their order. Half a surrogate pair is one of them.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const UNSAFE_ALL = new RegExp(UNSAFE.source, 'gu');

/** `ESC` becomes `\u{1b}`, a tab `\t`. */
export const escaped = (text: string): string => text.replace(UNSAFE_ALL, named);

const named = (sign: string): string =>
  sign === '\t' ? '\\t' : `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`;

/** JSON that means the same and holds none of these signs. `indent` = 0: on one line. */
export const safeJson = (data: unknown, indent = 0): string =>
  JSON.stringify(data, null, indent).replace(UNSAFE_ALL, (sign) =>
    sign === '\n' ? sign : Array.from({ length: sign.length }, (_, at) => unit(sign.charCodeAt(at))).join(''),
  );

const unit = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;

export function cellsOf(text: string): readonly Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  for (const sign of text) {
    if (UNSAFE.test(sign)) {
      const shown = named(sign);
      cells.push({ shown, columns: shown.length, at });
    } else cells.push({ shown: sign, columns: widthOf(sign), at });
    at += sign.length;
  }
  return cells;
}

export const columnsOf = (text: string): number =>
  cellsOf(text).reduce((sum, { columns }) => sum + columns, 0);

function widthOf(sign: string): 0 | 1 | 2 {
  if (sign < '\u0300') return 1;
  if (/[\p{Mn}\p{Me}]/u.test(sign)) return 0;
  return isWide(sign.codePointAt(0) ?? 0) || /\p{Emoji_Presentation}/u.test(sign) ? 2 : 1;
}

/** The blocks that are wide or full-width in Unicode Standard Annex #11, undivided. */
const isWide = (code: number): boolean => WIDE.some(([first, last]) => first <= code && code <= last);
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** Cuts cells into rows of at most `columns`, behind the last space of a row where there is one in its second half. */
export function rowsOf(cells: readonly Cell[], columns: number): readonly (readonly Cell[])[] {
  const rows: Cell[][] = [];
  let row: Cell[] = [];
  let width = 0;
  for (const cell of cells) {
    if (width + cell.columns > columns && row.length > 0) {
      const space = row.findLastIndex(({ shown }) => shown === ' ');
      const rest = space > row.length / 2 ? row.splice(space + 1) : [];
      rows.push(row);
      row = rest;
      width = rest.reduce((sum, each) => sum + each.columns, 0);
    }
    row.push(cell);
    width += cell.columns;
  }
  return row.length > 0 || rows.length === 0 ? [...rows, row] : rows;
}

/** Escaped, in at most so many columns; what is too long ends in `…`. */
export function shortened(text: string, columns: number): string {
  const cells = cellsOf(text.slice(0, columns * 4));
  const fits = text.length <= columns * 4 && fitting(cells, columns) === cells.length;
  const shown = fits ? cells : cells.slice(0, fitting(cells, columns - 1));
  return shown.map((cell) => cell.shown).join('') + (fits ? '' : '…');
}

/** How many of the cells fit. */
function fitting(cells: readonly Cell[], columns: number): number {
  let width = 0;
  const at = cells.findIndex((cell) => {
    width += cell.columns;
    return width > columns;
  });
  return at === -1 ? cells.length : at;
}

/** Spaces behind, to so many columns. The text must be safe to show. */
export const padded = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
