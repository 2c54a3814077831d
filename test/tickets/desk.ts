/** A desk on a real database, with the real judge, challenge and directory; only mail and clock are ours. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { deskNow } from '../../src/db/connection.ts';
import { factsFor, workspacesByIds } from '../../src/directory/lookups.ts';
import { isAnyStopped } from '../../src/directory/stops.ts';
import { addressHash } from '../../src/domain/canonical.ts';
import { type BlockerKind, roleOf } from '../../src/domain/directory.ts';
import type { Standing } from '../../src/domain/evidence.ts';
import { conversationId, type TicketId, ticketId } from '../../src/domain/ids.ts';
import type { CloserReading, Handled } from '../../src/domain/mail.ts';
import type { MailFacts, TemplateName } from '../../src/domain/mail-facts.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { DeletionRequest, Problem, Understanding } from '../../src/domain/request.ts';
import type { Obstacle, TicketEvent } from '../../src/domain/ticket.ts';
import { closerReading } from '../../src/ingest/understand/answers/answers.ts';
import { type MailToRead, understand } from '../../src/ingest/understand/understand.ts';
import { suppressUsers } from '../../src/purge/suppression.ts';
import { handleMail } from '../../src/tickets/handle-mail.ts';
import { replyLimits } from '../../src/tickets/may-reply.ts';
import type { DeskDeps } from '../../src/tickets/ports.ts';
import { rejudge } from '../../src/tickets/rejudge.ts';
import { askPermit } from '../../src/tickets/reply-budget.ts';
import { tick } from '../../src/tickets/tick.ts';
import { type Decision, decide, type Move } from '../../src/tickets/ticket-store.ts';
import { directoryObstacle, judgeAppDeletion } from '../../src/verify/authority.ts';
import { checkCode, codeOf, newChallenge } from '../../src/verify/challenge.ts';
import {
  answerByLink,
  issueCancelChallenge,
  issueChallenge,
  lockOpenChallenge,
  markAnswered,
  recordWrongTry,
} from '../../src/verify/challenge-store.ts';
import { judge } from '../../src/verify/judge.ts';
import { freshDatabase } from '../support/database.ts';
import { policy as onPolicy, planHash } from './cast.ts';

export const ada = 'ada@acme.example';
export const bob = 'bob@acme.example';
export const member = 'mia@acme.example';
export const zoe = 'zoe@globex.example';
export const stranger = 'eve@evil.example';

/** acme-inc of Ada (owner) and Bob (admin) with Mia as a plain member; globex of Zoe. */
async function seedDirectory(db: Knex): Promise<void> {
  await db('workspaces').insert([
    { id: 'ws_acme', slug: 'acme-inc', name: 'Acme Inc', created_at: '2020-01-01T00:00:00Z' },
    { id: 'ws_globex', slug: 'globex', name: 'Globex', created_at: '2021-01-01T00:00:00Z' },
  ]);
  await db('members').insert([
    { workspace_id: 'ws_acme', address: ada, role: 'owner' },
    { workspace_id: 'ws_acme', address: bob, role: 'admin' },
    { workspace_id: 'ws_acme', address: member, role: 'member' },
    { workspace_id: 'ws_globex', address: zoe, role: 'owner' },
  ]);
  await db('workspace_parts').insert([
    { workspace_id: 'ws_acme', kind: 'source', id: 'src_web', name: 'Website Prod' },
    { workspace_id: 'ws_acme', kind: 'source', id: 'src_ios', name: 'iOS App' },
    { workspace_id: 'ws_acme', kind: 'space', id: 'spa_main', name: 'Main Space' },
    { workspace_id: 'ws_globex', kind: 'source', id: 'src_glo', name: 'Globex Web' },
  ]);
}

