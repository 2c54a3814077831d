import { setTimeout as sleep } from 'node:timers/promises';

/** The demo could not go on: what it waited for did not come. */
export class DemoStuck extends Error {
  override readonly name = 'DemoStuck';
}

const POLL_MS = 25;
/** Far more than any step takes: a slow machine is no failure. */
const DEADLINE_MS = 45_000;

/**
 * Asks again and again until there is an answer.
 * @param what - ends the sentence "waited in vain for …"
 * @throws DemoStuck after the deadline, or the reason of `signal`
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | null>,
  options: { readonly signal: AbortSignal; readonly deadlineMs?: number },
): Promise<T> {
  const deadline = performance.now() + (options.deadlineMs ?? DEADLINE_MS);
  for (;;) {
    options.signal.throwIfAborted();
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new DemoStuck(`waited in vain for ${what}`);
    await sleep(POLL_MS);
  }
}
