import type { Lexicon } from './lexicon.ts';
import { hitsOf, type PhraseHit, type Searched } from './phrases.ts';

/**
 * Stops asked for. Words that make the stop one of something else ("cancel my subscription"), a report of one ("was
 * cancelled") or a question of how ("how do I cancel") overlap it or stand close to it.
 */
export function cancelsIn(read: Searched, acts: Lexicon['acts']): readonly PhraseHit[] {
  const others = hitsOf(read, acts.notCancel);
  return hitsOf(read, acts.cancel).filter(
    (hit) => !others.some((other) => excuses(other, hit) && !isApart(read, other, hit)),
  );
}

/** "She has withdrawn her request, so kindly cancel the deletion." */
const isApart = ({ words }: Searched, other: PhraseHit, hit: PhraseHit): boolean =>
  other.to <= hit.from && words.slice(other.to, hit.from + 1).some(({ apart }) => apart);

function excuses(other: PhraseHit, hit: PhraseHit): boolean {
  if (other.from > hit.from) return other.from <= hit.to + 1;
  return other.to > other.from + 1 && other.to > hit.from
    ? true
    : other.to <= hit.from && other.to >= hit.from - BEFORE_WORDS;
}
const BEFORE_WORDS = 6;
