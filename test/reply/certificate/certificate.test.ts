import fc from 'fast-check';
import PDFDocument from 'pdfkit';
import { describe, expect, test } from 'vitest';
import type { ReceiptV1, SignedReceipt } from '../../../src/domain/receipt.ts';
import { certificatesFor, makeCertificate } from '../../../src/reply/certificate/certificate.ts';
import { loadCertificateFonts } from '../../../src/reply/certificate/fonts.ts';
import { drawCertificate } from '../../../src/reply/certificate/page.ts';
import { type Face, type Typesetter, typesetter } from '../../../src/reply/certificate/type.ts';
import { certificateView } from '../../../src/reply/certificate/view.ts';
import { receiptFile } from '../../../src/reply/message.ts';
import { certificateTongue, loadTemplates } from '../../../src/reply/render.ts';
import { desk, mailFacts, mixedReceipt, receiptFor } from '../facts.ts';
import { CASES, receiptOf } from './cases.ts';

const fonts = loadCertificateFonts();
const templates = loadTemplates('templates');
const LANGUAGES = ['en', 'de', 'es', 'fr', 'it', 'nl', 'pt'];

const WORDY = [
  'everything that can be done',
  'sixty places and fifty classes of data that stay',
  'names and texts without end',
];

const viewOf = (signed: SignedReceipt, language = 'en', of = desk) =>
  certificateView(signed, receiptFile(signed), of, certificateTongue(templates, language));

const pageOf = (signed: SignedReceipt, language = 'en', of = desk): Uint8Array =>
  makeCertificate(viewOf(signed, language, of), fonts);

/** The file without its streams: the objects that say what it is and what it can do. */
const objectsOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('latin1')
    .replace(/stream\n[\s\S]*?endstream/g, '');

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Every line of the page with the room that it takes, in the order in which they are set. */
function boxesOf(signed: SignedReceipt, language: string): readonly Box[] {
  const boxes: Box[] = [];
  const doc = new PDFDocument({ size: 'A4', margin: 0, tagged: true, font: null as unknown as string });
  const real = typesetter(doc, fonts);
  const recording: Typesetter = {
    ...real,
    set(text: string, face: Face, x: number, y: number) {
      const right = x + real.widthOf(text, face);
      boxes.push({ text, left: x, right, top: y - face.size * 0.7, bottom: y + face.size * 0.2 });
      real.set(text, face, x, y);
    },
  };
  drawCertificate(doc, recording, viewOf(signed, language));
  expect(doc.bufferedPageRange()).toEqual({ start: 0, count: 1 });
  return boxes;
}

const said = (signed: SignedReceipt, language = 'en'): string =>
  boxesOf(signed, language)
    .map(({ text }) => text)
    .join(' ');

