import type { Readable } from 'node:stream';
import nodemailer, { type Transporter } from 'nodemailer';
import { sha256 } from '../domain/canonical.ts';
import { PurgedeskError } from '../domain/errors.ts';
import type { OutgoingMessage } from './message.ts';

/** Why a mail could not be handed over now, and may be later. */
type LaterReason = 'answer' | 'login' | 'connection' | 'timeout' | 'dns' | 'tls' | 'closed';

/** What became of one mail. Always a value: no address, no answer text of a failure, nothing of the mail is in it. */
export type SendResult =
  | { readonly kind: 'sent'; readonly response: string }
  /** Not accepted, for sure; the same mail may go out again. `code` is the server's answer, if it gave one. */
  | { readonly kind: 'later'; readonly code: number | null; readonly reason: LaterReason }
  /** The server does not want this mail or this recipient. */
  | { readonly kind: 'refused'; readonly code: number | null }
  /** The whole mail was handed over and no answer came: it may or may not have been accepted (RFC 1047). */
  | { readonly kind: 'unknown' };

export interface MailTransport {
  /** Never throws. */
  send(message: OutgoingMessage): Promise<SendResult>;
  /** Lets mails under way finish and takes no more. */
  close(): void;
}

/** Milliseconds. Every phase is bounded, and the whole of a mail too, against a server that trickles its answers. */
export interface SmtpTimeouts {
  readonly dnsMs: number;
  readonly connectMs: number;
  readonly greetingMs: number;
  /** Silence after a command or after the final dot. */
  readonly answerMs: number;
  readonly mailMs: number;
}

const SMTP_TIMEOUTS: SmtpTimeouts = {
  dnsMs: 15_000,
  connectMs: 30_000,
  greetingMs: 30_000,
  answerMs: 60_000,
  mailMs: 180_000,
};

/**
 * A pool of connections to the server that sends our mail: `smtps://`, or `smtp://` which must then offer STARTTLS;
 * plain text is for loopback only.
 * @param smtpUrl - `smtps://user:password@mail.example.org:465`
 * @throws PurgedeskError `PD_CONFIG_INVALID` when it is no SMTP URL; the URL itself holds a password and is not shown
 */
export function openTransport(
  smtpUrl: string,
  options: {
    readonly connectionsMax?: number;
    readonly timeouts?: Partial<SmtpTimeouts>;
    /** A certificate authority in PEM besides the well-known ones. */
    readonly ca?: string;
  } = {},
): MailTransport {
  const timeouts = { ...SMTP_TIMEOUTS, ...options.timeouts };
  const mailer = nodemailer.createTransport(poolOptions(smtpUrl, timeouts, options));
  mailer.use('stream', (mail, done) => {
    const handover = mail.data.signal && HANDOVERS.get(mail.data.signal);
    if (handover !== undefined) watchHandover(mail.message, handover);
    done();
  });
  let open = true;
  return {
    send: (message) =>
      open
        ? deliver(mailer, message, timeouts)
        : Promise.resolve({ kind: 'later', code: null, reason: 'closed' }),
    close: () => {
      open = false;
      mailer.close();
    },
  };
}

/**
 * A mail as it goes over the line, for people to read: with every header, and without what is attached to it. Lines end in
 * LF. Nothing is sent.
 */
