/** What the acts on a ticket need of the stages: the same functions that the commands call. */
import { actionsArea } from '../../console/actions/area.ts';
import type { ActionPorts, Done, Order } from '../../console/actions/ports.ts';
import type { Area } from '../../console/areas.ts';
import { workspacesInChargeOf } from '../../directory/lookups.ts';
import { PurgedeskError } from '../../domain/errors.ts';
import { acceptResidue } from '../../purge/accept-residue.ts';
import { releaseBrake } from '../../purge/brake.ts';
import { readChecklist, tickItem } from '../../purge/checklist.ts';
import { requestDigest } from '../../tickets/correct.ts';
import type { Outcome } from '../../tickets/outcome.ts';
import { closeTicket, correctTicket, holdTicket, noteTicket, releaseSeenHold } from '../agent-acts.ts';
import { approvePlan, vouchFor } from '../approve-ticket.ts';
import type { Desk } from '../desk.ts';
import { REFUSALS } from '../refusal-words.ts';
import { targetInEnglish } from '../what-words.ts';

/** A page waits for less than this; a store that takes longer is asked from a terminal. */
const STORE_PATIENCE_MS = 12_000;

export const actionsOf = (desk: Desk): Area => actionsArea(actionPorts(desk));

const actionPorts = (desk: Desk): ActionPorts => ({
  db: desk.db,
  approvals: desk.environment.policy.approvals,
  hold: (order) => told(holdTicket(desk, order.ticketId, order)),
  release: (order) => told(releaseSeenHold(desk, order.ticketId, order)),
  close: (order) => told(closeTicket(desk, order.ticketId, order)),
  vouch: (order) => told(vouchFor(desk, order.ticketId, order)),
  approve: (order) => told(approvePlan(desk, order.ticketId, order)),
  note: (order) => told(noteTicket(desk, order.ticketId, order)),
  correct: (order) => told(correctTicket(desk, order.ticketId, order)),
  digestOf: requestDigest,
  tick: async ({ ticketId, step, item, agent, reason }) => {
    const ticked = await tickItem(desk.purge, { ticketId, step, item, agent, evidence: reason });
    return ticked.kind === 'refused' ? { why: ticked.why } : { left: ticked.left };
  },
  checklist: (id) => readChecklist(desk.purge, id),
  acceptResidue: (order) => residueAccepted(desk, order),
  retryStore: async ({ store, agent, reason }) =>
    (await releaseBrake(desk.purge, store, { agent, reason }))
      ? { kind: 'done' }
      : refused('no_change', 'the store is not braked any more'),
  workspacesOf: async (requester) =>
    (await workspacesInChargeOf(desk.db, requester)).map(
      ({ id, slug, name, deletedAt, sources, spaces, projects }) => ({
        id,
        slug,
        name,
        isDeleted: deletedAt !== null,
        sources,
        spaces,
        projects,
      }),
    ),
  targetInWords: targetInEnglish,
});

async function residueAccepted(desk: Desk, { ticketId, agent, reason }: Order): Promise<Done> {
  try {
    const accepted = await acceptResidue(
      desk.purge,
      { ticketId, agent, reason },
      AbortSignal.timeout(STORE_PATIENCE_MS),
    );
    return accepted.kind === 'refused' ? refused('no_change', accepted.why) : { kind: 'done' };
  } catch (error) {
    if (error instanceof PurgedeskError && error.code === 'PD_STORE_FAILED')
      return refused('store_failed', 'the store cannot be asked what it keeps; try again in a while');
    throw error;
  }
}

const refused = (code: string, why: string): Done => ({ kind: 'refused', code, why });

async function told(decided: Promise<Outcome | 'again' | 'held_again' | null>): Promise<Done> {
  try {
    const outcome = await decided;
    if (outcome === null) return { kind: 'gone' };
    if (outcome === 'held_again') return refused('held_again', 'it was held again since you looked');
    if (outcome === 'again' || outcome.kind !== 'refused') return { kind: 'done' };
    return refused(outcome.why, REFUSALS[outcome.why]);
  } catch (error) {
    if (error instanceof PurgedeskError && error.code === 'PD_TICKET_NOT_FOUND') return { kind: 'gone' };
    throw error;
  }
}
