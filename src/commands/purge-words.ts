/** Where purges stand, in words for agents. */
import { HOUR_MS } from '../domain/calendar.ts';
import { instantInWords } from '../domain/words.ts';
import type { Brake } from '../purge/brake.ts';
import type { PurgeLine, PurgeStatus } from '../purge/status.ts';

/** What agents should know first; empty = everything runs. */
export const purgeNotices = ({ halt, brakes }: Pick<PurgeStatus, 'halt' | 'brakes'>): readonly string[] => [
  ...(halt === null
    ? []
    : [`All purges are halted since ${instantInWords(halt.at)}, by ${halt.by}: ${halt.reason}`]),
  ...brakes.map(brakeInWords),
];

function brakeInWords({ store, failures, since, lastError, seconds, setBy, reason }: Brake): string {
  if (setBy !== null)
    return `Store ${store} is braked by ${setBy} until an agent releases it: ${reason ?? 'no reason given'}`;
  const next = seconds === null || seconds === 0 ? 'now' : `in ${seconds} s`;
  return `Store ${store} fails (${lastError ?? 'unknown'}, ${failures} in a row, since ${instantInWords(since)}); tried again ${next}, by itself.`;
}

const WAITS: Readonly<Record<string, string>> = {
  halted: 'halted',
  braked: 'waits for the store',
  checklist: 'waits for an agent: checklist',
  residue: 'waits for an agent: some of it is kept',
};

/** Why a purge runs or not. */
export function waitInWords({ isRunning, waitsFor, lastError }: PurgeLine): string {
  if (waitsFor.length > 0) {
    const words = waitsFor.map((reason) => WAITS[reason] ?? `on hold: ${reason}`).join(', ');
    return lastError === null ? words : `${words} (${lastError})`;
  }
  return isRunning ? 'running' : 'its turn comes';
}

/** "step 2 of 5 (archive): 1200 of about 4000 (30 %), 500 a second, 6 s to go; running" */
export function progressInWords(line: PurgeLine): string {
  const { step, steps, store, deleted, estimate, percent } = line;
  const parts = [`step ${step} of ${steps} (${store}): ${deleted} of about ${estimate} (${percent} %)`];
  if (line.perSecond !== null) parts.push(`${rateInWords(line.perSecond)} a second`);
  if (line.etaSeconds !== null) parts.push(`${durationInWords(line.etaSeconds)} to go`);
  return `${parts.join(', ')}; ${waitInWords(line)}`;
}

/** Slow ones keep a digit behind the point. */
export const rateInWords = (perSecond: number): string =>
  perSecond >= 10 ? String(Math.round(perSecond)) : perSecond.toFixed(1);

/** At most two units: "45 s", "12 min", "3 h 5 min", "2 d 3 h". */
export function durationInWords(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor((minutes * 60_000) / HOUR_MS);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
