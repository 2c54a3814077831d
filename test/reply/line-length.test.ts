import { describe, expect, test } from 'vitest';
import { columnsOf, wrapped } from '../../src/reply/line-length.ts';

const lines = (text: string): readonly string[] => wrapped(text).slice(0, -1).split('\n');

describe('columns', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['Ünïcödé “q” ß', 13],
    ['日本語', 6],
    ['ソース「Web」', 13],
    ['ｈａｌｆ', 8],
    ['（），。', 8],
    ['한국', 4],
    ['𠮷野家', 6],
    ['👍 ok', 5],
  ])('%j takes %i', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });
});

describe('long lines', () => {
  test('break at spaces, and lists hang', () => {
    const words = 'seven '.repeat(20).trim();
    expect(lines(`- ${words}`)).toEqual([
      `- ${'seven '.repeat(12).trim()}`,
      `  ${'seven '.repeat(8).trim()}`,
    ]);
    expect(lines(`12. ${words}`)[1]).toMatch(/^ {4}seven/);
  });

  test('keep a name that is longer than a line whole', () => {
    const link = `https://desk.example.org/${'a'.repeat(90)}`;
    expect(lines(`Open ${link} now, before it is too late.`)).toEqual([
      'Open',
      link,
      'now, before it is too late.',
    ]);
  });

  test('of a script without spaces break between its signs', () => {
    const text = '削除は元に戻せません。'.repeat(10);
    const folded = lines(text);
    expect(folded.join('')).toBe(text);
    expect(folded.length).toBe(3);
    for (const line of folded) expect(columnsOf(line)).toBeLessThanOrEqual(78);
    for (const line of folded.slice(0, -1)) expect(columnsOf(line)).toBeGreaterThan(70);
  });

  test('never begin with what closes, stops or lengthens, nor end with what opens', () => {
    // Shifted by one sign at a time, so that every pair comes to stand at the end of a line.
    const text = 'ワークスペース「acme-inc」（データ）は、ユーザーのものでしょうか？っと。'.repeat(4);
    for (let shift = 0; shift < 40; shift += 1) {
      const folded = lines(`${'あ'.repeat(shift)}${text}`);
      expect(folded.join('')).toBe(`${'あ'.repeat(shift)}${text}`);
      for (const line of folded) {
        expect(line).not.toMatch(/^[、。」）？ーょっ]/u);
        expect(line).not.toMatch(/[「（]$/u);
        expect(columnsOf(line)).toBeLessThanOrEqual(78);
      }
    }
  });

  test('break no word or number of another script within them', () => {
    const text = `番号PD-1042の削除証明書はreceipt-PD-1042.jsonという名前です。${'本文'.repeat(20)}`;
    for (let shift = 0; shift < 40; shift += 1) {
      const folded = lines(`${'あ'.repeat(shift)}${text}`).join('\n');
      expect(folded).toContain('PD-1042');
      expect(folded).toContain('receipt-PD-1042.json');
    }
  });

  test('take time in proportion to their length', () => {
    const folded = lines('漢字かな交じり文、'.repeat(20_000));
    expect(folded.length).toBeGreaterThan(4_000);
  });
});

test('what is short stays as it is, the space at the end of a form line too', () => {
  expect(wrapped('\n\nA\n\n\n\nSource: \n開始日：\n\n')).toBe('A\n\nSource: \n開始日：\n');
});
