/** Where the stages meet: every port of every stage is joined here, and nowhere else. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { transact } from '../db/again.ts';
import { deskNow, openDatabase } from '../db/connection.ts';
import { factsFor, workspacesByIds } from '../directory/lookups.ts';
import { isAnyStopped } from '../directory/stops.ts';
import type { CrashPoint } from '../domain/crash-label.ts';
import { type BlockerKind, roleOf } from '../domain/directory.ts';
import { type ConversationId, conversationId, type TicketId, ticketId } from '../domain/ids.ts';
import type { Target } from '../domain/target.ts';
import {
  type Authority,
  authorityOf,
  type Obstacle,
  type Ticket,
  type TicketEvent,
} from '../domain/ticket.ts';
import type { IngestDeps } from '../ingest/ports.ts';
import { announce } from '../notify/announce.ts';
import { ANSWER_TIMEOUT_MS, type DeliverDeps } from '../notify/deliver.ts';
import { peerKey } from '../notify/sign.ts';
import type { OwnContextPorts } from '../purge/erase-own-context.ts';
import { ledgerKey } from '../purge/ledger/seal.ts';
import { PACE } from '../purge/pace.ts';
import type { PurgePorts } from '../purge/ports.ts';
import { receiptKey } from '../purge/receipt.ts';
import { openStores } from '../purge/stores/open-stores.ts';
import { openOwnContextStore } from '../purge/stores/own-context.ts';
import { suppressUsers } from '../purge/suppression.ts';
import { readBounceAddress, readOutgoingMessageId, readReplyAddress } from '../reply/message.ts';
import { type ClaimedMail, markBounced, type OutboxDeps } from '../reply/outbox.ts';
import { eraseTicketContext } from '../tickets/erase-context.ts';
import { handleMail } from '../tickets/handle-mail.ts';
import { replyLimits } from '../tickets/may-reply.ts';
import type { CodeCheck, DeskDeps } from '../tickets/ports.ts';
import { askPermit } from '../tickets/reply-budget.ts';
import { type Decision, decide, enqueue, type Move } from '../tickets/ticket-store.ts';
import { touchedBy } from '../tickets/touched.ts';
import { markUndeliverable } from '../tickets/undeliverable.ts';
import { directoryObstacle, judgeAppDeletion } from '../verify/authority.ts';
import { checkCode, newChallenge } from '../verify/challenge.ts';
import {
  answerByLink,
  issueCancelChallenge,
  issueChallenge,
  lockOpenChallenge,
  markAnswered,
  recordWrongTry,
} from '../verify/challenge-store.ts';
import { judge, standingOf } from '../verify/judge.ts';
import { makeResolver } from '../verify/resolver.ts';
import { crashPoints } from './crash-point.ts';
import type { Environment } from './environment.ts';
import { lineLog } from './log.ts';
import { type MailReader, mailReader } from './mail-reader.ts';
import { addressesOf, instanceId, openOutgoing } from './outgoing.ts';
import { switchNews } from './switch-news.ts';

export interface Desk {
  readonly environment: Environment;
  readonly db: Knex;
  readonly tickets: DeskDeps;
  readonly ingest: IngestDeps;
  readonly look: MailReader['look'];
  /** Parts of mails for agents. */
  readonly mailParts: Pick<MailReader, 'html' | 'attachment'>;
  readonly outbox: OutboxDeps;
  readonly purge: PurgePorts;
  readonly ownContext: OwnContextPorts;
  /** Telling other systems. */
  readonly deliveries: DeliverDeps;
  readonly crashPoint: CrashPoint;
  /** Has the running purges of this process look at the switch. */
  lookAtSwitch(): void;
  /** Applies events in one transaction of their own, for agents and jobs. */
  decide(moves: readonly Move[]): Promise<Decision>;
  now(): Promise<Date>;
  close(): Promise<void>;
}

/** For permits: who asks for one holds a connection of the desk's, and must not wait for another of the same pool. */
const PERMIT_CONNECTIONS = 2;

