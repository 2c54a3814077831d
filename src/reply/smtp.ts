import { type Readable, Transform } from 'node:stream';
import nodemailer, { type Transporter } from 'nodemailer';
import { sha256 } from '../domain/canonical.ts';
import type { MailLogin, TokenSource } from '../domain/mail-login.ts';
import type { OutgoingMessage } from './message.ts';

/** Why a mail could not be handed over now, and may be later. */
type LaterReason =
  | 'answer'
  /** Only about this recipient, for now: greylisting, a full mailbox. */
  | 'recipient'
  /** Our envelope sender is not wanted. */
  | 'sender'
  /** The server has enough of us for now: too many connections, or too many mails. */
  | 'busy'
  | 'login'
  | 'connection'
  | 'timeout'
  | 'dns'
  | 'tls'
  | 'closed';

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

/** The server that sends our mails, and how to log in there. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly secure: boolean;
  /** STARTTLS or nothing; without it and without `secure` all is in plain text, which is for loopback only. */
  readonly requireTls: boolean;
  readonly login: ({ readonly user: string } & MailLogin) | null;
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

export const SMTP_TIMEOUTS: SmtpTimeouts = {
  dnsMs: 15_000,
  connectMs: 20_000,
  greetingMs: 20_000,
  answerMs: 50_000,
  mailMs: 60_000,
};

/** A pool of connections to the server that sends our mail. */
export function openTransport(
  server: SmtpServer,
  options: {
    readonly connectionsMax?: number;
    readonly timeouts?: Partial<SmtpTimeouts>;
    /** A certificate authority in PEM besides the well-known ones. */
    readonly ca?: string;
  } = {},
): MailTransport {
  const timeouts = { ...SMTP_TIMEOUTS, ...options.timeouts };
  const mailer = nodemailer.createTransport(poolOptions(server, timeouts, options));
  mailer.use('stream', (mail, done) => {
    const handover = mail.data.signal && HANDOVERS.get(mail.data.signal);
    if (handover !== undefined) watchHandover(mail.message, handover);
    done();
  });
  const { login } = server;
  if (login?.kind === 'oauth') mailer.set('oauth2_provision_cb', provider(login.tokens));
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
  { host, port, secure, requireTls, login }: SmtpServer,
  timeouts: SmtpTimeouts,
  options: { readonly connectionsMax?: number; readonly ca?: string },
) {
  return {
    pool: true as const,
    host,
    port,
    secure,
    requireTLS: requireTls,
    // A local relay often shows a certificate of its own making; nothing is gained by STARTTLS on loopback.
    ignoreTLS: !secure && !requireTls,
    tls: { minVersion: 'TLSv1.2' as const, ...(options.ca === undefined ? {} : { ca: options.ca }) },
    ...(login === null ? {} : { auth: authOf(login) }),
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

const authOf = (login: NonNullable<SmtpServer['login']>) =>
  login.kind === 'password'
    ? { user: login.user, pass: login.password.reveal() }
    : { type: 'OAuth2' as const, user: login.user };

/** Gives each connection a token; another one, once, where the server refuses the first. */
function provider(tokens: TokenSource) {
  let last: string | null = null;
  return (
    _user: string,
    isRefused: boolean,
    give: (error: Error | null, accessToken?: string, expires?: number) => void,
  ): void => {
    if (isRefused && last !== null) tokens.rejected(last);
    tokens.accessToken().then(
      (token) => {
        last = token;
        give(null, token, Date.now()); // it is the source that knows how long a token is good
      },
      (error: Error) => give(error),
    );
  };
}

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
    const pieces = inPieces();
    pieces.once('end', () => {
      handover.done = true;
    });
    if (handover.done) {
      input.destroy();
      return pieces.destroy(new Error('the mail was handed over before'));
    }
    input.once('error', (error) => pieces.destroy(error));
    return input.pipe(pieces);
  });
}

/** Of a mail at a time: few enough writes, and little enough that a cut in a large mail is known to be one. */
const PIECE_BYTES = 16 * 1_024;

/** A mail is made in scraps of a line or less, each of which would be a write to the network. */
function inPieces(): Transform {
  let scraps: Buffer[] = [];
  let bytes = 0;
  const taken = (): Buffer => {
    const piece = Buffer.concat(scraps);
    scraps = [];
    bytes = 0;
    return piece;
  };
  return new Transform({
    readableHighWaterMark: PIECE_BYTES,
    transform(scrap: Buffer, _encoding, done) {
      scraps.push(scrap);
      bytes += scrap.length;
      if (bytes < PIECE_BYTES) done();
      else done(null, taken());
    },
    flush(done) {
      done(null, taken());
    },
  });
}

interface SmtpFault {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
  /** During which it happened. */
  readonly command?: string;
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
 * A 5xx is final only if it is about this mail or its recipient. At the greeting, at TLS, at the login or at our own
 * address it is about our account and passes once somebody puts that right; 503 says that the session was out of step
 * (RFC 5321 section 4.2.2).
 */
function answered({ code, command, response = '' }: SmtpFault, answer: number): SendResult {
  if (code === 'EAUTH' || LOGIN_ANSWERS.includes(answer))
    return { kind: 'later', code: answer, reason: 'login' };
  if (answer < 500) {
    const isBusy = answer === 421 || BUSY.test(response);
    return {
      kind: 'later',
      code: answer,
      reason: isBusy ? 'busy' : command === 'RCPT TO' ? 'recipient' : 'answer',
    };
  }
  const aboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  if (!aboutMail || answer === 503) return { kind: 'later', code: answer, reason: 'answer' };
  // The size is announced together with the sender (RFC 1870).
  const isAtSender = command === 'MAIL FROM' && !TOO_LARGE.test(response);
  return isAtSender || SENDER.test(withoutAddresses(response))
    ? { kind: 'later', code: answer, reason: 'sender' }
    : { kind: 'refused', code: answer };
}

/** As Postfix, Exchange Online (4.7.500 and above) and Gmail word it. */
const BUSY =
  /too many|too fast|rate.?limit|sending limit|throttl|concurren|slow down|server busy|\b4\.7\.5\d\d\b/i;
/**
 * That we may not send as whom we say, which Postfix tells at the recipient (smtpd_delay_reject) and Exchange after the
 * mail (5.7.60, 5.2.252 SendAsDenied). The code is one of those that are otherwise about the recipient.
 */
const SENDER =
  /sender address (?:is )?(?:rejected|not allowed)|not owned by (?:user|authenticated)|send ?as ?denied|permissions to send as|\b5\.7\.60\b|\b5\.2\.252\b/i;
const TOO_LARGE = /^55[24]|\b5\.3\.4\b|\b5\.2\.3\b/;

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
  withoutAddresses(answer.replace(/[^\x20-\x7e]+/g, ' ')).slice(0, 200);

const withoutAddresses = (answer: string): string => answer.replace(/\S*@\S*/g, '…');
