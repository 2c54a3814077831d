import type { BlockerKind, Completion, Role } from './directory.ts';
import type { Ask, Judgement, Verdict } from './evidence.ts';
import type { ConversationId, MessageId, TicketId } from './ids.ts';
import type { DeletionRequest, RequestField } from './request.ts';
import type { Target } from './target.ts';

export const STATES = [
  'received',
  'needs_details',
  'verifying',
  'approval',
  'grace',
  'purging',
  'completed',
  'cancelled',
  'rejected',
  'expired',
] as const;
export type State = (typeof STATES)[number];

export const HOLD_REASONS = [
  'billing',
  'export',
  'review',
  'doubtful_cancel',
  'step_failed',
  'checklist',
  'residue',
  'purging_off',
  'agent',
] as const;
/** Why a ticket may not enter its grace, start its purge or take its next step. A row, never a state. */
export type HoldReason = (typeof HOLD_REASONS)[number];

interface TicketBase {
  readonly id: TicketId;
  readonly conversationId: ConversationId;
  /** The mail that opened it; `null` when the directory reported the deletion (origin `app`). */
  readonly messageId: MessageId | null;
  readonly origin: 'mail' | 'app';
  /** As the customer wrote it; what the directory completed stands in the events. */
  readonly request: DeletionRequest;
  /** The requester's address: as in the directory once judged, else as in From. `null` after erasure. */
  readonly requester: string | null;
  /** When the mail arrived; deadlines and cut-offs count from here. */
  readonly requestedAt: Date;
  /** 30 days after the request. */
  readonly dueAt: Date;
  readonly verdict: Verdict | null;
  readonly reasons: readonly string[];
  readonly asks: readonly Ask[];
  readonly stateSince: Date;
  /** When the reminder of this state went out. */
  readonly remindedAt: Date | null;
  /** Active holds, in the order in which they were placed. */
  readonly holds: readonly HoldReason[];
  /** The agent who vouches for the requester where the directory knows nobody who could; `null` = no agent does. */
  readonly vouchedBy: string | null;
  /** Agents who approved the plan that the ticket has now, in that order. */
  readonly approvedBy: readonly string[];
  /** How many agents the policy wanted to approve the plan when the approval began. */
  readonly approvalsWanted: 1 | 2;
  /** Agents who changed what is asked for, in that order. */
  readonly correctedBy: readonly string[];
  /** Agents who would lift the review that holds it now, where that takes two. */
  readonly liftedBy: readonly string[];
  /** When the desk forgot whose it was and what was asked, of a closed ticket; its scope, ids and hashes stay. */
  readonly erasedAt: Date | null;
  /** Erased but for the addresses of requester and parties, because a mail to them is due still. */
  readonly keepsAddresses: boolean;
}

/** What is known once a request is complete and its sender entitled. */
interface Resolved {
  readonly target: Target;
  readonly digest: string;
}

/** What is known once the challenge was answered. */
interface Verified extends Resolved {
  readonly verifiedAt: Date;
}

interface InGrace extends Verified {
  readonly graceStartedAt: Date;
  /** 00:00 UTC of the sixth day after the day on which the grace started. */
  readonly graceEndsAt: Date;
  /** Not before this instant either: set when a hold was released after the grace had ended. */
  readonly notBefore: Date | null;
}

/** A ticket in each state, with the data that the state guarantees. */
export type Ticket = TicketBase &
  (
    | { readonly state: 'received' }
    | { readonly state: 'needs_details' }
    /** `verifiedAt` is set when the challenge was answered and a hold keeps it from its grace. */
    | ({ readonly state: 'verifying'; readonly verifiedAt: Date | null } & Resolved)
    | ({ readonly state: 'approval'; readonly planHash: string | null } & Verified)
    | ({ readonly state: 'grace'; readonly planHash: string | null } & InGrace)
    | ({ readonly state: 'purging'; readonly planHash: string; readonly purgeStartedAt: Date } & InGrace)
    | ({
        readonly state: 'completed';
        readonly planHash: string;
        readonly purgeStartedAt: Date;
        readonly closedAt: Date;
        /** When the last backup has expired that could hold the data; `null` = nobody can say, or there is none. */
        readonly residueWakeAt: Date | null;
        /** When the mail was queued that says so. */
        readonly residueToldAt: Date | null;
        /** `null` once erased. */
        readonly target: Target | null;
      } & Omit<InGrace, 'target'>)
    | { readonly state: 'cancelled' | 'rejected' | 'expired'; readonly closedAt: Date }
  );

