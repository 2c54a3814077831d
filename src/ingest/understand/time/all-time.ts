import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import type { FrameReading } from './frame-reading.ts';

/** "All time", unless it goes on with what it is the beginning of: "since the beginning of the year". */
export function allTimeIn(statement: Statement, lexicon: Lexicon): readonly FrameReading[] {
  const { words } = statement;
  const hits = hitsOf(statement, lexicon.timePhrases.allTime).filter(
    ({ from }) =>
      !words.slice(Math.max(0, from - 3), from).some(({ text }) => lexicon.notWords.includes(text)),
  );
  if (hits.length === 0) return isAllInForm(statement) ? [ALL(statement)] : [];
  const limited = hits.some(
    ({ to }) =>
      BEGINNINGS.has(words[to - 1]?.text ?? '') &&
      OF_WORDS.has(words[to]?.text ?? '') &&
      !words.slice(to, to + 3).some(({ text }) => TIME_ITSELF.has(text)),
  );
  return [
    {
      frame: limited ? null : { from: null, to: null },
      problem: null,
      start: statement.start,
      end: statement.end,
    },
  ];
}

/** `Days: all of them`, in the line of a form that asks for the days. */
const isAllInForm = ({ field, words }: Statement): boolean =>
  field === 'timeFrame' &&
  words.length > 0 &&
  words.length <= 3 &&
  words.some(({ text }) => ALLS.has(text)) &&
  words.every(({ text }) => ALLS.has(text) || ALL_OF.has(text));

const ALLS = new Set(
  'all everything any alle alles sämtliche tous tout toutes todos todo todas tutti tutto'.split(' '),
);
const ALL_OF = new Set('of them it the days dates data time tage daten les los i dagen'.split(' '));

const ALL = ({ start, end }: Statement): FrameReading => ({
  frame: { from: null, to: null },
  problem: null,
  start,
  end,
});

/** Whether "all time" is said as "the entire period", which may be the one that was told before. */
export const isWholePeriod = (statement: Statement, lexicon: Lexicon): boolean =>
  hitsOf(statement, lexicon.timePhrases.allTime).every(({ from, to }) =>
    isPeriod(statement.words.slice(from, to).map(({ text }) => text)),
  );

/** "All time" is no period that could have been told. */
const isPeriod = (said: readonly string[]): boolean =>
  said.some((text) => PERIODS.has(text)) && !(said.includes('all') && said.includes('time'));

const PERIODS = new Set(
  'period range time zeitraum zeit période périodes periodo período periode tijden tempo tiempo 期'.split(
    ' ',
  ),
);

const BEGINNINGS = new Set(
  'beginning start inception beginn anfang début origine principio inicio início princípio inizio begin'.split(
    ' ',
  ),
);
const OF_WORDS = new Set(
  "of des der von vom de du d'année del de la do da dell'anno van in this last dieses".split(' '),
);
const TIME_ITSELF = new Set(
  'time times zeit zeiten temps tiempos tempos tempi tijd recording collection'.split(' '),
);
