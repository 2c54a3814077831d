/**
 * How much time has really passed, decided from two clocks that do not know of each other: the desk's, which is the
 * database's and can be set wrong, and the uptime of a machine, which only ever runs forward. Time counts as observed
 * only where both say so. A desk that was down has its time all the same once it is back on a machine that ran on.
 */

/** What one machine saw of both clocks, at its last look and at the anchor from which on they are compared. */
export interface Witness {
  readonly seenAt: Date;
  readonly uptimeMs: number;
  readonly anchorAt: Date;
  readonly anchorUptimeMs: number;
}

/** Both clocks at one moment. */
export interface Look {
  readonly now: Date;
  readonly uptimeMs: number;
}

export interface LookVerdict {
  /** To be added to the observed time. */
  readonly creditMs: number;
  /** Desk time up to which observed time counts from now on. */
  readonly seenAt: Date;
  readonly witness: Witness;
  /** How far the desk's clock went beyond the time that passed, negative = back; `null` = it runs true. */
  readonly jumpMs: number | null;
}

/** Clocks that are kept right by NTP differ by far less; nothing that is due by days hangs on so little. */
export const JUMP_MS = 5 * 60_000;
/** A clock that nobody keeps right loses a second or four a day: too little within a month to be taken for a jump. */
const ANCHOR_MS = 30 * 86_400_000;

/**
 * @param seenAt - desk time of the last look of any machine; `null` = nobody has looked before
 * @param before - what this machine saw last; `null` = it has started since, or is new, and can vouch for no time yet
 */
export function judgeLook(seenAt: Date | null, before: Witness | null, look: Look): LookVerdict {
  const fresh = anchoredAt(look);
  if (seenAt === null) return { creditMs: 0, seenAt: look.now, witness: fresh, jumpMs: null };
  const sinceSeenMs = look.now.getTime() - seenAt.getTime();
  if (before === null || look.uptimeMs < before.uptimeMs) {
    // Forward, nobody can say; the time is not counted. Backward needs no witness.
    if (sinceSeenMs >= -JUMP_MS) return { creditMs: 0, seenAt, witness: fresh, jumpMs: null };
    return { creditMs: 0, seenAt: look.now, witness: fresh, jumpMs: sinceSeenMs };
  }
  const anchoredMs = look.uptimeMs - before.anchorUptimeMs;
  const driftMs = look.now.getTime() - before.anchorAt.getTime() - anchoredMs;
  if (Math.abs(driftMs) > JUMP_MS)
    return { creditMs: 0, seenAt: look.now, witness: fresh, jumpMs: Math.round(driftMs) };
  return {
    creditMs: Math.floor(Math.max(0, Math.min(sinceSeenMs, look.uptimeMs - before.uptimeMs))),
    seenAt: look.now,
    witness: anchoredMs > ANCHOR_MS ? fresh : { ...before, seenAt: look.now, uptimeMs: look.uptimeMs },
    jumpMs: null,
  };
}

const anchoredAt = ({ now, uptimeMs }: Look): Witness => ({
  seenAt: now,
  uptimeMs,
  anchorAt: now,
  anchorUptimeMs: uptimeMs,
});
