/**
 * Who listens to what, and one reader for all of them:
 *
 *     nobody listens ─► no reading ─► somebody does ─► read once a second ─► tell those whose thing changed
 *
 * A listener is told once at its first reading too: whatever changed between making the page and listening is in it.
 */
import type { About, ReadVersions } from './ports.ts';

export interface News {
  /** @returns how to stop; `null` = too many listen already */
  listen(listener: Listener): (() => void) | null;
  /** Ends all listeners and reads no more. */
  close(): void;
}

export interface Listener {
  readonly about: About;
  readonly agentId: number;
  /** Something changed. */
  tell(): void;
  /** There will be no more news. */
  end(): void;
}

/** How late news may be. */
const READ_MS = 1_000;
/** After a reading that failed, times as long: the database may be away. */
const FAILED = 5;
/** A connection each. */
const LISTENERS_MAX = 500;
/** A browser has this many windows open with something to show; hidden ones do not listen. */
const LISTENERS_MAX_AGENT = 20;

/**
 * @param onFault - a reading failed; it is tried again
 * @param readMs - how late news may be
 */
export function openNews(
  readVersions: ReadVersions,
  onFault: (error: unknown) => void,
  readMs = READ_MS,
): News {
  const listeners = new Map<Listener, string | null>();
  let timer: NodeJS.Timeout | undefined;
  let isReading = false;
  let isClosed = false;

  const read = async (): Promise<void> => {
    timer = undefined;
    isReading = true;
    let waitMs = readMs;
    try {
      const asked = [...listeners.keys()];
      const versions = await readVersions([...new Set(asked.map(({ about }) => about))]);
      for (const listener of asked) {
        const version = versions.get(listener.about) ?? '';
        if (!listeners.has(listener) || listeners.get(listener) === version) continue;
        listeners.set(listener, version);
        listener.tell();
      }
    } catch (error) {
      waitMs = readMs * FAILED;
      onFault(error);
    }
    isReading = false;
    schedule(waitMs);
  };

  const schedule = (waitMs: number): void => {
    if (isClosed || isReading || timer !== undefined || listeners.size === 0) return;
    timer = setTimeout(() => void read(), waitMs);
    timer.unref();
  };

  const isFull = (agentId: number): boolean =>
    listeners.size >= LISTENERS_MAX ||
    [...listeners.keys()].filter((listener) => listener.agentId === agentId).length >= LISTENERS_MAX_AGENT;

  return {
    listen(listener) {
      if (isClosed || isFull(listener.agentId)) return null;
      listeners.set(listener, null);
      schedule(0);
      return () => listeners.delete(listener);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      for (const listener of listeners.keys()) listener.end();
      listeners.clear();
    },
  };
}
