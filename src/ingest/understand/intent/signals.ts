import { isJapanesePlea, isJapaneseStop, japaneseAsksHow } from '../japanese/clauses.ts';
import type { MailToRead } from '../mail-to-read.ts';
import { cancelsIn } from '../sentences/cancels.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf, type PhraseHit, says } from '../sentences/phrases.ts';
import { isPolite } from '../sentences/roles.ts';
import type { Statement } from '../sentences/statements.ts';
import { type CodeCandidate, type CodeReading, PLEASE, readCodes } from './codes.ts';
import { ticketIn } from './ticket-reference.ts';

/** What speaks for one intent or another. The rules of intent.ts weigh it. */
export interface Signals {
  /** Answers a mail of ours: names a ticket, or is threaded as a reply. */
  readonly reply: boolean;
  /** That mail of ours was about a ticket. */
  readonly ticketed: boolean;
  /** One or two words that stop. */
  readonly shouts: boolean;
  readonly cancels: boolean;
  /** Says that a deletion was asked for by nobody of theirs. */
  readonly denies: boolean;
  /** Takes back what was asked before ("never mind"). */
  readonly retreats: boolean;
  /** Answers our mail with words that something stays. */
  readonly stays: boolean;
  /** Asks in answer to our mail whether one can stop, and calls the request a mistake. */
  readonly regrets: boolean;
  /** Asks that something is not deleted, or stays. */
  readonly begs: boolean;
  readonly spares: boolean;
  readonly codes: CodeReading;
  readonly asks: boolean;
  /** Asks in a sentence, and not by the fields of a form alone. */
  readonly orders: boolean;
  /** Names something of the six scopes that is to go. */
  readonly scoped: boolean;
  /** Asks in so many words, with a verb of deletion. */
  readonly plain: boolean;
  /** All that is asked for is to delete things that are none of ours: a login, a dashboard, a post. */
  readonly foreign: boolean;
  /** Asks for one thing to go instead of another. */
  readonly corrects: boolean;
  readonly undecided: boolean;
  readonly status: boolean;
  /** Reads as an offer or a fraud. */
  readonly solicits: boolean;
}

/** `scoped`: the mail names something to delete, by a form or in a request. */
export function signalsOf(
  mail: MailToRead,
  statements: readonly Statement[],
  ownText: string,
  lexicon: Lexicon,
  scoped: boolean,
): Signals {
  const { acts } = lexicon;
  // A line under a label of the writer's own ("The right one: 640871") is spoken; only the fields of a form are not.
  const spoken = statements.filter(({ role, field }) => role !== 'orders' && field !== 'aside');
  const requests = spoken.filter(({ role }) => role === 'request');
  const any = (test: (each: Statement) => boolean): boolean => spoken.some(test);
  const ticketed = ticketIn(mail.subject) !== null || ticketIn(mail.text ?? '') !== null;
  const reply =
    ticketed ||
    ['in-reply-to', 'references'].some((name) => mail.header(name).length > 0) ||
    RE.test(mail.subject);
  const { candidates, wavers } = readCodes(mail, spoken, ownText, lexicon);
  const own = reply || any((each) => says(each, acts.ownCode));
  const codes = own ? candidates : [];
  return {
    reply,
    ticketed,
    shouts: any(
      ({ words, text }) =>
        (lexicon.cancelWords.has(words[0]?.text ?? '') &&
          (words.length <= 2 ||
            words.every((word) => lexicon.cancelWords.has(word.text) || URGENT.has(word.text)))) ||
        isJapaneseStop(text),
    ),
    cancels: any((each) => each.role !== 'form' && stops(each, lexicon)),
    // A report of a deletion that nobody wanted, without a word of one that runs, asks for nothing.
    denies:
      !scoped &&
      any((each) => says(each, acts.denial)) &&
      (reply || any((each) => says(each, acts.received))),
    retreats: any((each) => says(each, acts.retreat) && !leadsToCode(each, codes)),
    stays: ticketed && codes.length === 0 && any((each) => says(each, acts.stays) && !each.asks),
    regrets: ticketed && any((each) => says(each, acts.regret)) && any((each) => says(each, acts.cancel)),
    begs: any(
      (each) =>
        each.role === 'negated' &&
        !each.asks &&
        (each.words.some(({ text }) => PLEASE.has(text)) || isJapanesePlea(each.text)),
    ),
    spares: any(({ role }) => role === 'negated'),
    codes: { candidates: codes, wavers },
    asks: requests.length > 0,
    orders: requests.some(({ field }) => field === null || field === 'action'),
    scoped,
    plain: requests.some((each) => each.words.some((word) => lexicon.deleteWords.has(word.text))),
    foreign: requests.length > 0 && requests.every((each) => isForeign(each, spoken, lexicon, scoped)),
    corrects: requests.some((each) => each.corrects),
    undecided: any((each) => each.undecided && !each.cancels),
    status: any((each) => each.role !== 'request' && asksStatus(each, reply, ticketed, lexicon)),
    solicits: !ticketed && spoken.filter((each) => says(each, acts.solicitation)).length >= SOLICITS_MIN,
  };
}

