/** A process of ours that answers one message at a time. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Helper<Answer> {
  /** @throws Error when it ends, or says nothing within `limitMs`; then it is gone */
  ask(message: object, limitMs: number): Promise<Answer>;
  stop(): Promise<void>;
}

/** Its output goes to our standard error: our standard output holds nothing but the report. */
export function startHelper<Answer>(file: string, execArgv: readonly string[] = []): Helper<Answer> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
    execArgv: [...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const gone = once(child, 'exit').then(([code, signal]) => `it ended (${signal ?? code})`);
  return {
    ask: (message, limitMs) => ask<Answer>(child, gone, message, limitMs),
    stop: async () => {
      if (child.connected) child.disconnect();
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await gone;
      clearTimeout(late);
    },
  };
}

async function ask<Answer>(
  child: ChildProcess,
  gone: Promise<string>,
  message: object,
  limitMs: number,
): Promise<Answer> {
  const settled = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = once(child, 'message', { signal: settled.signal }).then(([value]) => value as Answer);
    answer.catch(() => undefined);
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`it said nothing within ${limitMs / 1_000} s`), limitMs);
    });
    if (child.connected) child.send(message);
    const won = await Promise.race([
      answer.then((value) => ({ value })),
      Promise.race([gone, late]).then((why) => ({ why })),
    ]);
    if ('value' in won) return won.value;
    child.kill('SIGKILL');
    await gone;
    throw new Error(won.why);
  } finally {
    clearTimeout(timer);
    settled.abort();
  }
}
