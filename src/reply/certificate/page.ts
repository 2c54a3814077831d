/** The page of a certificate: where everything stands. One A4 page, however much there is to say. */
import { drawRosette } from './mark.ts';
import { middle } from './middle.ts';
import {
  ACCENT,
  BRAND,
  CODE,
  fitting,
  GROUND,
  HEADING,
  INK,
  LABEL,
  LEAD,
  LEFT,
  NOTE,
  NUMBER,
  ornament,
  PAGE,
  part,
  QUIET,
  RIGHT,
  rule,
  type Sheet,
  setLines,
  setRight,
  TITLE,
  VALUE,
  WARNING,
  WIDTH,
} from './sheet.ts';
import type { Face, Typesetter } from './type.ts';
import type { CertificateView } from './view.ts';

/** Draws it all on the document's only page. */
export function drawCertificate(doc: PDFKit.PDFDocument, type: Typesetter, view: CertificateView): void {
  const root = doc.struct('Document', { lang: view.language });
  doc.addStructure(root);
  const sheet: Sheet = { doc, type, root };
  ornaments(sheet, view);
  let y = head(sheet, view);
  y = totals(sheet, view, y + 28);
  y = facts(sheet, view, y + 22);
  y = timeline(sheet, view, y + 24);
  const bottom = PAGE.height - CHECK_HEIGHT - FOOT_HEIGHT;
  middle(sheet, view, y + 26, bottom - 16);
  check(sheet, view, bottom);
  foot(sheet, view);
  root.end();
}

const CHECK_HEIGHT = 138;
const FOOT_HEIGHT = 52;

function ornaments(sheet: Sheet, view: CertificateView): void {
  ornament(sheet, () => {
    sheet.doc.rect(0, 0, PAGE.width, 6).fill(ACCENT);
    const place = { x: RIGHT - 44, y: 114, radius: 44, colour: ACCENT };
    drawRosette(sheet.doc, view.check.digest.value, place);
  });
}

function head(sheet: Sheet, { desk, reference, title, lead, warning }: CertificateView): number {
  const { type } = sheet;
  const room = WIDTH - 130;
  part(sheet, 'P', () => {
    type.set(type.fitted(desk.name, BRAND, WIDTH - 120), BRAND, LEFT, 50);
    setRight(type, reference, BRAND, RIGHT, 50);
  });
  const face = fitting(type, title, TITLE, room);
  part(sheet, 'H1', () => type.set(title, face, LEFT, 100));
  let y = 124;
  const paragraph = (text: string, of: Face, most: number) =>
    part(sheet, 'P', () => {
      for (const line of type.linesOf(text, of, room, most)) {
        type.set(line, of, LEFT, y);
        y += of.size * 1.4;
      }
    });
  paragraph(lead, LEAD, 4);
  if (warning !== null) {
    y += 4;
    paragraph(warning, WARNING, 3);
  }
  return Math.max(y, 160);
}

/** The numbers that most readers came for. */
function totals(sheet: Sheet, view: CertificateView, y: number): number {
  const { type } = sheet;
  const width = WIDTH / Math.max(view.totals.length, 3);
  ornament(sheet, () => rule(sheet, y - 18));
  // The widest decides for all: numbers of one row are compared.
  const sizes = view.totals.map(({ number }) => fitting(type, number, NUMBER, width - 14).size);
  const size = Math.min(...sizes);
  const labels = view.totals.map(({ label }) => type.linesOf(label, LABEL, width - 12, 2));
  view.totals.forEach(({ number }, index) => {
    const x = LEFT + index * width;
    part(sheet, 'P', () => {
      type.set(number, { ...NUMBER, size, colour: index === 0 ? ACCENT : INK }, x, y + 12);
      setLines(type, labels[index] ?? [], LABEL, { x, y: y + 27, lead: 11 });
    });
  });
  return y + 19 + Math.max(...labels.map((lines) => lines.length)) * 11;
}

function facts(sheet: Sheet, { scope, workspaces, more }: CertificateView, y: number): number {
  const { type } = sheet;
  const half = WIDTH / 3;
  const x = LEFT + half;
  ornament(sheet, () => rule(sheet, y - 10));
  const labelled = (label: string, lines: readonly string[], at: number, width: number) =>
    part(sheet, 'P', () => {
      type.set(type.fitted(label, LABEL, width), LABEL, at, y + 4);
      setLines(type, lines, VALUE, { x: at, y: y + 18, lead: 13 });
    });
  const scopeLines = type.linesOf(scope.value, VALUE, half - 14, 2);
  const idLines = idsIn(type, workspaces.ids, more, RIGHT - x);
  labelled(scope.label, scopeLines, LEFT, half - 14);
  labelled(workspaces.label, idLines, x, RIGHT - x);
  return y + 18 + (Math.max(scopeLines.length, idLines.length) - 1) * 13;
}

