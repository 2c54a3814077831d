/** The page behind the link of a doubtful cancel: the person in whose name it came says what it was. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { addressHash } from '../domain/canonical.ts';
import type { Role } from '../domain/directory.ts';
import { ticketId } from '../domain/ids.ts';
import type { State } from '../domain/ticket.ts';
import { isOpen } from './find-tickets.ts';
import type { DeskDeps } from './ports.ts';
import { decide, type Move } from './ticket-store.ts';

/** `cancel`: it was me, and I want it. `go_on`: it was not me. */
export type CancelChoice = 'cancel' | 'go_on';

/** A challenge about a cancel, as far as answering it needs it. */
export interface AskedCancel {
  readonly id: string;
  /** Keyed hash of the one address that may answer. */
  readonly requesterHash: string;
  /** Digest by ticket id: a ticket whose scope has changed since is not touched. */
  readonly ticketDigests: Readonly<Record<string, string>>;
}

/**
 * Takes a choice with the code of the same mail. Cancelling is open to every party; taking the deletion up again only to
 * one who is still in charge, or who asked for it.
 * @returns `none` when the link takes no more answers or nothing that it is about is there any more
 */
export async function answerCancel(
  trx: Knex.Transaction,
  deps: DeskDeps,
  asked: AskedCancel,
  code: string,
  choice: CancelChoice,
): Promise<'right' | 'wrong' | 'none'> {
  // Tickets before their challenge, as every decision that sends a new one: the other way round they could deadlock.
  const tickets = await lockAsked(trx, asked);
  const person = await personBehind(trx, deps.key, asked);
  if (tickets.length === 0 || person === null) return 'none';
  const check = await deps.tryCancelCode(trx, asked.id, code, await deskNow(trx));
  if (check !== 'right') return check ?? 'none';
  const moves =
    choice === 'cancel'
      ? tickets.map((ticket) => cancelled(ticket, asked, person))
      : await Promise.all(tickets.map((ticket) => denied(trx, ticket, asked, person)));
  const cause = { kind: 'page', challengeId: asked.id, sender: person.address } as const;
  await decide(trx, deps, cause, moves);
  return 'right';
}

interface AskedTicket {
  readonly id: number;
  readonly state: State;
}

/** The tickets that still are what the mail said, and those that came to an end meanwhile. */
async function lockAsked(trx: Knex.Transaction, asked: AskedCancel): Promise<readonly AskedTicket[]> {
  const rows = await trx('tickets')
    .select<(AskedTicket & { digest: string | null })[]>('id', 'state', 'digest')
    .whereIn('id', Object.keys(asked.ticketDigests).map(Number))
    .orderBy('id')
    .forUpdate();
  return rows.filter((row) => isUnchanged(row, asked));
}

/** Whether a ticket still asks for what the mail said. One that was closed keeps what it asked for. */
export const isUnchanged = (
  row: { readonly id: number; readonly digest: string | null },
  asked: Pick<AskedCancel, 'ticketDigests'>,
): boolean => (row.digest ?? '') === asked.ticketDigests[String(row.id)];

export interface Person {
  readonly address: string;
  /** The highest role at any time since the request; `member` for a requester without one. */
  readonly role: Role;
  /** Workspaces of these tickets that the person was in charge of at any time since the request. */
  readonly workspaceIds: readonly string[];
  /** Tickets that the person asked for, or is in charge of now. */
  readonly mayResume: readonly number[];
}

/** Whose address a challenge about a cancel was sent to; `null` once it was erased. */
export async function personBehind(
  db: Knex,
  key: Uint8Array,
  asked: Pick<AskedCancel, 'requesterHash' | 'ticketDigests'>,
): Promise<Person | null> {
  const result = await db.raw<{ rows: PartyRow[] }>(PEOPLE, {
    ids: Object.keys(asked.ticketDigests).map(Number),
  });
  const rows = result.rows.filter((row) => addressHash(key, row.address) === asked.requesterHash);
  const [first] = rows;
  if (first === undefined) return null;
  return {
    address: first.address,
    role:
      rows.find((row) => row.role === 'owner')?.role ??
      rows.find((row) => row.role !== null)?.role ??
      'member',
    workspaceIds: [...new Set(rows.flatMap((row) => row.workspace_id ?? []))],
    mayResume: [...new Set(rows.filter((row) => row.may_resume).map((row) => row.ticket_id))],
  };
}

interface PartyRow {
  readonly ticket_id: number;
  readonly address: string;
  readonly workspace_id: string | null;
  readonly role: Role | null;
  readonly may_resume: boolean;
}

const PEOPLE = `
  select t.id as ticket_id, t.requester as address, null as workspace_id, null as role, true as may_resume
  from tickets t where t.id = any(:ids) and t.requester is not null and t.verdict = 'entitled'
  union all
  select p.ticket_id, p.address, p.workspace_id, p.role, exists (
    select from members m where m.workspace_id = p.workspace_id and m.address = p.address
      and m.role in ('owner', 'admin') and m.removed_at is null)
  from parties p where p.ticket_id = any(:ids)`;

const cancelled = (ticket: AskedTicket, asked: AskedCancel, person: Person): Move => ({
  ticketId: ticketId(ticket.id),
  event: {
    type: 'cancel_asked',
    by: { kind: 'party', hash: asked.requesterHash, role: person.role },
    standing: 'authenticated',
    via: 'page',
  },
});

async function denied(
  trx: Knex.Transaction,
  ticket: AskedTicket,
  asked: AskedCancel,
  person: Person,
): Promise<Move> {
  return {
    ticketId: ticketId(ticket.id),
    event: {
      type: 'cancel_denied',
      by: { kind: 'party', hash: asked.requesterHash, role: person.role },
      entitled: person.mayResume.includes(ticket.id),
      othersRemain: isOpen(ticket) && (await othersAsked(trx, ticket.id, asked.requesterHash)),
    },
  };
}

/** Whether the hold stands for more than the cancels in this person's name. */
async function othersAsked(trx: Knex.Transaction, ticket: number, hash: string): Promise<boolean> {
  const result = await trx.raw<{ rows: { others: boolean }[] }>(OTHERS_ASKED, { ticket, hash });
  return result.rows[0]?.others ?? false;
}

/**
 * A hold that the desk or an agent placed is theirs to lift. One that a party placed stands for everybody in whose name
 * an unproven cancel came since, until each has denied it; who asks again after a denial counts again.
 */
const OTHERS_ASKED = `
  select hold.placed_by not like 'party:%' or exists (
    select from ticket_events asked
    where asked.ticket_id = hold.ticket_id and asked.type = 'cancel_asked' and asked.at >= hold.placed_at
      and asked.details ->> 'standing' = 'unproven' and split_part(asked.actor, ':', 2) <> :hash
      and not exists (
        select from ticket_events denied
        where denied.ticket_id = asked.ticket_id and denied.seq > asked.seq and denied.type = 'cancel_denied'
          and denied.details ->> 'entitled' = 'true'
          and split_part(denied.actor, ':', 2) = split_part(asked.actor, ':', 2))
  ) as others
  from holds hold
  where hold.ticket_id = :ticket and hold.reason = 'doubtful_cancel' and hold.lifted_at is null`;
