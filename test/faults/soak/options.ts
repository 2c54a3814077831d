import { parseArgs } from 'node:util';
import { faultSeed } from '../random.ts';

export interface SoakOptions {
  readonly minutes: number;
  /** Desk minutes a minute. */
  readonly speed: number;
  /** Mails a second that customers begin with; their answers come on top. */
  readonly rate: number;
  readonly seed: number;
}

/** Desk days that a run spans unless it is told otherwise: two graces and some time around them. */
const DAYS = 12;
const MINUTES_A_DAY = 1_440;

/** @throws TypeError with what is wrong */
export function readSoakOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      soak: { type: 'string' },
      speed: { type: 'string' },
      rate: { type: 'string', default: '1' },
      seed: { type: 'string' },
    },
  });
  const minutes = positive('--soak', values.soak);
  return {
    minutes,
    speed: values.speed === undefined ? (DAYS * MINUTES_A_DAY) / minutes : positive('--speed', values.speed),
    rate: positive('--rate', values.rate),
    seed: values.seed === undefined ? faultSeed() : Number(values.seed),
  };
}

function positive(name: string, text: string | undefined): number {
  const value = Number(text);
  if (!(value > 0)) throw new TypeError(`${name} takes a number above zero`);
  return value;
}
