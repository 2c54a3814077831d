/** What our own mail server writes above a mail when it takes it in, and how it comes into the mailbox. */

import { mailDate } from './letter.ts';
import { CLOCK, DESK, MX } from './world.ts';

export interface Delivery {
  /** Address of the peer that connected. */
  readonly ip: string;
  /** What the peer said of itself; it may say anything. */
  readonly helo: string;
  /** Name of the address by DNS; `unknown` when it has none. */
  readonly reverse?: string;
  /** MAIL FROM; empty = the null path. */
  readonly mailFrom: string;
}

/** `Return-Path` above the one `Received` that counts, above the mail as it came. */
export function delivered(mail: Buffer, { ip, helo, reverse = helo, mailFrom }: Delivery): Buffer {
  const trace = [
    `Return-Path: <${mailFrom}>`,
    `Received: from ${helo} (${reverse} [${ip}])`,
    `\tby ${MX} (Postfix) with ESMTPS id 4fW7Qz2Lk1z9sT1`,
    `\tfor <${DESK}>; ${mailDate(new Date(CLOCK.getTime() - 120_000))} (UTC)`,
  ];
  return Buffer.concat([Buffer.from(`${trace.join('\r\n')}\r\n`), mail]);
}

/** From the servers that the domains' SPF records name. */
export const fromAcme = (mail: Buffer, mailFrom = 'ada@acme.example') =>
  delivered(mail, { ip: '192.0.2.10', helo: 'mail.acme.example', mailFrom });
export const fromGlobex = (mail: Buffer, mailFrom = 'gwen@globex.example') =>
  delivered(mail, { ip: '192.0.2.20', helo: 'mail.globex.example', mailFrom });
export const fromHooli = (mail: Buffer, mailFrom = 'hana@hooli.example') =>
  delivered(mail, { ip: '192.0.2.30', helo: 'mail.hooli.example', mailFrom });

/** From a forwarder that nobody's SPF record names, and whose own name says nothing. */
export const fromElsewhere = (mail: Buffer, mailFrom = 'bounce@relay.example') =>
  delivered(mail, { ip: '198.51.100.77', helo: 'relay.example', reverse: 'unknown', mailFrom });

/** From the attacker's own server, with an SPF pass for the attacker's own domain. */
export const fromEvil = (mail: Buffer, mailFrom = 'eve@evil.example') =>
  delivered(mail, { ip: '203.0.113.66', helo: 'mail.evil.example', mailFrom });
