import type { Placed } from '../requests/placed.ts';
import type { ReadSettings } from '../requests/read-settings.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf, says } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import type { Word } from '../sentences/words.ts';
import { datesOf } from './dates.ts';
import { framesIn } from './time-frames.ts';

/**
 * Whether the writer wants the deletion at a later time ("next Monday", "not before May"). The desk starts at once or
 * not at all, so that such a request is asked back. A deadline ("by Friday") and what has been ("which we closed on
 * Monday") delay nothing.
 */
export function isDelayed(statement: Statement, names: readonly Placed[], settings: ReadSettings): boolean {
  const { lexicon } = settings;
  if (statement.field !== null) return false;
  if (isHeldBack(statement, settings)) return true;
  if (!says(statement, lexicon.acts.later)) return false;
  if (!isAboutDoing(statement, settings)) return false;
  const { words } = statement;
  return hitsOf(statement, lexicon.acts.later).some(
    (hit) =>
      !isNamed(words[hit.from], names) &&
      !isOfOwnAffairs(statement, words[hit.from]?.start ?? 0, lexicon) &&
      !isHarmless(statement, hit.from, settings) &&
      !isOfFrame(statement, words[hit.from], settings) &&
      !(hit.to === hit.from + 1 && isTold(words.slice(hit.to, hit.to + TOLD_WORDS), lexicon)) &&
      !isBounded(statement, hit.from, settings),
  );
}

/** A day to come in a request for things that have no time frame: the day on which to delete them. */
export function namesDayToCome(statement: Statement, settings: ReadSettings): boolean {
  const { dates } = settings;
  if (statement.field !== null || !isAboutDoing(statement, settings)) return false;
  const { words } = statement;
  if (/\bon the \d{1,2}(?:st|nd|rd|th)\b/i.test(statement.text)) return true;
  return datesOf(statement, dates).some((atom) => {
    const at = words.findIndex((word) => word.start >= atom.start);
    if (isOfOwnAffairs(statement, statement.words[at]?.start ?? atom.start, settings.lexicon)) return false;
    const toCome =
      atom.days === null ? atom.why === 'incomplete' : dates.today !== null && atom.days.from > dates.today;
    return toCome && !isBounded(statement, at === -1 ? words.length : at, settings);
  });
}

/** A request, or a statement with a verb of doing it. "The erasure requests of May" only mentions one. */
function isAboutDoing(statement: Statement, { lexicon }: ReadSettings): boolean {
  const { role, words, asks } = statement;
  if (role === 'request') return true;
  if (asks || (role !== 'statement' && role !== 'negated')) return false;
  const papers = words.some(({ text }) => PAPERS.has(text));
  return (
    words.some(({ text }) => lexicon.deleteWords.has(text) && !(papers && ACTIONS.has(text))) ||
    says(statement, lexicon.acts.carryOut)
  );
}

/** Deletion as a thing, which one can mention without asking for it. */
const ACTIONS = new Set(
  'erasure erasures deletion deletions removal removals delete purge löschung löschungen lösch suppression suppressions effacement eliminación borrado supresión exclusão eliminação cancellazione cancellazioni verwijdering verwijderingen'.split(
    ' ',
  ),
);
const PAPERS = new Set(
  'request requests order orders ticket tickets form forms case cases letter letters antrag anträge auftrag anfrage anfragen demande demandes solicitud solicitudes orden pedido pedidos solicitação richiesta richieste verzoek verzoeken aanvraag'.split(
    ' ',
  ),
);

/** "Do not start before Monday", "don't delete it until June". */
function isHeldBack(statement: Statement, settings: ReadSettings): boolean {
  const { role, words } = statement;
  const { notWords, deleteWords } = settings.lexicon;
  if (role === 'keep' || role === 'question' || role === 'past') return false;
  const doing = words.findIndex(({ text }) => deleteWords.has(text) || STARTS.has(text));
  if (doing === -1) return false;
  const denied = words.findIndex(({ text }) => text.endsWith("n't") || notWords.includes(text));
  if (denied === -1 || doing < denied) return false;
  const days = [
    ...datesOf(statement, settings.dates).map(({ start }) => words.findIndex((word) => word.start >= start)),
    ...hitsOf(statement, settings.lexicon.acts.later).map(({ from }) => from),
  ];
  return days.some((at) =>
    words.slice(Math.max(doing, at - HOLD_WORDS), at).some(({ text }) => HOLDS.has(text)),
  );
}