function depsFor(db: Knex, key: Buffer, policy: Policy): DeskDeps {
  return {
    policy,
    key,
    askPermit: (ask) => askPermit(db, replyLimits(policy), () => undefined, ask),
    factsFor: (trx, sender, refs) => factsFor(trx, sender, refs),
    judge: ({ standing, ...question }) => judge({ ...question, evidenceStanding: standing, policy }),
    tagOfReplyAddress: (address) => /^desk\+(PD-\d+)@desk\.example$/.exec(address)?.[1] ?? null,
    issueChallenge: async (trx, order) => {
      const challenge = newChallenge({
        ...order,
        conversationId: conversationId(order.conversationId),
        key,
        id: randomUUID(),
        policy,
      });
      await issueChallenge(trx, challenge);
      return challenge;
    },
    issueCancelChallenge: (trx, order) =>
      issueCancelChallenge(
        trx,
        newChallenge({
          ...order,
          key,
          id: randomUUID(),
          purpose: 'cancel',
          conversationId: conversationId(order.conversationId),
          policy,
        }),
      ),
    tryCancelCode: (trx, id, code, now) => answerByLink(trx, { key, id, purpose: 'cancel', code, now }),
    openChallenge: (trx, id) => lockOpenChallenge(trx, conversationId(id)),
    tryCode: async (trx, ref, code, now) => {
      const challenge = await lockOpenChallenge(trx, conversationId(ref.conversationId));
      if (challenge === null || (ref.challengeId ?? challenge.id) !== challenge.id) return { kind: 'none' };
      const answer = { conversationId: ref.conversationId };
      if (code === null) return { kind: 'wrong', ...answer, triesLeft: challenge.triesLeft };
      const check = checkCode(challenge, code, key, now);
      if (check === 'right') {
        await markAnswered(trx, challenge.id, now);
        return { kind: 'right', ...answer, digests: challenge.ticketDigests };
      }
      if (check !== 'wrong') return { kind: 'none' };
      return { kind: 'wrong', ...answer, triesLeft: await recordWrongTry(trx, challenge.id) };
    },
    ...(policy.suppressDeletedUsers ? { purgeStarts: suppressUsers } : {}),
    judgeAppDeletion: (question) => judgeAppDeletion({ ...question, policy }),
    recheck: async (trx, target, requester, authority) => {
      const ids = target.workspaces.map((workspace) => workspace.id);
      const workspaces = await workspacesByIds(trx, ids);
      const inDirectory = directoryObstacle(target, requester, policy, workspaces, authority ?? 'requester');
      const obstacles: Obstacle[] = inDirectory === null ? [] : [inDirectory];
      if (await isAnyStopped(trx, ids)) obstacles.push('workspace_stopped');
      const blockers = [...new Set(workspaces.flatMap(({ blockers: all }) => all))] as readonly BlockerKind[];
      return {
        obstacles,
        blockers,
        role: workspaces[0] === undefined || requester === null ? null : roleOf(workspaces[0], requester),
      };
    },
  };
}

export interface Written {
  readonly from: string;
  readonly intent: Understanding['intent'];
  readonly requests?: readonly DeletionRequest[];
  readonly problems?: readonly Problem[];
  readonly code?: string | null;
  /** `PD-n` in the subject. */
  readonly ticket?: string | null;
  readonly standing?: Standing;
  readonly to?: readonly string[];
  readonly answersForm?: boolean;
  /** What else the mail says; nothing unless told. */
  readonly closer?: Partial<CloserReading>;
  readonly language?: string;
  readonly references?: readonly string[];
}

const NO_MORE: CloserReading = {
  corrects: () => false,
  workspace: () => ({ kind: 'unclear' }),
  answersTo: () => null,
};

export interface OutboxRow {
  readonly id: number;
  readonly key: string;
  readonly recipient: string;
  readonly template: TemplateName;
  readonly facts: MailFacts;
  readonly ticket_ids: readonly number[];
  readonly conversation_id: number | null;
  readonly cause_message_id: number | null;
  readonly in_reply_to: string | null;
  readonly before_verification: boolean;
}

export interface StoredTicket {
  readonly id: TicketId;
  readonly state: string;
  readonly conversation_id: number;
  readonly request: DeletionRequest;
  readonly verified_at: Date | null;
  readonly grace_ends_at: Date | null;
  readonly not_before: Date | null;
  readonly reminded_at: Date | null;
  readonly wake_at: Date | null;
  readonly plan_hash: string | null;
  readonly holds: readonly string[];
}

