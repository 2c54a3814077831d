import type { Knex } from 'knex';
import { addressHash, type Canonical, canonicalJson } from '../domain/canonical.ts';
import { type Completion, foldAscii, isInCharge, roleOf, type Workspace } from '../domain/directory.ts';
import type { Judgement } from '../domain/evidence.ts';
import { type TicketId, ticketId } from '../domain/ids.ts';
import type { WorkspaceSaid } from '../domain/mail.ts';
import type { DeletionRequest, Problem, RequestField, WorkspaceRef } from '../domain/request.ts';
import type { Target } from '../domain/target.ts';
import { completeRequest, completionInWords, settledBy } from './complete-request.ts';
import { isOpen, ticketsOfParty } from './find-tickets.ts';
import type { MailContext } from './handle-mail.ts';
import { mergeDetails, type WaitingTicket } from './merge-details.ts';
import type { DeskDeps } from './ports.ts';

/** One request of a mail, with the ticket that it answers, if any. */
export interface Given {
  readonly request: DeletionRequest;
  readonly ticket: WaitingTicket | null;
  /** Looked at only for a request of somebody in charge that lacks its workspace: it reads the mail again. */
  readonly said: () => WorkspaceSaid | Promise<WorkspaceSaid>;
}

type Said = () => WorkspaceSaid;

/** A judged request, with what led to the judgement. */
interface Judged {
  readonly request: DeletionRequest;
  readonly judgement: Judgement;
  readonly completed: readonly Completion[];
}

export type Sorted =
  | ({ readonly kind: 'open' } & Judged)
  | ({
      readonly kind: 'details';
      readonly ticketId: TicketId;
      readonly differs: readonly RequestField[];
    } & Judged)
  | { readonly kind: 'status'; readonly ticketId: TicketId };

/** For each request: does it complete a waiting ticket, repeat an open one, or open a new one? */
export async function sortRequests(
  trx: Knex.Transaction,
  deps: DeskDeps,
  { mail }: MailContext,
  given: readonly Given[],
  problems: readonly Problem[],
): Promise<readonly Sorted[]> {
  const refs = given.flatMap(({ request, ticket }) =>
    [request.workspace ?? [], ticket?.request.workspace ?? []].flat(),
  );
  const facts = await deps.factsFor(trx, mail.author, refs);
  const person = { address: mail.author, hash: addressHash(deps.key, mail.author) };
  const open = (await ticketsOfParty(trx, person, {})).filter(isOpen);
  const judged = (request: DeletionRequest): Judgement =>
    deps.judge({
      request,
      problems,
      standing: mail.standing,
      sender: mail.author,
      facts,
      requestedAt: mail.arrivedAt,
    });
  const complete = (request: DeletionRequest, said: Said): Judged =>
    withDirectory(request, said, mail.author, facts.memberships, judged);
  const known = [...facts.memberships, ...facts.mentioned];
  const merge = {
    corrects: given.some(({ ticket }) => ticket !== null) && (await mail.closer.corrects()),
    unreadableDays: given.length === 1 && problems.some((problem) => DAY_PROBLEMS.includes(problem)),
    isSameWorkspace: (a: WorkspaceRef, b: WorkspaceRef) => isSameWorkspace(a, b, known),
  };
  const inCharge = facts.memberships.some((workspace) => isInCharge(roleOf(workspace, mail.author)));
  const heard = await Promise.all(
    given.map(async (each) => (inCharge && each.request.workspace === null ? each.said() : unclear())),
  );
  const sorted = given.map(({ request, ticket }, index): Sorted => {
    const said = () => heard[index] ?? unclear();
    const details = ticket === null ? null : detailsFor(ticket, request, said, merge, complete);
    if (details !== null) return details;
    const alone = complete(request, said);
    const target = alone.judgement.target;
    const same = open.find(
      (other) => other.target !== null && target !== null && isSameTarget(other.target, target),
    );
    return same === undefined ? { kind: 'open', ...alone } : { kind: 'status', ticketId: ticketId(same.id) };
  });
  return sorted.filter((entry, index) => !repeats(entry, sorted.slice(0, index)));
}

const DAY_PROBLEMS: readonly Problem[] = ['ambiguous_date', 'finer_than_day', 'reversed_range', 'in_future'];

/**
 * The answer together with what is known. Details that are not allowed are a request of their own, so that a forged mail
 * cannot close what waits; but a workspace that was asked for and is not among the writer's is asked for again.
 */
