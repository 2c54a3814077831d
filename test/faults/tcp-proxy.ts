/**
 * A TCP proxy on 127.0.0.1 that passes bytes on unchanged until it is told to do harm: for IMAP, SMTP, Postgres, S3 and
 * DNS over TCP alike. It knows no protocol.
 */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Direction = 'toClient' | 'toServer';

/** What is done to one connection. Nothing said: nothing done. */
export interface Fault {
  /** The connection ends once so many bytes went this way; those bytes still arrive. 0 = before the first. */
  readonly cutAfter?: Partial<Record<Direction, number>>;
  /** The connection ends once these words went this way and arrived; no answer to them passes. */
  readonly cutAfterWords?: Partial<Record<Direction, string>>;
  /** After so many bytes nothing more goes this way, and the connection stays open. 0 = nothing at all. */
  readonly stallAfter?: Partial<Record<Direction, number>>;
  /** Each piece waits so long before it goes on, both ways and in order. */
  readonly delayMs?: number;
  /** A cut is an RST that may overtake bytes, as when a host dies, not an orderly end. */
  readonly reset?: boolean;
}

/** What became of one connection, in the order of their coming. */
export interface Passage {
  readonly toClient: number;
  readonly toServer: number;
  /** How it ended: by a fault, by an end or error of one side, or `null` while it is open. */
  readonly ended: 'cut' | Direction | null;
}

export interface TcpProxy extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** For the coming connections, one each, before `always` counts again. */
  next(...faults: readonly Fault[]): void;
  /** For each coming connection that has no fault of its own. */
  always(fault: Fault): void;
  /** Ends all open connections. @returns how many */
  sever(reset?: boolean): number;
  /** Nothing passes on any connection, old or new, until `flow()`: the peers see a network that swallows. */
  hold(): void;
  flow(): void;
  /** New connections get ECONNREFUSED; open ones end. */
  refuse(): Promise<void>;
  /** Ends `refuse()`, on the same port. */
  accept(): Promise<void>;
  passages(): readonly Passage[];
  /** Connections that a fault or `sever` has ended. */
  cuts(): number;
  /** Connections that are open now. */
  open(): number;
}

export interface TcpProxyOptions {
  readonly target: { readonly host?: string; readonly port: number };
  /** 0 = any free one. */
  readonly port?: number;
}

export async function startTcpProxy({ target, port = 0 }: TcpProxyOptions): Promise<TcpProxy> {
  const connections = new Set<Connection>();
  const passages: Connection[] = [];
  const queue: Fault[] = [];
  let usual: Fault = {};
  let held = false;
  let listener = await listen(port);
  const ownPort = (listener.address() as AddressInfo).port;

  function listen(at: number) {
    const server = createServer({ noDelay: true }, (client) => {
      const upstream = connect({ host: target.host ?? '127.0.0.1', port: target.port, noDelay: true });
      const made = new Connection(client, upstream, queue.shift() ?? usual);
      connections.add(made);
      passages.push(made);
      void made.gone.then(() => connections.delete(made));
      made.hold(held);
      made.begin();
    });
    return new Promise<typeof server>((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, '127.0.0.1', () => resolve(server));
    });
  }
  const sever = (reset = false): number => {
    const open = [...connections];
    for (const connection of open) connection.cut(reset);
    return open.length;
  };
  const refuse = async () => {
    sever();
    if (listener.listening) await new Promise((resolve) => listener.close(resolve));
  };
  const setHeld = (on: boolean) => {
    held = on;
    for (const connection of connections) connection.hold(on);
  };
  return {
    host: '127.0.0.1',
    port: ownPort,
    next: (...faults) => void queue.push(...faults),
    always: (fault) => {
      usual = fault;
    },
    sever,
    hold: () => setHeld(true),
    flow: () => setHeld(false),
    refuse,
    accept: async () => {
      if (!listener.listening) listener = await listen(ownPort);
    },
    passages: () => passages.map(({ passed, ended }) => ({ ...passed, ended })),
    cuts: () => passages.filter(({ ended }) => ended === 'cut').length,
    open: () => connections.size,
    [Symbol.asyncDispose]: refuse,
  };
}

