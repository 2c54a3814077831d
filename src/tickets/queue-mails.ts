/** From what the tickets of one decision want to say to rows of the outbox, in the same transaction. */
import type { Knex } from 'knex';
import { prepared } from '../db/prepared.ts';
import { asRows, distinct, groupBy } from '../db/rows.ts';
import { forMany } from '../db/together.ts';
import { addDays, dayOf } from '../domain/calendar.ts';
import { addressHash, keyed } from '../domain/canonical.ts';
import type { Role } from '../domain/directory.ts';
import type { Standing } from '../domain/evidence.ts';
import { referenceOf, ticketId } from '../domain/ids.ts';
import type { MailThread } from '../domain/mail.ts';
import type { MailFacts, TemplateName, TicketFacts } from '../domain/mail-facts.ts';
import type { Plan } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import type { SignedReceipt } from '../domain/receipt.ts';
import type { AgentOrder, HoldReason } from '../domain/ticket.ts';
import { type PlannedMail, planMails } from './mail-plan.ts';
import type { ReplyKind } from './may-reply.ts';
import type { ReplyIntent } from './outcome.ts';
import { nextWake } from './policy.ts';
import type { OpenChallenge, TicketDeps } from './ports.ts';
import type { Permit, PermitAsk } from './reply-budget.ts';
import { issueStatusLink } from './status-links.ts';
import { TICKET_COLUMNS, type TicketRow, ticketFromRow } from './ticket-row.ts';
import { updateTicket } from './update-ticket.ts';

/** What started a decision; it names the mails, so that the same decision never writes twice. */
export type Cause =
  | {
      readonly kind: 'message';
      readonly messageId: number;
      readonly sender: string;
      /** What its author proved: mails that an unproven one causes are fewer. */
      readonly standing: Standing;
      /** That of the message, ISO 639-1. */
      readonly language: string;
      /** Of the message; `null` = as its row says. */
      readonly thread: MailThread | null;
      /** The desk had left the message alone, or kept its answer back. */
      readonly order?: AgentOrder;
    }
  | { readonly kind: 'page'; readonly challengeId: string; readonly sender: string }
  /** Somebody with a link that has ended asks for a new one; it goes to the address of the old one. */
  | { readonly kind: 'old_link'; readonly sender: string }
  | {
      readonly kind: 'desk';
      /** A mail that proves nothing made the desk act, and its author is not answered. */
      readonly unproven?: true;
    };

export interface Wish {
  readonly ticketId: number;
  readonly intent: ReplyIntent;
  /** The second mail of its kind, because nobody answered the first. */
  readonly reminder: boolean;
  /** A code came in a mail that could not be checked to be theirs. */
  readonly unproven: boolean;
}

export async function queueMails(
  trx: Knex.Transaction,
  deps: TicketDeps,
  cause: Cause,
  wishes: readonly Wish[],
  now: Date,
): Promise<{ readonly mails: number; readonly silenced: boolean }> {
  if (wishes.length === 0) return { mails: 0, silenced: false };
  const sender = cause.kind === 'desk' ? null : cause.sender;
  const rows = await factRowsOf(
    trx,
    wishes.map((wish) => wish.ticketId),
  );
  const requesterOf = (id: number) => knownRequester(deps.key, rows.get(id), sender);
  const isPrivate = wishes.every(
    ({ ticketId, intent }) =>
      intent.to !== 'others' && (intent.to === 'requester' || sender === requesterOf(ticketId)),
  );
  const parties = isPrivate ? new Map<number, Party[]>() : await partiesOf(trx, [...rows.keys()]);
  const planned = planMails(
    wishes.map((wish) => ({
      ...wish,
      audience: {
        sender,
        requester: requesterOf(wish.ticketId),
        parties: (parties.get(wish.ticketId) ?? []).map((party) => party.address),
      },
    })),
  );
  let mails = 0;
  let silenced = false;
  for (const mail of planned) {
    const about = wishes.filter((wish) => mail.ticketIds.includes(wish.ticketId));
    const written = await queueOne(trx, deps, cause, mail, {
      rows,
      parties,
      reminder: about.some((wish) => wish.reminder),
      unproven: about.some((wish) => wish.unproven),
      now,
    });
    if (written) mails += 1;
    else silenced = true;
  }
  if (mails > 0) await flush(trx, undefined);
  return { mails, silenced };
}

