import { timingSafeEqual } from 'node:crypto';
import { type Canonical, canonicalJson, keyed } from '../domain/canonical.ts';
import { isPlainAddress } from '../domain/directory.ts';
import { PurgedeskError } from '../domain/errors.ts';
import {
  type DeskIdentity,
  type MailFacts,
  type RenderedMail,
  TEMPLATES,
  type TemplateName,
} from '../domain/mail-facts.ts';
import type { SignedReceipt } from '../domain/receipt.ts';
import { certificateFileName, receiptFileName } from './views.ts';

/** A mail as the transport takes it: exactly one recipient, and every header decided here. */
export interface OutgoingMessage {
  readonly messageId: string;
  readonly date: Date;
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly replyTo: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
  /** RFC 5321 envelope; an empty sender is the null return path of automatic mail (RFC 3834 section 3.3). */
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly attachments: readonly {
    readonly filename: string;
    /** Text is sent as UTF-8. */
    readonly content: string | Uint8Array;
    readonly contentType: string;
  }[];
}

/** What an outgoing Message-ID says about its mail. */
export interface OutgoingParts {
  readonly tag: string | null;
  /** The key of the outbox row: digits, or a UUID. */
  readonly outboxId: string;
  readonly template: TemplateName;
}

/**
 * The whole message around a rendered mail. Pure: the same input gives the same headers, so that a repeat after an
 * unknown outcome carries the same Message-ID.
 * @throws PurgedeskError `PD_SMTP_REFUSED` when the recipient is not one plain address
 */
export function composeMessage(input: {
  readonly facts: MailFacts;
  readonly rendered: RenderedMail;
  readonly desk: DeskIdentity;
  readonly messageId: string;
  /** The Message-ID of the mail that is answered; `null` when this starts a thread. */
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  readonly to: string;
  readonly instanceId: string;
  /** Whereto bounces go, of `bounceAddress`, or `null` for the null sender. */
  readonly returnPath: string | null;
  /** From `replyAddress`; without it answers go to the desk's own address. */
  readonly replyTo?: string;
  /** The page for each receipt, by the ticket's reference. */
  readonly certificates?: ReadonlyMap<string, Uint8Array>;
}): OutgoingMessage {
  const { facts, rendered, desk, to } = input;
  if (!isPlainAddress(to)) {
    throw new PurgedeskError('PD_SMTP_REFUSED', 'the recipient is not one plain address', {
      details: { template: facts.template },
    });
  }
  return {
    messageId: input.messageId,
    date: new Date(facts.at),
    from: { name: oneLine(desk.name), address: desk.address },
    to,
    replyTo: input.replyTo ?? desk.address,
    subject: oneLine(rendered.subject),
    text: rendered.text,
    html: rendered.html,
    headers: mimeHeaders(input),
    envelope: { from: input.returnPath ?? '', to: [to] },
    attachments: proofsOf(facts, input.certificates ?? new Map()),
  };
}

/** Headers that say that a machine wrote the mail, where it belongs, and that we must not answer it ourselves. */
function mimeHeaders(input: {
  readonly facts: MailFacts;
  readonly rendered: RenderedMail;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  readonly instanceId: string;
}): Readonly<Record<string, string>> {
  const { facts } = input;
  const answered = input.inReplyTo === null ? null : messageIdIn(input.inReplyTo);
  const thread = boundedReferences([...input.references, ...(answered === null ? [] : [answered])]);
  return {
    'Auto-Submitted': answered !== null && !isNotice(facts) ? 'auto-replied' : 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'X-Purgedesk-Loop': oneLine(input.instanceId),
    'X-Purgedesk-Mail-Type': facts.template,
    // RFC 3282
    'Content-Language': oneLine(input.rendered.language),
    ...(facts.tag === null ? {} : { 'X-Purgedesk-Ticket': oneLine(facts.tag) }),
    ...(answered === null ? {} : { 'In-Reply-To': answered }),
    ...(thread.length === 0 ? {} : { References: thread.join(' ') }),
  };
}

/** At most ten ids without repeats: the first four, which started the thread, and the last six. */
export function boundedReferences(ids: readonly string[]): readonly string[] {
  const known = [...new Set(ids.map(messageIdIn).filter((id) => id !== null))];
  return known.length <= REFERENCES_MAX ? known : [...known.slice(0, 4), ...known.slice(-6)];
}

