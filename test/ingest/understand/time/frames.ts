import { lexiconFor } from '../../../../src/ingest/understand/sentences/lexicon.ts';
import { statementsOf } from '../../../../src/ingest/understand/sentences/statements.ts';
import { orderIn } from '../../../../src/ingest/understand/time/dates.ts';
import {
  type FrameReading,
  framesIn,
  isFinerThanDay,
} from '../../../../src/ingest/understand/time/time-frames.ts';

/** The day of all mails in these tests: a Wednesday. */
export const TODAY = '2025-03-12';

export type Reading = Omit<FrameReading, 'start' | 'end'>;

/** The frames of a text, as understanding reads them statement by statement. */
export function frames(text: string, language = 'en', today: string | null = TODAY): readonly Reading[] {
  const lexicon = lexiconFor(language);
  const settings = { today, order: orderIn(text), words: lexicon.time };
  return statementsOf(text, lexicon)
    .flatMap((each) => framesIn(each, settings, lexicon))
    .map(({ frame, problem }) => ({ frame, problem }));
}

/** `2024-03-01..2024-03-31`, `..2024-03-31`, `null`, or the problem; several readings are divided by a blank. */
export function readingOf(text: string, language = 'en', today: string | null = TODAY): string {
  const lexicon = lexiconFor(language);
  if (statementsOf(text, lexicon).some((each) => isFinerThanDay(each, lexicon))) return 'finer_than_day';
  return frames(text, language, today)
    .map(({ frame, problem }) =>
      frame === null ? String(problem) : `${frame.from ?? ''}..${frame.to ?? ''}`,
    )
    .join(' ');
}