/** Of a ticket whose address was erased the sender is known again by the hash; nobody else is. */
function knownRequester(key: Uint8Array, row: FactRow | undefined, sender: string | null): string | null {
  if (row === undefined) return null;
  const isTheirs =
    row.erased_at !== null && sender !== null && addressHash(key, sender) === row.requester_hash;
  return row.requester ?? (isTheirs ? sender : null);
}

/** A mail that no ticket's decision asked for: an answer about a workspace, a neutral answer without a ticket. */
export async function queueLooseMail(
  trx: Knex.Transaction,
  deps: TicketDeps,
  cause: Extract<Cause, { kind: 'message' }>,
  mail: {
    readonly template: TemplateName;
    readonly as: MailFacts['recipient'];
    readonly workspace: MailFacts['workspace'];
  },
  now: Date,
): Promise<boolean> {
  const hash = addressHash(deps.key, cause.sender);
  const permit = await askedFor(deps, cause, mail, now);
  if (permit.kind === 'silenced') return false;
  const facts: MailFacts = {
    ...EMPTY_FACTS,
    template: mail.template,
    locale: cause.language,
    recipient: mail.as,
    workspace: mail.workspace,
    residue: deps.policy.residue,
    at: now.toISOString(),
  };
  await insertMail(trx, {
    key: keyOfAnswer(cause, hash),
    conversationId: null,
    ticketIds: [],
    cause,
    facts,
    recipient: cause.sender,
    hash,
    beforeVerification: true,
    notBefore: permit.notBefore,
    now,
  });
  await flush(trx, undefined);
  return true;
}

const EMPTY_FACTS = { tag: null, tickets: [], others: [], challenge: null };

