/** Text on the page of a certificate: measured, broken into lines and set, letter by letter from fonts that have it. */
import type { CertificateFonts, Weight } from './fonts.ts';

/** How a text looks. */
export interface Face {
  readonly weight: Weight;
  /** Points, as all measures here. */
  readonly size: number;
  /** `#rrggbb` */
  readonly colour: string;
}

export interface Typesetter {
  widthOf(text: string, face: Face): number;
  /** Lines no wider than `width`; what does not fit into `most` of them ends in an ellipsis. */
  linesOf(text: string, face: Face, width: number, most: number): readonly string[];
  /** A line with its middle left out where it is too wide: both ends of a name tell what it is. */
  fitted(text: string, face: Face, width: number): string;
  /** @param y - of the line on which the letters stand */
  set(text: string, face: Face, x: number, y: number): void;
}

/** @param doc - its fonts are registered here; nothing else may choose one */
export function typesetter(doc: PDFKit.PDFDocument, fonts: CertificateFonts): Typesetter {
  const cases = { regular: typeCase(doc, 'regular', fonts), bold: typeCase(doc, 'bold', fonts) };
  const widthOf = (text: string, { weight, size }: Face): number =>
    runsOf(text, cases[weight]).reduce((width, run) => width + widthOfRun(doc, run, size), 0);
  return {
    widthOf,
    linesOf: (text, face, width, most) =>
      shortened(
        broken(written(text), (part) => widthOf(part, face), width),
        most,
        (line) => cut(`${line}…`, (part) => widthOf(part, face), width),
      ),
    fitted: (text, face, width) => middleCut(written(text), (part) => widthOf(part, face), width),
    set(text, face, x, y) {
      let at = x;
      for (const run of runsOf(text, cases[face.weight])) {
        if (run.font === null) setMissing(doc, run, face, at, y);
        else {
          doc.font(run.font).fontSize(face.size).fillColor(face.colour);
          doc.text(run.text, at, y, { lineBreak: false, baseline: 'alphabetic' });
        }
        at += widthOfRun(doc, run, face.size);
      }
    },
  };
}

/** The fonts of one weight, each opened when it is asked for the first time. */
interface TypeCase {
  /** The name of a font that has the letter; `null` = none has. */
  fontFor(letter: string): string | null;
}

function typeCase(doc: PDFKit.PDFDocument, weight: Weight, fonts: CertificateFonts): TypeCase {
  const known = new Map<string, string | null>();
  const covers: ((codePoint: number) => boolean)[] = [];
  const open = (index: number, file: Uint8Array): ((codePoint: number) => boolean) => {
    const name = `${weight}-${index}`;
    doc.registerFont(name, file as Buffer);
    doc.font(name);
    // Not in the published types: the opened file, which alone knows its letters.
    const { font } = (doc as unknown as OpenedFont)._font;
    return (codePoint) => font.hasGlyphForCodePoint(codePoint);
  };
  const search = (codePoint: number): string | null => {
    for (const [index, file] of fonts[weight].entries()) {
      const has = covers[index] ?? open(index, file);
      covers[index] = has;
      if (has(codePoint)) return `${weight}-${index}`;
    }
    return null;
  };
  return {
    fontFor(letter) {
      const before = known.get(letter);
      if (before !== undefined) return before;
      const found = search(letter.codePointAt(0) ?? 0);
      known.set(letter, found);
      return found;
    },
  };
}

interface OpenedFont {
  readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } };
}

/** Letters of one font that stand together. `font: null` = one letter that no font has. */
interface Run {
  readonly font: string | null;
  text: string;
}

function runsOf(text: string, typeCase: TypeCase): readonly Run[] {
  const runs: Run[] = [];
  for (const letter of written(text)) {
    const font = typeCase.fontFor(letter);
    const last = runs.at(-1);
    if (last !== undefined && font !== null && last.font === font) last.text += letter;
    else runs.push({ font, text: letter });
  }
  return runs;
}

/** Composed letters, and spaces that every font has: numbers of some languages are grouped by a narrow one. */
const written = (text: string): string =>
  text.normalize('NFC').replace(/[\u2000-\u200a\u202f\u205f]/g, '\u00a0');

function widthOfRun(doc: PDFKit.PDFDocument, run: Run, size: number): number {
  if (run.font === null) return size * MISSING_WIDTH;
  return doc.font(run.font).fontSize(size).widthOfString(run.text);
}

/** Of the size: an empty box of about a letter, with room around it. */
const MISSING_WIDTH = 0.6;

/** A letter that cannot be shown is seen to be missing; its text stays for those who have it read aloud. */
function setMissing(doc: PDFKit.PDFDocument, { text }: Run, face: Face, x: number, y: number): void {
  const [width, height] = [face.size * (MISSING_WIDTH - 0.14), face.size * 0.62];
  doc.markContent('Span', { actual: text });
  doc.lineWidth(0.6).strokeColor(face.colour);
  doc.rect(x + face.size * 0.07, y - height, width, height).stroke();
  doc.endMarkedContent();
}

type Measure = (text: string) => number;

/** Lines broken at spaces, and within a word only where it is wider than a line. */
function broken(text: string, widthOf: Measure, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = piecesOf(word, widthOf, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  return line === '' ? lines : [...lines, line];
}

function piecesOf(word: string, widthOf: Measure, width: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const letter of word) {
    if (piece !== '' && widthOf(piece + letter) > width) {
      pieces.push(piece);
      piece = '';
    }
    piece += letter;
  }
  return [...pieces, piece];
}

function shortened(
  lines: readonly string[],
  most: number,
  ending: (line: string) => string,
): readonly string[] {
  if (lines.length <= most) return lines;
  return lines.slice(0, most).map((line, index) => (index === most - 1 ? ending(line) : line));
}

/** The beginning of a text that ends in an ellipsis, as much as there is room for. */
function cut(text: string, widthOf: Measure, width: number): string {
  const letters = [...text.slice(0, -1)];
  while (letters.length > 0 && widthOf(`${letters.join('').trimEnd()}…`) > width) letters.pop();
  return `${letters.join('').trimEnd()}…`;
}

function middleCut(text: string, widthOf: Measure, width: number): string {
  if (widthOf(text) <= width) return text;
  const letters = [...text];
  const shown = (count: number): string => {
    const head = Math.ceil(count / 2);
    return `${letters.slice(0, head).join('')}…${letters.slice(letters.length - (count - head)).join('')}`;
  };
  let count = letters.length - 1;
  while (count > 0 && widthOf(shown(count)) > width) count -= 1;
  return shown(count);
}