describe('the page', () => {
  // Each case in the languages of the shortest and of the longest words, and those that say the most in all of them.
  const cases = CASES.flatMap((one) =>
    LANGUAGES.filter((language) => ['en', 'de'].includes(language) || WORDY.includes(one.title)).map(
      (language) => ({ ...one, language }),
    ),
  );

  test('has cases that say the most', () => {
    expect(CASES.map(({ title }) => title)).toEqual(expect.arrayContaining(WORDY));
  });

  test.each(cases)('holds $title in $language: nothing outside of its margins or over each other', (one) => {
    const boxes = boxesOf(one.signed, one.language);
    for (const box of boxes) {
      expect(box, box.text).toMatchObject({ left: expect.any(Number) });
      expect(box.left, box.text).toBeGreaterThanOrEqual(55);
      expect(box.right, box.text).toBeLessThanOrEqual(595.28 - 55);
      expect(box.top, box.text).toBeGreaterThan(20);
      expect(box.bottom, box.text).toBeLessThan(841.89 - 20);
    }
    const over = boxes.flatMap((a, index) =>
      boxes
        .slice(index + 1)
        .filter(
          (b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom && b.top < a.bottom,
        )
        .map((b) => `${a.text} over ${b.text}`),
    );
    expect(over).toEqual([]);
  });

  test.each(LANGUAGES)('has room for all words of an ordinary receipt in %s', (language) => {
    for (const signed of [receiptFor('account'), receiptFor('events', 0), mixedReceipt(17)]) {
      const boxes = boxesOf(signed, language);
      expect(boxes.length).toBeGreaterThan(40);
      expect(boxes.map(({ text }) => text).filter((text) => text.includes('…'))).toEqual([]);
    }
  });

  test.each(CASES)('is one page below 60 kB with $title, and the same bytes each time', ({ signed }) => {
    const bytes = pageOf(signed);
    expect(objectsOf(bytes)).toMatch(/\/Type \/Pages\s*\/Count 1\s/);
    expect(bytes.length).toBeLessThan(60_000);
    expect(Buffer.compare(bytes, pageOf(signed))).toBe(0);
  });

  test('can be read aloud: its parts are marked, in a language and with a title', () => {
    const objects = objectsOf(pageOf(receiptFor('source'), 'de'));
    for (const mark of ['/Marked true', '/Lang (de)', '/DisplayDocTitle true', '/StructTreeRoot']) {
      expect(objects).toContain(mark);
    }
    for (const role of ['H1', 'H2', 'P', 'Table', 'TR', 'TH', 'TD', 'L', 'LI', 'LBody', 'Link']) {
      expect(objects).toMatch(new RegExp(`/S /${role}\\s`));
    }
  });

  test('carries its fonts, links to the page of keys and to nothing else, and runs nothing', () => {
    const objects = objectsOf(pageOf(CASES.at(-1)!.signed));
    expect(objects.match(/\/URI \([^)]*\)/g)).toEqual(['/URI (https://desk.example.org/receipt-key)']);
    expect(objects).not.toMatch(/\/(JavaScript|JS|Launch|OpenAction|AA|EmbeddedFiles|SubmitForm)\b/);
    const embedded = objects.match(/\/FontFile[23]? /g)?.length ?? 0;
    expect(embedded).toBeGreaterThan(1);
    expect(objects.match(/\/Type \/FontDescriptor/g)).toHaveLength(embedded);
  });

  test('does not link to an address that is none of the web', () => {
    const odd = { ...desk, publicUrl: 'javascript:alert(1)//https://desk.example.org' };
    expect(objectsOf(pageOf(receiptFor('source'), 'en', odd))).not.toContain('/URI');
  });

  test('shows an empty box for a letter that no font has, which is read aloud as what it is', () => {
    const doc = new PDFDocument({ compress: false, font: null as unknown as string });
    const { set, widthOf } = typesetter(doc, fonts);
    const face: Face = { weight: 'regular', size: 10, colour: '#000000' };
    set('Ł日', face, 50, 50);
    doc.end();
    const page = Buffer.from(doc.read() as Uint8Array).toString('latin1');
    expect(page.match(/\/Span <<\s*\/ActualText/g)).toHaveLength(1);
    expect(page).toMatch(/ re\s+S/);
    expect(widthOf('日', face)).toBe(6);
  });

  test('is made of any text without a fault', { timeout: 60_000 }, () => {
    const text = fc.string({ unit: 'binary', maxLength: 80 });
    const step = fc.record({ store: text, target: text, deleted: fc.nat(), remaining: fc.nat() });
    const signed = fc
      .tuple(
        fc.array(step, { minLength: 1, maxLength: 20 }),
        fc.array(text),
        fc.array(text, { minLength: 1 }),
      )
      .map(([steps, exclusions, workspaceIds]) => receiptOf(steps, { exclusions, workspaceIds }));
    fc.assert(
      fc.property(signed, text, (one, name) => {
        const bytes = pageOf(one, 'en', { ...desk, name });
        expect(objectsOf(bytes)).toMatch(/\/Count 1\s/);
      }),
      { numRuns: 15 },
    );
  });

  test('of a receipt of the first version says the same as of one of now', () => {
    const { receipt, ...rest } = receiptFor('source');
    const { clearedTotal: _c, byHandTotal: _h, byHand: _b, ...frame } = receipt;
    const first: ReceiptV1 = {
      ...frame,
      version: 1,
      steps: receipt.steps.map(({ action: _a, ...step }) => step),
      retained: receipt.retained.map(({ legalBasis: _l, ...line }) => line),
    };
    const { check: _now, places, more: _m, ...now } = viewOf({ ...rest, receipt });
    const { check: _then, places: placesThen, more: _n, ...then } = viewOf({ ...rest, receipt: first });
    expect(then).toEqual(now);
    expect(placesThen.rows).toEqual(places.rows);
  });

  test('is in English as a whole where its fonts have no letters for the language', () => {
    const japanese = certificatesFor(
      mailFacts('completed'),
      desk,
      certificateTongue(templates, 'ja'),
      fonts,
    ).get('PD-1042');
    expect(Buffer.compare(japanese!, pageOf(receiptFor('source')))).toBe(0);
  });
});

