/** What the page of one ticket reads: a handful of look-ups by key, each bounded. Nothing here locks or changes anything. */
import type { Knex } from 'knex';
import type { Canonical } from '../../domain/canonical.ts';
import type { MailEvidence } from '../../domain/evidence.ts';
import type { TicketId } from '../../domain/ids.ts';
import type { Residue } from '../../domain/policy.ts';
import type { DeletionRequest } from '../../domain/request.ts';
import { hideLinks } from '../../domain/secret-words.ts';
import type { Target } from '../../domain/target.ts';
import type { HoldReason, State } from '../../domain/ticket.ts';
import { CODES_OPEN, type MayHoldCode, shieldedSubject } from '../mails/secret-open.ts';

/** Of long lists the page shows the beginning and says how many there are. */
const NAMED_MAX = 20;
const EVENTS_MAX = 1_000;
const ROWS_MAX = 200;

export interface TicketRow {
  readonly id: number;
  readonly state: State;
  readonly state_since: Date;
  readonly scope: string;
  readonly origin: 'mail' | 'app';
  readonly locale: string;
  /** To which it was written; `null` = not known. */
  readonly mailbox: string | null;
  readonly conversation_id: number;
  readonly message_id: number | null;
  readonly request_no: number;
  /** With at most `NAMED_MAX` users and workspaces, as the next one. */
  readonly request: DeletionRequest;
  readonly target: Target | null;
  readonly users: number;
  readonly workspaces: number;
  readonly workspace_ids: readonly string[];
  readonly digest: string | null;
  readonly requester: string | null;
  readonly requester_hash: string;
  readonly requested_at: Date;
  readonly due_at: Date;
  readonly verdict: string | null;
  readonly reasons: readonly string[];
  readonly asks: readonly { readonly field: string; readonly why: string }[];
  readonly verified_at: Date | null;
  readonly grace_started_at: Date | null;
  readonly grace_ends_at: Date | null;
  readonly not_before: Date | null;
  readonly plan_hash: string | null;
  readonly exclusions: readonly string[] | null;
  readonly residue: readonly Residue[] | null;
  readonly estimate: number | null;
  readonly purge_started_at: Date | null;
  readonly closed_at: Date | null;
  readonly vouched_by: string | null;
  readonly approved_by: readonly string[];
  readonly erased_at: Date | null;
  readonly audit_seq: number;
  readonly audit_head: string;
  readonly undeliverable_since: Date | null;
  readonly undeliverable_reason: 'bounced' | 'refused' | null;
  readonly has_receipt: boolean;
  readonly over_cap: boolean;
  readonly now: Date;
}

export interface HoldRow {
  readonly reason: HoldReason;
  readonly note: string;
  readonly placed_by: string;
  readonly placed_at: Date;
  readonly lifted_by: string | null;
  readonly lifted_at: Date | null;
  readonly lift_note: string | null;
}

export interface EventRow {
  readonly seq: number;
  readonly at: Date;
  readonly type: string;
  readonly was: string;
  readonly became: string;
  readonly actor: string;
  readonly details: Readonly<Record<string, Canonical>>;
}

export interface NoteRow {
  readonly agent: string;
  readonly act: string;
  readonly note: string;
  readonly at: Date;
}

