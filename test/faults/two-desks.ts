/** Two or more processes of one desk, and steady work for them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { DeskProcess } from '../flow/desk-process.ts';
import type { Ground } from '../flow/ground.ts';
import { smallTalk } from '../flow/letters.ts';
import { openScene, type Scene } from '../flow/scene.ts';
import { letUncertainMailsRepeat, untilNothingPends, untilTakenIn } from '../flow/steps.ts';
import { checkInvariants } from './invariants.ts';

export interface Town extends AsyncDisposable {
  readonly scene: Scene;
  /** Every mail that was put into the mailbox. */
  readonly posted: readonly Buffer[];
  /** Puts a mail into the mailbox about three times a second, until told. */
  chatter(): { stop(): Promise<void> };
}

/** A scene that keeps what is put into its mailbox. */
export async function openTown(ground: Ground): Promise<Town> {
  const posted: Buffer[] = [];
  const chatters: (() => Promise<void>)[] = [];
  const { dovecot } = ground;
  const scene = await openScene({
    ...ground,
    dovecot: {
      ...dovecot,
      deliver: (name, raw, at) => {
        posted.push(raw);
        return dovecot.deliver(name, raw, at);
      },
    },
  });
  return {
    scene,
    posted,
    chatter: () => {
      const over = new AbortController();
      const talking = (async () => {
        for (let number = 1; !over.signal.aborted; number += 1) {
          await scene.ground.dovecot.deliver(scene.name, smallTalk(number));
          await sleep(TALK_MS, undefined, { signal: over.signal }).catch(() => undefined);
        }
      })();
      const stop = () => {
        over.abort();
        return talking;
      };
      chatters.push(stop);
      return { stop };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(chatters.map((stop) => stop()));
      await scene[Symbol.asyncDispose]();
    },
  };
}

/** A load, not a deadline. */
const TALK_MS = 300;

/** Which process reads the mailbox, and by which token. `null` = nobody. */
export async function holderOf(
  scene: Scene,
): Promise<{ readonly pid: number; readonly token: number } | null> {
  const row = await scene
    .db('mailboxes')
    .select<{ lease_holder: string | null; lease_token: number }[]>('lease_holder', 'lease_token')
    .first();
  const pid = row?.lease_holder?.split('/').at(-1);
  return row === undefined || pid === undefined ? null : { pid: Number(pid), token: row.lease_token };
}

export const untilHolds = (scene: Scene, desk: DeskProcess): Promise<number> =>
  scene.until(`process ${desk.pid} reads the mailbox`, async () => {
    const holder = await holderOf(scene);
    return holder !== null && holder.pid === desk.pid ? holder.token : null;
  });

/** Waits until all is handled, then looks at everything. */
export async function expectNothingLost({ scene, posted }: Town): Promise<void> {
  await untilTakenIn(scene, posted.length);
  await untilNothingPends(scene);
  await letUncertainMailsRepeat(scene);
  expect(await checkInvariants(scene, { mails: posted })).toEqual([]);
}
