/** What the parts of a certificate's page have in common: measures, faces, and marks for those who have it read aloud. */
import type { Face, Typesetter } from './type.ts';

/** Points; A4 is 595.28 by 841.89. */
export const PAGE = { width: 595.28, height: 841.89 };
export const LEFT = 56;
export const RIGHT = PAGE.width - LEFT;
export const WIDTH = RIGHT - LEFT;
export const COLUMN_GAP = 28;

export const INK = '#1d232b';
const SOFT = '#5b6470';
export const ACCENT = '#2451b3';
export const LINE = '#d5dae3';
export const GROUND = '#f3f5fa';

export const BRAND: Face = { weight: 'bold', size: 10, colour: INK };
export const TITLE: Face = { weight: 'bold', size: 27, colour: INK };
export const LEAD: Face = { weight: 'regular', size: 11.5, colour: INK };
export const WARNING: Face = { weight: 'bold', size: 10, colour: INK };
export const NUMBER: Face = { weight: 'bold', size: 25, colour: ACCENT };
export const LABEL: Face = { weight: 'regular', size: 8.5, colour: SOFT };
export const VALUE: Face = { weight: 'bold', size: 9.5, colour: INK };
export const HEADING: Face = { weight: 'bold', size: 11, colour: INK };
export const TEXT: Face = { weight: 'regular', size: 9.5, colour: INK };
export const NOTE: Face = { weight: 'regular', size: 8.6, colour: INK };
export const QUIET: Face = { weight: 'regular', size: 8.8, colour: SOFT };
export const CODE: Face = { weight: 'bold', size: 9, colour: INK };

/** What the parts of the page draw with. */
export interface Sheet {
  readonly doc: PDFKit.PDFDocument;
  readonly type: Typesetter;
  /** The root of the structure that is read aloud. */
  readonly root: PDFKit.PDFStructureElement;
}

/** A part of the page with its role. Drawn at once. */
export function part(sheet: Sheet, role: string, draw: () => void, parent = sheet.root): void {
  parent.add(sheet.doc.struct(role, {}, draw));
}

/** What is there for the eye only. */
export function ornament({ doc }: Sheet, draw: () => void): void {
  doc.markContent('Artifact', { type: 'Layout' });
  draw();
  doc.endMarkedContent();
}

export const rule = (
  { doc }: Sheet,
  y: number,
  from = LEFT,
  to = RIGHT,
  colour = LINE,
  width = 0.7,
): void => {
  doc.lineWidth(width).strokeColor(colour).moveTo(from, y).lineTo(to, y).stroke();
};

export const setRight = (type: Typesetter, text: string, face: Face, right: number, y: number): void =>
  type.set(text, face, right - type.widthOf(text, face), y);

/** The same text smaller, down to where it can still be read, so that it is not wider than its place. */
export function fitting(type: Typesetter, text: string, face: Face, width: number): Face {
  const needed = type.widthOf(text, face);
  return needed <= width ? face : { ...face, size: Math.max(SIZE_MIN, (face.size * width) / needed) };
}

const SIZE_MIN = 5;

/** @param lead - from line to line */
export function setLines(
  type: Typesetter,
  lines: readonly string[],
  face: Face,
  at: { readonly x: number; readonly y: number; readonly lead: number },
): void {
  for (const [index, line] of lines.entries()) type.set(line, face, at.x, at.y + index * at.lead);
}
