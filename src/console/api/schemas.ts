/** What programs send and get, described once. */
import { z } from 'zod';
import { parseReference, type TicketId } from '../../domain/ids.ts';
import { SCOPES } from '../../domain/request.ts';
import { HOLD_REASONS, type PUBLIC_STATUS, STATES } from '../../domain/ticket.ts';

const STATUSES = [
  'pending',
  'in_progress',
  'completed',
  'cancelled',
] as const satisfies readonly (typeof PUBLIC_STATUS)[keyof typeof PUBLIC_STATUS][];

const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59Z');
/** RFC 3339. The database knows neither a year 0 nor every offset, so it is given what this comes to in UTC. */
export const instant = z.iso.datetime({ offset: true }).transform((text, context) => {
  const at = new Date(text);
  if (at.getTime() >= FIRST && at.getTime() <= LAST) return at;
  context.addIssue({ code: 'custom', message: 'is out of range' });
  return z.NEVER;
});
const utc = z.iso.datetime();

const REFERENCE = /^PD-[1-9]\d{0,14}$/;
const referenceText = z
  .string()
  .regex(REFERENCE)
  .meta({ examples: ['PD-1042'] });
export const byReference = z.object({
  reference: referenceText.transform((text): TicketId => {
    const id = parseReference(text);
    if (id === null) throw new TypeError('a reference is none');
    return id;
  }),
});

/** One line or a few that people read; nothing that steers a terminal. */
const words = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !/[^\P{Cc}\n]|[\u2028\u2029]/u.test(text), 'holds a control character');

const PAGE_MAX = 100;
/** What a page of answers begins after; made by the server, and of no meaning to anybody else. */
const cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,40}$/)
  .transform((text, context) => {
    const id = Number(Buffer.from(text, 'base64url').toString());
    if (Number.isSafeInteger(id) && id >= 0) return id;
    context.addIssue({ code: 'custom', message: 'is no cursor of ours' });
    return z.NEVER;
  });
export const cursorOf = (id: number): string => Buffer.from(String(id)).toString('base64url');

export const paging = {
  after: cursor.optional().meta({ description: 'next_cursor of the page before.' }),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50),
};

/** `?state=grace&state=purging`, or one alone. */
const several = <Value extends string>(values: readonly [Value, ...Value[]]) =>
  z.preprocess(
    (given) => (typeof given === 'string' ? given.split(',') : given),
    z.array(z.enum(values)).min(1).max(values.length),
  );

export const ticketFilter = z.object({
  state: several(STATES).optional(),
  hold: z.enum(HOLD_REASONS).optional(),
  scope: z.enum(SCOPES).optional(),
  origin: z.enum(['mail', 'app']).optional(),
  workspace: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional()
    .meta({ description: 'ID of a workspace.' }),
  due_before: instant.optional(),
  requested_since: instant.optional(),
  ...paging,
});

export const ticketSchema = z.object({
  reference: referenceText,
  state: z.enum(STATES),
  status: z.enum(STATUSES).meta({ description: 'The same in the words of OpenDSR.' }),
  scope: z.enum(SCOPES),
  origin: z.enum(['mail', 'app']),
  workspaces: z.array(z.object({ id: z.string(), slug: z.string().nullable() })),
  language: z.string().meta({ description: 'ISO 639-1.' }),
  verdict: z.string().nullable(),
  holds: z.array(z.enum(HOLD_REASONS)),
  requested_at: utc,
  due_at: utc,
  state_since: utc,
  verified_at: utc.nullable(),
  grace_ends_at: utc.nullable(),
  not_before: utc.nullable(),
  purge_started_at: utc.nullable(),
  closed_at: utc.nullable(),
  erased_at: utc.nullable().meta({ description: 'When the desk forgot whose it was and what was asked.' }),
  estimate: z.int().nullable().meta({ description: 'Rows and objects that the rehearsal counted.' }),
});
export type TicketAnswer = z.input<typeof ticketSchema>;

const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

export const ticketListSchema = listOf(ticketSchema);

export const ticketDetailsSchema = ticketSchema.extend({
  steps: z
    .array(
      z.object({
        no: z.int(),
        store: z.string(),
        target: z.string(),
        status: z.string(),
        estimate: z.int(),
        deleted: z.int(),
        remaining: z.int().nullable(),
      }),
    )
    .meta({ description: 'The plan, once there is one.' }),
});

export const eventListSchema = listOf(
  z.object({
    seq: z.int(),
    at: utc,
    type: z.string(),
    was: z.enum(STATES),
    became: z.enum(STATES),
    actor: z.enum(['desk', 'agent', 'program', 'party']),
    hash: z.string().meta({ description: 'Of the audit chain.' }),
  }),
);

export const mailListSchema = z.object({
  items: z.array(
    z.object({
      direction: z.enum(['in', 'out']),
      at: utc,
      kind: z.string().nullable().meta({
        description: 'Of a mail of ours its template; of one that came in what became of it.',
      }),
      status: z.string(),
    }),
  ),
});

export const receiptAnswerSchema = z
  .record(z.string(), z.json())
  .meta({ description: 'The signed receipt, as `purgedesk receipt verify` reads it.' });

export const reasonBody = z.strictObject({
  reason: words(500).meta({ description: 'Kept with the ticket until its context is erased.' }),
});
export const noteBody = z.strictObject({ text: words(2_000) });
export const noteSchema = z.object({ ticket: referenceText, at: utc });
