import { describe, expect, test } from 'vitest';
import { type Lane, openLane } from '../../src/reply/lane.ts';
import type { SendResult } from '../../src/reply/smtp.ts';

const SENT: SendResult = { kind: 'sent', response: '250 ok' };
const later = (
  reason: Extract<SendResult, { kind: 'later' }>['reason'],
  code: number | null = null,
): SendResult => ({
  kind: 'later',
  code,
  reason,
});

function lane(): { readonly lane: Lane; pass(ms: number): void } {
  let ms = 0;
  const opened = openLane({ kind: 'all_but', mailboxes: [] }, { connections: 4, now: () => ms });
  return {
    lane: opened,
    pass: (more) => {
      ms += more;
    },
  };
}

describe('the server is left alone', () => {
  test.each(['connection', 'dns', 'tls', 'login', 'busy', 'closed'] as const)('at once: %s', (reason) => {
    const { lane: one, pass } = lane();
    expect(one.width()).toBe(4);
    expect(one.note(later(reason))).toBe('mail'); // whose fault the first one was, nobody knows
    expect([one.width(), one.pauseMs()]).toEqual([0, 1_000]);
    expect(one.note(later(reason))).toBe('server'); // those under way
    expect(one.pauseMs()).toBe(1_000);
    pass(1_000);
    expect(one.width()).toBe(1);
  });

  test.each([later('timeout'), later('answer', 451), later('sender', 553), { kind: 'unknown' } as const])(
    'after three different mails in a row: %j',
    (result) => {
      const { lane: one } = lane();
      expect([one.note(result), one.note(result), one.width()]).toEqual(['mail', 'mail', 4]);
      one.note(result);
      expect(one.width()).toBe(0);
    },
  );

  test.each([later('recipient', 451), { kind: 'refused', code: 550 } as const])('never: %j', (result) => {
    const { lane: one } = lane();
    for (let times = 0; times < 10; times += 1) expect(one.note(result)).toBe('mail');
    expect(one.width()).toBe(4);
  });
});

test('each pause is twice as long as the one before, a minute at most, and a mail that goes through ends them', () => {
  const { lane: one, pass } = lane();
  const pauses: number[] = [];
  for (let times = 0; times < 9; times += 1) {
    one.note(later('connection'));
    pauses.push(one.pauseMs() / 1_000);
    pass(one.pauseMs());
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(one.width()).toBe(1);
  expect(one.note({ kind: 'refused', code: null })).toBe('mail'); // our own fault tells nothing of the server
  expect(one.width()).toBe(1);
  one.note(SENT);
  expect(one.width()).toBe(4);
  one.note(later('connection'));
  expect(one.pauseMs()).toBe(1_000);
});

test('a login that is refused is tried again after 90 seconds each time, not one whose token cannot be had', () => {
  const { lane: one, pass } = lane();
  for (let times = 0; times < 3; times += 1) {
    one.note(later('login', 535));
    expect(one.pauseMs()).toBe(90_000);
    one.note(later('login', 535)); // those under way
    expect(one.pauseMs()).toBe(90_000);
    pass(90_000);
    expect(one.width()).toBe(1);
  }
  one.note(SENT);
  one.note(later('login', 454));
  expect(one.pauseMs()).toBe(1_000);
});

test('a server that has enough of us gets fewer connections, and more again after a while', () => {
  const { lane: one, pass } = lane();
  one.note(later('busy', 421));
  pass(1_000);
  one.note(SENT);
  expect(one.width()).toBe(2);
  one.note(later('busy', 421));
  pass(1_000);
  one.note(SENT);
  expect(one.width()).toBe(1);
  for (let sent = 1; sent < 50; sent += 1) one.note(SENT);
  expect(one.width()).toBe(2);
});

test('one run at a time; who comes meanwhile has it look once more', async () => {
  const { lane: one } = lane();
  const gates: (() => void)[] = [];
  let runs = 0;
  const work = () =>
    new Promise<number>((resolve) => {
      runs += 1;
      gates.push(() => resolve(1));
    });
  const first = one.run(work);
  expect(await Promise.all([one.run(work), one.run(work)])).toEqual([0, 0]);
  gates[0]?.();
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  gates[1]?.();
  expect([await first, runs]).toEqual([2, 2]);
  await expect(one.run(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
  expect(await one.run(async () => 7)).toBe(7);
});
