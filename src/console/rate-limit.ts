import { isIPv6 } from 'node:net';

/** Counts what each address does within a window of time. Memory is bounded: the longest known are forgotten first. */
export interface RateLimit {
  /** @returns seconds to wait before the next one is taken; 0 = this one is */
  take(address: string): number;
}

/**
 * @param options.nowMs - a clock that never goes back
 * @param options.addressesMax - how many addresses are remembered at once
 */
export function rateLimit(options: {
  readonly takesMax: number;
  readonly windowMs: number;
  readonly addressesMax: number;
  readonly nowMs: () => number;
}): RateLimit {
  const windows = new Map<string, { readonly endsAtMs: number; taken: number }>();
  return {
    take(address) {
      const key = networkOf(address);
      const nowMs = options.nowMs();
      const open = windows.get(key);
      if (open !== undefined && nowMs < open.endsAtMs) {
        open.taken += 1;
        return open.taken <= options.takesMax ? 0 : Math.ceil((open.endsAtMs - nowMs) / 1_000);
      }
      // Deleted first, so that the map's order stays that of the windows' starts.
      windows.delete(key);
      windows.set(key, { endsAtMs: nowMs + options.windowMs, taken: 1 });
      const [oldest] = windows.keys();
      if (windows.size > options.addressesMax && oldest !== undefined) windows.delete(oldest);
      return 0;
    },
  };
}

/** One line of the network: an IPv4 address, or the /64 that one IPv6 customer owns whole. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const bare = address.split('%', 1)[0] ?? address;
  if (!isIPv6(bare)) return address;
  const [head = '', tail] = bare.split('::', 2).map((half) => (half === '' ? [] : half.split(':')));
  const missing = tail === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array<string>(missing).fill('0'), ...(tail ?? [])];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
