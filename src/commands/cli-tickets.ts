import { type Command, Option } from 'commander';
import { PurgedeskError } from '../domain/errors.ts';
import { parseReference, referenceOf, type TicketId } from '../domain/ids.ts';
import {
  type Actor,
  HOLD_REASONS,
  type HoldReason,
  STATES,
  type State,
  type TicketEvent,
} from '../domain/ticket.ts';
import { listTickets, showTicket, type TicketDetails, type TicketLine } from '../tickets/queries.ts';
import { agentNamed } from './agent-name.ts';
import { withDesk } from './attach.ts';
import { csv } from './csv.ts';
import type { Desk } from './desk.ts';
import { show, table } from './table.ts';
import { targetInEnglish } from './what-words.ts';

export function addTicketCommands(program: Command): void {
  const tickets = program.command('tickets').description('list, read and decide tickets');
  tickets
    .command('list')
    .description('tickets, newest first')
    .option('--state <state...>', `only these states: ${STATES.join(', ')}`)
    .option('--json', 'print JSON')
    .addOption(new Option('--csv', 'print rows for a spreadsheet; no cell is a formula').conflicts('json'))
    .action(async (options: { state?: string[]; json?: boolean; csv?: boolean }) => {
      const states = options.state?.map(stateNamed);
      const lines = await withDesk((desk) => listTickets(desk.db, states === undefined ? {} : { states }));
      if (options.csv === true) {
        process.stdout.write(spreadsheet(lines));
        return;
      }
      show(options.json, lines, () => (lines.length === 0 ? 'No tickets.' : listing(lines)));
    });
  tickets
    .command('show <reference>')
    .description('one ticket with its evidence, plan, holds and events')
    .option('--json', 'print JSON')
    .action(async (reference: string, options: { json?: boolean }) => {
      const details = await withDesk((desk) => existing(desk, idOf(reference)));
      show(options.json, details, () => description(details));
    });
  addActions(tickets);
}

interface Acting {
  readonly as: string;
  readonly reason: string;
  readonly json?: boolean;
}

function addActions(tickets: Command): void {
  const action = (name: string, what: string) =>
    tickets
      .command(`${name} <reference>`)
      .description(what)
      .requiredOption('--as <name>', 'who acts; kept in the audit chain')
      .requiredOption('--reason <text>', 'why; kept with the ticket')
      .option('--json', 'print JSON');

  action('approve', 'approve the rehearsed plan; the grace starts')
    .option('--plan <hash>', 'refuse unless the plan still has this hash')
    .action(async (reference: string, options: Acting & { plan?: string }) =>
      act(reference, options, (details, by) => ({
        type: 'approved',
        by,
        planHash: options.plan ?? details.planHash ?? '',
      })),
    );
  action('hold', 'keep the ticket from its next step until somebody releases it').action(
    async (reference: string, options: Acting) =>
      act(reference, options, (_details, by) => ({
        type: 'held',
        reason: 'agent',
        by,
        note: options.reason,
      })),
  );
  action('release', 'lift a hold')
    .option('--hold <reason>', `which one, when there are several: ${HOLD_REASONS.join(', ')}`)
    .action(async (reference: string, options: Acting & { hold?: string }) =>
      act(reference, options, (details, by) => ({
        type: 'released',
        reason: holdNamed(details, options.hold),
        by,
        note: options.reason,
      })),
    );
  action('cancel', 'cancel before the purge has started; everyone who was told hears of it').action(
    async (reference: string, options: Acting) =>
      act(reference, options, (_details, by) => ({ type: 'cancelled_by_agent', by, note: options.reason })),
  );
  action('reject', 'reject before the purge has started').action(async (reference: string, options: Acting) =>
    act(reference, options, (_details, by) => ({ type: 'rejected_by_agent', by, note: options.reason })),
  );
}

async function act(
  reference: string,
  options: Acting,
  eventOf: (details: TicketDetails, by: Actor) => TicketEvent,
): Promise<void> {
  const id = idOf(reference);
  const by: Actor = { kind: 'agent', name: agentNamed(options.as) };
  const after = await withDesk(async (desk) => {
    const event = eventOf(await existing(desk, id), by);
    const [outcome] = (await desk.decide([{ ticketId: id, event }])).outcomes;
    if (outcome?.kind === 'refused') {
      throw new PurgedeskError('PD_USAGE', `${referenceOf(id)} refuses this: ${REFUSALS[outcome.why]}`, {
        details: { ticket: id, why: outcome.why },
      });
    }
    return existing(desk, id);
  });
  show(options.json, after, () =>
    [`${after.reference} is now: ${stateWords(after)}`, ...mailBackWords(after)].join('\n'),
  );
}

const REFUSALS = {
  wrong_state: 'it makes no sense in the state that the ticket is in',
  scope_changed: 'what is to be deleted has changed since',
  already_verified: 'it is verified already',
  plan_changed: 'there is no plan with that hash to approve',
  held: 'a hold stands in the way',
  no_change: 'nothing would change',
  too_early: 'the time has not come',
} as const;