describe('what the page says', () => {
  test('what went where, when, and how to check it', () => {
    const signed = receiptFor('source');
    const text = said(signed);
    for (const words of [
      'Certificate of deletion',
      'purgedesk support carried out the deletion request PD-1042',
      '1,204 records deleted',
      '0 left when counted again',
      'Data of one source',
      '9f8KqLw2Zr',
      '28 November 2026 00:20 UTC',
      'event-archive · events deleted 1,204 0',
      'Encrypted backup copies: they expire by themselves; kept until 28 December 2026 at the latest.',
      'Connected third-party destinations',
      'purgedesk receipt verify receipt-PD-1042.json',
      'https://desk.example.org/receipt-key',
    ]) {
      expect(text).toContain(words);
    }
    const { digest, fingerprint } = viewOf(signed).check;
    for (const { value } of [digest, fingerprint]) {
      expect(text).toContain(value.match(/.{4}/g)!.join(' '));
    }
  });

  test('nothing of what a receipt does not count as deleted', () => {
    const { totals, title, warning } = viewOf(mixedReceipt());
    expect(totals).toEqual([
      { number: '1,204', label: 'records deleted' },
      { number: '412', label: 'records cleared of properties' },
      { number: '3', label: 'tasks done by hand' },
      { number: '0', label: 'left when counted again' },
    ]);
    expect({ title, warning }).toEqual({ title: 'Certificate of deletion', warning: null });
  });

  test('plainly that something is left', () => {
    expect(viewOf(mixedReceipt(17))).toMatchObject({
      title: 'Certificate of partial deletion',
      warning: expect.stringMatching(/^17 records could not be removed yet/),
    });
    expect(said(mixedReceipt(17))).toContain('17 left when counted again');
  });

  test('that nothing matched, as a result of its own', () => {
    expect(viewOf(receiptFor('workspace', 0)).lead).toMatch(
      /Nothing matched: there was no data to delete\.$/,
    );
    expect(viewOf(receiptFor('workspace', 1)).lead).not.toContain('Nothing matched');
  });

  test('one line for a place that was visited once for each of several workspaces', () => {
    const signed = receiptOf([{ deleted: 5 }, { deleted: 7 }, { deleted: 1, action: 'clear' }]);
    expect(viewOf(signed).places.rows.map(({ place, how, count }) => [place, how, count])).toEqual([
      ['archive · events', 'deleted', '12'],
      ['archive · events', 'properties cleared', '1'],
    ]);
  });

  test.each(CASES)('numbers that add up, also where places are summed up: $title', ({ signed }) => {
    const { rows, byStore, rest } = viewOf(signed).places;
    const total = (places: typeof rows) => places.reduce((sum, { counted }) => sum + counted, 0);
    expect(total(byStore)).toBe(total(rows));
    expect(rest(rows).count).toBe(total(rows).toLocaleString('en-GB'));
  });

  test('how many places and entries there was no room for', () => {
    const stores = said(receiptOf(Array.from({ length: 200 }, (_, at) => ({ store: `s${at}`, deleted: 1 }))));
    const [, hidden] = /and (\d+) more places, see the receipt deleted \1 0/.exec(stores) ?? [];
    const shown = stores.match(/s\d+ · events/g)?.length ?? 0;
    expect(Number(hidden) + shown).toBe(200);
    const crowded = CASES.find(({ title }) => title.startsWith('sixty'))!.signed;
    expect(said(crowded)).toMatch(/store-\d · 7 places/);
    expect(said(crowded)).toMatch(/and \d+ more, see the receipt/);
  });
});
