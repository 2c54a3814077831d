/** What was looked at went well; `notes` are sentences about what a person should know all the same. */
export interface StoreCheck {
  readonly what: string;
  readonly notes: readonly string[];
}

/** Of a look at a store: nobody waits longer for one. */
export const CONNECT_MS = 8_000;
