import type { MailToRead } from '../mail-to-read.ts';
import { isForwardSubject, OWN_TEXT_MAX, type OwnText } from './own-text.ts';
import { isBlank, type Line, linesOf, markQuotes } from './quotes.ts';
import { withoutDisclaimers } from './signature.ts';

/**
 * `quote`: an older mail and what introduces it; `forward`: a mail that is passed on and that nobody asks to handle, or
 * its header; `furniture`: a signature, a banner or a footer; `unread`: behind the bounds of what is read.
 */
export type LeftOutWhy = 'quote' | 'forward' | 'disclaimer' | 'furniture' | 'unread';

/** Lines of `OwnText.source` that are not the writer's new words. Offsets in it, the last line's end exclusive. */
export interface LeftOut {
  readonly why: LeftOutWhy;
  readonly start: number;
  readonly end: number;
}

/** What was left out of the own text, in the order of the source. Found when it is asked for: reading needs none of it. */
export function leftOutOf(
  { source, lines: kept, text, forward }: OwnText,
  mail: MailToRead,
): readonly LeftOut[] {
  const lines = linesOf(source);
  const { own, forwarded } = markQuotes(lines, isForwardSubject(mail.subject));
  const startsOf = (some: readonly Line[]): readonly number[] =>
    some.filter((line) => !isBlank(line)).map(({ start }) => start);
  const holds = (some: readonly Line[]): ReadonlySet<Line> => holding(lines, startsOf(some));
  const passedOn = forwarded === null || forward !== 'handled' ? [] : markQuotes(forwarded, false).own;
  const taken = holding(
    lines,
    kept.filter(({ length }) => length > 0).map(({ sourceStart }) => sourceStart),
  );
  const written = holds([...own, ...passedOn]);
  const plain = holds([...withoutDisclaimers(own), ...withoutDisclaimers(passedOn)]);
  const last = kept.at(-1)?.sourceStart ?? 0;
  const why = (line: Line): LeftOutWhy => {
    if (text.length >= OWN_TEXT_MAX - 1 && line.start > last) return 'unread';
    if (written.has(line)) return plain.has(line) ? 'furniture' : 'disclaimer';
    return forwarded !== null && !/^\s*[>＞]/.test(line.text) ? 'forward' : 'quote';
  };
  const runs: LeftOut[] = [];
  let open = false;
  for (const line of lines) {
    if (taken.has(line)) open = false;
    if (taken.has(line) || isBlank(line)) continue;
    const run = { why: why(line), start: line.start, end: line.start + line.text.length };
    const before = runs.at(-1);
    if (open && before?.why === run.why) runs[runs.length - 1] = { ...before, end: run.end };
    else runs.push(run);
    open = true;
  }
  const end = (lines.at(-1)?.start ?? 0) + (lines.at(-1)?.text.length ?? 0);
  if (source.slice(end).trim() === '') return runs;
  const before = runs.at(-1);
  const goesOn = before?.why === 'unread';
  const rest: LeftOut = { why: 'unread', start: goesOn ? before.start : end, end: source.length };
  return [...(goesOn ? runs.slice(0, -1) : runs), rest];
}

/** The lines in which any of the places lies; marks of quotes that were taken off stand in front of a place. */
function holding(lines: readonly Line[], places: readonly number[]): ReadonlySet<Line> {
  const found = new Set<Line>();
  const sorted = [...places].sort((a, b) => a - b);
  let at = 0;
  for (const line of lines) {
    const end = line.start + line.text.length;
    while (at < sorted.length && (sorted[at] ?? 0) < line.start) at += 1;
    if (at < sorted.length && (sorted[at] ?? 0) <= end) found.add(line);
  }
  return found;
}
