/** News for open pages, over real connections. */
import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { consolePorts } from '../../src/commands/console-ports.ts';
import { SESSION_COOKIE } from '../../src/console/access/guard.ts';
import { endSession, isSessionOpen, openAccess } from '../../src/console/access/sessions.ts';
import { liveArea } from '../../src/console/live/area.ts';
import { openNews } from '../../src/console/live/news.ts';
import { buildConsole } from '../../src/console/server.ts';
import { ada, spaceRequest, workspaceRequest } from '../tickets/desk.ts';
import { openWholeDesk, signedIn, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  whole = await openWholeDesk();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => whole[Symbol.asyncDispose]());

/** A desk's pages on a port of their own, looking at sessions all the time. */
async function listening() {
  const { db } = whole.desk;
  const app = await buildConsole({
    ports: consolePorts(whole.joined),
    access: openAccess(db),
    areas: [liveArea(db, { isSignedIn: (token) => isSessionOpen(db, token), heartbeatMs: 50 })],
    publicUrl: 'http://desk.example',
    log: () => undefined,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  stops.push(() => app.close());
  return { app, url };
}

/** Listens, and waits for each piece of news as it comes. */
async function listen(url: string, about: string, token: string) {
  const abort = new AbortController();
  stops.unshift(async () => abort.abort());
  const answer = await fetch(`${url}/live?about=${about}`, {
    headers: { cookie: `${SESSION_COOKIE}=${token}`, 'sec-fetch-mode': 'cors' },
    signal: abort.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    answer,
    /** The next event's name; `null` = the connection has ended. */
    async next(): Promise<string | null> {
      for (;;) {
        const found = /event: (\w+)\ndata:\n\n/.exec(text);
        if (found !== null) {
          text = text.slice(found.index + found[0].length);
          return found[1] ?? '';
        }
        const read = await reader?.read();
        if (read === undefined || read.done) return null;
        text += read.value;
      }
    },
  };
}

test('whoever listens is told at once, and again of each change of what they listen to', async () => {
  const { desk } = whole;
  const { url } = await listening();
  const { token } = await signedIn(desk, 'viewer');
  await desk.mail({ from: ada, intent: 'delete', requests: [spaceRequest()] });
  const { id } = await desk.ticket();
  const queue = await listen(url, 'queue', token);
  const ticket = await listen(url, `PD-${id}`, token);
  expect(queue.answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(queue.answer.headers.get('cache-control')).toBe('no-store');
  expect(queue.answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect([await queue.next(), await ticket.next()]).toEqual(['change', 'change']);

  await desk.mail({ from: ada, intent: 'delete', requests: [workspaceRequest()] });
  expect(await queue.next()).toBe('change');
  await desk.act({
    id,
    event: { type: 'held', reason: 'agent', by: { kind: 'agent', name: 'grace' }, note: 'x' },
  });
  expect([await queue.next(), await ticket.next()]).toEqual(['change', 'change']);
  await desk
    .db('outbox')
    .where({ conversation_id: desk.db('tickets').select('conversation_id').where({ id }) })
    .update({ status: 'sent' });
  expect(await ticket.next()).toBe('change');
  const { id: agent } = await desk.db('agents').first('id');
  await desk.db('tickets').where({ id }).update({ assignee: agent });
  expect(await ticket.next()).toBe('change');
});

test('the news end with the session, which listening does not make longer', async () => {
  const { db } = whole.desk;
  const { url } = await listening();
  const { token } = await signedIn(whole.desk, 'viewer');
  await db('agent_sessions').update({ seen_at: db.raw(`clock_timestamp() - interval '20 minutes'`) });
  const before = await db('agent_sessions').max('seen_at as seen').first();
  const news = await listen(url, 'queue', token);
  expect(await news.next()).toBe('change');
  await whole.app.inject({
    url: '/queue',
    headers: { cookie: `${SESSION_COOKIE}=${token}`, 'purgedesk-unattended': '1' },
  });
  expect(await db('agent_sessions').max('seen_at as seen').first()).toEqual(before);
  await endSession(db, token);
  expect(await news.next()).toBe('end');
  expect(await news.next()).toBeNull();
});

test('a browser that went while its session was looked up listens to nothing', async () => {
  const { db } = whole.desk;
  const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>();
  const access = openAccess(db);
  let found = 0;
  const app = await buildConsole({
    ports: consolePorts(whole.joined),
    access: {
      ...access,
      findSession: async (...asked) => {
        await goOn;
        const session = await access.findSession(...asked);
        found += 1;
        return session;
      },
    },
    areas: [liveArea(db, { isSignedIn: async () => true })],
    publicUrl: 'http://desk.example',
    log: () => undefined,
  });
  stops.push(() => app.close());
  const MOST = 20;
  const { promise: allGone, resolve: noneIsLeft } = Promise.withResolvers<void>();
  let gone = 0;
  const browsers: AbortController[] = [];
  app.server.on('request', (request: IncomingMessage) => {
    request.socket.on('close', () => {
      gone += 1;
      if (gone === MOST) noneIsLeft();
    });
    browsers.shift()?.abort();
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const { token } = await signedIn(whole.desk, 'viewer');
  const headers = { cookie: `${SESSION_COOKIE}=${token}`, 'sec-fetch-mode': 'cors' };
  for (let n = 0; n < MOST; n += 1) {
    const browser = new AbortController();
    browsers.push(browser);
    await expect(fetch(`${url}/live?about=queue`, { headers, signal: browser.signal })).rejects.toThrow();
  }
  await allGone;
  letGoOn();
  await vi.waitUntil(() => found === MOST);
  expect((await listen(url, 'queue', token)).answer.status).toBe(200);
});

test('a server that stops ends them, and does not wait for anybody', async () => {
  const { app, url } = await listening();
  const { token } = await signedIn(whole.desk, 'viewer');
  const news = await listen(url, 'queue', token);
  await news.next();
  const closed = app.close();
  expect(await news.next()).toBeNull();
  await closed;
});

test('there is a bound to how many listen, and nothing to hear of what is not there', async () => {
  const { url } = await listening();
  const { token } = await signedIn(whole.desk, 'viewer');
  for (const about of ['PD-999999', 'PD-0', 'nothing', '', 'queue&about=queue'])
    expect([about, (await listen(url, about, token)).answer.status]).toEqual([about, 404]);
  const all = await Promise.all(Array.from({ length: 20 }, () => listen(url, 'queue', token)));
  expect(all.map(({ answer }) => answer.status)).toEqual(all.map(() => 200));
  const refused = await listen(url, 'queue', token);
  expect([refused.answer.status, refused.answer.headers.get('retry-after')]).toEqual([503, '30']);
  const other = await signedIn(whole.desk, 'viewer');
  expect((await listen(url, 'queue', other.token)).answer.status).toBe(200);
});

test('a reading that fails is tried again, and nobody is told twice of one state', async () => {
  const versions = ['1', null, '1', '2'];
  const told: string[] = [];
  const faults: unknown[] = [];
  let read = 0;
  const heard = await new Promise<boolean>((resolve) => {
    const news = openNews(
      async () => {
        const version = versions[read];
        read += 1;
        if (version === null) throw new Error('away');
        return new Map([['queue', version ?? '2'] as const]);
      },
      (error) => faults.push(error),
      5,
    );
    news.listen({
      about: 'queue',
      agentId: 1,
      tell: () => {
        told.push(versions[read - 1] ?? '');
        if (told.length < 2) return;
        news.close();
        resolve(true);
      },
      end: () => told.push('end'),
    });
  });
  expect([heard, told, faults.length]).toEqual([true, ['1', '2', 'end'], 1]);
});