export function openDesk(environment: Environment): Desk {
  const { key, policy } = environment;
  const db = openDatabase(environment.databaseUrl);
  const log = lineLog(environment.log);
  const crashPoint = crashPoints(environment.crashAt);
  const permits = openDatabase(environment.databaseUrl, { poolMax: PERMIT_CONNECTIONS });
  const limits = replyLimits(policy);
  const tickets: DeskDeps = {
    ...ticketDeps(environment),
    crashPoint,
    askPermit: (ask) => askPermit(permits, limits, log, ask),
  };
  const run = (moves: readonly Move[]) =>
    transact(db, (trx) => decide(trx, tickets, { kind: 'desk' }, moves));
  const outgoing = openOutgoing(environment, log);
  const stores = openStores(environment.stores, db);
  const news = switchNews();
  const undeliverable = undeliverableTo(tickets);
  const { trustedReceivedBy, trustedAuthservId, trustedSealers } = environment;
  const resolver = makeResolver(environment.dnsServers);
  const deskAddresses = addressesOf(environment);
  const reader = mailReader(
    { resolver, trustedReceivedBy, trustedAuthservId, trustedSealers, deskAddresses },
    log,
  );
  return {
    environment,
    db,
    tickets,
    ingest: ingestDeps(environment, { db, tickets, log, crashPoint, undeliverable, reader }),
    look: reader.look,
    mailParts: reader,
    outbox: {
      db,
      messageIdOf: outgoing.messageIdOf,
      deliver: outgoing.deliver,
      lanes: outgoing.lanes,
      crashPoint,
      undeliverable: async (trx, mail, why) => {
        if (NO_SUCH_MAILBOX.includes(why)) await markUndeliverable(trx, addresseeOf(mail), 'refused');
        await undeliverable(trx, mail);
      },
      log,
    },
    purge: {
      db,
      tickets: {
        advance: async (id, event, options = {}) => {
          const move = {
            ticketId: id,
            event,
            ...(options.within === undefined ? {} : { within: options.within }),
          };
          const [outcome] = (await run([move])).outcomes;
          return { kind: outcome?.kind ?? 'refused' };
        },
      },
      eligibility: (trx, id) => eligibility(trx, tickets, id),
      enqueue: (trx, task, payload, jobKey, afterSeconds = 0) =>
        enqueue(
          trx,
          { task, payload: { ...payload }, key: jobKey, queue: purgeQueue(payload) },
          { afterSeconds },
        ),
      catalogue: environment.stores,
      stores,
      policy,
      receiptKey: receiptKey(key),
      pace: PACE,
      onSwitch: news.onSwitch,
      log,
      ledgerKey: ledgerKey(key),
      crashPoint,
    },
    ownContext: {
      db,
      store: openOwnContextStore({
        db,
        policy,
        eraseTickets: (trx, ids) => eraseTicketContext(trx, tickets, ids),
      }),
      crashPoint,
    },
    deliveries: {
      db,
      webhooks: environment.webhooks,
      callbackHosts: environment.callbackHosts,
      domain: new URL(environment.desk.publicUrl).hostname,
      key: peerKey(key),
      timeoutMs: ANSWER_TIMEOUT_MS,
      crashPoint,
      log,
    },
    crashPoint,
    lookAtSwitch: news.tell,
    decide: run,
    now: () => deskNow(db),
    async close() {
      outgoing.close();
      await reader.close();
      await stores.close();
      await permits.destroy();
      await db.destroy();
    },
  };
}

/**
 * A job adds the next one while it still holds its queue, and a worker that finds the next one's queue held looks again a
 * second later: so each step has a queue of its own, and the first shares the ticket's with the rehearsals.
 */
export const purgeQueue = ({
  ticketId,
  no = 1,
}: {
  readonly ticketId: number;
  readonly no?: number;
}): string => (no === 1 ? `ticket:${ticketId}` : `ticket:${ticketId}:${no}`);