async function queueOne(
  trx: Knex.Transaction,
  deps: TicketDeps,
  cause: Cause,
  mail: PlannedMail,
  {
    rows,
    parties,
    reminder,
    unproven,
    now,
  }: {
    readonly rows: ReadonlyMap<number, FactRow>;
    readonly parties: ReadonlyMap<number, Party[]>;
    readonly reminder: boolean;
    readonly unproven: boolean;
    readonly now: Date;
  },
): Promise<boolean> {
  const factsOf = (row: FactRow) => toldTo(mail, parties, ticketFacts(row, deps.policy), row.id);
  const first = rows.get(mail.ticketIds[0] ?? 0);
  if (first === undefined) return false;
  const hash = addressHash(deps.key, mail.recipient);
  // A mail can be forged after the verification as well: what merely answers one stays within the budgets. Whoever
  // typed the code of a mail on its page has proven enough.
  const beforeVerification =
    first.verified_at === null || (cause.kind !== 'page' && ANSWERS.includes(mail.template));
  const asking = mail.template === 'verify_request' || mail.template === 'verify_failed';
  const bound = asking ? await unanswered(trx, first.conversation_id) : [];
  const key = keyOf(cause, mail, first, hash);
  const permit: Permit = beforeVerification
    ? await deps.askPermit(permitAsk(deps, cause, mail, { key, hash, first, bound, now }))
    : { kind: 'granted', notBefore: null };
  if (permit.kind === 'silenced') return false;
  // Only the address in whose name it was asked can settle a doubtful cancel; whoever else is told gets no link.
  const settling =
    mail.template === 'cancel_paused' && cause.kind === 'message' && cause.sender === mail.recipient;
  const subject = mail.template === 'verify_request' && bound.length > 0 ? bound : pick(rows, mail.ticketIds);
  const challenge = asking
    ? await challengeFor(trx, deps, mail.template, first, bound, reminder, now)
    : settling
      ? await deps.issueCancelChallenge(trx, {
          conversationId: first.conversation_id,
          requesterHash: hash,
          digests: Object.fromEntries(subject.map((row) => [String(row.id), row.digest ?? ''])),
          now,
        })
      : null;
  const locale = localeFor(cause, mail, first);
  const told = [...new Set([...mail.ticketIds, ...mail.otherIds, ...subject.map((row) => row.id)])];
  // A stranger's mail says the same whatever there is, and a link would say that there is something.
  const statusLink =
    mail.as === 'stranger'
      ? null
      : await issueStatusLink(trx, { key: deps.key, ticketIds: told, recipientHash: hash, locale, now });
  const facts: MailFacts = {
    template: mail.template,
    locale,
    recipient: mail.as,
    tag: referenceOf(ticketId(first.tag_id)),
    tickets: subject.map(factsOf),
    others: pick(rows, mail.otherIds)
      .filter((row) => !subject.some((told) => told.id === row.id))
      .map(factsOf),
    challenge:
      challenge === null
        ? null
        : {
            id: challenge.id,
            expiresAt: challenge.expiresAt.toISOString(),
            triesLeft: challenge.triesLeft,
            reminder,
            ...(unproven ? { unproven: true as const } : {}),
          },
    workspace: null,
    residue: deps.policy.residue,
    ...(statusLink === null ? {} : { statusLink }),
    at: now.toISOString(),
  };
  await insertMail(trx, {
    key,
    conversationId: first.conversation_id,
    ticketIds: [...mail.ticketIds, ...mail.otherIds],
    cause,
    facts,
    recipient: mail.recipient,
    hash,
    beforeVerification,
    notBefore: permit.notBefore,
    now,
  });
  return true;
}

/**
 * A conversation keeps the language of its first mail, so that nobody gets its mails in turns in this one and that, and
 * a few foreign words in an answer turn nothing. Whoever else writes is answered in the language of their own mail.
 */
function localeFor(cause: Cause, mail: PlannedMail, first: FactRow): string {
  const answersOther =
    cause.kind === 'message' && mail.recipient === cause.sender && mail.recipient !== first.requester;
  return answersOther ? cause.language : first.locale;
}

/** Mails that anybody can cause who writes in the name of a party. */
const ANSWERS: readonly TemplateName[] = ['status', 'cancel_paused', 'cancel_too_late'];

/** One mail a recipient and inbound message; a notice is unique by ticket, event, template and recipient. */
function keyOf(cause: Cause, mail: PlannedMail, first: FactRow, hash: string): string {
  if (cause.kind === 'message') return keyOfAnswer(cause, hash);
  return `ticket:${first.id}:${first.audit_seq}:${mail.template}:${hash}`;
}

/** An agent's order is answered even where the message was answered, or its answer kept back, before. */
const keyOfAnswer = ({ messageId, order }: MessageCause, hash: string): string =>
  `message:${messageId}:${hash}${order === undefined ? '' : `:${order.at.getTime()}`}`;

type MessageCause = Extract<Cause, { readonly kind: 'message' }>;

/**
 * Asks whether a mail to the author of the message may go out, which no ticket's decision writes or has written yet.
 * The mail itself asks for the same permit again.
 */
export function askedFor(
  deps: TicketDeps,
  cause: MessageCause,
  mail: Pick<PlannedMail, 'template' | 'as'>,
  now: Date,
): Promise<Permit> {
  const hash = addressHash(deps.key, cause.sender);
  const planned = { ...mail, recipient: cause.sender };
  const key = keyOfAnswer(cause, hash);
  return deps.askPermit(permitAsk(deps, cause, planned, { key, hash, first: null, bound: [], now }));
}

