/** The provider of provider-child.ts, and somebody who signs in there. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface RunningProvider extends AsyncDisposable {
  readonly issuer: string;
  /** Has it take sign-ins that lead back there. */
  serve(redirectUri: string): Promise<void>;
}

export const CLIENT = { clientId: 'purgedesk', clientSecret: 'a-secret-between-the-two-of-them' };

/** @param host - what this machine is called in its address: another name makes it another site */
export async function startProvider(host = '127.0.0.1'): Promise<RunningProvider> {
  const child = fork(
    fileURLToPath(new URL('./provider-child.ts', import.meta.url)),
    [host, CLIENT.clientSecret],
    { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const told = () =>
    new Promise<{ readonly issuer: string }>((resolve, reject) => {
      child.once('message', (message) => resolve(message as { issuer: string }));
      child.once('exit', () => reject(new Error('the provider has ended')));
    });
  const { issuer } = await told();
  return {
    issuer,
    serve: async (redirectUri) => {
      child.send(redirectUri);
      await told();
    },
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await ended;
    },
  };
}

/** Signs in at the provider as a browser does. @returns the address of the desk to which it leads back */
export async function signInThere(start: string, name: string): Promise<URL> {
  const cookies = new Map<string, string>();
  const origin = new URL(start).origin;
  const ask = async (url: string, fields?: Record<string, string>) => {
    const answer = await fetch(new URL(url, origin), {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([key, value]) => `${key}=${value}`).join('; ') },
      ...(fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields) }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(key, value);
    }
    return { location: answer.headers.get('location'), body: await answer.text() };
  };
  let url = start;
  for (let step = 0; step < 12; step += 1) {
    const { location, body } = await ask(url);
    if (location !== null && new URL(location, origin).origin !== origin) return new URL(location);
    const form = /action="([^"]+)"/.exec(body)?.[1];
    const prompt = /name="prompt" value="([^"]+)"/.exec(body)?.[1];
    const next =
      location ?? (await ask(form ?? '', { prompt: prompt ?? '', login: name, password: 'any' })).location;
    if (next === null) throw new Error('the provider leads nowhere');
    if (new URL(next, origin).origin !== origin) return new URL(next);
    url = next;
  }
  throw new Error('the provider leads round in circles');
}
