import { PurgedeskError } from '../../domain/errors.ts';
import { faultCode } from '../../domain/fault.ts';
import { type FetchedBatch, type FetchedMail, MAILBOX_LIMITS, type MailboxDeps } from '../mailbox-ports.ts';
import { seekProof } from './control.ts';
import { isRefusal, isReuse, mailboxFailed } from './faults.ts';
import { fetchMails, fetchSizes, groupsOf } from './fetch-mails.ts';
import { type MoveNotes, moveAway } from './moves.ts';
import type { Session } from './session.ts';
import type { Suspects } from './suspects.ts';

/** A server that refuses so many mails one by one, and gave none before, is asked for no more in this session. */
const REFUSED_IN_VAIN = 3;

/** What outlives a session. */
export interface MailboxMemory {
  readonly suspects: Suspects;
  readonly notes: MoveNotes;
  /** Told when mails are durable. */
  readonly progressed: () => void;
  /** Whether the database has taken a mail with content from this process. */
  hasStored: boolean;
}

/**
 * Commits everything behind the cursor and moves it away, in order.
 * @throws PurgedeskError PD_MAILBOX_FAILED also when mails are still owed that the server does not give
 */
export async function takeInNew(session: Session, deps: MailboxDeps, memory: MailboxMemory): Promise<void> {
  session.clearNews();
  const { suspects } = memory;
  const lastUid = await startingPoint(session, deps, suspects);
  suspects.begin(session.uidValidity);
  if (session.canMove && !session.readOnly) suspects.askAheadAgain();
  // "n:*" also matches the last mail when n lies beyond it (RFC 9051 section 6.4.4).
  const found = (await session.search(`${lastUid + 1}:*`)).filter((uid) => uid > lastUid);
  const { others, aside } = suspects.sort(found);
  await using round = new Round(session, deps, memory);
  await round.takeIn(others);
  await round.takeAside(aside, found.at(-1) ?? lastUid);
  if (suspects.owed > 0) throw mailboxFailed('the server does not give some mails', 'owed');
}

/** The last UID that is committed; 0 when the server's numbers have changed since. */
async function startingPoint(session: Session, deps: MailboxDeps, suspects: Suspects): Promise<number> {
  const cursor = await deps.ports.cursor();
  const { lastUid, highestUid } = cursor;
  const isKnown = cursor.uidValidity === session.uidValidity;
  // A server that was restored from a backup gives numbers a second time, below the cursor. Asked in any case: what was
  // told when the folder was opened says nothing about mails that came since.
  const countsFromBelow = session.countsFromBelow(highestUid);
  if (isKnown && !countsFromBelow) return lastUid;
  if (highestUid > 0) {
    const what = isKnown ? 'the server counts from below again' : 'UIDVALIDITY changed';
    deps.log.warn({ lastUid }, `${what}; reading the folder anew`);
  }
  await deps.ports.restart(session.uidValidity, cursor);
  suspects.forget();
  return 0;
}

/** A batch, and which mails it sees to: also those that a person has removed meanwhile. */
interface Handed {
  readonly batch: FetchedBatch;
  readonly seen: readonly number[];
}

/**
 * One pass over the folder. While one batch is fetched the one before is committed, and while that one is moved the next
 * is committed: server and database wait for each other as little as may be. Never more than two batches are in memory,
 * commits keep their order, and no mail is moved before its commit has returned.
 */
class Round implements AsyncDisposable {
  readonly #session: Session;
  readonly #deps: MailboxDeps;
  readonly #memory: MailboxMemory;
  #committing: { readonly batch: FetchedBatch; readonly done: Promise<void> } | null = null;
  #marking: Promise<void> = Promise.resolve();

  constructor(session: Session, deps: MailboxDeps, memory: MailboxMemory) {
    this.#session = session;
    this.#deps = deps;
    this.#memory = memory;
  }

  /** @param uids - none of them set aside */
  async takeIn(uids: readonly number[]): Promise<void> {
    const { suspects } = this.#memory;
    let refusedInVain = 0;
    for (let at = 0; at < uids.length; ) {
      const range = uids.slice(at, at + suspects.window);
      const { count, refusal } = await this.#takeRange(range, (last) => suspects.frontier(last));
      at += count;
      // What was refused is asked for again, in smaller ranges; one that was asked for alone stands aside by now, also
      // where it was a group of its own within a range.
      if (refusal === null || !suspects.isAside(uids[at])) continue;
      at += 1;
      refusedInVain = this.#session.proved ? 0 : refusedInVain + 1;
      if (refusedInVain >= REFUSED_IN_VAIN) throw refusal;
    }
    await this.#settle();
  }

  /** @param last - the highest UID that was found: everything else up to there is committed */
  async takeAside(uids: readonly number[], last: number): Promise<void> {
    if (uids.length === 0) return;
    await seekProof(this.#session, this.#deps, uids);
    const { suspects } = this.#memory;
    const withholdMs = this.#deps.limits?.withholdMs ?? MAILBOX_LIMITS.withholdMs;
    for (const uid of uids) {
      if (suspects.isHopeless(uid, performance.now(), withholdMs))
        await this.#withhold(uid, suspects.frontier(last, uid));
      else
        await this.#takeRange([uid], (_, owed) =>
          suspects.frontier(last, owed.includes(uid) ? undefined : uid),
        );
    }
    await this.#settle();
    const { uidValidity } = this.#session;
    await this.#deps.ports.commit({ uidValidity, throughUid: suspects.frontier(last), mails: [] });
  }