/** `<pd.TICKET.OUTBOXID.TEMPLATE.HMAC@domain>`: a bounce or an answer that quotes it is one to a mail of ours. */
export function outgoingMessageId(key: Uint8Array, parts: OutgoingParts, domain: string): string {
  const body = `pd.${numberOf(parts.tag)}.${parts.outboxId}.${parts.template}`;
  if (!MESSAGE_BODY.test(body) || !DOMAIN.test(domain)) {
    throw new RangeError('a Message-ID is made of a reference, an outbox id and a host name');
  }
  return `<${body}.${tokenOf(key, 'message-id', body)}@${domain}>`;
}

/** The parts of a Message-ID that we gave out ourselves; `null` for any other, forged ones included. */
export function readOutgoingMessageId(key: Uint8Array, messageId: string): OutgoingParts | null {
  if (messageId.length > ID_LENGTH_MAX) return null;
  const match = /^<?(pd\.(\d+)\.([A-Za-z0-9-]+)\.([a-z_]+))\.([0-9a-f]+)@[A-Za-z0-9.-]+>?$/.exec(
    messageId.trim(),
  );
  const [, body, number, outboxId, name, token] = match ?? [];
  if (body === undefined || outboxId === undefined || token === undefined) return null;
  const template = TEMPLATES.find((each) => each === name);
  if (template === undefined || !sameToken(token, tokenOf(key, 'message-id', body))) return null;
  return { tag: number === '0' ? null : `PD-${number}`, outboxId, template };
}

/**
 * `support+pd1042.TOKEN@desk.example.org`: an answer to it names its conversation and cannot be guessed. An address
 * whose local part has no room for it (64 octets, RFC 5321 section 4.5.3.1.1) is given back as it is.
 */
export function replyAddress(key: Uint8Array, tag: string, deskAddress: string): string {
  const number = numberOf(tag);
  const token = tokenOf(key, 'reply-address', number).slice(0, ADDRESS_TOKEN_LENGTH);
  return withSubaddress(deskAddress, `pd${number}.${token}`);
}

/** The tag of a reply address of this desk; `null` for any other address and for a forged one. */
export function readReplyAddress(
  key: Uint8Array,
  address: string,
  deskAddresses: readonly string[],
): string | null {
  const [number, token] =
    /^pd([1-9]\d{0,14})\.([0-9a-f]+)$/.exec(subaddressOf(address, deskAddresses))?.slice(1) ?? [];
  if (number === undefined || token === undefined) return null;
  const expected = tokenOf(key, 'reply-address', number).slice(0, ADDRESS_TOKEN_LENGTH);
  return sameToken(token, expected) ? `PD-${number}` : null;
}

/**
 * `support+bounce.7.TOKEN@desk.example.org`: the envelope sender of one mail of the outbox (VERP), so that a report that
 * quotes nothing of it still tells which one came back. Without room for it (see `replyAddress`) the address itself.
 */
export function bounceAddress(key: Uint8Array, outboxId: number, deskAddress: string): string {
  // A test has no row, so there is nothing that could have come back.
  if (outboxId < 1) return deskAddress;
  const token = tokenOf(key, 'bounce-address', String(outboxId)).slice(0, ADDRESS_TOKEN_LENGTH);
  return withSubaddress(deskAddress, `bounce.${outboxId}.${token}`);
}

/** As a bounce address looks to a server, of no mail of the outbox. */
export const bounceAddressOfTest = (deskAddress: string): string =>
  withSubaddress(deskAddress, 'bounce.0.test');

function withSubaddress(address: string, subaddress: string): string {
  const at = address.lastIndexOf('@');
  const local = `${address.slice(0, at)}+${subaddress}`;
  return local.length > 64 ? address : `${local}${address.slice(at)}`;
}

/** The outbox row of a bounce address of this desk; `null` for any other address and for a forged one. */
export function readBounceAddress(
  key: Uint8Array,
  address: string,
  deskAddresses: readonly string[],
): number | null {
  const [id, token] =
    /^bounce\.([1-9]\d{0,14})\.([0-9a-f]+)$/.exec(subaddressOf(address, deskAddresses))?.slice(1) ?? [];
  if (id === undefined || token === undefined) return null;
  const expected = tokenOf(key, 'bounce-address', id).slice(0, ADDRESS_TOKEN_LENGTH);
  return sameToken(token, expected) ? Number(id) : null;
}