export async function sourceOf(message: OutgoingMessage): Promise<string> {
  const printer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  const { attachments: _attachments, headers, envelope: _envelope, ...words } = message;
  const printed = await printer.sendMail({
    ...words,
    headers: { ...headers },
    baseBoundary: sha256(message.messageId).slice(0, 24),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return printed.message.toString();
}

type Mailer = Transporter;

/** How far one mail got: set at the last byte that is read for sending, just before the final dot goes out. */
interface Handover {
  done: boolean;
}

/** The signal is the one object of ours that the mailer carries along from the call to the connection. */
const HANDOVERS = new WeakMap<AbortSignal, Handover>();

function poolOptions(
  smtpUrl: string,
  timeouts: SmtpTimeouts,
  options: { readonly connectionsMax?: number; readonly ca?: string },
) {
  const url = URL.parse(smtpUrl);
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw new PurgedeskError('PD_CONFIG_INVALID', 'the SMTP URL is not of the form smtps://host:port', {
      remedy: 'set SMTP_URL to something like smtps://user:password@mail.example.org:465',
    });
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'smtps:';
  const local = isLoopback(host);
  return {
    pool: true as const,
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !local,
    // A local relay often shows a certificate of its own making; nothing is gained by STARTTLS on loopback.
    ignoreTLS: !secure && local,
    tls: { minVersion: 'TLSv1.2' as const, ...(options.ca === undefined ? {} : { ca: options.ca }) },
    ...(url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    maxConnections: options.connectionsMax ?? 4,
    maxMessages: 100,
    // A connection that the server dropped while idle is replaced once; no byte of the mail had gone over it.
    maxRequeues: 1,
    dnsTimeout: timeouts.dnsMs,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.answerMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

async function deliver(
  mailer: Mailer,
  message: OutgoingMessage,
  timeouts: SmtpTimeouts,
): Promise<SendResult> {
  const handover: Handover = { done: false };
  const signal = AbortSignal.timeout(timeouts.mailMs);
  HANDOVERS.set(signal, handover);
  try {
    const info = (await mailer.sendMail({
      ...message,
      headers: { ...message.headers },
      envelope: { from: message.envelope.from, to: [...message.envelope.to] },
      attachments: message.attachments.map(({ content, ...attachment }) => ({
        ...attachment,
        content: typeof content === 'string' ? content : Buffer.from(content),
      })),
      // Boundaries are random otherwise; a repeat after an unknown outcome has to be the same mail, byte for byte.
      baseBoundary: sha256(message.messageId).slice(0, 24),
      signal,
    })) as { readonly response?: unknown };
    return { kind: 'sent', response: safeAnswer(String(info.response ?? '')) };
  } catch (error) {
    return sorted(error as SmtpFault, handover);
  }
}

/**
 * Notes when the mail has been read to its end, which only happens once the server has asked for it with 354. A pool
 * may put a mail back into its queue when a connection ends; one that was handed over must not go out again.
 */
function watchHandover(
  message: { processFunc(watch: (input: Readable) => Readable): void },
  handover: Handover,
): void {
  message.processFunc((input) => {
    if (handover.done) input.destroy(new Error('the mail was handed over before'));
    input.once('end', () => {
      handover.done = true;
    });
    return input;
  });
}

interface SmtpFault {
  readonly code?: string;
  readonly responseCode?: number;
}

/** An answer of the server decides; without one it matters whether it may have the whole mail. */
function sorted(fault: SmtpFault, handover: Handover): SendResult {
  const answer = fault.responseCode ?? null;
  if (answer !== null && answer >= 400 && answer < 600) return answered(fault, answer);
  if (handover.done) return { kind: 'unknown' };
  const ours = fault.code === 'EENVELOPE' || fault.code === 'EMESSAGE' || fault.code === 'EMAXRECIPIENTS';
  if (ours) return { kind: 'refused', code: null };
  return { kind: 'later', code: null, reason: REASONS[fault.code ?? ''] ?? 'connection' };
}

/**
 * A 5xx is final only if it is about this mail or its recipient. At the greeting, at TLS or at the login it is about
 * our account and passes once somebody puts that right; 503 says that the session was out of step (RFC 5321 4.2.2).
 */
function answered({ code }: SmtpFault, answer: number): SendResult {
  if (code === 'EAUTH' || LOGIN_ANSWERS.includes(answer))
    return { kind: 'later', code: answer, reason: 'login' };
  const aboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  return aboutMail && answer >= 500 && answer !== 503
    ? { kind: 'refused', code: answer }
    : { kind: 'later', code: answer, reason: 'answer' };
}

/** RFC 4954 section 6: authentication required, mechanism too weak, credentials invalid, encryption required. */
const LOGIN_ANSWERS: readonly number[] = [530, 534, 535, 538];

const REASONS: Readonly<Record<string, LaterReason>> = {
  ETIMEDOUT: 'timeout',
  EABORT: 'timeout',
  EDNS: 'dns',
  ETLS: 'tls',
  EAUTH: 'login',
  ENOAUTH: 'login',
};

/** "250 2.0.0 Ok: queued as 4F1B" for the outbox, bounded, and without addresses that some servers repeat. */
const safeAnswer = (answer: string): string =>
  answer
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/\S*@\S*/g, '…')
    .slice(0, 200);
