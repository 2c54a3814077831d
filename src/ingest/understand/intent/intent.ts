import type { Intent } from '../../../domain/request.ts';
import type { MailToRead } from '../mail-to-read.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import type { Statement } from '../sentences/statements.ts';
import type { CodeCandidate } from './codes.ts';
import { type Signals, signalsOf } from './signals.ts';
import { ticketIn } from './ticket-reference.ts';

/** What the mail wants, with the rule that decided it. */
export interface IntentReading {
  readonly intent: Intent;
  readonly why: string;
  readonly ticket: string | null;
  readonly code: CodeCandidate | null;
  /** Every different code in the writer's words. */
  readonly codes: readonly CodeCandidate[];
}

/** `scoped`: the mail names something to delete, by a form or in a request. */
export function readIntent(
  mail: MailToRead,
  statements: readonly Statement[],
  ownText: string,
  lexicon: Lexicon,
  scoped: boolean,
): IntentReading {
  const signals = signalsOf(mail, statements, ownText, lexicon, scoped);
  const { intent, why } = weigh(signals);
  const [code, second] = signals.codes.candidates;
  return {
    intent,
    why,
    ticket: ticketIn(mail.subject) ?? ticketIn(ownText),
    // Two different codes: the desk asks which one it is.
    code: intent === 'verify' && code !== undefined && second === undefined ? code : null,
    codes: signals.codes.candidates,
  };
}

interface Rule {
  readonly why: string;
  readonly intent: Intent;
  readonly holds: (signals: Signals) => boolean;
}

/** The first rule that holds decides: what stops a deletion comes before what lets one run. */
const RULES: readonly Rule[] = [
  { why: 'one word that stops', intent: 'cancel', holds: ({ shouts, reply }) => shouts && reply },
  {
    why: 'an offer or a fraud',
    intent: 'other',
    holds: ({ solicits, asks, scoped }) => solicits && !(asks && scoped),
  },
  {
    why: 'stops a deletion',
    intent: 'cancel',
    holds: (each) => (each.cancels || each.denies) && !(wantsNamed(each) && each.corrects),
  },
  {
    why: 'takes back what was asked in the same thread',
    intent: 'cancel',
    holds: (each) => each.retreats && each.ticketed && !each.asks && !each.undecided,
  },
  {
    why: 'asks to stop what was a mistake',
    intent: 'cancel',
    holds: (each) => each.regrets && !each.asks,
  },
  {
    why: 'two codes',
    intent: 'verify',
    holds: (each) => each.codes.candidates.length > 1 && !changes(each),
  },
  {
    why: 'a code and nothing against it',
    intent: 'verify',
    holds: (each) => each.codes.candidates.length === 1 && !each.codes.wavers && !changes(each),
  },
  { why: 'undecided', intent: 'other', holds: ({ undecided, retreats }) => undecided || retreats },
  { why: 'asks how far it is', intent: 'status', holds: ({ status, scoped }) => status && !scoped },
  { why: 'not ours to delete', intent: 'other', holds: ({ foreign }) => foreign },
  {
    why: 'asks for a deletion',
    intent: 'delete',
    holds: (each) => wantsNamed(each) || (each.asks && each.plain),
  },
  { why: 'asks how far it is', intent: 'status', holds: ({ status }) => status },
  { why: 'asks for a deletion', intent: 'delete', holds: ({ asks }) => asks },
  {
    why: 'does not want a deletion that runs',
    intent: 'cancel',
    holds: ({ spares, reply, scoped }) => spares && (reply || scoped),
  },
  {
    why: 'wants to keep what was to go',
    intent: 'cancel',
    holds: (each) => each.stays && !each.scoped && !each.asks,
  },
  { why: 'begs not to delete', intent: 'cancel', holds: ({ begs }) => begs },
];

/** A form beside a code only repeats what the ticket is about. */
const changes = ({ orders, scoped }: Signals): boolean => orders && scoped;

const wantsNamed = ({ asks, scoped }: Signals): boolean => asks && scoped;

/** Weighs the signals of a mail. */
const weigh = (signals: Signals): { readonly intent: Intent; readonly why: string } =>
  RULES.find(({ holds }) => holds(signals)) ?? { intent: 'other', why: 'nothing is asked' };