export interface StepRow {
  readonly no: number;
  readonly store: string;
  readonly target: string;
  readonly action: string | null;
  readonly status: string;
  readonly estimate: number;
  readonly deleted: number;
  readonly remaining: number | null;
  readonly accepted_count: number | null;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

export interface MailInRow extends MayHoldCode {
  readonly id: number;
  readonly arrived_at: Date;
  readonly author: string | null;
  readonly subject: string | null;
  readonly size_bytes: number;
  readonly disposition: string | null;
  readonly evidence: MailEvidence | null;
  readonly erased_at: Date | null;
  readonly has_raw: boolean;
  /** Words that were read as fields, when the mail came: `requests.0.source` and what was said. */
  readonly quotes: readonly { readonly field: string; readonly text: string }[] | null;
}

export interface MailOutRow {
  readonly id: number;
  readonly template: string;
  readonly locale: string;
  readonly recipient: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly created_at: Date;
  readonly sent_at: Date | null;
  readonly next_attempt_at: Date;
  readonly last_error: string | null;
  readonly erased_at: Date | null;
}

export interface ChallengeRow {
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly answered_at: Date | null;
  readonly voided_at: Date | null;
  readonly tries_left: number;
}

/** Everything that the page shows of a ticket. */
export interface TicketRecord {
  readonly ticket: TicketRow;
  readonly holds: readonly HoldRow[];
  readonly events: readonly EventRow[];
  readonly notes: readonly NoteRow[];
  readonly steps: readonly StepRow[];
  readonly stepCount: number;
  readonly mailsIn: readonly MailInRow[];
  readonly mailsOut: readonly MailOutRow[];
  /** The newest that asked to confirm the deletion. */
  readonly challenge: ChallengeRow | null;
  /** Other tickets of the same conversation. */
  readonly siblings: readonly number[];
}

/** `null` = there is no such ticket. */
export async function readTicket(db: Knex, id: TicketId): Promise<TicketRecord | null> {
  const rows = async <Row>(statement: string, bindings: Readonly<Record<string, number>>) =>
    (await db.raw<{ rows: Row[] }>(statement, bindings)).rows;
  const [ticket] = await rows<TicketRow>(TICKET, { id, named: NAMED_MAX - 1 });
  if (ticket === undefined) return null;
  const conversation = ticket.conversation_id;
  const [holds, events, notes, steps, mailsIn, mailsOut, challenges, siblings] = await Promise.all([
    rows<HoldRow>(HOLDS, { id, most: ROWS_MAX }),
    rows<EventRow>(EVENTS, { id, most: EVENTS_MAX }),
    rows<NoteRow>(NOTES, { id, most: ROWS_MAX }),
    rows<StepRow & { readonly of: number }>(STEPS, { id, most: ROWS_MAX }),
    rows<MailInRow>(MAILS_IN, { conversation, most: ROWS_MAX }),
    rows<MailOutRow>(MAILS_OUT, { id, most: ROWS_MAX }),
    rows<ChallengeRow>(CHALLENGE, { id, conversation }),
    rows<{ id: number }>(SIBLINGS, { id, conversation, most: ROWS_MAX }),
  ]);
  return {
    ticket,
    holds,
    events,
    notes,
    steps,
    stepCount: steps[0]?.of ?? 0,
    mailsIn: mailsIn.map(shieldedMail),
    mailsOut,
    challenge: challenges[0] ?? null,
    siblings: siblings.map((sibling) => sibling.id),
  };
}

/** Fields that were read are shown but for the code; whoever confirmed by mail quoted it. */
const shieldedMail = (mail: MailInRow): MailInRow => ({
  ...shieldedSubject(mail),
  quotes:
    mail.quotes?.map(({ field, text }) => ({
      field,
      text: mail.codes_open && field === 'code' ? '••••••' : hideLinks(text),
    })) ?? null,
});

/** A request can name ten thousand users: no more of them leave the database than are shown. */
const TICKET = `
  select t.id, t.state, t.state_since, t.scope, t.origin, c.locale, t.conversation_id, t.message_id, t.request_no,
    (select b.name from messages m join mailboxes b on b.id = m.mailbox_id where m.id = t.message_id) as mailbox,
    jsonb_set(t.request, '{users}', jsonb_path_query_array(t.request, '$.users[0 to $n]', jsonb_build_object('n', cast(:named as integer)))) as request,
    jsonb_set(jsonb_set(t.target, '{users}', jsonb_path_query_array(t.target, '$.users[0 to $n]', jsonb_build_object('n', cast(:named as integer)))),
      '{workspaces}', jsonb_path_query_array(t.target, '$.workspaces[0 to $n]', jsonb_build_object('n', cast(:named as integer)))) as target,
    jsonb_array_length(coalesce(t.target -> 'users', t.request -> 'users', '[]')) as users,
    jsonb_array_length(coalesce(t.target -> 'workspaces', '[]')) as workspaces,
    t.workspace_ids[1:cast(:named as integer)] as workspace_ids, t.digest, t.requester, t.requester_hash, t.requested_at, t.due_at, t.verdict, t.reasons, t.asks,
    t.verified_at, t.grace_started_at, t.grace_ends_at, t.not_before, t.plan_hash,
    t.plan -> 'exclusions' as exclusions, t.plan -> 'residue' as residue, t.estimate, t.purge_started_at, t.closed_at,
    t.vouched_by, t.approved_by, t.erased_at, t.audit_seq, t.audit_head,
    u.since as undeliverable_since, u.reason as undeliverable_reason,
    exists (select from receipts r where r.ticket_id = t.id) as has_receipt,
    exists (select from cap_holds h where h.ticket_id = t.id) as over_cap, desk_now() as now
  from tickets t join conversations c on c.id = t.conversation_id
    left join undeliverable_addresses u on u.recipient_hash = t.requester_hash
  where t.id = :id`;

const HOLDS = `
  select reason, note, placed_by, placed_at, lifted_by, lifted_at, lift_note
  from holds where ticket_id = :id order by id desc limit :most`;

const EVENTS = `
  select seq, at, type, was, became, actor, details
  from ticket_events where ticket_id = :id order by seq desc limit :most`;

const NOTES = `select agent, act, note, at from agent_notes where ticket_id = :id order by id desc limit :most`;

const STEPS = `
  select no, store, target, step ->> 'action' as action, status, estimate, deleted, remaining, accepted_count, attempts,
    last_error, started_at, finished_at, cast(count(*) over () as integer) as of
  from purge_steps where ticket_id = :id order by no limit :most`;

const MAILS_IN = `
  select id, arrived_at, author, left(subject, 300) as subject, ${CODES_OPEN} as codes_open, size_bytes, disposition, evidence, erased_at, raw is not null as has_raw,
    jsonb_path_query_array(understanding, '$.evidence[0 to 99]') as quotes
  from messages where conversation_id = :conversation order by id desc limit :most`;

const MAILS_OUT = `
  select id, template, locale, recipient, status, attempts, created_at, sent_at, next_attempt_at, last_error, erased_at
  from outbox where ticket_ids @> array[cast(:id as bigint)] order by id desc limit :most`;

const CHALLENGE = `
  select created_at, expires_at, answered_at, voided_at, tries_left from challenges
  where conversation_id = :conversation and purpose = 'verify' and ticket_digests -> cast(:id as text) is not null
  order by created_at desc limit 1`;

const SIBLINGS = `
  select id from tickets where conversation_id = :conversation and id <> :id order by id limit :most`;
