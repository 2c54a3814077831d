import { japaneseRole } from '../japanese/clauses.ts';
import { isAsideLine } from './aside-lines.ts';
import { cancelsIn } from './cancels.ts';
import type { Lexicon } from './lexicon.ts';
import { hitsOf, type PhraseHit, type Searched, says } from './phrases.ts';
import type { Piece } from './pieces.ts';
import type { Word } from './words.ts';

/** What a clause does about deletion. `statement`: nothing of it. */
export type Role =
  | 'request'
  | 'negated'
  | 'keep'
  | 'question'
  | 'past'
  | 'orders'
  | 'form'
  | 'aside'
  | 'statement';

/** What a clause does, weighed from the phrases in it. */
export function roleOf(
  flat: string,
  read: Searched,
  asks: boolean,
  offset: number,
  piece: Piece,
  lexicon: Lexicon,
): Role {
  const { acts } = lexicon;
  const { words } = read;
  if (says(read, acts.orders)) return 'orders';
  if (piece.field === 'aside') return 'aside';
  if (piece.field !== null && piece.field !== 'action') return 'form';
  if (lexicon.language === 'ja') return japaneseRole(flat, read, asks, piece, lexicon);
  if (piece.field === null && isAsideLine(flat, read, lexicon)) return 'aside';
  const requests = requestsIn(read, flat, offset, lexicon);
  // "our workspace that is no longer used": the negation goes on with what it denies, and that is no deletion.
  const told = (hit: PhraseHit): boolean =>
    hitsOf(read, acts.harmless).some((each) => each.from === hit.to - 1 && each.to > hit.to);
  if (hitsOf(read, acts.negation).some((hit) => !told(hit))) return 'negated';
  if (requests.length === 0 && keeps(read, acts)) return 'keep';
  if (piece.field === 'action') {
    const deletes = words.some((word) => lexicon.deleteWords.has(word.text));
    return deletes ? 'request' : 'form';
  }
  const first = requests[0];
  if (first === undefined) {
    if (asks) return 'question';
    return says(read, acts.past) ? 'past' : 'statement';
  }
  const harmless = hitsOf(read, acts.harmless);
  const free = (hit: PhraseHit): boolean =>
    !harmless.some((each) => hit.from < each.to && each.from < hit.to);
  if (hitsOf(read, acts.condition).some(free)) return 'question';
  const blocked = hitsOf(read, acts.question).some(
    (hit) => free(hit) && hit.from < (requests.at(-1)?.to ?? 0) && !isApart(flat, words, hit, first, offset),
  );
  if (blocked) return 'question';
  return asks && !isPolite(words, requests) ? 'question' : 'request';
}

/**
 * Deletions asked for: by a phrase, by an imperative at the start of the clause or behind a colon, or by a wish and a
 * deletion in one clause that nothing else explains.
 */
function requestsIn(read: Searched, flat: string, offset: number, lexicon: Lexicon): readonly PhraseHit[] {
  const { words } = read;
  const reports = hitsOf(read, lexicon.acts.past);
  // "need a confirmation that it was deleted" reports a deletion and asks for none.
  const told = (hit: PhraseHit): boolean =>
    !asksThat(words, hit) &&
    !ADDRESSED.has(
      words
        .slice(hit.from, hit.from + 2)
        .map(({ text }) => text)
        .join(' '),
    ) &&
    reports.some(
      (each) =>
        each.from < hit.to &&
        hit.from < each.to &&
        each.to >= hit.to &&
        // "We asked last week; please delete it now."
        !words.slice(each.from, hit.to).some(({ text }) => PRESENT.has(text)),
    );
  const stops = cancelsIn(read, lexicon.acts);
  const cancels = stops.length > 0;
  const other = (hit: PhraseHit): boolean =>
    words
      .slice(hit.from, hit.to - 1)
      .some(({ text }) => PAPERS.has(text) || (cancels && lexicon.cancelWords.has(text))) ||
    stops.some((stop) => stop.from < hit.to && hit.from < stop.to);
  const spoken = hitsOf(read, lexicon.acts.request);
  const lead = listLead(words, flat, lexicon);
  const hits = [...lead, ...imperativesIn(words, flat, offset, lexicon), ...spoken].filter(
    (hit) => !told(hit) && !other(hit),
  );
  if (hits.length > 0 || reports.length > 0 || cancels || says(read, lexicon.acts.keep)) return hits;
  return wishesIn(read, lexicon).filter((hit) => !other(hit));
}

