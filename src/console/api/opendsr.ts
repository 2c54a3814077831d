/**
 * Deletions that an app asks for, in the shape of OpenDSR 3.0: the subject is a workspace, and the app names who pressed
 * its button. It opens the journey that a deletion in the directory opens, and is believed no more: the role of whoever
 * pressed it is checked, everybody in charge is told, five days pass, and anybody of them can stop it.
 */
import type { Knex } from 'knex';
import { z } from 'zod';
import { deskNow } from '../../db/connection.ts';
import { referenceOf, ticketId } from '../../domain/ids.ts';
import { PUBLIC_STATUS, type State } from '../../domain/ticket.ts';
import { ApiFault } from './fault.ts';
import { common, extensionSchema, idParams, OPENDSR_VERSION, requestBody, utc } from './opendsr-schemas.ts';
import { type Operation, operation } from './operation.ts';
import type { ApiPorts, AppOpening } from './ports.ts';

/** A request that the app dates further back than this counts from now: its deadline must not be over before it begins. */
const SUBMITTED_DAYS = 7;

export function openDsrOperations(ports: ApiPorts): readonly Operation[] {
  const domain = new URL(ports.publicUrl).hostname;
  const extensions = z.object({ [domain]: extensionSchema });
  const statusSchema = z.object({
    ...common,
    request_status: z.enum(['pending', 'in_progress', 'completed', 'cancelled']),
    extensions,
  });
  const shared = { scope: 'requests:write', query: null } as const;
  return [
    operation({
      ...shared,
      id: 'createRequest',
      method: 'POST',
      path: '/opendsr/requests',
      summary: 'A workspace was deleted in the app: open its deletion',
      params: null,
      body: requestBody(domain),
      status: 201,
      answer: z.object({
        ...common,
        received_time: utc,
        encoded_request: z.string().default('').meta({ description: 'The request as it came, in base64.' }),
        extensions,
      }),
      faults: [
        'invalid',
        'unknown_workspace',
        'callback_refused',
        'too_many_deletions',
        'id_reused',
        'key_reused',
      ],
      complete: (answer, raw) => ({ ...answer, encoded_request: raw.toString('base64') }),
      run: async ({ db, body, raw, token }) => {
        const [{ identity_value: workspaceId }] = body.subject_identities;
        const known = await openOrFind(ports, db as Knex.Transaction, {
          id: body.subject_request_id,
          token,
          hash: ports.requestHash(raw),
          workspaceId,
          deletedBy: body.extensions[domain]?.requested_by ?? '',
          submittedAt: body.submitted_time,
          callbackUrls: allowed(ports, body.status_callback_urls),
        });
        const status = statusOf(known, domain);
        return { ...status, received_time: known.received_at.toISOString() };
      },
    }),
    operation({
      ...shared,
      id: 'getRequest',
      method: 'GET',
      path: '/opendsr/requests/:id',
      summary: 'How far it is',
      params: idParams,
      body: null,
      status: 200,
      answer: statusSchema,
      faults: ['not_found'],
      run: async ({ db, params, token }) => statusOf(await existing(db, params.id, token), domain),
    }),
    operation({
      ...shared,
      id: 'cancelRequest',
      method: 'DELETE',
      path: '/opendsr/requests/:id',
      summary: 'Take it back, while nothing has been deleted',
      params: idParams,
      body: null,
      status: 202,
      answer: statusSchema,
      faults: ['not_found', 'conflict'],
      run: async ({ db, params, token }) => {
        const request = await existing(db, params.id, token);
        if (request.is_of_another) throw new ApiFault('conflict', { detail: OPENED_BY_ANOTHER });
        const outcome = await ports.decide(db as Knex.Transaction, ticketId(request.ticket_id), {
          type: 'restored_in_app',
        });
        if (outcome.kind === 'refused') throw conflict(request.state);
        return statusOf(await existing(db, params.id, token), domain);
      },
    }),
  ];
}

const OPENED_BY_ANOTHER = 'Another program asked for this deletion: it alone takes it back, or people do.';

const conflict = (state: State): ApiFault =>
  new ApiFault('conflict', { errors: [{ path: 'request_status', message: PUBLIC_STATUS[state] }] });

interface NewRequest {
  readonly id: string;
  readonly token: Asker;
  readonly hash: Buffer;
  readonly workspaceId: string;
  readonly deletedBy: string;
  readonly submittedAt: Date;
  readonly callbackUrls: readonly string[];
}