class Connection {
  readonly passed: Record<Direction, number> = { toClient: 0, toServer: 0 };
  ended: Passage['ended'] = null;
  readonly gone: Promise<void>;
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #fault: Fault;
  readonly #tails: Record<Direction, Buffer> = { toClient: Buffer.alloc(0), toServer: Buffer.alloc(0) };
  #flowing: Promise<void> = Promise.resolve();
  #flow: () => void = () => undefined;

  constructor(client: Socket, upstream: Socket, fault: Fault) {
    this.#client = client;
    this.#upstream = upstream;
    this.#fault = fault;
    const closed = [client, upstream].map(
      (socket) => new Promise<void>((done) => socket.once('close', done)),
    );
    this.gone = Promise.all(closed).then(() => undefined);
    client.on('error', () => undefined); // its close follows
    upstream.on('error', () => undefined);
    client.once('close', () => this.#end('toServer'));
    upstream.once('close', () => this.#end('toClient'));
  }

  begin(): void {
    const { cutAfter } = this.#fault;
    if (cutAfter?.toClient === 0 || cutAfter?.toServer === 0) this.cut();
    void this.#pump(this.#client, this.#upstream, 'toServer');
    void this.#pump(this.#upstream, this.#client, 'toClient');
  }

  hold(on: boolean): void {
    this.#flow();
    if (!on) return;
    this.#flowing = new Promise((resolve) => {
      this.#flow = resolve;
    });
  }

  cut(reset = this.#fault.reset === true): void {
    if (this.ended !== null) return;
    this.ended = 'cut';
    this.#flow();
    for (const socket of [this.#client, this.#upstream]) {
      if (reset) socket.resetAndDestroy();
      else socket.destroySoon(); // what it was given arrives first
    }
  }

  #end(by: Direction): void {
    this.ended ??= by;
    this.#flow();
    this.#client.destroySoon();
    this.#upstream.destroySoon();
  }

  async #pump(from: Socket, to: Socket, direction: Direction): Promise<void> {
    const { cutAfter, stallAfter, delayMs } = this.#fault;
    const last = cutAfter?.[direction] ?? Number.POSITIVE_INFINITY;
    const still = stallAfter?.[direction] ?? Number.POSITIVE_INFINITY;
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        if (delayMs !== undefined) await sleep(delayMs);
        await this.#flowing;
        if (this.ended === 'cut') return;
        const room = Math.max(0, Math.min(last, still) - this.passed[direction]);
        const piece = this.#uptoWords(direction, chunk.subarray(0, room));
        this.passed[direction] += piece.bytes.length;
        if (piece.bytes.length > 0 && !to.write(piece.bytes)) await drained(to);
        if (piece.found || this.passed[direction] >= last) this.cut();
      }
    } catch {
      // The socket broke; its close is handled above.
    }
  }

  /** A match may lie across two pieces, so the end of the one before is looked at with each. */
  #uptoWords(direction: Direction, bytes: Buffer): { readonly bytes: Buffer; readonly found: boolean } {
    const words = this.#fault.cutAfterWords?.[direction];
    if (words === undefined) return { bytes, found: false };
    const tail = this.#tails[direction];
    const seen = Buffer.concat([tail, bytes]);
    const at = seen.indexOf(words);
    if (at >= 0) return { bytes: bytes.subarray(0, at + words.length - tail.length), found: true };
    this.#tails[direction] = seen.subarray(Math.max(0, seen.length - words.length + 1));
    return { bytes, found: false };
  }
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const over = () => {
      socket.off('drain', over);
      socket.off('close', over);
      resolve();
    };
    socket.on('drain', over);
    socket.on('close', over);
  });
