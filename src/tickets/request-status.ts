import type { Knex } from 'knex';
import { inTurn } from '../db/together.ts';
import { isInCharge, roleOf } from '../domain/directory.ts';
import { isAnswerable } from '../domain/evidence.ts';
import { ticketId } from '../domain/ids.ts';
import type { Handled } from '../domain/mail.ts';
import type { MailContext } from './handle-mail.ts';
import type { DeskDeps } from './ports.ts';
import { queueLooseMail } from './queue-mails.ts';
import { answerNobody, ticketsMeant, workspaceFacts } from './request-cancel.ts';
import { decide } from './ticket-store.ts';

/** A mail that asks how far a deletion is: answered from the tickets, or about a workspace from the directory. */
export async function requestStatus(
  trx: Knex.Transaction,
  deps: DeskDeps,
  context: MailContext,
): Promise<Handled> {
  const { mail, now } = context;
  if (!isAnswerable(mail.standing)) {
    return { disposition: 'other', reason: 'authentication failed', conversationId: null, needsAgent: true };
  }
  const { tickets } = await ticketsMeant(trx, deps, context);
  const cause = {
    kind: 'message',
    messageId: mail.messageId,
    sender: mail.author,
    standing: mail.standing,
    language: mail.language,
    thread: mail.thread,
  } as const;
  if (tickets.length > 0) {
    const decision = await decide(
      trx,
      deps,
      cause,
      tickets.map((ticket) => ({ ticketId: ticketId(ticket.id), event: { type: 'status_asked' } })),
    );
    return {
      disposition: 'joined',
      reason: `status of ${tickets.length} ticket(s)`,
      conversationId: tickets[0]?.conversation_id ?? null,
      needsAgent: decision.silenced,
    };
  }
  const refs = mail.understanding.requests.flatMap((request) => request.workspace ?? []);
  const facts = await deps.factsFor(trx, mail.author, refs);
  const workspace = facts.mentioned.find((candidate) => isInCharge(roleOf(candidate, mail.author)));
  if (workspace === undefined) return answerNobody(trx, deps, context, facts.memberships);
  const stop = await inTurn(trx, async () =>
    trx('workspace_stops').select('id').where({ workspace_id: workspace.id }).whereNull('lifted_at').first(),
  );
  const sent = await queueLooseMail(
    trx,
    deps,
    cause,
    { template: 'status', as: 'party', workspace: workspaceFacts(workspace, stop !== undefined) },
    now,
  );
  return {
    disposition: sent ? 'joined' : 'silenced',
    reason: 'status of a workspace, from the directory',
    conversationId: null,
    needsAgent: !sent,
  };
}
