import type { Lexicon } from './lexicon.ts';
import { type Searched, says } from './phrases.ts';

/** "Our file number: GDPR/2025/06": a line with a name of its own that speaks of none of our things and does nothing. */
export function isAsideLine(flat: string, read: Searched, lexicon: Lexicon): boolean {
  const { acts, nouns, deleteWords, cancelWords } = lexicon;
  const label = /^\s*[\p{L}][\p{L}\p{N} ./()'-]{1,40}:\s+\S/u.exec(flat)?.[0];
  if (label === undefined || /:\/\/|\b(?:slug|ws)\b/i.test(flat)) return false;
  if (label.trim().split(/\s+/).length > LABEL_WORDS || read.words.length > LINE_WORDS) return false;
  if (read.words.some(({ text }) => deleteWords.has(text) || cancelWords.has(text))) return false;
  return ![...LINE_ACTS.map((act) => acts[act]), ...Object.values(nouns)].some((set) => says(read, set));
}

const LABEL_WORDS = 6;
const LINE_WORDS = 12;
const LINE_ACTS = [
  'request',
  'wish',
  'negation',
  'keep',
  'doubt',
  'correction',
  'exclusion',
  'cancel',
  'undecided',
  'status',
  'code',
] as const;
