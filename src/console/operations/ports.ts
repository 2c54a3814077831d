import type { Knex } from 'knex';

/** An order of an agent, with a reason in words. Both are kept. */
export interface Order {
  readonly agent: string;
  readonly reason: string;
}

/** Where purges stand. Instants in ISO 8601. */
export interface Purges {
  readonly halt: { readonly at: string; readonly by: string; readonly reason: string } | null;
  readonly brakes: readonly {
    readonly store: string;
    /** In a row. */
    readonly failures: number;
    readonly since: string;
    readonly lastError: string | null;
    /** Until it is tried again by itself; `null` = until an agent releases it. */
    readonly seconds: number | null;
    readonly setBy: string | null;
    readonly reason: string | null;
  }[];
  readonly purges: readonly {
    readonly reference: string;
    readonly step: number;
    readonly steps: number;
    readonly store: string;
    readonly deleted: number;
    readonly estimate: number;
    readonly percent: number;
    readonly perSecond: number | null;
    readonly etaSeconds: number | null;
    readonly isRunning: boolean;
    /** One phrase: why it runs or not. */
    readonly words: string;
  }[];
}

export interface Replies {
  readonly hour: {
    readonly used: number;
    readonly limit: number;
    readonly unprovenUsed: number;
    readonly unprovenLimit: number;
  };
  /** Each open or recent breaker in a sentence. */
  readonly breakers: readonly { readonly sentence: string; readonly isOpen: boolean }[];
  readonly keptBack: number;
  readonly undeliverable: number;
  /** Mails that wait, so that those to one address are some minutes apart. */
  readonly waiting: number;
}

export interface AuditCheckLine {
  readonly askedAt: string;
  readonly askedBy: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly tickets: number | null;
  readonly events: number | null;
  readonly ledgerEntries: number | null;
  readonly problems: number | null;
  readonly examples: readonly string[];
  readonly newestAnchor: string | null;
}

/** What the page of operations needs of the other stages. Everything but the last five only reads. */
export interface OperationsPorts {
  readonly db: Knex;
  /** In the order in which a purge visits them. */
  readonly stores: readonly { readonly name: string; readonly kind: string }[];
  readonly purgeEnabled: boolean;
  /** Reads a mailbox at all. */
  readonly hasMailbox: boolean;
  purges(): Promise<Purges>;
  replies(): Promise<Replies>;
  /** Open tickets whose deadline is near or past. */
  nearDeadline(): Promise<number>;
  receiptKeys(): Promise<
    readonly {
      readonly fingerprint: string;
      readonly firstUsedAt: string | null;
      readonly isCurrent: boolean;
    }[]
  >;
  /** Newest first. */
  auditChecks(limit: number): Promise<readonly AuditCheckLine[]>;
  /** @returns `false` = they were halted already */
  halt(order: Order): Promise<boolean>;
  /** @returns `false` = they were not halted */
  resume(order: Order): Promise<boolean>;
  brake(store: string, order: Order): Promise<void>;
  /** @returns `false` = it was not braked */
  release(store: string, order: Order): Promise<boolean>;
  /** @returns `false` = a check is under way already */
  checkAudit(agent: string): Promise<boolean>;
}
