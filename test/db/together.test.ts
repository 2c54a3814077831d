import { describe, expect, test } from 'vitest';
import { forMany, inTurn, sideBySide } from '../../src/db/together.ts';

/** A statement that doubles numbers, and how often with how many it was made. */
function doubling() {
  const made: number[][] = [];
  const double = forMany(async (_db: string, numbers: readonly number[]) => {
    made.push([...numbers]);
    await Promise.resolve();
    if (numbers.includes(13)) throw new RangeError('no luck');
    return numbers.map((n) => 2 * n);
  });
  return { made, double };
}

describe('what several ask at the same time', () => {
  test('is asked once, and each gets its own answer', async () => {
    const { made, double } = doubling();
    const results = await sideBySide([1, 2, 3].map((n) => async () => double('db', await double('db', n))));
    expect(results).toEqual([4, 8, 12]);
    expect(made).toEqual([
      [1, 2, 3],
      [2, 4, 6],
    ]);
  });

  test('alone is a set of one, also when the others are through', async () => {
    const { made, double } = doubling();
    const late = Promise.withResolvers<number>();
    await sideBySide([
      () => double('db', 1),
      async () => {
        setTimeout(() => late.resolve(double('db', 5)), 20);
        return 0;
      },
    ]);
    expect(await late.promise).toBe(10);
    expect(await double('db', 6)).toBe(12);
    expect(made).toEqual([[1], [5], [6]]);
  });

  test('of two databases is asked of each', async () => {
    const { made, double } = doubling();
    await sideBySide(['a', 'b', 'a'].map((db, n) => () => double(db, n)));
    expect(made).toEqual([[0, 2], [1]]);
  });

  test('may itself be asked by a statement, which waits for no meeting', async () => {
    const { double } = doubling();
    const twice = forMany(async (db: string, numbers: readonly number[]) =>
      Promise.all(numbers.map((n) => double(db, n))),
    );
    expect(await sideBySide([() => twice('db', 1), () => twice('db', 2)])).toEqual([2, 4]);
  });

  test('fails for all who asked, and the work ends when every piece has', async () => {
    const { double } = doubling();
    const ended: string[] = [];
    const work = [1, 13].map((n) => () => double('db', n).finally(() => ended.push('asked')));
    const other = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended.push('other');
    };
    await expect(sideBySide<unknown>([...work, other])).rejects.toThrow('no luck');
    expect(ended).toEqual(['asked', 'asked', 'other']);
  });

  test('is made one after the other where it takes turns', async () => {
    const running: string[] = [];
    const piece = (name: string) => () =>
      inTurn('db', async () => {
        running.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running.push(`${name} ends`);
        return name;
      });
    expect(await sideBySide([piece('a'), piece('b')])).toEqual(['a', 'b']);
    expect(running).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  test('a statement that forgets somebody is found out', async () => {
    const forgetful = forMany(async (_db: string, asked: readonly number[]) => asked.slice(1));
    await expect(sideBySide([() => forgetful('db', 1), () => forgetful('db', 2)])).rejects.toThrow(TypeError);
  });
});
