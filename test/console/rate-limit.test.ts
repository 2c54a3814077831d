import { describe, expect, test } from 'vitest';
import { networkOf, rateLimit } from '../../src/console/rate-limit.ts';

function limitAt(start: { takesMax: number; addressesMax: number }) {
  let nowMs = 1_000;
  const limit = rateLimit({ ...start, windowMs: 60_000, nowMs: () => nowMs });
  return { take: limit.take, wait: (ms: number) => (nowMs += ms) };
}

describe('the rate limit', () => {
  test('takes so many in a window, says how long to wait, and starts anew after it', () => {
    const { take, wait } = limitAt({ takesMax: 2, addressesMax: 10 });
    expect([take('192.0.2.1'), take('192.0.2.1'), take('192.0.2.1')]).toEqual([0, 0, 60]);
    wait(59_500);
    expect(take('192.0.2.1')).toBe(1);
    expect(take('192.0.2.2')).toBe(0);
    wait(500);
    expect([take('192.0.2.1'), take('192.0.2.1'), take('192.0.2.1')]).toEqual([0, 0, 60]);
  });

  test('remembers no more addresses than it may, and forgets the longest known first', () => {
    const { take } = limitAt({ takesMax: 1, addressesMax: 2 });
    expect(['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(take)).toEqual([0, 0, 0]);
    expect(take('192.0.2.3')).toBeGreaterThan(0);
    expect(take('192.0.2.2')).toBeGreaterThan(0);
    expect(take('192.0.2.1')).toBe(0);
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:3::', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