async function existing(desk: Desk, id: TicketId): Promise<TicketDetails> {
  const details = await showTicket(desk.db, id);
  if (details !== null) return details;
  throw new PurgedeskError('PD_TICKET_NOT_FOUND', `there is no ticket ${referenceOf(id)}`, {
    details: { ticket: id },
  });
}

function idOf(reference: string): TicketId {
  const id = parseReference(reference) ?? parseReference(`PD-${reference}`);
  if (id !== null) return id;
  throw new PurgedeskError('PD_USAGE', 'a ticket is named like PD-1042');
}

function stateNamed(text: string): State {
  const state = STATES.find((known) => known === text);
  if (state !== undefined) return state;
  throw new PurgedeskError('PD_USAGE', `a state is one of: ${STATES.join(', ')}`);
}

function holdNamed(details: TicketDetails, name: string | undefined): HoldReason {
  if (name !== undefined) {
    const reason = HOLD_REASONS.find((known) => known === name);
    if (reason !== undefined) return reason;
    throw new PurgedeskError('PD_USAGE', `a hold is one of: ${HOLD_REASONS.join(', ')}`);
  }
  const [only, ...more] = details.holds;
  if (only !== undefined && more.length === 0) return only;
  throw new PurgedeskError(
    'PD_USAGE',
    only === undefined
      ? `${details.reference} has no hold`
      : `${details.reference} has several holds: ${details.holds.join(', ')}`,
    { remedy: 'say which one: --hold REASON' },
  );
}

const stateWords = (line: TicketLine): string =>
  line.holds.length === 0 ? line.state : `${line.state} (held: ${line.holds.join(', ')})`;

/** Whoever decides something should know that nobody may hear of it. */
const mailBackWords = ({ undeliverable }: TicketDetails): readonly string[] =>
  undeliverable === null
    ? []
    : [
        `mail back   mail to the requester ${undeliverable.reason === 'bounced' ? 'bounced' : 'was refused'} on ${undeliverable.since}; nothing that merely answers goes there`,
        '            until they write an authenticated mail, or: purgedesk replies clear ADDRESS',
      ];

const whatWords = (line: TicketLine): string =>
  line.target === null ? `${line.scope}, nothing resolved` : targetInEnglish(line.target);

const listing = (lines: readonly TicketLine[]): string =>
  table(
    ['ticket', 'state', 'what', 'requester', 'grace ends (UTC)', 'due (UTC)'],
    lines.map((line) => [
      line.reference,
      stateWords(line),
      whatWords(line),
      line.requester ?? '',
      line.graceEndsAt?.slice(0, 16).replace('T', ' ') ?? '',
      line.dueAt.slice(0, 10),
    ]),
  );

const spreadsheet = (lines: readonly TicketLine[]): string =>
  csv(
    ['ticket', 'state', 'status', 'holds', 'what', 'requester', 'requested', 'grace ends', 'due'],
    lines.map((line) => [
      line.reference,
      line.state,
      line.status,
      line.holds.join(' '),
      whatWords(line),
      line.requester ?? '',
      line.requestedAt,
      line.notBefore ?? line.graceEndsAt ?? '',
      line.dueAt,
    ]),
  );

function description(details: TicketDetails): string {
  const parts = [
    `${details.reference}  ${stateWords(details)}  (public: ${details.status})`,
    `what        ${whatWords(details)}`,
    `requester   ${details.requester ?? 'erased'}, asked ${details.requestedAt} (in ${details.language})`,
    `verdict     ${details.verdict ?? 'none yet'}${details.reasons.length > 0 ? `: ${details.reasons.join('; ')}` : ''}`,
    `verified    ${details.verifiedAt ?? 'no'}`,
    `grace ends  ${details.notBefore ?? details.graceEndsAt ?? 'not begun'}; purge complete by ${details.dueAt}`,
  ];
  if (details.planHash !== null)
    parts.push(`plan        ${details.planHash}, about ${details.estimate ?? 0} rows`);
  parts.push(...mailBackWords(details));
  if (details.steps.length > 0) {
    parts.push(
      '',
      table(
        ['step', 'store', 'target', 'status', 'estimate', 'deleted', 'remaining'],
        details.steps.map((step) => [
          String(step.no),
          step.store,
          step.target,
          step.status,
          String(step.estimate),
          String(step.deleted),
          step.remaining === null ? '' : String(step.remaining),
        ]),
      ),
    );
  }
  if (details.holdNotes.length > 0) {
    parts.push(
      '',
      table(
        ['hold', 'placed by', 'lifted by', 'note'],
        details.holdNotes.map((hold) => [hold.reason, hold.placedBy, hold.liftedBy ?? 'stands', hold.note]),
      ),
    );
  }
  parts.push(
    '',
    table(
      ['#', 'at', 'event', 'from', 'to', 'who'],
      details.events.map((event) => [
        String(event.seq),
        event.at,
        event.type,
        event.was,
        event.became,
        event.actor,
      ]),
    ),
  );
  if (details.mails.length > 0) {
    parts.push(
      '',
      table(
        ['mail', 'status', 'at'],
        details.mails.map((mail) => [mail.template, mail.status, mail.at]),
      ),
    );
  }
  return parts.join('\n');
}
