import type { Knex } from 'knex';
import type { Target } from '../../domain/target.ts';

/** What the queue needs of the other stages. */
export interface QueuePorts {
  readonly db: Knex;
  /** What will be deleted, in one phrase, with everything that the request names. */
  sentence(target: Target): string;
  /** Has an agent look after tickets, all of them or none; `assignee` null = nobody. */
  assign(order: {
    readonly tickets: readonly number[];
    readonly assignee: number | null;
    readonly by: number;
  }): Promise<Assigned>;
}

export type Assigned =
  | { readonly kind: 'done'; readonly changed: number }
  | {
      readonly kind: 'refused';
      readonly tickets: readonly { readonly id: number; readonly why: 'unknown' | 'closed' }[];
    }
  /** There is no agent of that number who can look after tickets. */
  | { readonly kind: 'no_agent' };
