import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { untilDatabase } from '../../src/commands/await-database.ts';
import { injected } from '../faults/tally.ts';
import { freshDatabase } from '../support/database.ts';

/** ErrorResponse of PostgreSQL's protocol (documentation, section 54.7), as a server sends it that is not up yet. */
function refusal(code: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mthe database system is starting up\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Answers the first connections like that, and hands the others on. */
async function startingServer(target: URL, code: string, times: number) {
  const refused = { times: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (refused.times < times) {
      refused.times += 1;
      socket.once('data', () => socket.end(refusal(code)));
      return;
    }
    const behind = connect(Number(target.port), target.hostname);
    sockets.add(behind);
    behind.on('error', () => socket.destroy());
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    refused,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const never = new AbortController().signal;

test('F19 a desk that is started while its database is starting waits for it, and says so', async () => {
  await using fresh = await freshDatabase();
  await using starting = await startingServer(new URL(fresh.url), '57P03', 2);
  const said: unknown[] = [];
  await untilDatabase(starting.url, { signal: never, log: (_message, details) => said.push(details.code) });
  injected('F19', starting.refused.times);
  expect(said).toEqual(['57P03', '57P03']);
});

test('F19 a database that does not come is given up, and a wrong password at once', async () => {
  await using fresh = await freshDatabase();
  await using down = await startingServer(new URL(fresh.url), '57P03', Number.POSITIVE_INFINITY);
  const waiting = { signal: never, log: () => undefined, patienceMs: 400 };
  await expect(untilDatabase(down.url, waiting)).rejects.toMatchObject({ code: '57P03' });
  expect(down.refused.times).toBeGreaterThan(1);
  await using locked = await startingServer(new URL(fresh.url), '28P01', Number.POSITIVE_INFINITY);
  await expect(untilDatabase(locked.url, { ...waiting, patienceMs: 60_000 })).rejects.toMatchObject({
    code: '28P01',
  });
  expect(locked.refused.times).toBe(1);
});

test('a desk that is told to stop waits no longer', async () => {
  await using fresh = await freshDatabase();
  await using down = await startingServer(new URL(fresh.url), '57P03', Number.POSITIVE_INFINITY);
  const stopping = new AbortController();
  await untilDatabase(down.url, { signal: stopping.signal, log: () => stopping.abort() });
  expect(down.refused.times).toBe(1);
});
