import type { DeletionRequest, Scope } from '../domain/request.ts';
import type { State } from '../domain/ticket.ts';

/** A ticket of the conversation that was not verified yet, so that its request may still change. */
export interface WaitingTicket {
  readonly id: number;
  readonly state: State;
  readonly request: DeletionRequest;
}

/**
 * The waiting ticket that a request in a reply speaks of. A lone request answers the lone ticket that waits for
 * details, whatever scope the few words of the answer suggest; otherwise the scope must agree and be unique.
 */
export function pickWaiting(
  waiting: readonly WaitingTicket[],
  request: DeletionRequest,
  requestCount: number,
): WaitingTicket | null {
  const asked = waiting.filter((ticket) => ticket.state === 'needs_details');
  if (requestCount === 1 && asked.length === 1 && asked[0] !== undefined && mayAnswer(asked[0], request)) {
    return asked[0];
  }
  const sameScope = waiting.filter((ticket) => ticket.request.scope === request.scope);
  return sameScope.length === 1 ? (sameScope[0] ?? null) : null;
}

/** "workspace acme-inc" answers a question about a source; a second source with its own days does not answer for a space. */
const mayAnswer = (ticket: WaitingTicket, request: DeletionRequest): boolean =>
  ticket.request.scope === request.scope || request.scope === 'workspace';

/**
 * The newer words win field by field; what they leave out stays. The scope stays that of the ticket, so that an answer
 * can never widen what was asked for: who wants more writes a new request.
 */
export function mergeDetails(known: DeletionRequest, given: DeletionRequest): DeletionRequest {
  const scope: Scope = known.scope;
  return {
    scope,
    workspace: given.workspace ?? known.workspace,
    source: given.source ?? known.source,
    space: given.space ?? known.space,
    users: given.users.length > 0 ? given.users : known.users,
    events: given.events.length + given.properties.length > 0 ? given.events : known.events,
    properties: given.events.length + given.properties.length > 0 ? given.properties : known.properties,
    project: given.project ?? known.project,
    timeFrame: given.timeFrame ?? known.timeFrame,
  };
}
