import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JUMP_MS, judgeLook, type Witness } from '../../../src/purge/clock/judge-clock.ts';

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const witness = (ms: number, uptimeMs: number): Witness => ({
  seenAt: at(ms),
  uptimeMs,
  anchorAt: at(ms),
  anchorUptimeMs: uptimeMs,
});

describe('F26 a look at two clocks', () => {
  test('counts what both say has passed', () => {
    const seen = judgeLook(at(0), witness(0, 1_000), { now: at(60_000), uptimeMs: 61_000 });
    expect(seen).toMatchObject({ creditMs: 60_000, jumpMs: null, seenAt: at(60_000) });
  });

  test('three days without the desk count on a machine that ran on', () => {
    const seen = judgeLook(at(0), witness(0, 5), { now: at(3 * DAY), uptimeMs: 3 * DAY + 5 });
    expect(seen).toMatchObject({ creditMs: 3 * DAY, jumpMs: null });
  });

  test('after a restart of the machine nobody can say, and nothing counts', () => {
    for (const before of [null, witness(0, 5 * DAY)])
      expect(judgeLook(at(0), before, { now: at(3 * DAY), uptimeMs: 20_000 })).toMatchObject({
        creditMs: 0,
        jumpMs: null,
        // What is missing is not found again later.
        seenAt: at(0),
      });
  });

  test.each([HOUR, 6 * DAY, -6 * DAY, -HOUR, JUMP_MS + 1, -JUMP_MS - 1])(
    'a clock that jumps by %d ms is noticed, and that look counts nothing',
    (jump) => {
      const seen = judgeLook(at(0), witness(0, 0), { now: at(60_000 + jump), uptimeMs: 60_000 });
      expect(seen).toMatchObject({ creditMs: 0, jumpMs: jump, seenAt: at(60_000 + jump) });
    },
  );

  test('back needs no witness', () => {
    expect(judgeLook(at(0), null, { now: at(-6 * DAY), uptimeMs: 20_000 })).toMatchObject({
      creditMs: 0,
      jumpMs: -6 * DAY,
    });
  });

  test('many small steps make a jump', () => {
    let before = witness(0, 0);
    let jumpMs: number | null = null;
    for (let minute = 1; jumpMs === null && minute < 20; minute++) {
      const verdict = judgeLook(before.seenAt, before, {
        now: at(minute * 90_000),
        uptimeMs: minute * 60_000,
      });
      ({ jumpMs, witness: before } = verdict);
    }
    expect(jumpMs).toBe(11 * 30_000);
  });
});

/** A machine looks, or starts anew; the clock is set; time passes. */
const deed = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.integer({ min: 0, max: 2 * DAY }) }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('look'), ms: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('boot'), ms: fc.integer({ min: 0, max: 2 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('set'), ms: fc.integer({ min: -9 * DAY, max: 9 * DAY }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('set'), ms: fc.integer({ min: -JUMP_MS, max: JUMP_MS }) }),
  },
);

test('F26 whatever three machines and the clock do: no more is observed than has passed, save five minutes a machine', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 120 }), (deeds) => {
      let real = 0;
      let offset = 0;
      let seenAt: Date | null = null;
      let observed = 0;
      let anchors = 3;
      const booted = [-5 * DAY, -1 * DAY, -3 * HOUR];
      const witnesses: (Witness | null)[] = [null, null, null];
      for (const { kind, ms } of deeds) {
        if (kind === 'pass') real += ms;
        if (kind === 'set') offset += ms;
        if (kind === 'boot') {
          booted[ms] = real;
          witnesses[ms] = null;
        }
        if (kind !== 'look') continue;
        const before = witnesses[ms] ?? null;
        const seen = judgeLook(seenAt, before, { now: at(real + offset), uptimeMs: real - booted[ms]! });
        if (seen.witness.anchorUptimeMs !== before?.anchorUptimeMs) anchors += 1;
        observed += seen.creditMs;
        seenAt = seen.seenAt;
        witnesses[ms] = seen.witness;
      }
      expect(observed).toBeLessThanOrEqual(real + anchors * JUMP_MS);
    }),
    { numRuns: 2_000 },
  );
});
