import type { Knex } from 'knex';
import { inTurn } from '../db/together.ts';
import { addressHash } from '../domain/canonical.ts';
import { isInCharge, roleOf, type Workspace } from '../domain/directory.ts';
import { ticketId } from '../domain/ids.ts';
import type { Handled } from '../domain/mail.ts';
import { isOpen, type PartyTicket, ticketsOfParty } from './find-tickets.ts';
import type { MailContext } from './handle-mail.ts';
import type { DeskDeps } from './ports.ts';
import { queueLooseMail } from './queue-mails.ts';
import { decide } from './ticket-store.ts';

/**
 * A mail that asks to stop a deletion. It touches tickets of which the author is a party; without one, a cancel from an
 * owner or admin stops every purge of the workspace until an agent decides.
 */
export async function requestCancel(
  trx: Knex.Transaction,
  deps: DeskDeps,
  context: MailContext,
): Promise<Handled> {
  const { mail } = context;
  const found = await ticketsMeant(trx, deps, context);
  if (found.tickets.length === 0) return stopWorkspace(trx, deps, context);
  // Several tickets and no word which one: all pause, none is closed.
  const standing = mail.standing === 'authenticated' && found.certain ? 'authenticated' : 'unproven';
  const hash = addressHash(deps.key, mail.author);
  const decision = await decide(
    trx,
    deps,
    // A mail that fails authentication is not answered: the requester hears of it, From does not.
    mail.standing === 'failed'
      ? { kind: 'desk', unproven: true }
      : {
          kind: 'message',
          messageId: mail.messageId,
          sender: mail.author,
          standing: mail.standing,
          language: mail.language,
          thread: mail.thread,
        },
    found.tickets.map((ticket) => ({
      ticketId: ticketId(ticket.id),
      event: { type: 'cancel_asked', by: { kind: 'party', hash, role: ticket.role }, standing },
    })),
  );
  return {
    disposition: 'joined',
    reason: `cancel of ${found.tickets.length} ticket(s), ${standing}`,
    conversationId: found.tickets[0]?.conversation_id ?? null,
    needsAgent: standing === 'unproven' || decision.silenced,
  };
}

/** The tickets that a mail about an existing deletion means: by thread, by workspace, or the only one there is. */
export async function ticketsMeant(
  trx: Knex.Transaction,
  deps: DeskDeps,
  { mail, hinted }: MailContext,
): Promise<{ readonly tickets: readonly PartyTicket[]; readonly certain: boolean }> {
  const { requests } = mail.understanding;
  const person = { address: mail.author, hash: addressHash(deps.key, mail.author) };
  if (hinted.length > 0) {
    const tickets = openFirst(await ticketsOfParty(trx, person, { conversationIds: hinted }));
    if (tickets.length > 0) return { tickets: narrow(tickets, requests), certain: true };
  }
  const refs = requests.flatMap((request) => request.workspace ?? []);
  if (refs.length > 0) {
    const facts = await deps.factsFor(trx, mail.author, refs);
    const workspaceIds = inCharge(facts.mentioned, mail.author).map((workspace) => workspace.id);
    if (workspaceIds.length === 0) return { tickets: [], certain: false };
    const tickets = openFirst(await ticketsOfParty(trx, person, { workspaceIds }));
    return { tickets: narrow(tickets, requests), certain: true };
  }
  const tickets = openFirst(await ticketsOfParty(trx, person, {}));
  const open = tickets.filter(isOpen);
  // A mail that points to somebody else's thread does not say for certain that it means this one.
  if (open.length > 0) return { tickets: open, certain: open.length === 1 && hinted.length === 0 };
  return { tickets: tickets.slice(0, 1), certain: true };
}

/** Closed tickets count only where there is no open one: they are answered truthfully, not changed. */
function openFirst(tickets: readonly PartyTicket[]): readonly PartyTicket[] {
  const open = tickets.filter(isOpen);
  return open.length > 0 ? open : tickets.slice(0, 1);
}

function narrow(
  tickets: readonly PartyTicket[],
  requests: readonly { readonly scope: string }[],
): readonly PartyTicket[] {
  const named = tickets.filter((ticket) => requests.some((request) => request.scope === ticket.scope));
  return named.length > 0 ? named : tickets;
}

const inCharge = (workspaces: readonly Workspace[], address: string): readonly Workspace[] =>
  workspaces.filter((workspace) => isInCharge(roleOf(workspace, address)));

async function stopWorkspace(
  trx: Knex.Transaction,
  deps: DeskDeps,
  { mail, now }: MailContext,
): Promise<Handled> {
  const refs = mail.understanding.requests.flatMap((request) => request.workspace ?? []);
  const facts = await deps.factsFor(trx, mail.author, refs);
  const [workspace] = inCharge(facts.mentioned, mail.author);
  if (workspace === undefined)
    return answerNobody(trx, deps, { mail, hinted: [], now, order: null }, facts.memberships);
  await inTurn(trx, async () =>
    trx('workspace_stops')
      .insert({
        workspace_id: workspace.id,
        message_id: mail.messageId,
        placed_by_hash: addressHash(deps.key, mail.author),
        placed_at: now,
        reason: 'an owner or admin asked by mail to stop the deletion',
      })
      .onConflict(trx.raw('(workspace_id) where lifted_at is null'))
      .ignore(),
  );
  if (mail.standing !== 'failed') {
    await queueLooseMail(
      trx,
      deps,
      {
        kind: 'message',
        messageId: mail.messageId,
        sender: mail.author,
        standing: mail.standing,
        language: mail.language,
        thread: mail.thread,
      },
      { template: 'cancel_paused', as: 'party', workspace: workspaceFacts(workspace, true) },
      now,
    );
  }
  return {
    disposition: 'joined',
    reason: 'an urgent stop was set on the workspace',
    conversationId: null,
    needsAgent: true,
  };
}

/** What a mail may say about a workspace to somebody in charge of it. */
export const workspaceFacts = (workspace: Workspace, stopped: boolean) => ({
  slug: workspace.slug,
  name: workspace.name,
  deletedAt: workspace.deletedAt?.toISOString() ?? null,
  stopped,
});

/** Nothing here is theirs, or they did not say what: the same neutral mail for a stranger as for a member. */
export async function answerNobody(
  trx: Knex.Transaction,
  deps: DeskDeps,
  { mail, now }: MailContext,
  memberships: readonly Workspace[],
): Promise<Handled> {
  const reason = 'speaks of a deletion that this desk does not know';
  if (mail.standing === 'failed')
    return { disposition: 'other', reason, conversationId: null, needsAgent: true };
  const known = inCharge(memberships, mail.author).length > 0;
  const sent = await queueLooseMail(
    trx,
    deps,
    {
      kind: 'message',
      messageId: mail.messageId,
      sender: mail.author,
      standing: mail.standing,
      language: mail.language,
      thread: mail.thread,
    },
    {
      template: known ? 'pointers' : 'not_authorised',
      as: known ? 'requester' : 'stranger',
      workspace: null,
    },
    now,
  );
  return { disposition: sent ? 'other' : 'silenced', reason, conversationId: null, needsAgent: true };
}
