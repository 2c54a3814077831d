/** UIDs of one FETCH at most. */
const WINDOW_MAX = 100;
/** Tries of a mail alone, each in a session in which others came. */
const TRIES_MIN = 3;

interface Aside {
  /** In milliseconds of a clock that only goes forward. */
  readonly since: number;
  tries: number;
}

/**
 * What is known, over sessions, of mails whose FETCH fails: because it ends the connection, never ends, or is refused.
 * After each failure less is asked for at once, until one mail stands alone; that one is set aside and asked for after
 * all others. It is given up only if that failed several times, and for a while, in sessions that gave other mails whole:
 * when the server gives nothing at all, nothing is given up.
 */
export class Suspects {
  #uidValidity = '';
  #window = WINDOW_MAX;
  /** The one that failed last stands last, so that each has its turn first. */
  readonly #aside = new Map<number, Aside>();
  /** Committed although a mail before them is still owed, so that the cursor could not go past them. */
  readonly #ahead = new Set<number>();

  /** How many UIDs to ask for at once: 1 to 100. */
  get window(): number {
    return this.#window;
  }

  /** To be told at each start. What was known belongs to other mails once the numbers change. */
  begin(uidValidity: string): void {
    if (uidValidity === this.#uidValidity) return;
    this.#uidValidity = uidValidity;
    this.forget();
  }

  /** The numbers are given a second time, under the same UIDVALIDITY. */
  forget(): void {
    this.#aside.clear();
    this.#ahead.clear();
  }

  /**
   * What is committed leaves the folder. A number that is still there is asked for again, as it may be another mail's by
   * now; to commit the same one again changes nothing.
   */
  askAheadAgain(): void {
    this.#ahead.clear();
  }

  /** @param found - what is behind the cursor, ascending: what is no longer there is forgotten */
  sort(found: readonly number[]): { readonly others: number[]; readonly aside: number[] } {
    if (this.#aside.size === 0) {
      this.#ahead.clear();
      return { others: [...found], aside: [] };
    }
    const present = new Set(found);
    for (const uid of [...this.#aside.keys()]) if (!present.has(uid)) this.#aside.delete(uid);
    return {
      others: found.filter((uid) => !this.#aside.has(uid) && !this.#ahead.has(uid)),
      aside: [...this.#aside.keys()],
    };
  }

  /**
   * @param uids - what the FETCH was about
   * @param proved - whether the session had given another mail whole before
   */
  failed(uids: readonly number[], proved: boolean, nowMs: number): void {
    const [uid] = uids;
    if (uid === undefined) return;
    if (uids.length > 1) {
      this.#window = Math.ceil(uids.length / 2);
      return;
    }
    const known = this.#aside.get(uid) ?? { since: nowMs, tries: 0 };
    if (proved) known.tries += 1;
    this.#aside.delete(uid);
    this.#aside.set(uid, known);
  }

  /** They are committed. */
  settled(uids: readonly number[]): void {
    for (const uid of uids) this.#aside.delete(uid);
    this.#window = Math.min(WINDOW_MAX, this.#window * 2);
  }

  isHopeless(uid: number, nowMs: number, withholdMs: number): boolean {
    const known = this.#aside.get(uid);
    return known !== undefined && known.tries >= TRIES_MIN && nowMs - known.since >= withholdMs;
  }

  isAside(uid: number | undefined): boolean {
    return uid !== undefined && this.#aside.has(uid);
  }

  /** How many mails stand aside. */
  get owed(): number {
    return this.#aside.size;
  }

  /**
   * How far the cursor may go when everything up to `last` is committed save for what is set aside.
   * @param settling - set aside as well, but in the very commit that moves the cursor
   */
  frontier(last: number, settling?: number): number {
    let frontier = last;
    for (const owed of this.#aside.keys()) if (owed !== settling) frontier = Math.min(frontier, owed - 1);
    return frontier;
  }

  /** Committed with the cursor left behind them. */
  committedAhead(uids: readonly number[]): void {
    for (const uid of uids) this.#ahead.add(uid);
  }
}
