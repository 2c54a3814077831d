import { instantInWords } from '../domain/words.ts';
import type { BreakerTrip } from '../tickets/replies-report.ts';

const WHO = {
  unproven: 'strangers and senders who prove nothing',
  all: 'everybody who is not verified',
} as const;

/** A breaker for agents, in a sentence. */
export const tripInWords = ({ share, openedAt, closedAt, suppressed }: BreakerTrip): string =>
  closedAt === null
    ? `Too many mails in an hour: since ${instantInWords(openedAt)} the desk is silent to ${WHO[share]}. ${suppressed} mail(s) kept back.`
    : `Too many mails in an hour: from ${instantInWords(openedAt)} to ${instantInWords(closedAt)} the desk was silent to ${WHO[share]}. ${suppressed} mail(s) kept back.`;
