import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type * as dns from 'dns-packet';
import { loadDevelopmentPackage } from './development-package.ts';

type ZoneRecords = Readonly<Record<string, NameRecords>>;

export interface NameRecords {
  /** Each record is a list of character strings of at most 255 bytes, which readers join (RFC 7208 section 3.3). */
  readonly TXT?: readonly (readonly string[])[];
  readonly A?: readonly string[];
  readonly MX?: readonly { readonly exchange: string; readonly preference: number }[];
}

export interface Zone {
  readonly records: ZoneRecords;
  /** Names whose lookup fails for now: what a verifier must take for "try later", never for "no record". */
  readonly servfail?: readonly string[];
}

export interface DnsServer {
  /** `127.0.0.1:PORT`, as `dns.setServers` and DNS_SERVERS take it. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Answers from `zone` on a free port of 127.0.0.1, UDP and TCP; every other name does not exist. It never asks anybody
 * else, so that nothing in the sandbox depends on a network.
 */
export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  const codec = await loadDevelopmentPackage('dns-packet', () => import('dns-packet'));
  const answer = answerFrom(zone, codec);
  for (let tried = 1; ; tried++) {
    const tcp = createServer((socket) => serveTcp(socket, answer));
    const sockets = trackSockets(tcp);
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const { port } = tcp.address() as AddressInfo;
    const udp = await bindUdp(port, answer);
    let closing: Promise<void> | undefined;
    const stop = () => {
      closing ??= closeAll(tcp, sockets, udp);
      return closing;
    };
    if (udp !== null) return { address: `127.0.0.1:${port}`, stop };
    await stop();
    if (tried === BIND_TRIES_MAX) throw new Error('no port is free for both UDP and TCP');
  }
}

type Answer = (query: Buffer, bytesMax: (asked: dns.Packet) => number) => Buffer | null;

/** The same number must be free for both protocols; another process may hold one of them. */
const BIND_TRIES_MAX = 10;
const TTL_SECONDS = 60;
/** Without EDNS (RFC 1035 section 4.2.1), and the most that is answered with it (DNS flag day 2020). */
const UDP_BYTES_PLAIN = 512;
const UDP_BYTES_MAX = 1_232;
const TCP_BYTES_MAX = 65_535;
const SERVFAIL = 2;
const NXDOMAIN = 3;

function answerFrom({ records, servfail = [] }: Zone, codec: typeof dns): Answer {
  const names = new Map(Object.entries(records).map(([name, found]) => [name.toLowerCase(), found]));
  const failing = new Set(servfail.map((name) => name.toLowerCase()));
  return (query, bytesMax) => {
    const asked = decode(codec, query);
    const question = asked?.questions?.[0];
    if (asked === null || question === undefined) return null;
    const name = question.name.toLowerCase();
    const found = names.get(name);
    const code = failing.has(name) ? SERVFAIL : found === undefined ? NXDOMAIN : 0;
    const answers = code === 0 ? answersOf(question, found) : [];
    const flags =
      codec.AUTHORITATIVE_ANSWER | codec.RECURSION_AVAILABLE | ((asked.flags ?? 0) & codec.RECURSION_DESIRED);
    const reply = {
      id: asked.id ?? 0,
      type: 'response',
      flags: flags | code,
      questions: [question],
    } as const;
    const whole = codec.encode({ ...reply, answers });
    if (whole.length <= bytesMax(asked)) return whole;
    return codec.encode({ ...reply, flags: reply.flags | codec.TRUNCATED_RESPONSE }); // the asker comes again by TCP
  };
}

function decode(codec: typeof dns, query: Buffer): dns.Packet | null {
  try {
    return codec.decode(query);
  } catch {
    return null; // not DNS: left unanswered
  }
}

function answersOf({ name, type }: dns.Question, found: NameRecords | undefined): dns.Answer[] {
  const data: readonly unknown[] =
    type === 'TXT' || type === 'A' || type === 'MX' ? (found?.[type] ?? []) : [];
  // A copy: the encoder turns the strings of a TXT record into buffers in place.
  return data.map((value) => ({ name, type, ttl: TTL_SECONDS, data: structuredClone(value) }));
}

async function bindUdp(port: number, answer: Answer): Promise<UdpSocket | null> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const reply = answer(query, udpBytesMax);
    if (reply !== null) socket.send(reply, from.port, from.address);
  });
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    socket.on('error', () => undefined); // an asker that has gone (ECONNREFUSED) is no concern of the others
    return socket;
  } catch {
    socket.close();
    return null;
  }
}

function udpBytesMax(asked: dns.Packet): number {
  const edns = asked.additionals?.find((record) => record.type === 'OPT');
  return Math.min(Math.max(edns?.udpPayloadSize ?? 0, UDP_BYTES_PLAIN), UDP_BYTES_MAX);
}

/** Over TCP each message follows its length in two bytes (RFC 1035 section 4.2.2). */
function serveTcp(socket: Socket, answer: Answer): void {
  let pending = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const reply = answer(pending.subarray(2, end), () => TCP_BYTES_MAX);
      pending = pending.subarray(end);
      if (reply === null) {
        socket.destroy();
        return;
      }
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([length, reply]));
    }
  });
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

async function closeAll(tcp: Server, sockets: ReadonlySet<Socket>, udp: UdpSocket | null): Promise<void> {
  const closed = new Promise<void>((resolve) => tcp.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  if (udp !== null) await new Promise<void>((resolve) => udp.close(resolve));
  await closed;
}
