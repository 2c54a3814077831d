/** What the doctor says: one line each, with a mark and, unless all is well, what to do about it. */
/** `warning`: it works, and something about it will cost somebody sooner or later. */
export type Mark = 'ok' | 'warning' | 'problem';

export interface Finding {
  /** What was looked at: `database`, `mailbox main`, `store archive`. */
  readonly check: string;
  readonly mark: Mark;
  /** One sentence. Never a secret, a person's address or the text of a server. */
  readonly what: string;
  /** `null` = nothing. */
  readonly todo: string | null;
}

export const ok = (check: string, what: string): Finding => ({ check, mark: 'ok', what, todo: null });

export const warning = (check: string, what: string, todo: string): Finding => ({
  check,
  mark: 'warning',
  what,
  todo,
});

export const problem = (check: string, what: string, todo: string): Finding => ({
  check,
  mark: 'problem',
  what,
  todo,
});