function ticketDeps(environment: Environment): Omit<DeskDeps, 'askPermit'> {
  const { key, policy } = environment;
  return {
    policy,
    key,
    factsFor: (trx, sender, refs) => factsFor(trx, sender, refs),
    judge: ({ standing, ...question }) => judge({ ...question, evidenceStanding: standing, policy }),
    ...(policy.suppressDeletedUsers ? { purgeStarts: suppressUsers } : {}),
    announce: (trx, told) => announce(trx, environment.webhooks, told),
    judgeAppDeletion: (question) => judgeAppDeletion({ ...question, policy }),
    recheck: (trx, target, requester, authority) =>
      recheck(trx, environment, { target, requester, authority: authority ?? 'requester' }),
    tagOfReplyAddress: (address) => readReplyAddress(key, address, addressesOf(environment)),
    issueChallenge: async (trx, order) => {
      const challenge = newChallenge({
        key,
        id: randomUUID(),
        conversationId: conversationId(order.conversationId),
        requesterHash: order.requesterHash,
        digests: order.digests,
        now: order.now,
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
    tryCode: (trx, ref, code, now) =>
      tryCode(trx, {
        key,
        conversation: conversationId(ref.conversationId),
        mustBe: ref.challengeId,
        code,
        now,
      }),
  };
}

/** A code for the conversation's open challenge; `mustBe` names the one that a link belongs to. */
async function tryCode(
  trx: Knex.Transaction,
  attempt: {
    readonly key: Buffer;
    readonly conversation: ConversationId;
    readonly mustBe: string | null;
    readonly code: string | null;
    readonly now: Date;
  },
): Promise<CodeCheck> {
  const challenge = await lockOpenChallenge(trx, attempt.conversation);
  if (challenge === null || (attempt.mustBe !== null && challenge.id !== attempt.mustBe))
    return { kind: 'none' };
  const { conversationId: id } = challenge;
  // A mail that clearly answers, with no code that is clearly meant, costs no try.
  if (attempt.code === null) return { kind: 'wrong', conversationId: id, triesLeft: challenge.triesLeft };
  const check = checkCode(challenge, attempt.code, attempt.key, attempt.now);
  if (check === 'right') {
    await markAnswered(trx, challenge.id, attempt.now);
    return { kind: 'right', conversationId: id, digests: challenge.ticketDigests };
  }
  if (check !== 'wrong') return { kind: 'none' };
  return { kind: 'wrong', conversationId: id, triesLeft: await recordWrongTry(trx, challenge.id) };
}

/** Looks at the world again: the same people, the same workspaces, no stop, nothing to settle first. */
async function recheck(
  trx: Knex.Transaction,
  environment: Environment,
  {
    target,
    requester,
    authority,
  }: { readonly target: Target; readonly requester: string | null; readonly authority: Authority },
): Promise<Awaited<ReturnType<DeskDeps['recheck']>>> {
  const { policy } = environment;
  const ids = target.workspaces.map((workspace) => workspace.id);
  const workspaces = await workspacesByIds(trx, ids);
  const inDirectory = directoryObstacle(target, requester, policy, workspaces, authority);
  const obstacles: Obstacle[] = inDirectory === null ? [] : [inDirectory];
  if (await isAnyStopped(trx, ids)) obstacles.push('workspace_stopped');
  if (!policy.purgeEnabled) obstacles.push('purging_off');
  const [first] = workspaces;
  return {
    obstacles,
    blockers: [...new Set(workspaces.flatMap((workspace) => workspace.blockers))] as readonly BlockerKind[],
    role: first === undefined || requester === null ? null : roleOf(first, requester),
  };
}

async function eligibility(
  trx: Knex.Transaction,
  deps: DeskDeps,
  id: TicketId,
): Promise<readonly Obstacle[]> {
  const row = await trx('tickets')
    .select<EligibilityRow[]>('target', 'requester', 'origin', 'vouched_by')
    .where({ id })
    .first();
  if (row?.target === undefined || row.target === null) return ['requester_lost_role'];
  const authority = authorityOf({ origin: row.origin, vouchedBy: row.vouched_by });
  return (await deps.recheck(trx, row.target, row.requester, authority)).obstacles;
}

interface EligibilityRow {
  readonly target: Target | null;
  readonly requester: string | null;
  readonly origin: Ticket['origin'];
  readonly vouched_by: string | null;
}

/** RFC 5321 section 4.2.3: the answers that are about the mailbox. */
const NO_SUCH_MAILBOX: readonly string[] = ['550', '551', '553'];

const addresseeOf = (mail: ClaimedMail) => ({ outboxId: mail.id, recipientHash: mail.recipient_hash });

type Undeliverable = (trx: Knex.Transaction, mail: ClaimedMail) => Promise<void>;

/** Every ticket that a lost mail spoke of hears of it: an undelivered challenge must start nothing. */
const undeliverableTo =
  (deps: DeskDeps): Undeliverable =>
  async (trx, mail) => {
    const event: TicketEvent = { type: 'mail_undeliverable', template: mail.facts.template };
    await decide(
      trx,
      deps,
      { kind: 'desk' },
      mail.ticket_ids.map((id) => ({ ticketId: ticketId(id), event })),
    );
  };

function ingestDeps(
  environment: Environment,
  parts: Pick<IngestDeps, 'db' | 'log' | 'crashPoint'> & {
    readonly tickets: DeskDeps;
    readonly undeliverable: Undeliverable;
    readonly reader: MailReader;
  },
): IngestDeps {
  const { key, mailboxes } = environment;
  const addresses = addressesOf(environment);
  return {
    db: parts.db,
    log: parts.log,
    crashPoint: parts.crashPoint,
    deskAddresses: addresses,
    localeOf: (mailbox) =>
      mailboxes.find(({ name }) => name === mailbox)?.locale ?? mailboxes[0]?.locale ?? null,
    instanceId: instanceId(environment),
    read: parts.reader.read,
    closer: parts.reader.closer,
    standingOf,
    ownMail: (id) => readOutgoingMessageId(key, id),
    bounceOf: (address) => readBounceAddress(key, address, addresses),
    handle: (trx, mail, now) => handleMail(trx, parts.tickets, mail, null, now),
    touches: (trx, mail) => touchedBy(trx, parts.tickets, mail),
    bounced: async (trx, came) => {
      const mails = await markBounced(trx, came);
      for (const mail of mails) {
        await markUndeliverable(trx, addresseeOf(mail), 'bounced');
        await parts.undeliverable(trx, mail);
      }
      return mails.length;
    },
  };
}