export interface Answered {
  readonly handled: Handled;
  readonly messageId: number;
  /** What this very mail caused. */
  readonly mails: readonly OutboxRow[];
}

/** @param key - random unless told: with the same one two desks hash an address alike */
export async function openTestDesk(policy: Policy = onPolicy, key: Buffer = randomBytes(32)) {
  const database = await freshDatabase();
  const { db } = database;
  const deps = depsFor(db, key, policy);
  await seedDirectory(db);
  await db('desk_clock').update({ movable: true });
  const outbox = (): Promise<OutboxRow[]> => db('outbox').select<OutboxRow[]>('*').orderBy('id');
  const desk = {
    db,
    deps,
    url: database.url,
    outbox,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),

    async tickets(): Promise<readonly StoredTicket[]> {
      const result = await db.raw<{ rows: StoredTicket[] }>(`select t.*, array(select h.reason from holds h
        where h.ticket_id = t.id and h.lifted_at is null order by h.id) as holds from tickets t order by t.id`);
      return result.rows;
    },

    async ticket(id?: number): Promise<StoredTicket> {
      const all = await desk.tickets();
      const found = id === undefined ? all.at(-1) : all.find((ticket) => ticket.id === id);
      if (found === undefined) throw new Error('no such ticket');
      return found;
    },

    jobs: async (): Promise<readonly { task: string; key: string | null }[]> => {
      const result = await db.raw<{ rows: { task: string; key: string | null }[] }>(
        'select task_identifier as task, key from graphile_worker.jobs order by id',
      );
      return result.rows;
    },

    /** Moves the sandbox's clock on by some hours. */
    async pass(hours: number): Promise<void> {
      await db.raw('update desk_clock set offset_ms = offset_ms + ?', [Math.round(hours * 3_600_000)]);
    },

    /** Moves it to an instant. */
    async until(instant: Date): Promise<void> {
      await desk.pass((instant.getTime() - (await deskNow(db)).getTime() + 1_000) / 3_600_000);
    },

    /** A mail comes in and is handled, as the ingest does it: one transaction. */
    async mail(written: Written): Promise<Answered> {
      const arrivedAt = await deskNow(db);
      const [row] = await db('messages')
        .insert({
          content_hash: randomUUID(),
          size_bytes: 1,
          arrived_at: arrivedAt,
          author: written.from,
          message_id_header: `<${randomUUID()}@mail.example>`,
        })
        .returning<{ id: number }[]>('id');
      const messageId = row!.id;
      const handled = await db.transaction((trx) =>
        handleMail(trx, deps, {
          messageId,
          author: written.from,
          standing: written.standing ?? 'authenticated',
          understanding: {
            intent: written.intent,
            autoReply: false,
            ticket: written.ticket ?? null,
            code: written.code ?? null,
            requests: written.requests ?? [],
            problems: written.problems ?? [],
            missing: [],
            evidence: [],
          },
          language: written.language ?? 'en',
          closer: { ...NO_MORE, ...written.closer },
          answersForm: written.answersForm ?? false,
          addressedTo: written.to ?? ['desk@desk.example'],
          references: written.references ?? [],
          subject: 'Deletion',
          thread: null,
          arrivedAt,
        }),
      );
      await db('messages').where({ id: messageId }).update({
        status: 'done',
        disposition: handled.disposition,
        conversation_id: handled.conversationId,
      });
      const mails = (await outbox()).filter((mail) => mail.cause_message_id === messageId);
      return { handled, messageId, mails };
    },

    /** A mail in its own words, understood as the ingest understands it; `re` is the ticket that it is a reply about. */
    letter(
      from: string,
      text: string,
      re: number | null = null,
      rest: Partial<Written> = {},
    ): Promise<Answered> {
      const read: MailToRead = {
        header: (name) => (re !== null && name === 'in-reply-to' ? ['<ours@desk.example>'] : []),
        subject: re === null ? 'Deletion' : `Re: [PD-${re}] We need a few details`,
        date: new Date('2026-11-22T10:00:00Z'),
        author: from,
        authorName: 'Ada Novak',
        mediaType: 'text/plain',
        partTypes: [],
        answersForm: false,
        text,
        html: null,
      };
      const { intent, requests, problems, ticket, code } = understand(read);
      const understood = { intent, requests, problems, ticket, code, closer: closerReading(read) };
      return desk.mail({ from, ...understood, ...rest });
    },

    /** The code that stands in the newest mail to this address. */
    async code(): Promise<string> {
      const asked = (await outbox()).findLast((mail) => mail.facts.challenge !== null);
      return codeOf(deps.key as Buffer, asked!.facts.challenge!.id);
    },

    act: (...moves: readonly { id: number; event: TicketEvent }[]): Promise<Decision> =>
      db.transaction((trx) =>
        decide(
          trx,
          deps,
          { kind: 'desk' },
          moves.map(({ id, event }) => ({ ticketId: ticketId(id), event })),
        ),
      ),

    /** As the desk decides for agents and jobs. */
    decide: (moves: readonly Move[]): Promise<Decision> =>
      db.transaction((trx) => decide(trx, deps, { kind: 'desk' }, moves)),

    /** The job that follows an agent's release of a ticket that was just received. */
    rejudge: (id: number): Promise<void> => db.transaction((trx) => rejudge(trx, deps, ticketId(id))),

    async tick(atMost?: number): Promise<number> {
      const errors: unknown[] = [];
      const count = await tick(db, deps, (error) => errors.push(error), atMost);
      if (errors.length > 0) throw errors[0];
      return count;
    },

    hash: (address: string): string => addressHash(deps.key, address),

    /** Brings one ticket of Ada's into `verifying`. */
    async asked(request: DeletionRequest = sourceRequest()): Promise<StoredTicket> {
      await desk.mail({ from: ada, intent: 'delete', requests: [request] });
      return desk.ticket();
    },

    /** … and on into its grace, with a plan unless told otherwise. */
    async inGrace(request: DeletionRequest = sourceRequest(), planned = true): Promise<StoredTicket> {
      const { id } = await desk.asked(request);
      await desk.mail({ from: ada, intent: 'verify', code: await desk.code(), ticket: `PD-${id}` });
      if (planned) {
        await desk.act({ id, event: { type: 'rehearsed', planHash, estimate: 10, overCap: false } });
      }
      return desk.ticket(id);
    },

    /** Lets the grace of a ticket pass, with the tick at its reminder and one second after its end. */
    async outlast(ticket: StoredTicket): Promise<void> {
      await desk.until(new Date(ticket.grace_ends_at!.getTime() - 24 * 3_600_000));
      await desk.tick();
      await desk.until(ticket.grace_ends_at!);
      await desk.tick();
    },
  };
  return desk;
}

export type TestDesk = Awaited<ReturnType<typeof openTestDesk>>;

const NOTHING: DeletionRequest = {
  scope: 'workspace',
  workspace: null,
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
};

export const sourceRequest = (overrides: Partial<DeletionRequest> = {}): DeletionRequest => ({
  ...NOTHING,
  scope: 'source',
  workspace: { slug: 'acme-inc' },
  source: 'Website Prod',
  timeFrame: { from: '2024-01-01', to: '2024-03-31' },
  ...overrides,
});

export const workspaceRequest = (slug = 'acme-inc'): DeletionRequest => ({ ...NOTHING, workspace: { slug } });

export const spaceRequest = (overrides: Partial<DeletionRequest> = {}): DeletionRequest => ({
  ...NOTHING,
  scope: 'space',
  workspace: { slug: 'acme-inc' },
  space: 'Main Space',
  ...overrides,
});

/** What was told to whom, in the order of writing. */
export const told = (mails: readonly OutboxRow[]): readonly string[] =>
  mails.map((mail) => `${mail.template} > ${mail.recipient}`);
