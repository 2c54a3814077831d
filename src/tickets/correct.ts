import type { Knex } from 'knex';
import { type Canonical, canonicalJson, digestOf, keyed } from '../domain/canonical.ts';
import type { TicketId } from '../domain/ids.ts';
import type { DeletionRequest } from '../domain/request.ts';
import type { Actor, FieldChange } from '../domain/ticket.ts';
import type { Outcome } from './outcome.ts';
import type { DeskDeps } from './ports.ts';
import { decide, readTickets } from './ticket-store.ts';

/** What an agent wants a request to say. */
export interface Correction {
  readonly by: Actor;
  readonly request: DeletionRequest;
  /** Of the request that the agent had before them: another one is not overwritten. */
  readonly seen: string;
  /** Keyed hash of the agent's reason. */
  readonly reasonHash: string;
}

/** By which it is known whether a request is still the one that somebody looked at. */
export const requestDigest = (request: DeletionRequest): string => digestOf(request as unknown as Canonical);

/**
 * Corrects what is asked for, judged anew by the directory of this moment: the requester must be entitled to exactly that,
 * and confirms it with a code of its own. The words of before and after stay with the agent's note, which can be erased.
 * @param noted - writes that note, once the correction was accepted
 * @returns `null` when there is no such ticket
 */
export async function correct(
  trx: Knex.Transaction,
  deps: DeskDeps,
  id: TicketId,
  { by, request, seen, reasonHash }: Correction,
  noted: (trx: Knex.Transaction) => Promise<void>,
): Promise<Outcome | null> {
  await trx('tickets').select('id').where({ id }).forUpdate(); // what is judged must be what is decided
  const [ticket] = await readTickets(trx, [id]);
  if (ticket === undefined) return null;
  const refused = (why: 'wrong_state' | 'scope_changed'): Outcome => ({
    kind: 'refused',
    ticket,
    type: 'corrected',
    why,
  });
  const { requester, requestedAt } = ticket;
  if (requester === null) return refused('wrong_state');
  const changes = changedFields(deps.key, ticket.request, request);
  if (changes.length > 0 && requestDigest(ticket.request) !== seen) return refused('scope_changed');
  const refs = request.workspace === null ? [] : [request.workspace];
  const facts = await deps.factsFor(trx, requester, refs);
  // The agent's word stands for the authentication of the mail, and for nothing that the directory says.
  const judgement = deps.judge({
    request,
    problems: [],
    standing: 'unproven',
    sender: requester,
    facts,
    requestedAt,
  });
  const { outcomes } = await decide(trx, deps, { kind: 'desk' }, [
    {
      ticketId: id,
      event: { type: 'corrected', by, request, judgement, changes, reasonHash },
      within: noted,
    },
  ]);
  return outcomes[0] ?? null;
}

/** Which fields differ, as keyed hashes: the chain keeps that they changed, and from what to what for who knows the words. */
function changedFields(
  key: Uint8Array,
  before: DeletionRequest,
  after: DeletionRequest,
): readonly FieldChange[] {
  const hash = (value: Canonical): string =>
    keyed(key, 'field', canonicalJson(value)).toString('hex').slice(0, 32);
  return FIELDS.flatMap((field) => {
    const [was, is] = [partOf(before, field), partOf(after, field)];
    return canonicalJson(was) === canonicalJson(is) ? [] : [{ field, before: hash(was), after: hash(is) }];
  });
}

const FIELDS = [
  'scope',
  'workspace',
  'source',
  'space',
  'users',
  'events',
  'project',
  'timeFrame',
] as const satisfies readonly FieldChange['field'][];

/** Events and properties are one list. */
const partOf = (request: DeletionRequest, field: FieldChange['field']): Canonical =>
  (field === 'events'
    ? { events: request.events, properties: request.properties }
    : request[field]) as unknown as Canonical;