function permitAsk(
  deps: TicketDeps,
  cause: Cause,
  mail: Pick<PlannedMail, 'template' | 'as' | 'recipient'>,
  about: {
    readonly key: string;
    readonly hash: string;
    readonly first: FactRow | null;
    readonly bound: readonly FactRow[];
    readonly now: Date;
  },
): PermitAsk {
  const domain = mail.recipient.slice(mail.recipient.lastIndexOf('@') + 1);
  return {
    key: about.key,
    recipientHash: about.hash,
    domainHash: keyed(deps.key, 'domain', domain).toString('hex').slice(0, 32),
    conversationId: about.first?.conversation_id ?? null,
    workspaceIds:
      mail.template === 'verify_request'
        ? [...new Set(about.bound.flatMap((row) => row.target?.workspaces.map(({ id }) => id) ?? []))]
        : [],
    causedBy: mail.as === 'stranger' ? 'stranger' : causedBy(cause),
    template: mail.template,
    isThere:
      cause.kind === 'message' && cause.standing === 'authenticated' && cause.sender === mail.recipient,
    now: about.now,
  };
}

function causedBy(cause: Cause): Exclude<ReplyKind, 'stranger'> {
  switch (cause.kind) {
    case 'message':
      return cause.standing === 'authenticated' ? 'authenticated' : 'unproven';
    case 'page':
      return 'authenticated';
    case 'old_link':
      return 'unproven';
    case 'desk':
      return cause.unproven === true ? 'unproven' : 'desk';
  }
}

/** A reminder and a failed try speak of the open challenge; any other request for a code makes a new one. */
async function challengeFor(
  trx: Knex.Transaction,
  deps: TicketDeps,
  template: TemplateName,
  first: FactRow,
  bound: readonly FactRow[],
  reminder: boolean,
  now: Date,
): Promise<OpenChallenge | null> {
  if (template === 'verify_failed' || reminder) {
    const open = await deps.openChallenge(trx, first.conversation_id);
    // A reminder without a code that can still be answered would ask for nothing.
    if (template === 'verify_failed' || (open !== null && open.triesLeft > 0 && open.expiresAt > now))
      return open;
  }
  // One challenge covers every complete ticket of the conversation, so their clocks start together.
  for (const row of bound) {
    // One that this decision has just begun to ask about starts now already.
    if (row.state_since.getTime() === now.getTime() && row.reminded_at === null) continue;
    const ticket = { ...ticketFromRow(row, row.holds), stateSince: now, remindedAt: null };
    const wakeAt = nextWake(ticket, deps.policy, now);
    await updateTicket(trx, { id: row.id, state_since: now, reminded_at: null, wake_at: wakeAt });
  }
  return deps.issueChallenge(trx, {
    conversationId: first.conversation_id,
    requesterHash: first.requester_hash,
    digests: Object.fromEntries(bound.map((row) => [String(row.id), row.digest ?? ''])),
    now,
  });
}

export interface FactRow extends TicketRow {
  readonly locale: string;
  readonly tag_id: number;
  readonly holds: readonly HoldReason[];
  /** Its end users were put on the list of those not to be taken in again, and none was taken off it since. */
  readonly suppressed: boolean;
  /** Its receipt counts something that was left. */
  readonly partial: boolean;
  readonly plan: Plan | null;
  readonly signed: SignedReceipt | null;
}

// `+ 0`: else the planner may walk through all tickets in their order, to find the first one of a conversation.
const FACT_ROWS = `
  select ${TICKET_COLUMNS.map((column) => `t.${column}`).join(', ')}, t.plan, c.locale, r.signed,
    (select min(first.id + 0) from tickets first where first.conversation_id = t.conversation_id) as tag_id,
    array(select h.reason from holds h where h.ticket_id = t.id and h.lifted_at is null order by h.id) as holds,
    exists (select from suppressions s where s.ticket_id = t.id)
      and not exists (select from suppressions s where s.ticket_id = t.id and s.removed_at is not null) as suppressed,
    coalesce(cast(r.signed #>> '{receipt,remainingTotal}' as numeric) > 0, false) as partial
  from tickets t join conversations c on c.id = t.conversation_id left join receipts r on r.ticket_id = t.id`;

