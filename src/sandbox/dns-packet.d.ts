/** The part of dns-packet 5.6.1 that the sandbox uses; the package brings no types. */
declare module 'dns-packet' {
  interface Question {
    readonly name: string;
    readonly type: string;
    readonly class?: string;
  }

  interface Answer {
    readonly name: string;
    readonly type: string;
    readonly ttl?: number;
    readonly data?: unknown;
    /** Of an OPT record (EDNS, RFC 6891): the largest answer that the asker takes, in bytes. */
    readonly udpPayloadSize?: number;
  }

  interface Packet {
    readonly id?: number;
    readonly type?: 'query' | 'response';
    readonly flags?: number;
    readonly questions?: readonly Question[];
    readonly answers?: readonly Answer[];
    readonly additionals?: readonly Answer[];
  }

  export const RECURSION_DESIRED: number;
  export const RECURSION_AVAILABLE: number;
  export const TRUNCATED_RESPONSE: number;
  export const AUTHORITATIVE_ANSWER: number;
  export function encode(packet: Packet): Buffer;
  export function decode(bytes: Buffer): Packet;
  export function streamEncode(packet: Packet): Buffer;
}
