/**
 * Mails that wait for a thread go to it together: handing over one alone costs a good part of what reading it does. A
 * mail that comes while a thread is free waits for nobody.
 *
 * The bounds on time and memory stay those of one mail. A group that takes its thread with it is read again, each mail
 * alone, so that only the one that did it is lost.
 */
import type { Ran, ReadPool } from '../ingest/read-pool.ts';
import type { ReadResult, ReadTask } from './read-worker.ts';

const GROUP_MAX = 8;
/** Raw bytes. A larger mail goes alone; it is not the handing over that takes its time. */
const GROUP_BYTES_MAX = 256 * 1_024;

type Outcome = Ran<ReadResult>;

interface Waiting {
  readonly task: ReadTask;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/** @returns what `pool.run` of the task `read` does, for one mail at a time */
export function readInGroups(pool: Pick<ReadPool, 'run' | 'threads'>): (task: ReadTask) => Promise<Outcome> {
  const waiting: Waiting[] = [];
  let busy = 0;
  const alone = (task: ReadTask): Promise<Outcome> => pool.run<ReadResult>('read', task);

  async function readGroup(group: readonly Waiting[]): Promise<void> {
    if (group.length > 1) {
      const tasks = group.map(({ task }) => task);
      const ran = await pool.run<readonly ReadResult[]>('readAll', { tasks });
      if (ran.kind === 'done') {
        for (const [at, { resolve }] of group.entries())
          resolve({ kind: 'done', value: ran.value[at] as ReadResult });
        return;
      }
    }
    for (const { task, resolve, reject } of group) await alone(task).then(resolve, reject);
  }

  function goOn(): void {
    while (busy < pool.threads && waiting.length > 0) {
      const group = nextGroup(waiting);
      busy += 1;
      readGroup(group)
        .catch((error: unknown) => {
          for (const { reject } of group) reject(error);
        })
        .finally(() => {
          busy -= 1;
          goOn();
        });
    }
  }

  return (task) =>
    new Promise((resolve, reject) => {
      waiting.push({ task, resolve, reject });
      goOn();
    });
}

/** Takes the first ones off, in their order; one at least. */
function nextGroup(waiting: Waiting[]): readonly Waiting[] {
  let bytes = 0;
  const end = waiting.findIndex(({ task }, at) => {
    bytes += task.raw.length;
    return at > 0 && (at === GROUP_MAX || bytes > GROUP_BYTES_MAX);
  });
  return waiting.splice(0, end === -1 ? waiting.length : end);
}