export const factRowsOf = forMany(async (trx: Knex, asked: readonly (readonly number[])[]) => {
  const result = await prepared<{ rows: FactRow[] }>(trx, FACT_ROWS_OF_TICKETS, [distinct(asked.flat())]);
  return asked.map((ids) => {
    const rows = asked.length === 1 ? result.rows : result.rows.filter((row) => ids.includes(row.id));
    return new Map(rows.map((row) => [row.id, row]));
  });
});

const FACT_ROWS_OF_TICKETS = `${FACT_ROWS} where t.id = any(cast(? as bigint[])) order by t.id`;

/** The conversation's tickets that wait for the code. */
const unanswered = forMany(async (trx: Knex.Transaction, conversations: readonly number[]) => {
  const result = await prepared<{ rows: FactRow[] }>(trx, UNANSWERED_FACT_ROWS, [distinct(conversations)]);
  const found = groupBy(result.rows, (row) => row.conversation_id);
  return conversations.map((id): readonly FactRow[] => found.get(id) ?? []);
});

const UNANSWERED_FACT_ROWS = `
  ${FACT_ROWS} where t.conversation_id = any(cast(? as bigint[])) and t.state = 'verifying' and t.verified_at is null
  order by t.id`;

/** Who is in charge of which workspaces of a ticket, at any time since the request. */
const partiesOf = forMany(async (trx: Knex, asked: readonly (readonly number[])[]) => {
  const result = await prepared<{ rows: Party[] }>(trx, PARTIES, [distinct(asked.flat())]);
  const found = groupBy(result.rows, (row) => row.ticket_id);
  return asked.map((ids) => new Map(distinct(ids).map((id) => [id, found.get(id) ?? []])));
});

const PARTIES = `
  select ticket_id, workspace_id, address, role from parties where ticket_id = any(cast(? as bigint[]))
  order by ticket_id, address, workspace_id`;

interface Party {
  readonly ticket_id: number;
  readonly workspace_id: string;
  readonly address: string;
  readonly role: Role;
}

/** Of an account's workspaces, whoever did not ask hears only of those that they are in charge of themselves. */
function toldTo(
  mail: Pick<PlannedMail, 'as' | 'recipient'>,
  parties: ReadonlyMap<number, Party[]>,
  facts: TicketFacts,
  id: number,
): TicketFacts {
  if (mail.as !== 'party') return facts;
  // Of a ticket that was erased nobody can tell any more what concerns whom.
  if (facts.target === null) return { ...facts, receipt: null };
  const own = (parties.get(id) ?? []).filter((party) => party.address === mail.recipient);
  const workspaces = facts.target.workspaces.filter((workspace) =>
    own.some((party) => party.workspace_id === workspace.id),
  );
  // The receipt names every workspace, so it goes to those only who may hear of all of them.
  const receipt = workspaces.length === facts.target.workspaces.length ? facts.receipt : null;
  return { ...facts, target: { ...facts.target, workspaces }, receipt };
}

/** What mails would tell this person now about these tickets, and by which address they know them. */
export async function factsToldTo(
  db: Knex,
  { key, policy }: Pick<TicketDeps, 'key' | 'policy'>,
  ids: readonly number[],
  recipientHash: string,
): Promise<readonly Told[]> {
  const [rows, parties] = await Promise.all([factRowsOf(db, ids), partiesOf(db, ids)]);
  return [...rows.values()].flatMap((row): readonly Told[] => {
    const facts = ticketFacts(row, policy);
    const asked = row.requester_hash === recipientHash;
    const own = (parties.get(row.id) ?? []).filter(
      (party) => addressHash(key, party.address) === recipientHash,
    );
    const role = own.find((party) => party.role === 'owner')?.role ?? own[0]?.role ?? 'member';
    if (asked) return [{ id: row.id, facts, address: row.requester, role }];
    const [party] = own;
    if (party === undefined) return [];
    const mail = { as: 'party' as const, recipient: party.address };
    return [{ id: row.id, facts: toldTo(mail, parties, facts, row.id), address: party.address, role }];
  });
}