const HOLD_WORDS = 3;
const STARTS = new Set('start begin proceed execute anfangen beginnen starten commencer empezar'.split(' '));

const HOLDS = new Set('before until till vor bis avant antes hasta até prima voor tot'.split(' '));

/** "…, we are leaving on 2 January", "because we move on 1 April": a part of the sentence that tells why. */
function isOfOwnAffairs({ words, text, start }: Statement, at: number, lexicon: Lexicon): boolean {
  const commas = [
    ...text.slice(0, at - start).matchAll(/[,;(–—]|\b(?:because|weil|parce|porque|perché|omdat) /g),
  ];
  const comma = commas.at(-1);
  if (comma === undefined) return false;
  const from = start + comma.index;
  const part = words.filter((word) => word.start >= from && word.start < at);
  return (
    part.slice(0, 2).some(({ text: word }) => TELLERS.has(word)) &&
    !part.some(({ text: word }) => lexicon.deleteWords.has(word) || WISHES.has(word))
  );
}

const TELLERS = new Set(
  'we i they because our weil da wir ich unser unsere nous car parce nuestro porque nosotros perché noi nostro porque nós nosso omdat wij we onze'.split(
    ' ',
  ),
);
const WISHES = new Set(
  "want need like expect wish prefer ask please do möchten wollen brauchen bitte voulons aimerions queremos necesitamos vogliamo vorremmo willen graag it this that we'd i'd".split(
    ' ',
  ),
);

/** "source Black Friday". */
const isNamed = (word: Word | undefined, names: readonly Placed[]): boolean =>
  word !== undefined &&
  names.some(({ name, start, end }) => name !== null && start <= word.start && word.end <= end);

const isHarmless = (statement: Statement, at: number, { lexicon }: ReadSettings): boolean =>
  hitsOf(statement, lexicon.acts.harmless).some((hit) => hit.from <= at && at < hit.to);

/** "since Monday", "from the 1st of this month until today": days that the data is of. */
const isOfFrame = (statement: Statement, word: Word | undefined, { dates, lexicon }: ReadSettings): boolean =>
  word !== undefined &&
  framesIn(statement, dates, lexicon).some(
    ({ frame, start, end }) => frame !== null && start < word.end && word.start < end,
  );

/** "On Monday I pressed …": tells what was. */
const isTold = (after: readonly Word[], lexicon: Lexicon): boolean =>
  after.some(
    ({ text }) =>
      WAS.has(text) || HAVE.has(text) || (/^[a-z]{2,}ed$/.test(text) && !lexicon.deleteWords.has(text)),
  );

const TOLD_WORDS = 3;

const HAVE = new Set(
  "habe hat haben ai j'ai avons a he hemos ha ho abbiamo heb hebben fiz fizemos made saw found wrote told spoke began said got came".split(
    ' ',
  ),
);

/** Behind "by", "latest" and the like, or in words that tell what has been. */
function isBounded(statement: Statement, at: number, { lexicon }: ReadSettings): boolean {
  const before = statement.words.slice(Math.max(0, at - 8), at);
  if (before.slice(-3).some(({ text }) => BOUNDS.has(text))) return true;
  return (
    before.some(({ text }) => WAS.has(text)) ||
    hitsOf(statement, lexicon.acts.past).some((hit) => hit.from < at)
  );
}

const BOUNDS = new Set(
  "by before latest than bis spätestens avant d'ici antes entro prima voor uiterlijk até までに until ends end ending expires expire guten schönen goede".split(
    ' ',
  ),
);
const WAS = new Set(
  'which was were had since last wurde wurden hatte hatten war waren était étaient fue era foi werd was'.split(
    ' ',
  ),
);