/** As many ids as two lines hold, and how many more there are. */
function idsIn(
  type: Typesetter,
  ids: readonly string[],
  more: CertificateView['more'],
  width: number,
): readonly string[] {
  for (let shown = ids.length; shown > 1; shown--) {
    const rest = ids.length - shown;
    const text = [...ids.slice(0, shown), ...(rest === 0 ? [] : [more(rest)])].join(', ');
    const lines = type.linesOf(text, VALUE, width, 3);
    if (lines.length <= 2) return lines;
  }
  const [first = ''] = ids;
  const rest = ids.length - 1;
  return [type.fitted(first, VALUE, width), ...(rest === 0 ? [] : [more(rest)])];
}

/** From the request to the end, on a line with a point for each. */
function timeline(sheet: Sheet, { moments }: CertificateView, y: number): number {
  const { doc, type } = sheet;
  const width = WIDTH / moments.length;
  ornament(sheet, () => {
    rule(sheet, y, LEFT, LEFT + (moments.length - 1) * width, ACCENT, 1);
    moments.forEach((_moment, index) => {
      const isLast = index === moments.length - 1;
      doc.circle(LEFT + 3 + index * width, y, isLast ? 4.2 : 3);
      if (isLast) doc.fill(ACCENT);
      else doc.lineWidth(1).fillAndStroke('#ffffff', ACCENT);
    });
  });
  moments.forEach(({ label, day, time }, index) => {
    const x = LEFT + index * width;
    part(sheet, 'P', () => {
      type.set(type.fitted(label, LABEL, width - 6), LABEL, x, y + 18);
      type.set(day, fitting(type, day, { ...VALUE, size: 9 }, width - 6), x, y + 31);
      type.set(time, QUIET, x, y + 43);
    });
  });
  return y + 43;
}

/** How anybody can see that the page is true. */
function check(sheet: Sheet, { check: words }: CertificateView, top: number): void {
  const { doc, type } = sheet;
  ornament(sheet, () => {
    doc.rect(LEFT, top, WIDTH, CHECK_HEIGHT).fill(GROUND);
    doc.rect(LEFT, top, 3, CHECK_HEIGHT).fill(ACCENT);
  });
  const [x, width] = [LEFT + 18, WIDTH - 36];
  const half = width / 2;
  part(sheet, 'H2', () => type.set(words.heading, HEADING, x, top + 22));
  const proof = type.linesOf(words.proof, NOTE, width, 2);
  part(sheet, 'P', () => setLines(type, proof, NOTE, { x, y: top + 37, lead: 11.6 }));
  const y = top + (proof.length > 1 ? 67 : 61);
  part(sheet, 'P', () => {
    type.set(type.fitted(words.run, QUIET, half - 12), QUIET, x, y);
    type.set(words.command, fitting(type, words.command, CODE, half - 12), x, y + 13);
  });
  part(sheet, 'P', () => type.set(type.fitted(words.compare, QUIET, half), QUIET, x + half, y));
  link(sheet, words.url, x + half, y + 13, half);
  [words.digest, words.fingerprint].forEach(({ label, value }, index) => {
    const at = x + index * half;
    part(sheet, 'P', () => {
      type.set(type.fitted(label, QUIET, half - 12), QUIET, at, y + 35);
      hexIn(sheet, value, at, y + 48);
    });
  });
}

function link(sheet: Sheet, url: string, x: number, y: number, width: number): void {
  const { doc, type } = sheet;
  const face = { ...CODE, colour: ACCENT };
  const shown = type.fitted(url, face, width);
  if (!LINKABLE.test(url)) {
    part(sheet, 'P', () => type.set(shown, CODE, x, y));
    return;
  }
  const element = doc.struct('Link');
  sheet.root.add(element);
  part(sheet, 'Span', () => type.set(shown, face, x, y), element);
  // The published types lack what ties the link to its text.
  const options = { structParent: element, Contents: new String(url) } as object;
  doc.link(x, y - 10, type.widthOf(shown, face), 13, url, options);
  element.end();
}

/** Nothing else is ever linked to. */
const LINKABLE = /^https?:\/\/[!#-;=?-Z_a-z~]+$/;

/** Sixteen groups of four in two rows: easy to compare by eye. */
function hexIn({ type }: Sheet, hex: string, x: number, y: number): void {
  const groups = hex.match(/.{1,4}/g) ?? [];
  groups.forEach((group, index) => {
    const [column, row] = [index % 8, Math.floor(index / 8)];
    type.set(group, CODE, x + column * 27.5, y + row * 12.5);
  });
}

function foot(sheet: Sheet, { desk, reference }: CertificateView): void {
  const { type } = sheet;
  const y = PAGE.height - 30;
  part(sheet, 'P', () => {
    type.set(type.fitted(`${desk.name} · ${desk.address}`, QUIET, WIDTH - 100), QUIET, LEFT, y);
    setRight(type, reference, QUIET, RIGHT, y);
  });
}
