/**
 * Keeps sets that are under way at the same time in order where it matters: a set waits for every earlier one that has
 * an author or a content in common with it. Earlier sets never wait for later ones, so nothing can lock up.
 */
export interface SetOrder {
  /** Takes a set while no other is being taken, and gives it its place. */
  take<T>(taking: () => Promise<T>): Promise<{ readonly taken: T; readonly place: Place }>;
}

export interface Place {
  /** Says whom the set is about, once that is read, and waits for its turn. */
  turn(keys: ReadonlySet<string>): Promise<void>;
  /** The set is through, well or not. */
  leave(): void;
}

interface Entry {
  readonly keys: PromiseWithResolvers<ReadonlySet<string>>;
  readonly left: PromiseWithResolvers<void>;
}

export function setOrder(): SetOrder {
  const underWay: Entry[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const enter = (): Place => {
    const earlier = [...underWay];
    const entry: Entry = { keys: Promise.withResolvers(), left: Promise.withResolvers() };
    underWay.push(entry);
    return {
      async turn(keys) {
        entry.keys.resolve(keys);
        for (const other of earlier) {
          const theirs = await other.keys.promise;
          if ([...theirs].some((key) => keys.has(key))) await other.left.promise;
        }
      },
      leave() {
        entry.keys.resolve(new Set()); // it may have ended before it was read
        entry.left.resolve();
        underWay.splice(underWay.indexOf(entry), 1);
      },
    };
  };
  return {
    take(taking) {
      const next = last.then(async () => ({ taken: await taking(), place: enter() }));
      last = next.catch(() => undefined);
      return next;
    },
  };
}
