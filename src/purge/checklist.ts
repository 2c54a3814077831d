/** What agents do by hand in a purge: the list, and the ticks. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { referenceOf, type TicketId } from '../domain/ids.ts';
import type { PlanStep } from '../domain/plan.ts';
import type { HoldReason, State } from '../domain/ticket.ts';
import type { PurgePorts } from './ports.ts';
import { checklistOf } from './stores/manual.ts';
import { itemText } from './stores/manual-catalogue.ts';

/** One thing to do. */
export interface ChecklistLine {
  readonly step: number;
  readonly store: string;
  readonly item: string;
  /** With the ids of what is to be deleted, also of end users: not for logs. */
  readonly text: string;
  readonly ticked: { readonly by: string; readonly at: string; readonly evidence: string | null } | null;
  /** All steps before it are done, so that it may be done now. */
  readonly isDue: boolean;
}

type ChecklistPorts = Pick<PurgePorts, 'db' | 'catalogue' | 'tickets'>;

interface TicketRow {
  readonly state: State;
  readonly plan_hash: string | null;
  readonly holds: readonly HoldReason[];
}

interface TickRow {
  readonly step: number;
  readonly item: string;
  readonly agent: string;
  readonly evidence: string | null;
  readonly ticked_at: Date;
}

/**
 * Everything to be done by hand for a ticket, in order; empty when its plan has no checklist, or was erased.
 * @throws PurgedeskError PD_TICKET_NOT_FOUND
 */
export async function readChecklist(
  { db, catalogue }: Pick<ChecklistPorts, 'db' | 'catalogue'>,
  ticketId: TicketId,
): Promise<readonly ChecklistLine[]> {
  const { plan_hash: plan } = await ticketRow(db, ticketId);
  const steps = await db('purge_steps')
    .select<{ no: number; status: string; step: PlanStep }[]>('no', 'status', 'step')
    .where({ ticket_id: ticketId, plan_hash: plan, erased_at: null })
    .orderBy('no');
  const ticks = await db('checklist_ticks')
    .select<TickRow[]>('step', 'item', 'agent', 'evidence', 'ticked_at')
    .where({ ticket_id: ticketId, plan_hash: plan });
  const due = steps.find(({ status }) => status !== 'done')?.no;
  return steps.flatMap(({ no, step }) => {
    const store = catalogue.find(({ name }) => name === step.store);
    if (store?.kind !== 'manual') return [];
    return checklistOf(store, step).items.map(({ item, text }): ChecklistLine => {
      const tick = ticks.find((candidate) => candidate.step === no && candidate.item === item);
      return {
        step: no,
        store: step.store,
        item,
        text: itemText(text, step.predicate),
        ticked:
          tick === undefined
            ? null
            : { by: tick.agent, at: tick.ticked_at.toISOString(), evidence: tick.evidence },
        isDue: no === due,
      };
    });
  });
}

/** What was ticked off for a plan, in the order of its steps. Neither who nor how: that is for agents only. */
export async function ticksOf(
  db: Knex,
  ticketId: TicketId,
  plan: string,
): Promise<readonly { readonly step: number; readonly item: string; readonly at: Date }[]> {
  return db('checklist_ticks')
    .select('step', 'item', { at: 'ticked_at' })
    .where({ ticket_id: ticketId, plan_hash: plan })
    .orderBy(['step', 'ticked_at', 'item']);
}

export interface Tick {
  readonly ticketId: TicketId;
  readonly step: number;
  readonly item: string;
  readonly agent: string;
  /** How anybody can see that it was done. */
  readonly evidence: string;
}

/** What came of a tick: how many items of the step are left, or why it does not count. */
export type Ticked =
  | { readonly kind: 'ticked'; readonly left: number }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Ticks an item off, while the ticket is purging, its step is due, and nothing else holds it. The last one lets the
 * purge go on.
 * @throws PurgedeskError PD_TICKET_NOT_FOUND
 */
export async function tickItem(ports: ChecklistPorts, tick: Tick): Promise<Ticked> {
  const ticked = await ports.db.transaction((trx) => insertTick({ ...ports, db: trx }, tick));
  const left = (await readChecklist(ports, tick.ticketId)).filter(
    ({ isDue, ticked: by }) => isDue && by === null,
  );
  // Also after a refusal: whoever ticked the last one may have died before this.
  if (left.length === 0) await goOn(ports, tick);
  return ticked ?? { kind: 'ticked', left: left.length };
}

/** @returns why it was refused; `null` = it is ticked */
async function insertTick(
  ports: Pick<ChecklistPorts, 'catalogue'> & { readonly db: Knex.Transaction },
  { ticketId, step, item, agent, evidence }: Tick,
): Promise<Extract<Ticked, { kind: 'refused' }> | null> {
  const refused = (why: string) => ({ kind: 'refused', why }) as const;
  // Against a run that is about to hold the ticket because something is left.
  await ports.db.raw('select from tickets where id = ? for update', [ticketId]);
  const ticket = await ticketRow(ports.db, ticketId);
  if (ticket.state !== 'purging') return refused('its purge is not running');
  const others = ticket.holds.filter((reason) => reason !== 'checklist');
  if (others.length > 0) return refused(`it is on hold (${others.join(', ')})`);
  if (evidence.trim() === '') return refused('evidence is needed');
  const lines = await readChecklist(ports, ticketId);
  const line = lines.find((candidate) => candidate.step === step && candidate.item === item);
  if (line === undefined) return refused('there is no such item');
  if (!line.isDue) return refused('it is not the turn of this step');
  if (line.ticked !== null) return refused(`${line.ticked.by} ticked it already`);
  await ports.db('checklist_ticks').insert({
    ticket_id: ticketId,
    plan_hash: ticket.plan_hash,
    step,
    item,
    agent,
    evidence: evidence.trim(),
    ticked_at: await deskNow(ports.db),
  });
  return null;
}

/** Lifts the hold of the checklist, if it stands; that also makes the step run again. */
async function goOn({ db, tickets }: ChecklistPorts, { ticketId, agent }: Tick): Promise<void> {
  const { holds } = await ticketRow(db, ticketId);
  if (!holds.includes('checklist')) return;
  await tickets.advance(ticketId, {
    type: 'released',
    reason: 'checklist',
    by: { kind: 'agent', name: agent },
    note: 'every item is ticked',
  });
}

const TICKET = `
  select state, plan_hash, array(
    select reason from holds where ticket_id = tickets.id and lifted_at is null order by id
  ) as holds from tickets where id = ?`;

async function ticketRow(db: Knex, ticketId: TicketId): Promise<TicketRow> {
  const found = await db.raw<{ rows: TicketRow[] }>(TICKET, [ticketId]);
  const [row] = found.rows;
  if (row !== undefined) return row;
  throw new PurgedeskError('PD_TICKET_NOT_FOUND', `there is no ticket ${referenceOf(ticketId)}`, {
    details: { ticket: ticketId },
  });
}
