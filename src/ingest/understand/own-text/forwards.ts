import { compilePhrases, findPhrases, hasPhrase } from '../sentences/phrases.ts';
import { wordsOf } from '../sentences/words.ts';
import { MAIL_FURNITURE } from '../vocabulary/furniture.ts';

const HANDLE = compilePhrases(MAIL_FURNITURE.handleRequests, {});
const LEAVE = compilePhrases(MAIL_FURNITURE.leaveAlone, {});
const POINTERS = compilePhrases(MAIL_FURNITURE.pointers, {});
const COMMENT_CHARS_MAX = 4_000;

/**
 * What the writer wants of a mail that they pass on: `handle` it, leave it (`ignore`), or `apart`: their own words are a
 * request by themselves ("please delete the workspace acme-inc") and the mail below is only its story.
 */
export function wishFor(comment: string): 'handle' | 'ignore' | 'apart' {
  const text = comment.slice(0, COMMENT_CHARS_MAX);
  const words = wordsOf(text);
  if (hasPhrase(words, LEAVE)) return 'ignore';
  const asked = findPhrases(words, HANDLE);
  if (asked.length === 0) return 'ignore';
  const points = asked.some(({ from }) => {
    const { start, end } = sentenceAround(text, words[from]?.start ?? 0);
    return hasPhrase(
      words.filter((word) => word.start >= start && word.end <= end),
      POINTERS,
    );
  });
  return points ? 'handle' : 'apart';
}

/** From the end of the sentence before `at` to the end of its own. */
function sentenceAround(text: string, at: number): { readonly start: number; readonly end: number } {
  let start = at;
  while (start > 0 && !/[.!?。！？]/.test(text[start - 1] ?? '')) start -= 1;
  let end = at;
  while (
    end < text.length &&
    !(/[.!?]/.test(text[end] ?? '') && /\s|$/.test(text[end + 1] ?? ' ')) &&
    !/[。！？]/.test(text[end] ?? '')
  )
    end += 1;
  return { start, end };
}
