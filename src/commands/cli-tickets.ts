import { type Command, Option } from 'commander';
import { PurgedeskError } from '../domain/errors.ts';
import { parseReference, referenceOf, type TicketId } from '../domain/ids.ts';
import { HOLD_REASONS, type HoldReason, STATES, type State } from '../domain/ticket.ts';
import { readPurgeStatus } from '../purge/status.ts';
import type { Outcome } from '../tickets/outcome.ts';
import { listTickets, showTicket, type TicketDetails } from '../tickets/queries.ts';
import { type AgentWords, closeTicket, holdTicket, releaseHold } from './agent-acts.ts';
import { agentNamed } from './agent-name.ts';
import { approvePlan, vouchFor } from './approve-ticket.ts';
import { withDesk } from './attach.ts';
import type { Desk } from './desk.ts';
import { REFUSALS } from './refusal-words.ts';
import { show } from './table.ts';
import { agentWords, description, listing, mailBackWords, spreadsheet, stateWords } from './ticket-words.ts';

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
      const { details, progress } = await withDesk(async (desk) => {
        const found = await existing(desk, idOf(reference));
        const { purges } = await readPurgeStatus(desk.db, idOf(reference));
        return { details: found, progress: purges[0] ?? null };
      });
      show(options.json, { ...details, progress }, () => description(details, progress));
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

  action(
    'vouch',
    'stand for a requester of a deleted workspace that has no known owner; then two agents approve',
  ).action(async (reference: string, options: Acting) =>
    perform(reference, options, (desk, { id, words }) => vouchFor(desk, id, words)),
  );
  action('approve', 'approve the rehearsed plan; the grace starts, or the second agent is asked')
    .option('--plan <hash>', 'refuse unless the plan still has this hash')
    .action(async (reference: string, options: Acting & { plan?: string }) =>
      perform(reference, options, (desk, { id, words, details }) =>
        approvePlan(desk, id, { ...words, planHash: options.plan ?? details.planHash ?? '' }),
      ),
    );
  action('hold', 'keep the ticket from its next step until somebody releases it').action(
    async (reference: string, options: Acting) =>
      perform(reference, options, (desk, { id, words }) => holdTicket(desk, id, words)),
  );
  action('release', 'lift a hold')
    .option('--hold <reason>', `which one, when there are several: ${HOLD_REASONS.join(', ')}`)
    .action(async (reference: string, options: Acting & { hold?: string }) =>
      perform(reference, options, (desk, { id, words, details }) =>
        releaseHold(desk, id, { ...words, hold: holdNamed(details, options.hold) }),
      ),
    );
  action('cancel', 'cancel before the purge has started; everyone who was told hears of it').action(
    async (reference: string, options: Acting) =>
      perform(reference, options, (desk, { id, words }) =>
        closeTicket(desk, id, { ...words, as: 'cancelled' }),
      ),
  );
  action('reject', 'reject before the purge has started').action(async (reference: string, options: Acting) =>
    perform(reference, options, (desk, { id, words }) => closeTicket(desk, id, { ...words, as: 'rejected' })),
  );
}

interface Order {
  readonly id: TicketId;
  readonly words: AgentWords;
  readonly details: TicketDetails;
}

async function perform(
  reference: string,
  options: Acting,
  order: (desk: Desk, order: Order) => Promise<Outcome | null>,
): Promise<void> {
  const id = idOf(reference);
  const words = { agent: agentNamed(options.as), reason: options.reason };
  const after = await withDesk(async (desk) => {
    const outcome = await order(desk, { id, words, details: await existing(desk, id) });
    if (outcome?.kind === 'refused') {
      throw new PurgedeskError('PD_USAGE', `${referenceOf(id)} refuses this: ${REFUSALS[outcome.why]}`, {
        details: { ticket: id, why: outcome.why },
      });
    }
    return existing(desk, id);
  });
  show(options.json, after, () =>
    [`${after.reference} is now: ${stateWords(after)}`, ...agentWords(after), ...mailBackWords(after)].join(
      '\n',
    ),
  );
}

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
