/** What became of a mail and what its sender proved, in words for agents. */
import type { Standing } from '../../domain/evidence.ts';
import type { Disposition } from '../../domain/mail.ts';

type Tone = 'info' | 'wait' | 'risk' | 'good' | '';

export interface Label {
  readonly words: string;
  /** A class of `.badge`; empty = plain. */
  readonly tone: Tone;
}

export const DISPOSITION_LABELS: Readonly<Record<Disposition, Label>> = {
  opened: { words: 'Opened tickets', tone: 'good' },
  joined: { words: 'Joined a ticket', tone: 'good' },
  duplicate: { words: 'Copy', tone: '' },
  automatic: { words: 'Automatic', tone: '' },
  own: { words: 'Our own', tone: '' },
  other: { words: 'Other', tone: 'info' },
  unreadable: { words: 'Unreadable', tone: 'wait' },
  silenced: { words: 'Not answered', tone: 'wait' },
};

/** Why a mail of each kind waits for somebody, in a sentence of its own before the reason that was noted. */
export const WHY_WAITING: Readonly<Record<Disposition, string>> = {
  opened: 'It opened tickets, and something in it is for a person to judge.',
  joined: 'It belongs to a ticket, and something in it is for a person to judge.',
  duplicate: 'It is a copy of a mail that was handled before.',
  automatic: 'A machine or a list sent it, and it may hold a request all the same.',
  own: 'It is one of our own mails.',
  other: 'It asks for nothing that the desk may decide by itself.',
  unreadable: 'The desk could not read it. It may be a request all the same.',
  silenced: 'An answer was due and was not written.',
};

export interface StandingWords extends Label {
  readonly sentence: string;
}

export const STANDING_WORDS: Readonly<Record<Standing, StandingWords>> = {
  authenticated: {
    words: 'Proven sender',
    tone: 'good',
    sentence: 'The domain of the sender vouches for this mail: it comes from where it says.',
  },
  unproven: {
    words: 'Unproven sender',
    tone: 'wait',
    sentence: 'Nothing shows that the sender wrote it, and nothing shows the contrary. Anybody may have.',
  },
  failed: {
    words: 'Likely forged',
    tone: 'risk',
    sentence:
      'The domain of the sender says that mails like this one are not from there, or there is no single author.',
  },
  undetermined: {
    words: 'Sender not known yet',
    tone: 'wait',
    sentence: 'The look-up that could tell did not answer. The desk tries again later.',
  },
};

export const NOT_LOOKED_AT: StandingWords = {
  words: 'Sender not looked at',
  tone: '',
  sentence: 'The desk did not look at who sent it.',
};

/** "1.2 MB", "340 kB", "12 bytes". */
export function sizeInWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** "the reply budget is spent" → "The reply budget is spent." */
export function sentenceOf(phrase: string): string {
  const text = phrase.trim();
  if (text === '') return '';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;
}
