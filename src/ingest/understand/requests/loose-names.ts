import type { Lexicon } from '../sentences/lexicon.ts';
import type { Statement } from '../sentences/statements.ts';
import { fold } from '../sentences/words.ts';
import { type Mention, type Name, namesFrom, quotedAt } from './mentions.ts';

/** Names in a statement that stand without a noun: quoted, or in capitals behind its first word. */
export function looseNames(
  statement: Statement,
  mentions: readonly Mention[],
  lexicon: Lexicon,
): readonly Name[] {
  const { text, start } = statement;
  const found: Name[] = [];
  const isTaken = (from: number, to: number): boolean =>
    [mentions, found].some((row) => row.some((each) => each.start < start + to && start + from < each.end));
  for (const match of text.matchAll(/(?<=^|[\s(])["“„«`「](?=\S)|(?<=[\s(])\p{Lu}/gu)) {
    const quoted = quotedAt(text, match.index);
    const [bare] = quoted === null ? namesFrom('source', text, match.index, { lexicon }) : [];
    const from = quoted?.from ?? bare?.start ?? -1;
    const to = quoted?.to ?? bare?.end ?? -1;
    if (from === -1 || isTaken(from, to)) continue;
    if (quoted === null && !isProper(text.slice(from, to), text.slice(0, from), lexicon)) continue;
    found.push({ text: text.slice(from, to), start: start + from, end: start + to });
  }
  return found;
}

/** Capitals that are no common word, no month, no short form such as GDPR, and do not open a sentence. */
function isProper(name: string, before: string, lexicon: Lexicon): boolean {
  if (/[.!?:]\s*$/.test(before)) return false;
  const words = fold(name).split(/\s+/);
  if (words.every((word) => lexicon.common.has(word) || lexicon.calendarWords.has(word) || /^\d/.test(word)))
    return false;
  return !/^\p{Lu}{2,5}$/u.test(name) && !/^(?:mr|mrs|ms|dr|art|article|q\d)\b/i.test(name);
}
