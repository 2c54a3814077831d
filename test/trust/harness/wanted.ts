/** The state file: tickets that exist before the mails come. */
import { z } from 'zod';
import { foldAscii } from '../../../src/domain/directory.ts';
import { parseReference } from '../../../src/domain/ids.ts';
import { SCOPES } from '../../../src/domain/request.ts';
import { HOLD_REASONS, STATES } from '../../../src/domain/ticket.ts';
import { UsageError } from './options.ts';

const texts = z.union([z.array(z.string()), z.string().transform((one) => [one])]);

const ticket = z
  .object({
    reference: z.union([z.string(), z.int()]).transform((given, context) => {
      const id = parseReference(/^\d+$/.test(String(given)) ? `PD-${given}` : String(given));
      if (id === null) context.addIssue({ code: 'custom', message: 'is not a reference like PD-1042' });
      return id ?? z.NEVER;
    }),
    state: z
      .string()
      .toLowerCase()
      .pipe(z.enum(STATES, { error: `is not one of ${STATES.join(', ')}` })),
    requester: z.string().transform(foldAscii),
    workspace: texts.nullable().default(null),
    code: z
      .union([z.string(), z.int()])
      .transform((code) => String(code).padStart(6, '0'))
      .refine((code) => /^\d{6}$/.test(code), 'is not six digits')
      .nullish(),
    scope: z.enum(SCOPES).optional(),
    source: z.string().nullish(),
    space: z.string().nullish(),
    project: z.string().nullish(),
    users: texts.nullish(),
    events: texts.nullish(),
    timeFrame: z.object({ from: z.string().nullable(), to: z.string().nullable() }).nullish(),
    holds: z.array(z.enum(HOLD_REASONS)).nullish(),
    subject: z.string().nullish(),
    /** That of the customer's mail that opened it. */
    messageId: z.string().nullish(),
    /** Those of the desk's own mails about it, so that a mail of the folder can answer one. */
    sentMessageIds: texts.nullish(),
  })
  .transform((wanted) => ({ ...wanted, code: wanted.code ?? null }));

export type WantedTicket = z.output<typeof ticket>;

/** @throws UsageError */
export function wantedTickets(value: unknown, path: string): readonly WantedTicket[] {
  const list = z
    .union([z.array(ticket), z.object({ tickets: z.array(ticket) }).transform(({ tickets }) => tickets)])
    .safeParse(value);
  if (!list.success) throw new UsageError(`--state: ${path}: ${plain(list.error)}`);
  const seen = new Set<number>();
  for (const { reference } of list.data) {
    if (seen.has(reference)) throw new UsageError(`--state: ${path}: PD-${reference} is listed twice`);
    seen.add(reference);
  }
  return list.data;
}

/** The problem that lies deepest: of a union's members the one that was meant. */
function plain(error: z.ZodError): string {
  const [first] = error.issues;
  if (first === undefined) return 'is not a list of tickets';
  if (first.code !== 'invalid_union') return `${first.path.map(String).join('.')} ${first.message}`.trim();
  const deepest = first.errors.flat().toSorted((a, b) => b.path.length - a.path.length)[0];
  return deepest === undefined
    ? 'is not a list of tickets'
    : `${[...first.path, ...deepest.path].map(String).join('.')} ${deepest.message}`.trim();
}
