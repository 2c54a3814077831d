import type { Knex } from 'knex';
import type { TicketId } from '../../domain/ids.ts';
import type { TicketEvent } from '../../domain/ticket.ts';

/** What programs and their pages need of the other stages. */
export interface ApiPorts {
  readonly db: Knex;
  /** Where the desk is reached; its host is the processor's domain for OpenDSR peers. */
  readonly publicUrl: string;
  /** `host` or `host:port` each. */
  readonly callbackHosts: readonly string[];
  readonly webhooks: readonly {
    readonly name: string;
    readonly host: string;
    readonly events: readonly string[];
  }[];
  /** Applies an event by the one door. `within`: the same transaction, once it was accepted. */
  decide(
    trx: Knex.Transaction,
    id: TicketId,
    event: TicketEvent,
    within?: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<{ readonly kind: 'done' } | { readonly kind: 'refused'; readonly why: string }>;
  /** A workspace was deleted in the app: the same as when the directory reports it. */
  openAppDeletion(trx: Knex.Transaction, deletion: AppDeletion): Promise<AppOpening>;
  /** Keyed hash of words that an audit chain must not hold. */
  reasonHash(words: string): string;
  /** Keyed, so that nobody can test a guess of what was sent. */
  requestHash(request: Uint8Array): Buffer;
  isSuppressed(workspaceId: string, userId: string): Promise<boolean>;
  /** Ed25519 over a body, base64. */
  signForPeers(body: string): string;
  /** SPKI in PEM. */
  readonly peerKeyPem: string;
  listDeliveries(filter: DeliveryFilter): Promise<readonly DeliveryView[]>;
  redeliver(id: string): Promise<boolean>;
  figures(): Promise<Figures>;
}

export interface AppDeletion {
  readonly workspaceId: string;
  /** Whoever pressed the button there. */
  readonly deletedBy: string;
  readonly deletedAt: Date;
  /** How many requests of programs opened a ticket within the last day, this one left out. */
  readonly openedToday: number;
}

export type AppOpening =
  /** `opened`: it has a ticket of its own; else one was open for this workspace and stands for it. */
  | { readonly kind: 'ticket'; readonly ticketId: TicketId; readonly opened: boolean }
  | { readonly kind: 'unknown_workspace' }
  | { readonly kind: 'too_many_deletions' };

export interface DeliveryFilter {
  readonly endpoint?: string;
  readonly status?: 'pending' | 'sending' | 'delivered' | 'failed';
  readonly after?: string;
  readonly limit: number;
}

export interface DeliveryView {
  readonly id: string;
  readonly kind: 'webhook' | 'callback';
  readonly endpoint: string;
  readonly event: string;
  readonly ticket: string;
  readonly status: 'pending' | 'sending' | 'delivered' | 'failed';
  readonly attempts: number;
  readonly lastResult: string | null;
  readonly createdAt: string;
  readonly nextAttemptAt: string | null;
  readonly finishedAt: string | null;
}

/** What the metrics say at this moment. */
export interface Figures {
  readonly tickets: Readonly<Record<string, number>>;
  readonly holds: Readonly<Record<string, number>>;
  readonly nearDeadline: number;
  readonly messagesPending: number;
  readonly oldestPendingSeconds: number;
  readonly messagesForAgents: number;
  /** By the state of the mail; only those that are not through. */
  readonly outbox: Readonly<Record<string, number>>;
  readonly jobsWaiting: number;
  readonly jobsFailed: number;
  readonly deliveries: Readonly<Record<string, number>>;
  /** `null` = no mailbox was ever read. */
  readonly lastPollSeconds: number | null;
  readonly brakedStores: readonly string[];
  readonly isSilenced: boolean;
  readonly isHalted: boolean;
  /** How many of each code stand. */
  readonly alarms: Readonly<Record<string, number>>;
  /** Since each was last read through, by its name. */
  readonly mailboxSeconds: Readonly<Record<string, number>>;
  /** 1 for each that a process holds to read it, else 0. */
  readonly mailboxHeld: Readonly<Record<string, number>>;
  /** Since each was last done. */
  readonly dutySeconds: Readonly<Record<string, number>>;
  /** In a row. */
  readonly dutyFailures: Readonly<Record<string, number>>;
  /** Those that run, by role. */
  readonly processes: Readonly<Record<string, number>>;
  /** Ages of what could be done now; 0 = nothing waits. */
  readonly oldestTicketSeconds: number;
  readonly oldestOutboxSeconds: number;
  readonly oldestJobSeconds: number;
  readonly oldestDeliverySeconds: number;
}
