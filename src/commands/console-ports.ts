/** What the web shows and does, joined from the stages. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CancelChoice, ChallengeView, ConsolePorts, Overview, ReadinessView } from '../console/ports.ts';
import { referenceOf, ticketId } from '../domain/ids.ts';
import type { Target } from '../domain/target.ts';
import type { State } from '../domain/ticket.ts';
import { instantInWords } from '../domain/words.ts';
import { openBrakes } from '../purge/brake.ts';
import { readHalt } from '../purge/halt.ts';
import { publishedKeys } from '../purge/receipt-keys.ts';
import { type PurgeStatus, readPurgeStatus } from '../purge/status.ts';
import { isSuppressed } from '../purge/suppression.ts';
import { takeCallback } from '../purge/wake-store.ts';
import { answerCancel, isUnchanged, type Person, personBehind } from '../tickets/answer-cancel.ts';
import { answerChallenge } from '../tickets/answer-challenge.ts';
import { isOpen } from '../tickets/find-tickets.ts';
import { countNearDeadline, listTickets, type TicketLine } from '../tickets/queries.ts';
import { breakerTrips } from '../tickets/replies-report.ts';
import { closedBy } from '../verify/challenge.ts';
import { findByLink } from '../verify/challenge-store.ts';
import { guideOf } from './console/guide.ts';
import { castOf, formField } from './console/sandbox.ts';
import { decideOnPage } from './decide-on-page.ts';
import type { Desk } from './desk.ts';
import { progressInWords, purgeNotices } from './purge-words.ts';
import { tripInWords } from './trip-words.ts';
import { watchedMailboxes } from './watch/mailboxes.ts';
import type { Watchman } from './watch/watchman.ts';
import { targetInEnglish } from './what-words.ts';

/** A poller that has not been through for this long is a fault. By the real clock: the desk's may be moved. */
const POLL_SILENCE_MS = 15 * 60_000;
const HEALTH_MS = 5_000;
const MAILS_SHOWN = 40;
const TICKETS_SHOWN = 50;

/** @param watchman - left out where nobody watches: tests, and the demo */
export const consolePorts = (desk: Desk, watchman?: Pick<Watchman, 'readiness'>): ConsolePorts => ({
  health: () => within(HEALTH_MS, health(desk)),
  readiness: () => readiness(watchman),
  findChallenge: (token) => findChallenge(desk, token),
  answer: (token, code) => answer(desk, token, code),
  settleCancel: (token, code, choice) => settleCancel(desk, token, code, choice),
  takeCallback: (store, callback) =>
    takeCallback(desk.purge, store, callback, Math.floor(Date.now() / 1_000)),
  suppressions: suppressionsOf(desk),
  receiptKeys: () => publishedKeys(desk.db, desk.purge.receiptKey.publicKey),
  overview: () => (desk.environment.isAllSandbox ? overview(desk) : Promise.resolve(null)),
});

const suppressionsOf = ({ db, environment }: Desk): ConsolePorts['suppressions'] =>
  environment.suppressionToken === null
    ? null
    : {
        token: environment.suppressionToken,
        has: (workspaceId, userId) => isSuppressed(db, workspaceId, userId),
      };

function readiness(watchman?: Pick<Watchman, 'readiness'>): ReadinessView {
  if (watchman === undefined) return { ready: true, reasons: [], alarms: [] };
  const { ready, reasons, alarms } = watchman.readiness();
  return { ready, reasons, alarms: [...new Set(alarms.map(({ code }) => code))] };
}

type Health = Awaited<ReturnType<ConsolePorts['health']>>;

/** A database that hangs, or whose connections are all taken, must not take the answer with it. */
async function within(ms: number, asked: Promise<Health>): Promise<Health> {
  const late = new AbortController();
  const silence = sleep(ms, { ok: false, checks: { database: 'does not answer' } }, { signal: late.signal });
  silence.catch(() => undefined);
  try {
    return await Promise.race([asked, silence]);
  } finally {
    late.abort();
  }
}

async function health(desk: Desk): Promise<Health> {
  try {
    const result = await desk.db.raw<{ rows: { silent_ms: number | null; pending: number }[] }>(HEALTH, [
      JSON.stringify(watchedMailboxes(desk.environment)),
    ]);
    const [row] = result.rows;
    const silentMs = row?.silent_ms ?? 0;
    const polled = desk.environment.mailboxes.length === 0 || silentMs < POLL_SILENCE_MS;
    return {
      ok: polled,
      checks: {
        database: 'ok',
        mailbox: polled ? 'ok' : `last read ${Math.round(silentMs / 60_000)} minutes ago`,
        pending: String(row?.pending ?? 0),
        nearDeadline: String(await countNearDeadline(desk.db)),
        replies: await repliesInWord(desk),
        purges: await purgesInWord(desk),
      },
    };
  } catch {
    return { ok: false, checks: { database: 'cannot be reached' } };
  }
}

