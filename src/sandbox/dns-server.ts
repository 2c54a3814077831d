import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type * as dns from 'dns-packet';
import { loadDevelopmentPackage } from './development-package.ts';

type ZoneRecords = Readonly<Record<string, NameRecords>>;

export interface NameRecords {
  /**
   * Each record is a list of character strings, which readers join (RFC 7208 section 3.3); one text is one record. Those
   * of more than 255 bytes are cut as the wire wants. Bytes that are no text are written as such.
   */
  readonly TXT?: readonly (string | readonly (string | Uint8Array)[])[];
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  readonly MX?: readonly { readonly exchange: string; readonly preference: number }[];
  readonly PTR?: readonly string[];
  /** Another name, whose records of the zone are answered along with it. */
  readonly CNAME?: string;
}

export interface Zone {
  readonly records: ZoneRecords;
  /** Names whose lookup fails for now: what a verifier must take for "try later", never for "no record". */
  readonly servfail?: readonly string[];
  /** Names whose lookup is never answered, for all record types but those that the name has. */
  readonly silent?: readonly string[];
}

export interface DnsServer {
  /** `ADDRESS:PORT`, as `dns.setServers` and DNS_SERVERS take it. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Answers from `zone` on a free port, of 127.0.0.1 unless told, UDP and TCP; every other name does not exist. It never asks anybody
 * else, so that nothing in the sandbox depends on a network.
 */
export async function startDnsServer(zone: Zone, host = '127.0.0.1'): Promise<DnsServer> {
  const codec = await loadDevelopmentPackage('dns-packet', () => import('dns-packet'));
  const answer = answerFrom(zone, codec);
  for (let tried = 1; ; tried++) {
    const tcp = createServer((socket) => serveTcp(socket, answer));
    const sockets = trackSockets(tcp);
    tcp.listen(0, host);
    await once(tcp, 'listening');
    const { port } = tcp.address() as AddressInfo;
    const udp = await bindUdp(port, host, answer);
    let closing: Promise<void> | undefined;
    const stop = () => {
      closing ??= closeAll(tcp, sockets, udp);
      return closing;
    };
    if (udp !== null) return { address: `${host}:${port}`, stop };
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
const TXT_BYTES_MAX = 255;
/** Of one question; a circle of names ends there. */
const ALIASES_MAX = 8;
const SERVFAIL = 2;
const NXDOMAIN = 3;

function answerFrom({ records, servfail = [], silent = [] }: Zone, codec: typeof dns): Answer {
  const names: Names = new Map(Object.entries(records).map(([name, found]) => [folded(name), found]));
  const failing = new Set(servfail.map(folded));
  const mute = new Set(silent.map(folded));
  return (query, bytesMax) => {
    const asked = decode(codec, query);
    const question = asked?.questions?.[0];
    if (asked === null || question === undefined) return null;
    const name = folded(question.name);
    const { answers, end } = answersOf(question, names);
    const code = failing.has(name) || failing.has(end) ? SERVFAIL : names.has(end) ? 0 : NXDOMAIN;
    if (answers.length === 0 && mute.has(name)) return null;
    const flags =
      codec.AUTHORITATIVE_ANSWER | codec.RECURSION_AVAILABLE | ((asked.flags ?? 0) & codec.RECURSION_DESIRED);
    const reply = {
      id: asked.id ?? 0,
      type: 'response',
      flags: flags | code,
      questions: [question],
    } as const;
    const whole = codec.encode({ ...reply, answers: code === SERVFAIL ? [] : answers });
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

type Names = ReadonlyMap<string, NameRecords>;

/** RFC 4343: capitals do not matter. The last dot is a way to write a name, not a part of it. */
const folded = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** `end`: the name whose records they are, after all its aliases. */
function answersOf({ name, type }: dns.Question, names: Names): { answers: dns.Answer[]; end: string } {
  const answers: dns.Answer[] = [];
  let at = name;
  for (let followed = 0; followed < ALIASES_MAX && type !== 'CNAME'; followed += 1) {
    const alias = names.get(folded(at))?.CNAME;
    if (alias === undefined) break;
    answers.push({ name: at, type: 'CNAME', ttl: TTL_SECONDS, data: alias });
    at = alias;
  }
  const found = names.get(folded(at));
  for (const data of found === undefined ? [] : dataOf(type, found)) {
    answers.push({ name: at, type, ttl: TTL_SECONDS, data });
  }
  return { answers, end: folded(at) };
}

/** New values each time: the encoder turns the strings of a TXT record into buffers in place. */
function dataOf(type: string, found: NameRecords): readonly unknown[] {
  switch (type) {
    case 'TXT':
      return (found.TXT ?? []).map((record) =>
        (typeof record === 'string' ? [record] : record).flatMap(characterStrings),
      );
    case 'MX':
      return (found.MX ?? []).map((mx) => ({ ...mx }));
    case 'A':
    case 'AAAA':
    case 'PTR':
      return found[type] ?? [];
    case 'CNAME':
      return found.CNAME === undefined ? [] : [found.CNAME];
    default:
      return [];
  }
}

/** At most 255 bytes each (RFC 1035 section 3.3). */
function characterStrings(text: string | Uint8Array): readonly Buffer[] {
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return [bytes];
  const count = Math.ceil(bytes.length / TXT_BYTES_MAX);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * TXT_BYTES_MAX, (index + 1) * TXT_BYTES_MAX),
  );
}

async function bindUdp(port: number, host: string, answer: Answer): Promise<UdpSocket | null> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const reply = answer(query, udpBytesMax);
    if (reply !== null) socket.send(reply, from.port, from.address);
  });
  try {
    socket.bind(port, host);
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
