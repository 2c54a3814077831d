import type { TicketId } from './ids.ts';
import type { Scope } from './request.ts';
import type { HoldReason, State } from './ticket.ts';

/** What a decision did to a ticket, as far as other systems may hear of it: no word and no address of anybody. */
export interface TicketNews {
  readonly ticketId: TicketId;
  /** Of the event in the ticket's audit chain, from 1: whoever hears of two things knows which came first. */
  readonly seq: number;
  /** Desk time. */
  readonly at: Date;
  readonly was: State;
  readonly state: State;
  readonly scope: Scope;
  readonly origin: 'mail' | 'app';
  /** All that stand now. */
  readonly holds: readonly HoldReason[];
  readonly placed: readonly HoldReason[];
  readonly lifted: readonly HoldReason[];
  readonly requestedAt: Date;
  readonly dueAt: Date;
  readonly graceEndsAt: Date | null;
  readonly closedAt: Date | null;
}