/** No fault: the desk goes on reading, and nobody who is verified misses a mail. */
async function repliesInWord(desk: Desk): Promise<string> {
  const [open] = (await breakerTrips(desk.db)).filter((trip) => trip.closedAt === null);
  return open === undefined ? 'ok' : `silent since ${open.openedAt}`;
}

/** No fault of this process, and nothing that a restart would mend. */
async function purgesInWord(desk: Desk): Promise<string> {
  const halt = await readHalt(desk.db);
  if (halt !== null) return `halted since ${halt.at.toISOString()}`;
  const braked = await openBrakes(desk.db);
  return braked.length === 0 ? 'ok' : `braked: ${braked.map(({ store }) => store).join(', ')}`;
}

// Of those that are configured the one that was read least lately: one that is read must not hide another that is not.
const HEALTH = `
  select cast(extract(epoch from clock_timestamp() - min(last_polled_at)) * 1000 as bigint) as silent_ms,
    (select count(*) from messages where status = 'pending') as pending
  from mailboxes join jsonb_to_recordset(cast(? as jsonb)) as watched (account text, folder text) using (account, folder)`;

async function findChallenge(desk: Desk, token: string): Promise<ChallengeView | null> {
  const challenge = await findByLink(desk.db, token);
  if (challenge === null) return null;
  const now = await desk.now();
  const closed = closedBy(challenge, now);
  // A link that leaks long after it was used must tell nothing.
  const isStale = challenge.expiresAt <= now;
  const { purpose } = challenge;
  const found = await desk.db.raw<{ rows: AskedRow[] }>(ASKED, [
    Object.keys(challenge.ticketDigests).map(Number),
  ]);
  const rows = purpose === 'verify' ? found.rows : found.rows.filter((row) => isUnchanged(row, challenge));
  const person = purpose === 'cancel' ? await personBehind(desk.db, desk.environment.key, challenge) : null;
  return {
    purpose,
    state: purpose === 'cancel' && closed === null ? cancelState(rows) : stateOf(closed),
    triesLeft: challenge.triesLeft,
    expiresAt: challenge.expiresAt.toISOString(),
    tickets: isStale ? [] : rows.flatMap((row) => lineOf(row, purpose, person)),
  };
}

interface AskedRow {
  readonly id: number;
  readonly state: State;
  readonly target: Target | null;
  readonly digest: string | null;
  readonly requester: string | null;
  readonly held: boolean;
}

const ASKED = `
  select id, state, target, digest, requester,
    exists (select from holds where ticket_id = tickets.id and lifted_at is null) as held
  from tickets where id = any(?) order by id`;

/** An open question about a cancel, unless time or somebody else has settled it. */
function cancelState(unchanged: readonly AskedRow[]): ChallengeView['state'] {
  if (unchanged.length === 0) return 'voided';
  return unchanged.some((row) => isOpen(row) && row.state !== 'purging') ? 'open' : 'answered';
}

/** Of an account's workspaces, whoever did not ask hears only of those that they are in charge of themselves. */
function lineOf(
  row: AskedRow,
  purpose: ChallengeView['purpose'],
  person: Person | null,
): ChallengeView['tickets'] {
  if (purpose === 'cancel' && person === null) return [];
  const line = { reference: referenceOf(ticketId(row.id)), standing: standingOf(row) };
  if (row.target === null)
    return purpose === 'cancel' ? [{ ...line, sentence: 'a deletion that is not complete yet' }] : [];
  const all = person === null || person.address === row.requester;
  const workspaces = row.target.workspaces.filter(({ id }) => all || person.workspaceIds.includes(id));
  return [{ ...line, sentence: targetInEnglish({ ...row.target, workspaces }) }];
}

function standingOf({ state, held }: AskedRow): ChallengeView['tickets'][number]['standing'] {
  switch (state) {
    case 'cancelled':
      return 'cancelled';
    case 'purging':
      return 'started';
    case 'completed':
    case 'rejected':
    case 'expired':
      return 'ended';
    default:
      return held ? 'on_hold' : 'going_on';
  }
}

const stateOf = (closed: ReturnType<typeof closedBy>): ChallengeView['state'] =>
  closed === null ? 'open' : STATES[closed];

const STATES = { used: 'answered', expired: 'expired', locked: 'locked', voided: 'voided' } as const;

async function answer(desk: Desk, token: string, code: string): Promise<'right' | 'wrong' | 'none'> {
  const challenge = await findByLink(desk.db, token);
  if (challenge?.purpose !== 'verify') return 'none';
  const requester = await desk
    .db('conversations')
    .select<{ requester: string | null }[]>('requester')
    .where({ id: challenge.conversationId })
    .first();
  const result = await decideOnPage(desk, (trx) =>
    answerChallenge(
      trx,
      desk.tickets,
      { conversationId: challenge.conversationId, challengeId: challenge.id },
      code,
      'page',
      {
        kind: 'page',
        challengeId: challenge.id,
        sender: requester?.requester ?? '',
      },
    ),
  );
  return result.kind;
}

