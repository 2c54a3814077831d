import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Faults } from './store-faults.ts';

/** The first message in some bytes that a client sends. */
export interface ClientMessage {
  /** Bytes of it, its header included. */
  readonly length: number;
  /** The server answers when it has this one. */
  readonly isAsked: boolean;
}

/** Reads a client's stream, message after message; `null` = the first one is not whole yet. A new one a connection. */
export type ClientReader = () => (bytes: Buffer) => ClientMessage | null;

/** How a connection is lost: the server hears nothing of the operation, or carries it out and its answer is lost. */
export const WIRE_WAYS = ['before', 'after'] as const;

export interface FaultyWire extends AsyncDisposable, Faults {
  readonly host: string;
  readonly port: number;
  /** The same URL, through this wire. */
  through(url: string): string;
}

/** A TCP connection to a database server that is lost at an operation of choice. */
export async function startWire(url: string, reader: ClientReader): Promise<FaultyWire> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let fault: { nth: number; way: string } | null = null;
  let operations = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay();
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    let isLost = false;
    const read = reader();
    let held = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      for (let at = 0, message = read(held); message !== null; message = read(held.subarray(at))) {
        at += message.length;
        if (!message.isAsked) continue;
        operations += 1;
        const goesWrong = fault !== null && operations === fault.nth;
        if (goesWrong && fault?.way === 'before') return cut();
        isLost ||= goesWrong;
        upstream.write(held.subarray(0, at));
        held = held.subarray(at);
        at = 0;
      }
    });
    upstream.on('data', (chunk: Buffer) => {
      if (isLost) cut();
      else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: '127.0.0.1',
    port,
    through: (other) => {
      const through = new URL(other);
      through.port = String(port);
      through.hostname = '127.0.0.1';
      return through.href;
    },
    failAt: (nth, way) => {
      operations = 0;
      fault = { nth, way };
    },
    heal: () => {
      fault = null;
    },
    wasMet: () => fault !== null && operations >= fault.nth,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** PostgreSQL 18 documentation, section 54.7: a length, and a type before it in every message but the first. */
export const postgresClient: ClientReader = () => {
  let isFirst = true;
  return (bytes) => {
    const header = isFirst ? 0 : 1;
    if (bytes.length < header + 4) return null;
    const length = header + bytes.readInt32BE(header);
    if (bytes.length < length) return null;
    const type = isFirst ? 'startup' : String.fromCharCode(bytes[0] ?? 0);
    isFirst = false;
    return { length, isAsked: ['startup', 'p', 'Q', 'S'].includes(type) };
  };
};

/** Commands without an answer: COM_QUIT, COM_STMT_CLOSE. */
const UNANSWERED = [0x01, 0x19];

/** MariaDB documentation, "0 - Packet": three bytes of length and a number, which is 0 in a command. */
export const mysqlClient: ClientReader = () => (bytes) => {
  if (bytes.length < 5) return null;
  const length = 4 + bytes.readUIntLE(0, 3);
  if (bytes.length < length) return null;
  const isCommand = bytes[3] === 0;
  return { length, isAsked: !(isCommand && UNANSWERED.includes(bytes[4] ?? 0)) };
};
