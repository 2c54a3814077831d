/**
 * Decisions that go on side by side and meet at the database: what several of them ask at the same time is asked once for
 * all. Each decision is written as if it were alone, and alone it is: then its items are sets of one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

type Many<D, I, O> = (db: D, items: readonly I[]) => Promise<readonly O[]>;

/**
 * Makes of a statement for many items a call for one.
 * @param many - gives one result an item, in their order; it must not depend on what the items of others do
 */
export function forMany<D, I, O>(many: Many<D, I, O>): (db: D, item: I) => Promise<O> {
  return async (db, item) => {
    const meeting = MEETINGS.getStore();
    if (meeting?.isOpen === true) return meeting.ask(many, db, item);
    return resultAt(await many(db, [item]), 0);
  };
}

/** Statements that are made for one at a time: side by side each waits for its turn, as a connection wants it. */
export const inTurn = <T>(db: unknown, statements: () => Promise<T>): Promise<T> =>
  oneByOne(db, statements) as Promise<T>;

const oneByOne = forMany(async (_db: unknown, asked: readonly (() => Promise<unknown>)[]) => {
  const results: unknown[] = [];
  for (const statements of asked) results.push(await statements());
  return results;
});

/**
 * Does independent pieces of work side by side. Whatever they ask by `forMany` is gathered until all of them wait.
 * @returns their results, in their order
 * @throws what the first that failed threw, once all have come to an end
 */
export async function sideBySide<T>(works: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const meeting = new Meeting();
  const ends = await MEETINGS.run(meeting, () => Promise.allSettled(works.map((work) => work())));
  meeting.isOpen = false;
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}

class Meeting {
  isOpen = true;
  #groups: Group[] = [];
  #isAsking = false;

  ask<D, I, O>(many: Many<D, I, O>, db: D, item: I): Promise<O> {
    let group = this.#groups.find((each) => each.many === many && each.db === db);
    if (group === undefined) {
      group = { many: many as Many<unknown, unknown, unknown>, db, asked: [] };
      this.#groups.push(group);
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    group.asked.push({ item, resolve, reject });
    if (!this.#isAsking) {
      this.#isAsking = true;
      // Outside of the meeting: what a statement asks on its own way must not wait for the statement.
      void MEETINGS.exit(() => this.#askAll());
    }
    return promise as Promise<O>;
  }

  async #askAll(): Promise<void> {
    while (this.#groups.length > 0) {
      await nextTurn(); // by then whoever can go on has come to its next question
      const group = this.#groups.shift();
      if (group !== undefined) await answer(group);
    }
    this.#isAsking = false;
  }
}

interface Group {
  readonly many: Many<unknown, unknown, unknown>;
  readonly db: unknown;
  readonly asked: {
    readonly item: unknown;
    readonly resolve: (result: unknown) => void;
    readonly reject: (error: unknown) => void;
  }[];
}

async function answer({ many, db, asked }: Group): Promise<void> {
  try {
    const results = await many(
      db,
      asked.map(({ item }) => item),
    );
    for (const [index, { resolve }] of asked.entries()) resolve(resultAt(results, index));
  } catch (error) {
    for (const { reject } of asked) reject(error);
  }
}

function resultAt<O>(results: readonly O[], index: number): O {
  if (index >= results.length) throw new TypeError('a statement for many gave too few results');
  return results[index] as O;
}

const MEETINGS = new AsyncLocalStorage<Meeting>();