export interface Told {
  readonly id: number;
  readonly facts: TicketFacts;
  /** `null` = it was erased. */
  readonly address: string | null;
  /** The highest at any time since the request; `member` for a requester without one. */
  readonly role: Role;
}

const pick = (rows: ReadonlyMap<number, FactRow>, ids: readonly number[]): readonly FactRow[] =>
  ids.flatMap((id) => rows.get(id) ?? []);

const instant = (date: Date | null): string | null => date?.toISOString() ?? null;

export function ticketFacts(row: FactRow, policy: Policy): TicketFacts {
  return {
    reference: referenceOf(ticketId(row.id)),
    scope: row.request.scope,
    state: row.state,
    target: row.verdict === 'entitled' ? row.target : null,
    verified: row.verified_at !== null,
    asks: row.asks,
    problems: [],
    holds: row.holds,
    requestedAt: row.requested_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    verifiedAt: instant(row.verified_at),
    graceEndsAt: instant(row.grace_ends_at),
    notBefore: instant(row.not_before),
    purgeStartedAt: instant(row.purge_started_at),
    closedAt: instant(row.closed_at),
    cancellable: !policy.finalScopes.includes(row.request.scope),
    stores: [...new Set(row.plan?.steps.map((step) => step.store) ?? [])],
    receipt: row.signed,
    ...(row.partial ? { partial: true as const } : {}),
    ...(row.origin === 'app' || row.vouched_by !== null ? { unconfirmed: true as const } : {}),
    ...(row.suppressed ? { suppressed: true as const } : {}),
    backupsUntil: row.residue_wake_at === null ? null : addDays(dayOf(row.residue_wake_at), -1),
  };
}

export interface NewMail {
  readonly key: string;
  readonly conversationId: number | null;
  readonly ticketIds: readonly number[];
  readonly cause: Cause;
  readonly facts: MailFacts;
  readonly recipient: string;
  readonly hash: string;
  readonly beforeVerification: boolean;
  readonly notBefore: Date | null;
  readonly now: Date;
  /** The agent whose words it carries; left out = the desk wrote it. */
  readonly writtenBy?: string;
}

export async function insertMail(trx: Knex.Transaction, mail: NewMail): Promise<void> {
  const answered = await answeredMail(trx, mail);
  await insertRow(trx, {
    key: mail.key,
    conversation_id: mail.conversationId,
    ticket_ids: mail.ticketIds,
    cause_message_id: mail.cause.kind === 'message' ? mail.cause.messageId : null,
    template: mail.facts.template,
    locale: mail.facts.locale,
    recipient: mail.recipient,
    recipient_hash: mail.hash,
    before_verification: mail.beforeVerification,
    facts: mail.facts,
    in_reply_to: answered?.message_id_header ?? null,
    reference_ids: answered === undefined ? [] : referencesAfter(answered),
    created_at: mail.now,
    not_before: mail.notBefore,
    written_by: mail.writtenBy ?? null,
  });
}

const insertRow = forMany(async (trx: Knex.Transaction, mails: readonly object[]) => {
  await prepared(trx, INSERT_MAILS, [asRows(mails.map((mail, no) => ({ no, ...mail })))]);
  return mails.map(() => undefined);
});

