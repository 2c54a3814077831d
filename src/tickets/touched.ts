import type { Knex } from 'knex';
import { addressHash } from '../domain/canonical.ts';
import type { UnderstoodMail } from '../domain/mail.ts';
import { ticketsOfParty } from './find-tickets.ts';
import { hintedConversations } from './handle-mail.ts';
import type { DeskDeps } from './ports.ts';

/**
 * Everything that deciding about a mail may read or write and that is not its author's alone: conversations that it points
 * to or in which the author has a say, and the workspaces of those, of the author and of its words. What the decision
 * makes anew belongs to one of these. Counted for all and not named here: the budgets of a domain and of the desk.
 */
export async function touchedBy(
  trx: Knex.Transaction,
  deps: DeskDeps,
  mail: UnderstoodMail,
): Promise<readonly string[]> {
  const refs = mail.understanding.requests.flatMap((request) => request.workspace ?? []);
  const party = { address: mail.author, hash: addressHash(deps.key, mail.author) };
  const hinted = await hintedConversations(trx, deps, mail);
  const facts = await deps.factsFor(trx, mail.author, refs);
  const tickets = await ticketsOfParty(trx, party, {});
  const conversations = [...hinted, ...tickets.map((ticket) => ticket.conversation_id)];
  const workspaces = [
    ...[...facts.memberships, ...facts.mentioned].map((workspace) => workspace.id),
    ...tickets.flatMap((ticket) => ticket.workspace_ids),
  ];
  return [...conversations.map((id) => `conversation:${id}`), ...workspaces.map((id) => `workspace:${id}`)];
}
