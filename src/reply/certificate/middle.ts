/** The middle of a certificate: what was done where, what stays, what was left alone. As much of it as there is room for. */
import {
  COLUMN_GAP,
  fitting,
  HEADING,
  INK,
  LABEL,
  LEFT,
  LINE,
  NOTE,
  ornament,
  part,
  QUIET,
  RIGHT,
  rule,
  type Sheet,
  setLines,
  setRight,
  TEXT,
  WIDTH,
} from './sheet.ts';
import type { Face, Typesetter } from './type.ts';
import type { CertificateView, Place, PlaceRow } from './view.ts';

/** The table, and below it what stays: they share what is left of the page. */
export function middle(sheet: Sheet, view: CertificateView, top: number, bottom: number): void {
  const [stays, leftAlone] = [view.stays, view.leftAlone].map((list) => noteLines(sheet.type, list.lines));
  const wanted = Math.max(heightOf(stays ?? []), heightOf(leftAlone ?? []));
  const tableWants = TABLE_HEAD + view.places.rows.length * ROW;
  const room = bottom - top - GAP;
  const notes = Math.min(wanted, Math.max(room - tableWants, room * NOTES_SHARE));
  const rows = Math.max(2, Math.floor((room - notes - TABLE_HEAD) / ROW));
  const end = table(sheet, view, top, rows);
  const width = (WIDTH - COLUMN_GAP) / 2;
  const y = end + GAP;
  noteList(sheet, view.stays.heading, stays ?? [], { x: LEFT, y, bottom, width, more: view.more });
  const right = { x: LEFT + width + COLUMN_GAP, y, bottom, width, more: view.more };
  noteList(sheet, view.leftAlone.heading, leftAlone ?? [], right);
}

const TABLE_HEAD = 36;
const ROW = 16.5;
const GAP = 24;
/** What the notes may take of the room when there are more places than it holds. */
const NOTES_SHARE = 0.38;
const NOTE_HEAD = 16;
const NOTE_LINE = 11.3;
const NOTE_GAP = 4.5;
/** Of one entry. */
const NOTE_LINES_MAX = 5;

/** @param room - for how many rows there is room, 2 or more */
function table(sheet: Sheet, { places }: CertificateView, top: number, room: number): number {
  const { type, doc } = sheet;
  part(sheet, 'H2', () => type.set(places.heading, HEADING, LEFT, top));
  const element = doc.struct('Table');
  sheet.root.add(element);
  const all = places.rows.length <= room ? places.rows : places.byStore;
  const shown = all.length <= room ? all : largest(all, room - 1);
  const rest = all.filter((row) => !shown.includes(row));
  const rows: readonly PlaceRow[] = rest.length === 0 ? shown : [...shown, places.rest(rest)];
  let y = top + 19;
  tableRow(sheet, element, 'TH', places.columns, { y, face: LABEL });
  ornament(sheet, () => rule(sheet, y + 5.5, LEFT, RIGHT, INK, 0.9));
  for (const row of rows) {
    y += ROW;
    tableRow(sheet, element, 'TD', row, { y: y + 1, face: TEXT });
    const at = y + 6.5;
    ornament(sheet, () => rule(sheet, at, LEFT, RIGHT, LINE, 0.5));
  }
  element.end();
  return y + 6.5;
}

/** Where most was done, or something is left, in the order of the plan. */
function largest(rows: readonly Place[], count: number): readonly Place[] {
  const ranked = rows.toSorted((a, b) => b.remaining - a.remaining || b.counted - a.counted);
  const kept = new Set(ranked.slice(0, count));
  return rows.filter((row) => kept.has(row));
}

function tableRow(
  sheet: Sheet,
  table: PDFKit.PDFStructureElement,
  role: 'TH' | 'TD',
  row: PlaceRow,
  { y, face }: { readonly y: number; readonly face: Face },
): void {
  const { doc, type } = sheet;
  const element = doc.struct('TR');
  table.add(element);
  const cell = (draw: () => void) => {
    // Columns have headings: readers of the page hear them with each value.
    const options = role === 'TH' ? ({ scope: 'Column' } as object) : {};
    element.add(doc.struct(role, options, draw as never));
  };
  cell(() => type.set(type.fitted(row.place, face, HOW_X - LEFT - 12), face, LEFT, y));
  cell(() => type.set(type.fitted(row.how, face, COUNT_X - 66 - HOW_X), face, HOW_X, y));
  cell(() => setRight(type, row.count, fitting(type, row.count, face, 76), COUNT_X, y));
  cell(() => setRight(type, row.left, fitting(type, row.left, face, 54), RIGHT, y));
  element.end();
}

const HOW_X = LEFT + 248;
const COUNT_X = RIGHT - 62;

function noteLines(type: Typesetter, lines: readonly string[]): readonly (readonly string[])[] {
  const width = (WIDTH - COLUMN_GAP) / 2 - NOTE_INDENT;
  return lines.map((line) => type.linesOf(line, NOTE, width, NOTE_LINES_MAX));
}

const NOTE_INDENT = 9;

const heightOf = (entries: readonly (readonly string[])[]): number =>
  entries.reduce((sum, lines) => sum + lines.length * NOTE_LINE + NOTE_GAP, NOTE_HEAD);

function noteList(
  sheet: Sheet,
  heading: string,
  entries: readonly (readonly string[])[],
  box: {
    readonly x: number;
    readonly y: number;
    readonly bottom: number;
    readonly width: number;
    more(count: number): string;
  },
): void {
  if (entries.length === 0) return;
  const { doc, type } = sheet;
  part(sheet, 'H2', () => type.set(heading, fitting(type, heading, HEADING, box.width), box.x, box.y));
  const list = doc.struct('L');
  sheet.root.add(list);
  const item = (lines: readonly string[], face: Face, y: number) => {
    const element = doc.struct('LI');
    list.add(element);
    part(
      sheet,
      'LBody',
      () => setLines(type, lines, face, { x: box.x + NOTE_INDENT, y, lead: NOTE_LINE }),
      element,
    );
    ornament(sheet, () => doc.circle(box.x + 2, y - 3, 1.3).fill(face.colour));
    element.end();
  };
  let y = box.y + NOTE_HEAD;
  for (const [index, lines] of entries.entries()) {
    const left = entries.length - index;
    const end = y + (lines.length - 1) * NOTE_LINE;
    const isRoom = left === 1 ? end <= box.bottom : end + NOTE_GAP + NOTE_LINE <= box.bottom;
    if (!isRoom) {
      item([box.more(left)], QUIET, y);
      break;
    }
    item(lines, NOTE, y);
    y = end + NOTE_LINE + NOTE_GAP;
  }
  list.end();
}
