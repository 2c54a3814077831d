/** What happens in the demo, as data: printed by the narrator and written to the transcript. */

interface At {
  /** Desk time, ISO 8601. */
  readonly at: string;
}

export type Step = At &
  (
    | {
        readonly kind: 'chapter';
        readonly no: number;
        readonly of: number;
        readonly text: string;
        readonly intro: string;
      }
    | {
        readonly kind: 'mail_in';
        readonly who: string;
        readonly address: string;
        readonly subject: string;
        readonly text: string;
        readonly messageId: string;
        /** Who really sent it, when that is not whom it names. */
        readonly forgedBy: string | null;
      }
    | {
        readonly kind: 'mail_out';
        readonly who: string;
        readonly address: string;
        readonly template: string;
        readonly tickets: readonly string[];
        readonly subject: string;
        readonly text: string;
        /** Printed from the first line to the last. */
        readonly inFull: boolean;
      }
    | {
        readonly kind: 'decision';
        readonly who: string;
        readonly ticket: string;
        readonly event: string;
        readonly was: string;
        readonly became: string;
        readonly holds: readonly string[];
        readonly text: string;
      }
    | { readonly kind: 'silence'; readonly who: string; readonly disposition: string; readonly text: string }
    | { readonly kind: 'clock'; readonly text: string }
    | { readonly kind: 'rows'; readonly text: string; readonly rows: number }
    | { readonly kind: 'note'; readonly text: string }
  );

/** A closing line of the table of tickets. */
export interface TicketEnd {
  readonly ticket: string;
  readonly who: string;
  readonly what: string;
  readonly state: string;
  readonly holds: readonly string[];
  /** Rows deleted by its receipt; `null` = nothing was purged. */
  readonly deleted: number | null;
}