/**
 * What stands between the plus sign and the domain of an address of ours, lower case; empty for any other address. Of
 * `help@` and `help+privacy@` the longer one that fits is meant.
 */
function subaddressOf(address: string, deskAddresses: readonly string[]): string {
  if (address.length > 254) return '';
  const given = address.trim().toLowerCase();
  let [longest, found] = [0, ''];
  for (const deskAddress of deskAddresses) {
    const desk = deskAddress.toLowerCase();
    const at = desk.lastIndexOf('@');
    const prefix = `${desk.slice(0, at)}+`;
    if (prefix.length > longest && given.startsWith(prefix) && given.endsWith(desk.slice(at)))
      [longest, found] = [prefix.length, given.slice(prefix.length, given.lastIndexOf('@'))];
  }
  return found;
}

const REFERENCES_MAX = 10;
const ID_LENGTH_MAX = 250;
const TOKEN_LENGTH = 32;
/** 80 bits: enough against guessing by mail, short enough for a local part of 64 octets. */
const ADDRESS_TOKEN_LENGTH = 20;
const MESSAGE_BODY = /^pd\.(?:0|[1-9]\d{0,14})\.[A-Za-z0-9-]{1,40}\.[a-z_]+$/;
const DOMAIN = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,150}[A-Za-z0-9])?$/;

/** Sent because time passed or work was done, not because a mail came in (RFC 3834 section 5). */
const NOTICES: readonly TemplateName[] = [
  'owner_notice',
  'grace_reminder',
  'purge_started',
  'completed',
  'expired',
];

const isNotice = (facts: MailFacts): boolean =>
  NOTICES.includes(facts.template) || facts.challenge?.reminder === true;

/** The signed receipts that a completion mail tells of. */
export const receiptsOf = ({ template, tickets }: MailFacts): readonly SignedReceipt[] =>
  template !== 'completed' ? [] : tickets.flatMap(({ receipt }) => (receipt === null ? [] : [receipt]));

/** A receipt as a file that `purgedesk receipt verify` reads: canonical, as it was signed, for it takes no other form. */
export const receiptFile = (signed: SignedReceipt): string =>
  `${canonicalJson(signed as unknown as Canonical)}\n`;

/** For each receipt first the page that people read, then what proves it. */
function proofsOf(
  facts: MailFacts,
  certificates: ReadonlyMap<string, Uint8Array>,
): OutgoingMessage['attachments'] {
  return receiptsOf(facts).flatMap((signed) => {
    const { ticket } = signed.receipt;
    const certificate = certificates.get(ticket);
    const receipt = { filename: receiptFileName(ticket), content: receiptFile(signed) };
    return [
      ...(certificate === undefined
        ? []
        : [
            {
              filename: certificateFileName(ticket),
              content: certificate,
              contentType: 'application/pdf',
            },
          ]),
      { ...receipt, contentType: 'application/json' },
    ];
  });
}

/** A Message-ID from elsewhere, if it is one that may stand in a header of ours. */
function messageIdIn(text: string): string | null {
  const id = text.trim();
  const bracketed = id.startsWith('<') ? id : `<${id}>`;
  return bracketed.length <= ID_LENGTH_MAX && /^<[!-;=?-~]+@[!-;=?-~]+>$/.test(bracketed) ? bracketed : null;
}

/** No header value may hold a line end, of Unicode's either, or another control character. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** `PD-1042` → `1042`; no ticket → `0`. */
function numberOf(tag: string | null): string {
  const [, number] = tag === null ? ['', '0'] : (/^PD-([1-9]\d{0,14})$/.exec(tag) ?? []);
  if (number === undefined) throw new RangeError('a tag is a reference like PD-1042');
  return number;
}

const tokenOf = (key: Uint8Array, purpose: string, text: string): string =>
  keyed(key, purpose, text).toString('hex').slice(0, TOKEN_LENGTH);

const sameToken = (given: string, expected: string): boolean =>
  given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
