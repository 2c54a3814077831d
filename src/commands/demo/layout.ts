/** Plain text on a terminal of 100 columns. */
export const COLUMNS = 100;

/** Breaks at spaces; a longer word stays whole. Lines after `linesMax` are left out, and "…" says so. */
export function wrap(text: string, width: number, linesMax = Number.POSITIVE_INFINITY): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  if (lines.length <= linesMax) return lines;
  const last = lines[linesMax - 1] ?? '';
  const kept = last.length <= width - 2 ? last : last.slice(0, Math.max(0, last.lastIndexOf(' ', width - 2)));
  return [...lines.slice(0, linesMax - 1), `${kept} …`];
}

/** The lines of a mail as one running line: "Hello, please delete: Source: Website Prod · Time frame: …". */
export function running(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .reduce((all, line) => (all === '' ? line : `${all}${/[.,:;!?]$/.test(all) ? ' ' : ' · '}${line}`), '');
}

/** "3 rows", "1 row". */
export const rowsInWords = (rows: number): string =>
  `${rows.toLocaleString('en-GB')} ${rows === 1 ? 'row' : 'rows'}`;

/** "Tue 03 Feb 10:12" of an instant, in UTC. */
export function stamp(iso: string): string {
  const [weekday = '', day = '', month = '', , time = ''] = new Date(iso).toUTCString().split(' ');
  return `${weekday.slice(0, 3)} ${day} ${month} ${time.slice(0, 5)}`;
}
