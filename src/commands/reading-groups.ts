/**
 * Mails that wait for a thread go to it together: alone each takes half as long again, and as much once more to be handed
 * over. A mail that comes while a thread is free waits for nobody.
 *
 * The bounds on memory, and on the time of each step, stay those of one mail. A group that takes its thread with it is
 * read again, each mail alone, so that only the one that did it is lost.
 */
import type { Ran, ReadPool } from '../ingest/read-pool.ts';
import type { ReadResult, ReadTask } from './read-worker.ts';

/** Half of those that are read at the same time (message-queue.ts): the others wait, ready, for the end of the group before. */
const GROUP_MAX = 24;
/** Raw bytes. A larger mail goes alone; it is not the handing over that takes its time. */
const GROUP_BYTES_MAX = 256 * 1_024;

type Outcome = Ran<ReadResult>;

interface Waiting {
  readonly task: ReadTask;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/** @returns what `pool.run` of one mail does; to be asked for each mail */
export function readInGroups(pool: Pick<ReadPool, 'run'>): (task: ReadTask) => Promise<Outcome> {
  const waiting: Waiting[] = [];
  let isAsked = false;
  const readAll = (tasks: () => readonly ReadTask[]): Promise<Ran<readonly ReadResult[]>> =>
    pool.run<readonly ReadResult[]>('readAll', () => ({ tasks: tasks() }));

  async function alone({ task, resolve, reject }: Waiting): Promise<void> {
    await readAll(() => [handedOver(task)])
      .then((ran) => resolve(ofOne(ran, 0)))
      .catch(reject);
  }

  /** Whoever waits when a thread is free goes to it. */
  async function readNext(): Promise<void> {
    let group: readonly Waiting[] = [];
    try {
      const ran = await readAll(() => {
        group = nextGroup(waiting);
        isAsked = false;
        askForTurn();
        return group.map(({ task }) => handedOver(task));
      });
      if (ran.kind === 'done' || group.length === 1) {
        for (const [at, { resolve }] of group.entries()) resolve(ofOne(ran, at));
        return;
      }
    } catch (error) {
      // Without a turn nobody will ever read those that wait.
      if (group.length === 0) isAsked = false;
      for (const { reject } of group.length === 0 ? waiting.splice(0) : group) reject(error);
      return;
    }
    for (const each of group) await alone(each);
  }

  function askForTurn(): void {
    if (isAsked || waiting.length === 0) return;
    isAsked = true;
    // Mails come in by the handful: those of one moment go together.
    setImmediate(() => void readNext());
  }

  return (task) =>
    new Promise((resolve, reject) => {
      waiting.push({ task, resolve, reject });
      askForTurn();
    });
}

/** With a copy of the bytes: a buffer may be a small part of a large one, which would go along as a whole. */
const handedOver = (task: ReadTask): ReadTask => ({ ...task, raw: new Uint8Array(task.raw) });

const ofOne = (ran: Ran<readonly ReadResult[]>, at: number): Outcome =>
  ran.kind === 'done' ? { kind: 'done', value: ran.value[at] as ReadResult } : ran;

/** Takes the first ones off, in their order; one at least. */
function nextGroup(waiting: Waiting[]): readonly Waiting[] {
  let bytes = 0;
  const end = waiting.findIndex(({ task }, at) => {
    bytes += task.raw.length;
    return at > 0 && (at === GROUP_MAX || bytes > GROUP_BYTES_MAX);
  });
  return waiting.splice(0, end === -1 ? waiting.length : end);
}
