import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Touched, waves } from '../../src/ingest/waves.ts';

const of = (...keys: string[]): Touched => new Set(keys);

describe('waves', () => {
  test('of mails that share nothing there is one', () => {
    expect(waves([of('a'), of('b'), of(), of('c')])).toEqual([[0, 1, 2, 3]]);
  });

  test('what shares something follows, also where others join the two', () => {
    // The third ties the first to the second, so that nothing of theirs may go on at the same time.
    expect(waves([of('a'), of('b'), of('a', 'b'), of('c'), of('b')])).toEqual([[0, 3], [1], [2], [4]]);
  });

  test('what may touch anything waits for all before it, and all after it wait', () => {
    expect(waves([of('a'), of('b'), null, of('a'), null])).toEqual([[0, 1], [2], [3], [4]]);
  });

  test('nothing is left out or twice, and whatever shares something keeps its order', () => {
    const touched = fc.option(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 3 }).map((keys) => of(...keys)),
      { nil: null, freq: 6 },
    );
    fc.assert(
      fc.property(fc.array(touched, { maxLength: 20 }), (works) => {
        const found = waves(works);
        expect(found.flat().sort((a, b) => a - b)).toEqual(works.map((_, at) => at));
        const waveOf = (at: number) => found.findIndex((wave) => wave.includes(at));
        for (const [later, its] of works.entries()) {
          for (const [earlier, theirs] of works.slice(0, later).entries()) {
            const shares = its === null || theirs === null || [...its].some((key) => theirs.has(key));
            if (shares) expect(waveOf(earlier)).toBeLessThan(waveOf(later));
          }
        }
      }),
    );
  });
});
