import { randomInt } from 'node:crypto';

/** Choices that a seed repeats. */
export interface Random {
  readonly seed: number;
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
  /** Exponentially distributed: the waits of events that come at random, `mean` apart. */
  wait(mean: number): number;
}

/** Of this run: FAULT_SEED when it is set, else a new one. Whoever uses it prints it. */
export const faultSeed = (): number => Number(process.env.FAULT_SEED ?? randomInt(2 ** 31));

/** Mulberry32 (T. Ettinger): 32 bits of state, enough for choices. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    seed,
    next,
    below,
    pick: (list) => {
      const found = list[below(list.length)];
      if (found === undefined) throw new RangeError('nothing to pick from');
      return found;
    },
    chance: (probability) => next() < probability,
    wait: (mean) => -mean * Math.log(1 - next()),
  };
}