/** "Stop, stop, please!" */
const URGENT = new Set('please now it this that immediately asap everything all'.split(' '));

/** "Forget my last mail, the code is 123456": what is taken back stands before the code, or is a number. */
const leadsToCode = (each: Statement, codes: readonly CodeCandidate[]): boolean =>
  /\d{3}\D?\d{3}/.test(each.text) || codes.some(({ start }) => start >= each.end);

/** The marks of a reply in front of a subject. */
const RE = /^\s*(?:re|aw|sv|antw|vs|odp|rif|ynt|res)\s*(?:\[\d{1,3}\])?\s*[:：]/i;

/** One such phrase may stand in anybody's mail. */
const SOLICITS_MIN = 2;

/** Stops in the present, addressed to the reader. A question how or whether one can is none, however polite. */
function stops(each: Statement, lexicon: Lexicon): boolean {
  const hits = cancelsIn(each, lexicon.acts);
  if (hits.length === 0) return false;
  const asksHow =
    lexicon.language === 'ja'
      ? japaneseAsksHow(each, lexicon.acts)
      : says(each, lexicon.acts.question) && !isPolite(each.words, hits);
  return each.role !== 'question' || !asksHow;
}

/**
 * Asks how far a deletion is. A question about deletions as such ("how long does a deletion take?") is none. In the
 * thread of a ticket few words will do: "So? Finished?".
 */
function asksStatus(
  each: Statement,
  reply: boolean,
  ticketed: boolean,
  { acts, cancelWords }: Lexicon,
): boolean {
  const asks = each.asks || AUXILIARIES.has(each.words[0]?.text ?? '');
  if (!each.asks && each.role === 'negated') return false;
  if (says(each, acts.status) || (asks && says(each, acts.finished)))
    return reply || !says(each, acts.general);
  const about = [acts.general, acts.code, acts.foreign].some((act) => says(each, act));
  const stops = each.words.some(({ text }) => cancelWords.has(text));
  return ticketed && each.asks && says(each, acts.progress) && !about && !stops;
}

/** Open a question, with or without its mark. */
const AUXILIARIES = new Set(['has', 'have', "hasn't", "haven't", 'is', 'are', 'did', 'was', 'were', 'when']);

/**
 * The thing to delete is none of ours: next to the verb, or behind a pronoun the one said before. `surely`: that comes
 * right behind the verb and before anything of the six scopes, which then only says where or whose it is.
 */
function isForeign(
  each: Statement,
  spoken: readonly Statement[],
  lexicon: Lexicon,
  surely: boolean,
): boolean {
  const { words } = each;
  const { acts, nouns } = lexicon;
  const hits = [...hitsOf(each, acts.foreign), ...(surely ? [] : hitsOf(each, acts.perhapsForeign))];
  const verbs = words.flatMap(({ text }, index) => (lexicon.deleteWords.has(text) ? [index] : []));
  const named = Object.values(nouns).flatMap((kind) => hitsOf(each, kind));
  const isObject = ({ from, to }: PhraseHit): boolean =>
    verbs.some((verb) => {
      const between = words.slice(Math.min(from, verb), Math.max(from, verb));
      if (Math.abs(from - verb) > OBJECT_WORDS || between.some(({ text }) => OURS.has(text))) return false;
      return (
        !surely || (verb < from && !named.some((noun) => noun.to > verb && noun.from <= to && noun.to !== to))
      );
    });
  if (hits.some(isObject)) return true;
  const at = spoken.indexOf(each);
  return (
    !surely &&
    words.some(({ text }) => IT.has(text)) &&
    spoken.slice(Math.max(0, at - BACK_STATEMENTS), at).some((other) => says(other, acts.foreign))
  );
}

/** So far from the verb its object can be. */
const OBJECT_WORDS = 8;
const BACK_STATEMENTS = 3;
const OURS = new Set('data everything all workspace workspaces source sources space spaces'.split(' '));
const IT = new Set('it this that them these those one him her'.split(' '));