/** The same request again is the same request: its id says so, and its body has to agree. */
async function openOrFind(ports: ApiPorts, trx: Knex.Transaction, asked: NewRequest): Promise<RequestRow> {
  // One after the other: two at once would not count each other.
  await trx.raw('lock table app_requests in share row exclusive mode');
  const before = await findRequest(trx, asked.id);
  if (before !== null) {
    if (before.controller !== asked.token.name || !before.request_hash.equals(asked.hash))
      throw new ApiFault('id_reused');
    return before;
  }
  const now = await deskNow(trx);
  const earliest = new Date(now.getTime() - SUBMITTED_DAYS * 86_400_000);
  const counted = await trx.raw<{ rows: [{ opened: number; same: number }] }>(OPENED_TODAY, [
    asked.workspaceId,
  ]);
  const [today] = counted.rows;
  const opening = await ports.openAppDeletion(trx, {
    workspaceId: asked.workspaceId,
    deletedBy: asked.deletedBy,
    deletedAt: asked.submittedAt < earliest ? now : asked.submittedAt,
    openedToday: today.opened,
  });
  const { ticketId: ticket, opened } = openedOr(opening);
  // Everybody in charge is written to each time; what was opened is undone with the transaction.
  if (opened && today.same > 0) throw new ApiFault('too_many_deletions');
  await trx('app_requests').insert({
    id: asked.id,
    ticket_id: ticket,
    token_id: asked.token.id,
    opened,
    request_hash: asked.hash,
    received_at: now,
    callback_urls: [...asked.callbackUrls],
  });
  return existing(trx, asked.id, asked.token);
}

/** @throws ApiFault */
function openedOr(opening: AppOpening): Extract<AppOpening, { kind: 'ticket' }> {
  if (opening.kind === 'ticket') return opening;
  throw new ApiFault(opening.kind);
}

/** An address that a request names is called by this machine: only where the configuration lets it. */
function allowed(ports: ApiPorts, urls: readonly string[]): readonly string[] {
  const isAllowed = (text: string): boolean => {
    const url = new URL(text);
    const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
    return isSafe && url.username === '' && url.password === '' && ports.callbackHosts.includes(url.host);
  };
  if (!urls.every(isAllowed)) throw new ApiFault('callback_refused');
  return [...new Set(urls)];
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A program is its name: of the tokens that count only one has it, and a new one in place of it keeps it. */
interface Asker {
  readonly id: number;
  readonly name: string;
}

interface RequestRow {
  readonly id: string;
  readonly ticket_id: number;
  readonly request_hash: Buffer;
  readonly received_at: Date;
  readonly controller: string;
  /** Another program's request opened the ticket. */
  readonly is_of_another: boolean;
  readonly state: State;
  readonly due_at: Date;
  readonly grace_ends_at: Date | null;
  readonly holds: z.input<typeof extensionSchema>['holds'];
}

async function findRequest(db: Knex, id: string): Promise<RequestRow | null> {
  const found = await db.raw<{ rows: RequestRow[] }>(FIND, [id]);
  return found.rows[0] ?? null;
}

/** @throws ApiFault `not_found`, also of what another program asked for */
async function existing(db: Knex, id: string, asker: Asker): Promise<RequestRow> {
  const request = await findRequest(db, id);
  if (request === null || request.controller !== asker.name) throw new ApiFault('not_found');
  return request;
}

const statusOf = (request: RequestRow, domain: string) => ({
  controller_id: request.controller,
  subject_request_id: request.id,
  request_status: PUBLIC_STATUS[request.state],
  expected_completion_time: request.due_at.toISOString(),
  api_version: OPENDSR_VERSION as '3.0',
  extensions: {
    [domain]: {
      ticket: referenceOf(ticketId(request.ticket_id)),
      state: request.state,
      holds: request.holds,
      grace_ends_at: request.grace_ends_at?.toISOString() ?? null,
    },
  },
});

const FIND = `
  select r.id, r.ticket_id, r.request_hash, r.received_at, a.name as controller, t.state,
    exists (select from app_requests o join api_tokens b on b.id = o.token_id
      where o.ticket_id = t.id and o.opened and b.name <> a.name) as is_of_another, t.due_at, t.grace_ends_at,
    array(select h.reason from holds h where h.ticket_id = t.id and h.lifted_at is null order by h.id) as holds
  from app_requests r join api_tokens a on a.id = r.token_id join tickets t on t.id = r.ticket_id
  where r.id = cast(? as uuid)`;

const OPENED_TODAY = `
  select count(*) filter (where r.opened) as opened, count(*) filter (where t.request #>> '{workspace,id}' = ?) as same
  from app_requests r join tickets t on t.id = r.ticket_id
  where r.received_at > desk_now() - interval '24 hours'`;