/** Words that want something kept. "which we may no longer keep" wants the opposite. */
const keeps = (read: Searched, { keep }: Lexicon['acts']): boolean =>
  hitsOf(read, keep).some(
    (hit) => !read.words.slice(Math.max(0, hit.from - 3), hit.to).some(({ text }) => NO_LONGER.has(text)),
  );

const NO_LONGER = new Set(['longer', "mustn't", "needn't", 'cannot', "can't", "shouldn't"]);

/** "three candidates to delete:", "users for deletion:": what asks for the list behind it. */
const listLead = (words: readonly Word[], flat: string, lexicon: Lexicon): readonly PhraseHit[] =>
  /[:：]\s*$/.test(flat) &&
  (lexicon.deleteVerbs.has(words.at(-1)?.text ?? '') ||
    (lexicon.deleteWords.has(words.at(-1)?.text ?? '') && FOR.has(words.at(-2)?.text ?? '')))
    ? [{ from: words.length - 1, to: words.length }]
    : [];

/** "We have two open deletions:" asks for none. */
const FOR = new Set('for zur zum pour para per ter voor'.split(' '));

/** Words of an order in the present. */
const PRESENT = new Set('please kindly pls plz now hereby again bitte merci favor prego graag'.split(' '));

/** "Delete …", "so please: delete …", "Item two: delete …". A label ("Delete: …") is none. */
function imperativesIn(
  words: readonly Word[],
  flat: string,
  offset: number,
  lexicon: Lexicon,
): readonly PhraseHit[] {
  return words.flatMap((word, index) => {
    if (!lexicon.imperatives.has(word.text)) return [];
    const before = words[index - 1];
    const opens = words.slice(0, index).every(({ text }) => OPENERS.has(text));
    const gap = before === undefined ? '' : flat.slice(before.end - offset, word.start - offset);
    const joined = before?.text === 'and' && ACTIONS.has(words[0]?.text ?? '');
    if (!opens && !joined && !/[:：]["'“„\s]*$/.test(gap)) return [];
    // "DELETE /users" is a call of an interface.
    return /^\s*(?:[:=/]|$)/.test(flat.slice(word.end - offset)) ? [] : [{ from: index, to: index + 1 }];
  });
}

/** "Close my account and delete …" */
const ACTIONS = new Set(
  'close shut terminate end cancel stop take get go do clean make please kindly deactivate disable disconnect'.split(
    ' ',
  ),
);

/** "I hereby request that the data is deleted" */
const asksThat = (words: readonly Word[], hit: PhraseHit): boolean => {
  const row = words.slice(hit.from, hit.to).map(({ text }) => text);
  return row.includes('that') && row.some((word) => ASKING.has(word));
};
const ASKING = new Set([
  'request',
  'requests',
  'ask',
  'asks',
  'demand',
  'demands',
  'insist',
  'require',
  'requires',
]);

/** "You are requested to erase …" */
const ADDRESSED = new Set(['you are', 'appreciate it', 'grateful if', 'great if', 'nice if']);

/** Words that may stand before an imperative that opens a sentence. */
const OPENERS = new Set(
  'hi hello hey dear team all folks guys there everyone support so then now just only also again and but first second secondly third finally lastly next ok okay yes well simply therefore thus hence right dann also jetzt und nun donc alors et puis entonces luego y então depois e allora poi quindi dus dan en nu'.split(
    ' ',
  ),
);

/** A wish ("we need", "I ask", "could") before a deletion: the last words of it. */
function wishesIn(read: Searched, lexicon: Lexicon): readonly PhraseHit[] {
  const { words } = read;
  const [wish] = hitsOf(read, lexicon.acts.wish);
  if (wish === undefined || says(read, lexicon.acts.unwished)) return [];
  const verbs = words.flatMap(({ text }, index) => (lexicon.deleteVerbs.has(text) ? [index] : []));
  const behind = verbs.find((at) => at >= wish.from);
  if (behind !== undefined) return behind - wish.to > WISH_WORDS ? [] : [{ from: wish.from, to: behind + 1 }];
  // "…, delete those five days please"
  const [before] = verbs.filter((at) => lexicon.imperatives.has(words[at]?.text ?? ''));
  return before !== undefined && PLEAS.has(words[wish.from]?.text ?? '')
    ? [{ from: before, to: before + 1 }]
    : [];
}
const WISH_WORDS = 25;
const PLEAS = new Set(
  'please kindly pls plz bitte merci svp favor gracias obrigado prego grazie graag aub alstublieft'.split(
    ' ',
  ),
);

/** "request a confirmation of the deletion" asks for a paper. */
const PAPERS = new Set(
  'confirmation proof certificate evidence status update report receipt statement copy information bestätigung nachweis confirmation preuve attestation confirmación prueba confirmação prova conferma bevestiging bewijs'.split(
    ' ',
  ),
);

/** Whether a comma or the like divides a question's words from the request behind them. */
function isApart(
  flat: string,
  words: readonly Word[],
  hit: PhraseHit,
  request: PhraseHit,
  offset: number,
): boolean {
  if (hit.from >= request.from) return false;
  const from = words[hit.to - 1]?.end ?? 0;
  const to = words[request.from]?.start ?? from;
  return /[,;:–—]/.test(flat.slice(from - offset, to - offset));
}

const POLITE = new Set([
  ...['may', 'might', 'mind'],
  ...[
    'can',
    'could',
    'would',
    'will',
    'please',
    'kindly',
    'können',
    'könnten',
    'könntet',
    'könnt',
    'kannst',
    'könntest',
    'würdet',
    'würdest',
    'koennen',
    'koennten',
    'würden',
    'bitte',
    'pourriez',
  ],
  ...[
    'pouvez',
    'pourriez-vous',
    'pouvez-vous',
    'podrían',
    'podría',
    'pueden',
    'puede',
    'podem',
    'poderiam',
    'pode',
    'poderia',
    'podes',
    'podiam',
    'podia',
    'poderão',
    'poderá',
    'consegue',
    'conseguem',
    'consegues',
    'seria',
  ],
  ...[
    'peux-tu',
    'pourrais-tu',
    'voulez-vous',
    'voudriez-vous',
    'serait-il',
    'est-ce',
    'possible',
    'merci',
    'podéis',
    'podeis',
    'podríais',
    'podriais',
    'podria',
    'podrian',
    'podras',
    'puedes',
    'podrías',
    'podés',
    'me',
    'nos',
    'por',
    'sería',
    'importaría',
    'molestaría',
    'favor',
    'gentileza',
    'peux',
    'pourrais',
  ],
  ...[
    'potete',
    'potreste',
    'può',
    'potrebbe',
    'puoi',
    'potresti',
    'riuscite',
    'mi',
    'ci',
    'kunnen',
    'kunt',
    'zouden',
    'willen',
    'wilt',
    'wil',
    'kun',
    'zou',
    'vragen',
    'kan',
    'mag',
    'mogen',
    'verzoeken',
  ],
]);

export const isPolite = (words: readonly Word[], requests: readonly PhraseHit[]): boolean =>
  requests.some((hit) =>
    words.slice(Math.max(0, hit.from - 4), hit.to).some(({ text }) => POLITE.has(text)),
  ) || /[くれい]/.test(words.at(-1)?.text ?? '');
