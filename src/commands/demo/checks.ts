/** What must hold for the demo to be a success: each has a name, and a reason when it does not. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** One line; empty when the check holds. */
  readonly why: string;
}

export interface Checks {
  readonly list: readonly Check[];
  /** @param why - the reason to print should it not hold */
  holds(name: string, ok: boolean, why: string): void;
  /** Compares plain values; the reason names both. */
  equals(name: string, found: string | number | null, expected: string | number | null): void;
}

export function makeChecks(): Checks {
  const list: Check[] = [];
  const holds = (name: string, ok: boolean, why: string): void => {
    list.push({ name, ok, why: ok ? '' : why });
  };
  return {
    list,
    holds,
    equals: (name, found, expected) => holds(name, found === expected, `${found} instead of ${expected}`),
  };
}

/** 0 only when something was checked and all of it held. */
export const exitCodeOf = (checks: readonly Check[]): 0 | 1 =>
  checks.length > 0 && checks.every((check) => check.ok) ? 0 : 1;