async function settleCancel(
  desk: Desk,
  token: string,
  code: string,
  choice: CancelChoice,
): Promise<'right' | 'wrong' | 'none'> {
  const challenge = await findByLink(desk.db, token);
  if (challenge?.purpose !== 'cancel') return 'none';
  return decideOnPage(desk, (trx) => answerCancel(trx, desk.tickets, challenge, code, choice));
}

async function overview(desk: Desk): Promise<Overview> {
  const { PEOPLE, SAMPLE_WORKSPACES } = await import('../sandbox/sandbox.ts');
  const lines = await listTickets(desk.db, { limit: TICKETS_SHOWN });
  const status = await readPurgeStatus(desk.db);
  const mails = await mailsOf(desk);
  const roles = SAMPLE_WORKSPACES.flatMap((workspace) =>
    workspace.members
      .filter((member) => member.removedAt === null)
      .map((member) => ({ address: member.address, role: member.role, workspace: workspace.slug })),
  );
  return {
    deskAddress: desk.environment.desk.address,
    now: (await desk.now()).toISOString(),
    formField,
    guide: guideOf({ lines, cast: await castOf(), isToldDone: mails.some(isEndTold) }),
    people: Object.entries(PEOPLE).map(([key, person]) => {
      const own = roles.filter((role) => role.address === person.address);
      return {
        key,
        name: person.name,
        address: person.address,
        role: [...new Set(own.map((role) => role.role))].join(', '),
        workspace: own.map((role) => role.workspace).join(', '),
      };
    }),
    tickets: lines.map((line) => ({
      reference: line.reference,
      state: line.state,
      sentence: sentenceOf(line),
      holds: [...line.holds],
      requester: line.requester ?? (line.erasedAt === null ? '' : 'erased'),
      next: nextWords(line, status),
    })),
    mails,
    notices: [
      ...purgeNotices(status),
      ...(await breakerTrips(desk.db)).filter((trip) => trip.closedAt === null).map(tripInWords),
    ],
    commands: [
      {
        title: 'Write a mail as one of the sample customers',
        command: `npx purgedesk sandbox send --from ada --subject "Delete our data" --text "Please delete workspace acme-inc."`,
      },
      { title: 'Read what the desk answered', command: 'npx purgedesk sandbox inbox ada' },
      {
        title: 'Answer with the code',
        command: 'npx purgedesk sandbox send --from ada --reply --text "The code is 123456"',
      },
      { title: 'Let the five days pass', command: 'npx purgedesk sandbox advance 6d' },
      { title: 'Look as an agent', command: 'npx purgedesk tickets list' },
    ],
  };
}

const isEndTold = ({ what, disposition }: Overview['mails'][number]): boolean =>
  what === 'completed' && disposition === 'sent';

function sentenceOf(line: TicketLine): string {
  if (line.erasedAt !== null) return `${line.scope}, erased`;
  return line.target === null ? line.scope : targetInEnglish(line.target);
}

const NEXT: Readonly<Record<TicketLine['state'], string>> = {
  received: 'waits for an agent',
  needs_details: 'waits for details from the customer',
  verifying: 'waits for the code',
  approval: 'waits for approval',
  grace: 'can still be cancelled',
  purging: 'is being deleted',
  completed: 'is done',
  cancelled: 'was cancelled',
  rejected: 'was not accepted',
  expired: 'expired without an answer',
};

function nextWords(line: TicketLine, { purges }: PurgeStatus): string {
  const progress = purges.find(({ reference }) => reference === line.reference);
  if (progress !== undefined) return progressInWords(progress);
  if (line.holds.length > 0) return `on hold: ${line.holds.join(', ')}`;
  const start = line.notBefore ?? line.graceEndsAt;
  if (line.state === 'grace' && start !== null) return `can be cancelled until ${instantInWords(start)}`;
  return NEXT[line.state];
}

async function mailsOf(desk: Desk): Promise<Overview['mails']> {
  const result = await desk.db.raw<{ rows: Overview['mails'] & { at: string }[] }>(MAILS, [MAILS_SHOWN]);
  return result.rows;
}

const MAILS = `
  select to_char(at at time zone 'utc', 'YYYY-MM-DD HH24:MI') as at, direction, who, what, disposition from (
    select arrived_at as at, 'in' as direction, coalesce(author, case when erased_at is null then 'nobody' else 'erased' end) as who, coalesce(subject, '') as what,
      coalesce(disposition, 'pending') as disposition, id, 0 as kind
    from messages
    union all
    select created_at, 'out', coalesce(recipient, 'erased'), template, status, id, 1 from outbox) mails
  order by mails.at desc, kind desc, id desc limit ?`;
