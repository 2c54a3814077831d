/** How often a running purge looks up, and how long it waits. Seconds are counted by the database's real clock. */
export interface Pace {
  /** Between two looks of a running step at the switch, and the longest that such a look may take. */
  readonly lookMs: number;
  readonly lookMsMax: number;
  /** Between two renewals of a step's lease. */
  readonly heartbeatMs: number;
  /** How long a step stays with a run that gives no sign of life. */
  readonly leaseSeconds: number;
  /** The first pause after a store failed; each further failure doubles it, up to the longest. */
  readonly brakeSecondsMin: number;
  readonly brakeSecondsMax: number;
  /** Between two lines of the log about a running step. */
  readonly logMs: number;
}

/** A look and its longest wait together stay below the 5 s within which purges halt. */
export const PACE: Pace = {
  lookMs: 1_000,
  lookMsMax: 3_000,
  heartbeatMs: 5_000,
  leaseSeconds: 30,
  brakeSecondsMin: 5,
  brakeSecondsMax: 60,
  logMs: 10_000,
};
