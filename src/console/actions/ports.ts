import type { Knex } from 'knex';
import type { Named } from '../../domain/directory.ts';
import type { TicketId } from '../../domain/ids.ts';
import type { DeletionRequest } from '../../domain/request.ts';
import type { Target } from '../../domain/target.ts';
import type { HoldReason } from '../../domain/ticket.ts';

/** What an agent orders, in whose name and why. */
export interface Order {
  readonly ticketId: TicketId;
  /** As it stands in the audit chain. */
  readonly agent: string;
  readonly reason: string;
}

/** `refused`: why, as a sentence. `gone`: there is no such ticket. */
export type Done =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly code: string; readonly why: string }
  | { readonly kind: 'gone' };

/** One thing that an agent does by hand. */
export interface ChecklistItem {
  readonly step: number;
  readonly store: string;
  readonly item: string;
  readonly text: string;
  readonly ticked: { readonly by: string; readonly at: string; readonly evidence: string | null } | null;
  readonly isDue: boolean;
}

/** What a workspace offers to choose from. */
export interface WorkspaceChoice {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly isDeleted: boolean;
  readonly sources: readonly Named[];
  readonly spaces: readonly Named[];
  readonly projects: readonly Named[];
}

/** What the commands do too, joined from the stages. */
export interface ActionPorts {
  readonly db: Knex;
  /** How many people the policy wants where a plan is approved. */
  readonly approvals: 1 | 2;
  hold(order: Order): Promise<Done>;
  /** @param order.seen - number of the hold that the agent had before them */
  release(order: Order & { readonly hold: HoldReason; readonly seen: number }): Promise<Done>;
  close(order: Order & { readonly as: 'cancelled' | 'rejected' }): Promise<Done>;
  /** @param order.seen - digest of the request that the agent had before them */
  vouch(order: Order & { readonly seen: string }): Promise<Done>;
  approve(order: Order & { readonly planHash: string }): Promise<Done>;
  /** @param order.form - a random name of the form: the same one is written once */
  note(order: Order & { readonly form: string | null }): Promise<Done>;
  /** @param order.seen - digest of the request that the agent had before them */
  correct(
    order: Order & { readonly request: DeletionRequest; readonly seen: string; readonly words: string },
  ): Promise<Done>;
  digestOf(request: DeletionRequest): string;
  /** @returns how many items are left in that step, or why there is nothing to tick */
  tick(
    order: Order & { readonly step: number; readonly item: string },
  ): Promise<{ readonly left: number } | { readonly why: string }>;
  checklist(id: TicketId): Promise<readonly ChecklistItem[]>;
  acceptResidue(order: Order): Promise<Done>;
  /** Has a store that failed tried at once. `refused` = it is not braked. */
  retryStore(order: Order & { readonly store: string }): Promise<Done>;
  /** What this requester may choose from: the workspaces they belong to in charge. */
  workspacesOf(requester: string): Promise<readonly WorkspaceChoice[]>;
  targetInWords(target: Target): string;
}