function detailsFor(
  ticket: WaitingTicket,
  given: DeletionRequest,
  said: Said,
  how: Pick<Parameters<typeof mergeDetails>[2], 'corrects' | 'unreadableDays' | 'isSameWorkspace'>,
  complete: (request: DeletionRequest, said: Said) => Judged,
): Extract<Sorted, { kind: 'details' }> | null {
  const asked = ticket.asks.flatMap(({ field }) => (field === 'scope' ? [] : [field]));
  // What an earlier mail said of the workspace is not known any more: only a name in this one can complete it.
  const named = (): WorkspaceSaid => {
    const found = said();
    return found.kind === 'named' ? found : { kind: 'unclear' };
  };
  const entry = (whole: Judged, differs: readonly RequestField[]): Extract<Sorted, { kind: 'details' }> => ({
    kind: 'details',
    ticketId: ticketId(ticket.id),
    differs,
    ...whole,
  });
  const overwritten = complete(
    mergeDetails(ticket.request, given, { ...how, asked, corrects: true }).request,
    named,
  );
  if (overwritten.judgement.verdict === 'entitled') {
    const { request, differs } = mergeDetails(ticket.request, given, { ...how, asked });
    return entry(
      differs.length === 0 ? complete(request, named) : contradicted(complete(request, unclear), differs),
      differs,
    );
  }
  if (ticket.state !== 'needs_details' || !asked.includes('workspace') || given.workspace === null)
    return null;
  const { request, differs } = mergeDetails(ticket.request, { ...given, workspace: null }, { ...how, asked });
  const again = complete({ ...request, workspace: null }, unclear);
  if (again.judgement.verdict !== 'entitled') return null;
  const asks = again.judgement.asks.map((ask) =>
    ask.field === 'workspace' ? ({ field: 'workspace', why: 'unknown' } as const) : ask,
  );
  return entry(contradicted({ ...again, judgement: { ...again.judgement, asks } }, differs), differs);
}

const unclear = (): WorkspaceSaid => ({ kind: 'unclear' });

/** A field that was said in two ways is empty, and is asked as one that differs. Days that cannot be read keep their own question. */
function contradicted(judged: Judged, differs: readonly RequestField[]): Judged {
  if (differs.length === 0) return judged;
  const { judgement } = judged;
  return {
    ...judged,
    judgement: {
      ...judgement,
      reasons: [...judgement.reasons, `the answer differs from the request in: ${differs.join(', ')}`],
      asks: judgement.asks.map((ask) =>
        ask.why === 'missing' && differs.some((field) => field === ask.field)
          ? { field: ask.field, why: 'differs' }
          : ask,
      ),
    },
  };
}

/** Judges a request; where it lacks nothing but what the directory settles, judges it again with that. */
function withDirectory(
  request: DeletionRequest,
  said: Said,
  sender: string,
  memberships: readonly Workspace[],
  judged: (request: DeletionRequest) => Judgement,
): Judged {
  const first = judged(request);
  if (first.verdict !== 'entitled') return { request, judgement: first, completed: [] };
  const open = request.workspace === null && request.scope !== 'account' && request.scope !== 'events';
  const filled = open ? completeRequest(request, said(), sender, memberships) : { request, completed: [] };
  const second = filled.completed.length === 0 ? first : judged(filled.request);
  // The role there may not be enough for this scope: then nothing was completed, and the question stays.
  const usable = second.verdict === 'entitled' && !second.asks.some(({ field }) => field === 'workspace');
  const [whole, judgement] = usable ? [filled, second] : [{ request, completed: [] }, first];
  const completed = [
    ...whole.completed,
    ...(judgement.target === null ? [] : settledBy(whole.request, judgement.target)),
  ];
  const reasons = [...judgement.reasons, ...completed.map(completionInWords)];
  return { request: whole.request, judgement: { ...judgement, reasons }, completed };
}

/** One reference may be the slug and the other the ID of the one living workspace behind both. */
function isSameWorkspace(a: WorkspaceRef, b: WorkspaceRef, known: readonly Workspace[]): boolean {
  const idOf = (ref: WorkspaceRef): string => {
    if ('id' in ref) return ref.id;
    const slug = foldAscii(ref.slug);
    const ids = new Set(known.filter((each) => each.slug === slug).map(({ id }) => id));
    const [only] = ids;
    return ids.size === 1 && only !== undefined ? only : `slug:${slug}`;
  };
  return idOf(a) === idOf(b);
}

/** The same thing asked for twice in one mail is one request. */
const repeats = (entry: Sorted, before: readonly Sorted[]): boolean =>
  entry.kind === 'open' &&
  before.some(
    (earlier) =>
      earlier.kind === 'open' &&
      canonicalJson(asJson(earlier.request)) === canonicalJson(asJson(entry.request)),
  );

const asJson = (value: DeletionRequest | Target): Canonical => value as unknown as Canonical;

/** The cut-off moves with each request; everything else decides whether it is the same deletion. */
function isSameTarget(a: Target, b: Target): boolean {
  const text = (target: Target) => canonicalJson(asJson({ ...target, cutoff: '' }));
  return text(a) === text(b);
}
