import type { Canonical } from '../domain/canonical.ts';
import type { TemplateName } from '../domain/mail-facts.ts';
import type { Actor, HoldReason, Ticket, TicketEventType } from '../domain/ticket.ts';

/**
 * A mail that a decision causes. `sender`: who wrote the mail or pressed the button; `requester`: who asked for the
 * deletion; `others`: every other owner and admin of the workspaces.
 */
export interface ReplyIntent {
  readonly template: TemplateName;
  readonly to: 'sender' | 'requester' | 'others';
}

export interface JobSpec {
  readonly task: 'purge.rehearse' | 'purge.step' | 'ticket.rejudge';
  readonly payload: Readonly<Record<string, number>>;
  /** Names the effect: a second job of the same effect replaces the first while it waits. */
  readonly key: string;
  /** Jobs of one queue run one after the other. */
  readonly queue: string;
}

export interface HoldChange {
  readonly reason: HoldReason;
  readonly change: 'placed' | 'lifted';
  readonly by: Actor;
  /** An agent's words: kept with the hold, never in the audit chain. */
  readonly note: string;
}

/** What is written to the audit chain: ids, codes, counts and keyed hashes only. */
export interface EventRecord {
  readonly type: TicketEventType;
  readonly actor: Actor;
  readonly details: Readonly<Record<string, Canonical>>;
}

/** What one event does to one ticket. A refusal is a value, not an error: two people may press at once. */
export type Outcome =
  | {
      /** `moved`: the state changed; `stayed`: something else did, or it was only recorded and answered. */
      readonly kind: 'moved' | 'stayed';
      readonly ticket: Ticket;
      readonly record: EventRecord;
      readonly holds: readonly HoldChange[];
      readonly replies: readonly ReplyIntent[];
      readonly jobs: readonly JobSpec[];
    }
  | {
      readonly kind: 'refused';
      readonly ticket: Ticket;
      readonly type: TicketEventType;
      /** Why, as a stable code. */
      readonly why: Refusal;
    };

export type Refusal =
  /** The event has no meaning in this state. */
  | 'wrong_state'
  /** The challenge was sent for another scope than the ticket now has. */
  | 'scope_changed'
  /** The challenge was answered before. */
  | 'already_verified'
  /** The plan that was approved or rehearsed is not the ticket's plan. */
  | 'plan_changed'
  /** A hold stands in the way. */
  | 'held'
  /** There is no such hold to lift, or it is there already. */
  | 'no_change'
  /** The time has not come. */
  | 'too_early'
  /** It takes two agents, and this one has approved it already. */
  | 'same_agent'
  /** Who corrected the request or vouched for it does not approve it too, where the policy wants two people. */
  | 'own_work'
  /** The requester may not ask for that. */
  | 'not_entitled'
  /** Something would be missing that is needed to go on. */
  | 'incomplete'
  /** Its grace has begun: what is deleted stays what it is. */
  | 'grace_begun'
  /** Agents vouch only where the directory knows nobody who could ask. */
  | 'not_ownerless'
  /** An agent has changed what is asked for, so that no agent can vouch that the requester asked for it. */
  | 'corrected_before';
