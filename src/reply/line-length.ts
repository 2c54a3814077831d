/**
 * Text for people who read it at 80 columns: long lines folded, lists hanging, at most one empty line. The lines of a
 * form end in a space on purpose and are short, so they stay as they are.
 */
export const wrapped = (text: string): string =>
  `${text
    .split('\n')
    .map((line) => (columnsOf(line) <= COLUMNS_MAX ? line : fold(line)))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;

/** RFC 5322 section 2.1.1, counted in columns of a terminal. */
const COLUMNS_MAX = 78;

/** Columns of a text where letters have one width: ideographs, kana and full-width signs take two. */
export function columnsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const sign of text) columns += WIDE.test(sign) ? 2 : 1;
  return columns;
}

/** Each takes one column: what nearly every line consists of, told at once. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * What takes two columns: CJK scripts with their own punctuation, full-width forms, and emoji (Unicode Standard Annex
 * #11, East Asian Wide and Fullwidth).
 */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

/** Breaks at spaces, and beside wide signs, which have none between words. A name longer than a line stays whole. */
function fold(line: string): string {
  const lead = /^\s*(?:[-*] |\d+\. )?/.exec(line)?.[0] ?? '';
  const hang = ' '.repeat(lead.length);
  const lines: string[] = [];
  let current = lead;
  let columns = lead.length;
  for (const word of line.slice(lead.length).split(' ')) {
    for (const piece of piecesOf(word)) {
      const more = columnsOf(piece);
      if (columns + more > COLUMNS_MAX && current.trim() !== '') {
        lines.push(current.trimEnd());
        current = hang;
        columns = hang.length;
      }
      current += piece;
      columns += more;
    }
    current += ' ';
    columns += 1;
  }
  return [...lines, current.trimEnd()].join('\n');
}

/** A word cut wherever a line may break within it. */
function piecesOf(word: string): readonly string[] {
  if (!WIDE.test(word)) return [word];
  const pieces: string[] = [];
  let piece = '';
  let last = '';
  for (const sign of word) {
    if (last !== '' && mayBreak(last, sign)) {
      pieces.push(piece);
      piece = '';
    }
    piece += sign;
    last = sign;
  }
  return [...pieces, piece];
}

const mayBreak = (before: string, after: string): boolean =>
  (WIDE.test(before) || WIDE.test(after)) && !NO_START.has(after) && !NO_END.has(before);

/** Signs that begin no line (JIS X 4051, kinsoku): what closes, stops, lengthens or repeats. */
const NO_START: ReadonlySet<string> = new Set(
  '、。，．,.・：；:;？！?!‥…ー〜～－―’”）〕］｝〉》」』】)]}ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ々〻ゝゞヽヾ％%℃',
);

/** Signs that end no line: what opens. */
const NO_END: ReadonlySet<string> = new Set('‘“（〔［｛〈《「『【([{');
