/** A mail line by line for a page: what was read in its words, and what was left out and why. */
import type { MailLine, Piece } from '../../console/mails/ports.ts';
import type { Explanation, Words } from '../../ingest/understand/explanation.ts';
import { LEFT_OUT_WORDS } from '../why-words.ts';

type Field = Words & { readonly field: string };

/** As many lines as a page can bear; what lies behind them is in the mail itself. */
const LINES_MAX = 2_000;
/** Of one line. */
const LINE_LENGTH_MAX = 4_000;

/** The lines of the body that was read, empty ones included, in their order. */
export function linesOf({ source, ownText, leftOut, fields }: Explanation): readonly MailLine[] {
  const own = new Map(
    ownText.lines
      .filter(({ length }) => length > 0)
      .map((line) => [lineStart(source, line.sourceStart), line]),
  );
  const inText = fields.filter(({ where }) => where === 'text');
  const lines: MailLine[] = [];
  let run = 0;
  let start = 0;
  for (const line of source.split('\n').slice(0, LINES_MAX)) {
    const mine = own.get(start);
    while (run < leftOut.length && (leftOut[run]?.end ?? 0) < start) run += 1;
    const left = leftOut[run];
    const text = (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, LINE_LENGTH_MAX);
    if (mine !== undefined) {
      const said = ownText.text.slice(mine.start, mine.start + mine.length).slice(0, LINE_LENGTH_MAX);
      lines.push({ leftOut: null, pieces: piecesOf(said, mine.start, inText) });
    } else if (left !== undefined && left.start <= start && start <= left.end && text !== '') {
      lines.push({ leftOut: LEFT_OUT_WORDS[left.why], pieces: [{ text, fields: [] }] });
    } else lines.push({ leftOut: null, pieces: [] });
    start += line.length + 1;
  }
  return lines;
}

const lineStart = (source: string, at: number): number => source.lastIndexOf('\n', at - 1) + 1;

/** A line of the own text that begins at `offset`, cut where something that was read begins or ends. */
function piecesOf(text: string, offset: number, fields: readonly Field[]): readonly Piece[] {
  const end = offset + text.length;
  const here = fields.filter((field) => field.start < end && field.end > offset);
  const cuts = new Set([offset, end]);
  for (const field of here) {
    cuts.add(Math.max(offset, field.start));
    cuts.add(Math.min(end, field.end));
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((from, index) => ({
    text: text.slice(from - offset, (sorted[index + 1] ?? end) - offset),
    fields: [
      ...new Set(
        here.filter((each) => each.start <= from && each.end > from).map((each) => labelOf(each.field)),
      ),
    ],
  }));
}

const NAMES: Readonly<Record<string, string>> = {
  scope: 'kind of deletion',
  timeFrame: 'days',
  users: 'user',
  events: 'event',
  properties: 'property',
};

/** `requests.1.users.0` → `request 2: user`; of the first request only what it is. */
export function labelOf(path: string): string {
  const [, index, name] = /^requests\.(\d+)\.([A-Za-z]+)/.exec(path) ?? [];
  if (index === undefined || name === undefined) return path;
  const label = NAMES[name] ?? name;
  return index === '0' ? label : `request ${Number(index) + 1}: ${label}`;
}