  /** Whatever failed: nothing is left running. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#committing?.done.catch(() => undefined);
    await this.#marking.catch(() => undefined);
  }

  /**
   * Sizes first, so that memory is bounded; then the sources, a group at a time.
   * @param through - how far the cursor may go once everything up to this UID is seen to but what is owed
   * @returns how many of the UIDs are seen to, and the refusal that ended it, if one did
   */
  async #takeRange(
    uids: readonly number[],
    through: (last: number, owed: readonly number[]) => number,
  ): Promise<{ readonly count: number; readonly refusal: unknown }> {
    const { suspects } = this.#memory;
    let count = 0;
    try {
      const groups = groupsOf(await this.#fetching(uids, () => fetchSizes(this.#session, uids)));
      for (const [index, group] of groups.entries()) {
        const asked = group.map((mail) => mail.uid);
        const { mails, owed } = await this.#fetching(asked, () =>
          fetchMails(this.#session, this.#deps.log, group, (uid) => suspects.isAside(uid)),
        );
        for (const uid of owed) suspects.failed([uid], this.#session.proved, performance.now());
        const end = index === groups.length - 1 ? uids.length : uids.indexOf(asked.at(-1) ?? 0) + 1;
        const seen = uids.slice(count, end).filter((uid) => !owed.includes(uid));
        const throughUid = through(uids[end - 1] ?? 0, owed);
        await this.#handOver({ batch: this.#batch(mails, throughUid), seen });
        count = end;
      }
      return { count, refusal: null };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { count, refusal: error };
    }
  }

  /** Notes which mails a FETCH was about that failed. */
  async #fetching<T>(uids: readonly number[], ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!isStopping(error)) this.#memory.suspects.failed(uids, this.#session.proved, performance.now());
      throw error;
    }
  }

  /** A mail that is there and cannot be had must not stop those behind it for ever: it is taken in empty, for an agent. */
  async #withhold(uid: number, throughUid: number): Promise<void> {
    const isThere = (await this.#session.present([uid])).length > 0;
    if (isThere) this.#deps.log.error({ uid, withheld: 1 }, 'a mail is taken in without its content');
    const mails = isThere ? [{ uid, raw: Buffer.alloc(0), sizeBytes: 0, internalDate: null }] : [];
    await this.#handOver({ batch: this.#batch(mails, throughUid), seen: [uid] });
  }

  #batch(mails: readonly FetchedMail[], throughUid: number): FetchedBatch {
    return { uidValidity: this.#session.uidValidity, throughUid, mails };
  }

  /** Begins the commit of a batch once the one before is durable, and then moves that one away. */
  async #handOver(handed: Handed | null): Promise<void> {
    const before = this.#committing;
    await before?.done;
    const done = handed === null ? null : this.#commit(handed);
    done?.catch(() => undefined); // looked at when the next is handed over, or at the end
    this.#committing = handed === null || done === null ? null : { batch: handed.batch, done };
    if (before !== null) await this.#moveAway(before.batch);
  }

  async #commit({ batch, seen }: Handed): Promise<void> {
    const { suspects, progressed } = this.#memory;
    this.#deps.crashPoint('ingest.fetched');
    await this.#deps.ports.commit(batch).catch((error: unknown) => this.#notCommitted(batch, error));
    this.#deps.crashPoint('ingest.committed');
    if (batch.mails.some((mail) => mail.raw.length > 0)) this.#memory.hasStored = true;
    suspects.settled(seen);
    suspects.committedAhead(seen.filter((uid) => uid > batch.throughUid));
    if (batch.mails.length === 0) return;
    progressed();
    this.#deps.log.info({ mails: batch.mails.length, throughUid: batch.throughUid }, 'mails taken in');
  }

  /** A commit that the database refuses for what is in it, or because its numbers belong to other mails. */
  async #notCommitted({ uidValidity, mails }: FetchedBatch, error: unknown): Promise<never> {
    const { suspects, hasStored } = this.#memory;
    if (isReuse(error)) {
      this.#deps.log.warn(
        { mails: mails.length },
        'numbers are given a second time; reading the folder anew',
      );
      await this.#deps.ports.restart(uidValidity, await this.#deps.ports.cursor());
      suspects.forget();
    } else if (isDataFault(error)) {
      const uids = mails.map((mail) => mail.uid);
      suspects.failed(uids, this.#session.proved && hasStored, performance.now());
    }
    throw error;
  }

  async #moveAway({ uidValidity, mails }: FetchedBatch): Promise<void> {
    const uids = mails.map((mail) => mail.uid);
    const { done } = await moveAway(this.#session, this.#deps, this.#memory.notes, uids);
    await this.#marking;
    this.#marking = this.#deps.ports
      .markMoved(uidValidity, done)
      .then(() => this.#deps.crashPoint('ingest.marked'));
    this.#marking.catch(() => undefined); // looked at before the next, or at the end
  }

  /** Waits until everything that was handed over is durable and moved. */
  async #settle(): Promise<void> {
    await this.#handOver(null);
    await this.#marking;
  }
}

const isStopping = (error: unknown): boolean =>
  error instanceof PurgedeskError && error.details.cause === 'aborted';

/** SQLSTATE class 22, data exception (PostgreSQL's documentation, appendix A). */
const isDataFault = (error: unknown): boolean => /^22[0-9A-Z]{3}$/.test(faultCode(error));