// A conversation keeps the mailbox of its first request, as it keeps its language.
const INSERT_MAILS = `
  insert into outbox (key, conversation_id, ticket_ids, cause_message_id, template, locale, recipient, recipient_hash,
    before_verification, facts, in_reply_to, reference_ids, created_at, not_before, written_by, mailbox)
  select key, conversation_id, ticket_ids, cause_message_id, template, locale, recipient, recipient_hash,
    before_verification, facts, in_reply_to, reference_ids, created_at, not_before, written_by,
    (select b.name from messages m join mailboxes b on b.id = m.mailbox_id
     where m.id = coalesce((select t.message_id from tickets t where t.conversation_id = r.conversation_id
       order by t.id + 0 limit 1), r.cause_message_id))
  from jsonb_to_recordset(cast(? as jsonb)) as r (no integer, key text, conversation_id bigint, ticket_ids bigint[],
    cause_message_id bigint, template text, locale text, recipient text, recipient_hash text,
    before_verification boolean, facts jsonb, in_reply_to text, reference_ids text[], created_at timestamptz,
    not_before timestamptz, written_by text)
  order by no
  on conflict (key) do nothing`;

interface AnsweredMail {
  readonly message_id_header: string | null;
  readonly reference_ids: readonly string[];
}

/**
 * The mail to thread under: the recipient's own that caused this, if it is proven to be theirs; else our last one to
 * them in the conversation. A Message-ID is its writer's text, and nobody gets a stranger's.
 */
async function answeredMail(trx: Knex.Transaction, mail: NewMail): Promise<AnsweredMail | undefined> {
  const { cause, conversationId } = mail;
  if (cause.kind === 'message' && cause.sender === mail.recipient && cause.standing === 'authenticated') {
    return cause.thread === null
      ? inboundMail(trx, cause.messageId)
      : { message_id_header: cause.thread.messageId, reference_ids: cause.thread.references };
  }
  return conversationId === null
    ? undefined
    : lastMailTo(trx, { conversation: conversationId, hash: mail.hash });
}

const inboundMail = forMany(async (trx: Knex.Transaction, ids: readonly number[]) => {
  const result = await prepared<{ rows: (AnsweredMail & { id: number })[] }>(trx, INBOUND_MAILS, [
    distinct(ids),
  ]);
  return ids.map((id): AnsweredMail | undefined => result.rows.find((row) => row.id === id));
});

const INBOUND_MAILS =
  'select id, message_id_header, reference_ids from messages where id = any(cast(? as bigint[]))';

const lastMailTo = forMany(
  async (
    trx: Knex.Transaction,
    asked: readonly { readonly conversation: number; readonly hash: string }[],
  ) => {
    const result = await prepared<{ rows: (AnsweredMail & { no: number })[] }>(trx, LAST_MAILS, [
      asRows(asked.map((each, no) => ({ no, ...each }))),
    ]);
    return asked.map((_, at): AnsweredMail | undefined => result.rows.find((row) => row.no === at));
  },
);

const LAST_MAILS = `
  select asked.no, last.message_id_header, last.reference_ids
  from jsonb_to_recordset(cast(? as jsonb)) as asked (no integer, conversation bigint, hash text)
  cross join lateral (
    select o.message_id_header, o.reference_ids from outbox o
    where o.conversation_id = asked.conversation and o.recipient_hash = asked.hash and o.message_id_header is not null
    order by o.id desc limit 1) last`;

const referencesAfter = (mail: AnsweredMail): readonly string[] =>
  mail.message_id_header === null ? mail.reference_ids : [...mail.reference_ids, mail.message_id_header];

/**
 * One flush a transaction. One for all of them would be a row that every deciding transaction waits for until the one
 * before it has committed, and that deadlocks with the locks on tickets.
 */
export const FLUSH_OUTBOX = `
  select graphile_worker.add_job('outbox.flush', payload => '{}'::json,
    job_key => 'outbox.flush:' || cast(pg_current_xact_id() as text), max_attempts => 20)`;

const flush = forMany(async (trx: Knex.Transaction, asked: readonly undefined[]) => {
  await prepared(trx, FLUSH_OUTBOX);
  return asked;
});
