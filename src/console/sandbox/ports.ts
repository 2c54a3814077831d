/** What playing in the sandbox needs. None of it exists where anything is real. */

export interface SandboxPorts {
  /** The cast, by the name that stands in addresses of pages. */
  people(): Promise<readonly SamplePerson[]>;
  /** Newest first. */
  inbox(person: SamplePerson): Promise<readonly SampleMail[]>;
  /** One mail as HTML; `null` = there is none. @param no - its place in the inbox, from 1 */
  html(person: SamplePerson, no: number): Promise<string | null>;
  write(person: SamplePerson, mail: NewMail): Promise<void>;
  /** Moves the desk's clock; `false` = nothing waits for any instant. */
  move(step: ClockStep): Promise<boolean>;
  /** The hidden field of every form. */
  readonly formField: string;
}

export interface SamplePerson {
  readonly key: string;
  readonly name: string;
  readonly address: string;
  /** "owner of acme-inc"; empty for a stranger. */
  readonly role: string;
}

export interface SampleMail {
  /** Its place in the inbox, from 1. */
  readonly no: number;
  readonly subject: string;
  /** ISO 8601. */
  readonly at: string | null;
  readonly text: string;
  readonly hasHtml: boolean;
  /** Pages of the desk that it leads to. */
  readonly links: readonly { readonly label: string; readonly href: string }[];
  /** The six digits in it. */
  readonly code: string | null;
  readonly attachments: readonly string[];
}

export interface NewMail {
  readonly subject: string;
  readonly text: string;
  /** The mail that it answers; `null` = none. */
  readonly answers: number | null;
}

/** How far the clock goes on: an hour, a day, six days, or to the next instant that something waits for. */
export const CLOCK_STEPS = ['hour', 'day', 'six_days', 'next'] as const;
export type ClockStep = (typeof CLOCK_STEPS)[number];