export type TicketIn<S extends State> = Extract<Ticket, { readonly state: S }>;

/**
 * Whose word a deletion rests on: the requester's, who answered the challenge; the app's, which knows whoever pressed
 * the button there; or that of two agents, where the directory knows nobody in charge any more.
 */
export type Authority = 'requester' | 'app' | 'agents';

export const authorityOf = (ticket: Pick<TicketBase, 'origin' | 'vouchedBy'>): Authority =>
  ticket.vouchedBy !== null ? 'agents' : ticket.origin === 'app' ? 'app' : 'requester';

/** Who acts: an agent by name, the desk itself, or a party by the keyed hash of the address. */
export type Actor =
  | { readonly kind: 'desk' }
  | { readonly kind: 'agent'; readonly name: string }
  | { readonly kind: 'party'; readonly hash: string; readonly role: Role };

/** An agent has tickets opened from a mail that the desk left alone. It stands for no proof of who wrote the mail. */
export interface AgentOrder {
  readonly by: Extract<Actor, { readonly kind: 'agent' }>;
  /** Keyed hash of the agent's reason; the words stay with the mail. */
  readonly reasonHash: string;
  /** Tells what it causes from what the same mail caused before. */
  readonly at: Date;
}

/** `nobody_known`: no owner or admin could hear of it. `not_in_charge`: whom the app names may not ask for that. */
export type AppDoubt = 'nobody_known' | 'not_in_charge';

/** Why a purge may not go on, found by looking at the world again. Empty = it may. */
export type Obstacle =
  | 'requester_lost_role'
  | 'workspace_changed'
  /** The app asked, and the directory does not report it as deleted. */
  | 'workspace_lives'
  | 'workspace_stopped'
  | 'purging_off'
  | 'plan_missing'
  | 'plan_changed';

/** What can happen to a ticket. Time is not in here: it is the fourth argument of `transition`. */
export type TicketEvent =
  | {
      readonly type: 'judged';
      readonly judgement: Judgement;
      /** What the directory settled on the way to it. */
      readonly completed?: readonly Completion[];
      readonly orderedBy?: AgentOrder;
    }
  | {
      readonly type: 'details_given';
      readonly request: DeletionRequest;
      readonly judgement: Judgement;
      readonly completed?: readonly Completion[];
      /** What the answer says otherwise than the request did, so that it is asked again. */
      readonly differs?: readonly RequestField[];
      readonly orderedBy?: AgentOrder;
    }
  | {
      /** The directory reports the workspace as deleted in the app, which had verified who may do that. */
      readonly type: 'reported_deleted';
      readonly target: Target;
      readonly blockers: readonly BlockerKind[];
      /** Why the report alone does not do. */
      readonly doubt: AppDoubt | null;
    }
  /** The directory reports that the workspace lives again: the deletion was revoked in the app. */
  | { readonly type: 'restored_in_app' }
  | {
      /** An agent vouches for a requester whom the directory cannot know. It takes two approvals of the plan after that. */
      readonly type: 'vouched';
      readonly by: Actor;
      /** Keyed hash of the evidence; the words stay with the lifted hold. */
      readonly reasonHash: string;
      readonly note: string;
      /** Of this moment. */
      readonly judgement: Judgement;
    }
  | {
      /** An agent corrects what the customer asked for. Whatever was verified before was for something else. */
      readonly type: 'corrected';
      readonly by: Actor;
      readonly request: DeletionRequest;
      /** Of this moment, for the corrected request. */
      readonly judgement: Judgement;
      readonly changes: readonly FieldChange[];
      /** Keyed hash of the agent's reason. */
      readonly reasonHash: string;
    }
  /** An agent writes something down for the others. */
  | { readonly type: 'noted'; readonly by: Actor; readonly noteHash: string }
  | {
      readonly type: 'challenge_answered';
      readonly by: Actor;
      readonly via: 'reply' | 'page';
      /** The digest that the challenge was sent for. */
      readonly digest: string;
      /** Roles looked up again at this moment. */
      readonly entitled: boolean;
      readonly blockers: readonly BlockerKind[];
    }
  | { readonly type: 'challenge_failed'; readonly triesLeft: number }
  /** A code in a mail that proves nothing about its writer. Nobody looked at it, and no try was counted. */
  | { readonly type: 'code_unproven' }
  | { readonly type: 'lapsed' }
  | { readonly type: 'reminder_due' }
  | { readonly type: 'blockers_changed'; readonly blockers: readonly BlockerKind[] }
  | {
      readonly type: 'rehearsed';
      readonly planHash: string;
      /** Of the target that the plan was made for; left out = of the one that the ticket has. */
      readonly digest?: string;
      /** Rows and objects that the rehearsal counted. */
      readonly estimate: number;
      readonly overCap: boolean;
    }
  | {
      readonly type: 'approved';
      readonly by: Actor;
      readonly planHash: string;
      /** Keyed hash of the agent's reason. */
      readonly reasonHash?: string;
      /** Who approved it before and may not approve anything any more: their word has lapsed. */
      readonly lapsed?: readonly string[];
    }
  | {
      readonly type: 'cancel_asked';
      readonly by: Actor;
      /** `authenticated` too when the page behind a signed link was answered with the code. */
      readonly standing: 'authenticated' | 'unproven';
      readonly via?: 'reply' | 'page';
    }
  | {
      /** The person in whose name an unproven cancel came says that it was not theirs. */
      readonly type: 'cancel_denied';
      readonly by: Actor;
      /** Still in charge, or the one who asked for the deletion; looked up at this moment. */
      readonly entitled: boolean;
      /** Somebody else asked too, or the hold was not placed for a mail: this answer alone lifts nothing. */
      readonly othersRemain: boolean;
    }
  | { readonly type: 'status_asked' }
  | {
      readonly type: 'held';
      readonly reason: HoldReason;
      readonly by: Actor;
      readonly note: string;
      /** A person holds what a program held until now, which can then no longer let it go. */
      readonly takesOver?: boolean;
    }
  | {
      readonly type: 'released';
      readonly reason: HoldReason;
      readonly by: Actor;
      readonly note: string;
      /** What an agent accepted to leave where it is, so that the step is done without it. */
      readonly accepted?: { readonly step: number; readonly count: number };
      /** Who would have lifted it and may not approve anything any more. */
      readonly lapsed?: readonly string[];
    }
  | { readonly type: 'grace_elapsed'; readonly obstacles: readonly Obstacle[] }
  | { readonly type: 'step_blocked'; readonly obstacles: readonly Obstacle[] }
  | {
      readonly type: 'step_finished';
      readonly step: number;
      readonly deleted: number;
      readonly remaining: number;
    }
  | { readonly type: 'step_failed'; readonly step: number; readonly error: string }
  | { readonly type: 'purge_finished' }
  /** The last backup that could hold the data has expired. */
  | { readonly type: 'residue_expired' }
  | {
      /** A restored backup had brought it back, and it was erased once more. */
      readonly type: 'erasure_replayed';
      readonly by: Actor;
      /** Keyed hash of the agent's reason; the words stay with the replay. */
      readonly reasonHash: string;
      readonly step: number;
      readonly deleted: number;
    }
  | ({ readonly type: 'cancelled_by_agent' } & ClosingOrder)
  | ({ readonly type: 'rejected_by_agent' } & ClosingOrder)
  | { readonly type: 'mail_undeliverable'; readonly template: string }
  | {
      /**
       * What the desk no longer needs of a closed ticket is erased. It comes a second time for the addresses, where a mail
       * to them was due the first time.
       */
      readonly type: 'context_erased';
      readonly erased: ErasedContext;
    };

interface ClosingOrder {
  readonly by: Actor;
  readonly note: string;
  /** Keyed hash of the note; the words stay with the ticket. */
  readonly reasonHash?: string;
}

/** One field that an agent corrected, as keyed hashes of what stood there and of what stands there now. */
export interface FieldChange {
  readonly field: RequestField | 'scope';
  readonly before: string;
  readonly after: string;
}

/** What was erased beside the ticket itself, in rows. */
export interface ErasedContext {
  readonly parties: number;
  /** What agents or the desk had written: on holds, on approvals, on residue that was accepted. */
  readonly notes: number;
  /** Steps of the plan, with the ids that they named. */
  readonly steps: number;
  /** Ticks of checklists with the words of an agent. */
  readonly evidence: number;
}

export type TicketEventType = TicketEvent['type'];

/** The words that customers, the API and OpenDSR peers see. */
export const PUBLIC_STATUS = {
  received: 'pending',
  needs_details: 'pending',
  verifying: 'pending',
  approval: 'pending',
  grace: 'pending',
  purging: 'in_progress',
  completed: 'completed',
  cancelled: 'cancelled',
  rejected: 'cancelled',
  expired: 'cancelled',
} as const satisfies Record<State, 'pending' | 'in_progress' | 'completed' | 'cancelled'>;
