import { setTimeout as sleep } from 'node:timers/promises';
import { type FetchMessageObject, type FetchQueryObject, ImapFlow, type Logger } from 'imapflow';
import type { MailLogin } from '../../domain/mail-login.ts';
import { MESSAGE_BYTES_MAX } from '../../domain/raw-header.ts';
import {
  MAILBOX_LIMITS,
  type MailboxAccount,
  type MailboxDeps,
  type MailboxLimits,
  type MailboxLog,
} from '../mailbox-ports.ts';
import { faultOf, isLoginRefusal, isRefusal, loginRefused, mailboxFailed } from './faults.ts';
import { uidSet } from './uid-set.ts';

/** One byte more than the parser takes: a longer mail is stored cut and found too large there, like any other. */
export const FETCH_BYTES_MAX = MESSAGE_BYTES_MAX + 1;
/** A literal above this ends the connection: only a broken server sends one, as nothing longer is asked for. */
const LITERAL_BYTES_MAX = FETCH_BYTES_MAX + 1_024 * 1_024;
/** A search of a million mails answers in one line of some 8 MB. */
const LINE_BYTES_MAX = 16 * 1_024 * 1_024;
const SOCKET_QUIET_MS = 150_000;
/** Firewalls forget quiet connections after 5 minutes or more. */
const IDLE_RESTART_MS = 240_000;
const LOGOUT_DEADLINE_MS = 2_000;
/** For servers that number mails anew whenever they like: numbers that hold until the next look, above any real ones. */
const ownValidity = (): string => String(2 ** 32 + Date.now());

/** One connection with the folder open. Every command has a deadline and ends when the connection does. */
export class Session implements AsyncDisposable {
  readonly canMove: boolean;
  /** A mail came whole in this session, so the server can give mails. */
  proved = false;
  readonly #client: ImapFlow;
  readonly #broken: Promise<never>;
  readonly #folder: string;
  readonly #limits: MailboxLimits;
  #lookedAt = performance.now();
  #validity: string;
  #ownValidity = ownValidity();
  /** The next number that the server would give, as told when the folder was opened; `null` once it was looked at. */
  #uidNext: number | null;
  /** The server announced a change since the last search began. Kept from connect on, so that none is missed. */
  #news = true;
  #wake: () => void = () => undefined;

  private constructor(client: ImapFlow, broken: Promise<never>, folder: string, limits: MailboxLimits) {
    this.#client = client;
    this.#broken = broken;
    this.#folder = folder;
    this.#limits = limits;
    this.#validity = validityOf(client);
    this.#uidNext = uidNextOf(client);
    this.canMove = client.capabilities.has('MOVE');
    client.on('exists', () => {
      this.#news = true;
      this.#wake();
    });
  }

  /**
   * An access token that the server refuses is thrown away once, and another fetched, before the login counts as refused.
   * @throws PurgedeskError PD_MAILBOX_LOGIN, PD_MAILBOX_TOKEN or PD_MAILBOX_FAILED; nothing stays open then
   */
  static async open(deps: MailboxDeps, signal: AbortSignal): Promise<Session> {
    const { user, login } = deps.account;
    if (login.kind === 'password') {
      return Session.#connect(deps, signal, { user, pass: login.password.reveal() });
    }
    const first = await unlessAborted(login.tokens.accessToken(), signal);
    try {
      return await Session.#connect(deps, signal, { user, accessToken: first });
    } catch (error) {
      if (!isLoginRefusal(error)) throw error;
      login.tokens.rejected(first);
      const second = await unlessAborted(login.tokens.accessToken(), signal);
      return await Session.#connect(deps, signal, { user, accessToken: second });
    }
  }

  static async #connect(deps: MailboxDeps, signal: AbortSignal, auth: Auth): Promise<Session> {
    const { account, log } = deps;
    const limits = { ...MAILBOX_LIMITS, ...deps.limits };
    const client = new ImapFlow(clientOptions(account, auth, log, limits));
    const broken = breakage(client, signal);
    let isLoggedIn = false;
    const opening = async () => {
      await client.connect();
      isLoggedIn = true;
      await openFolders(client, account);
    };
    try {
      await bounded('CONNECT', opening(), broken, limits.openMs);
      return new Session(client, broken, account.folder, limits);
    } catch (error) {
      client.close();
      throw !isLoggedIn && lacksMechanism(client, account.login) ? loginRefused('no-oauth') : error;
    }
  }

  /** What the UIDs of this session belong to. */
  get uidValidity(): string {
    return this.#validity === '0' ? this.#ownValidity : this.#validity;
  }

  /** Whether the folder takes no changes, so that nothing can be moved or flagged. */
  get readOnly(): boolean {
    return this.#client.mailbox !== false && this.#client.mailbox.readOnly === true;
  }

  /** @throws PurgedeskError PD_MAILBOX_FAILED, also when the connection or `signal` ends meanwhile */
  async run<T>(command: string, start: (client: ImapFlow) => Promise<T>): Promise<T> {
    try {
      return await bounded(command, start(this.#client), this.#broken, this.#limits.commandMs);
    } catch (error) {
      // A server that has not answered in time answers no farewell either.
      if (!isRefusal(error)) this.#client.close();
      throw error;
    }
  }

  /** Mails of an ascending UID set, collected: a command within a running fetch would wait for ever. */
  fetchAll(uids: readonly number[], query: FetchQueryObject): Promise<readonly FetchMessageObject[]> {
    return this.run('FETCH', (client) => client.fetchAll(uidSet(uids), query, { uid: true }));
  }

  /** Which mails of a UID set are in the folder, ascending. */
  async search(set: string): Promise<number[]> {
    const found = await this.run('SEARCH', (client) => client.search({ uid: set }, { uid: true }));
    if (!Array.isArray(found)) throw mailboxFailed('IMAP SEARCH failed', 'refused');
    return found; // sorted by the library, each once
  }

  async present(uids: readonly number[]): Promise<number[]> {
    return uids.length === 0 ? [] : this.search(uidSet(uids));
  }

  /**
   * Whether the server gives the last mail of another folder. The watched one is open again afterwards, also when that
   * was refused: in the other one, a mail that is asked for by its number would seem to be removed.
   */
  async givesLastOf(folder: string): Promise<boolean> {
    const found = await this.run('FETCH', async (client) => {
      const { exists } = await client.mailboxOpen(folder, { readOnly: true });
      return exists > 0 ? client.fetchOne('*', { source: true }) : false;
    }).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      return false as const;
    });
    await this.#open();
    return found !== false && (found.source?.length ?? 0) > 0;
  }

  /** Whether the server will give new mails numbers up to this one, which it has given before. Asked once an opening. */
  countsFromBelow(lastUid: number): boolean {
    const uidNext = this.#uidNext;
    this.#uidNext = null;
    return uidNext !== null && uidNext <= lastUid;
  }

  /** To be called before a search: what is announced from here on ends the next wait at once. */
  clearNews(): void {
    this.#news = false;
  }

  /**
   * A folder that is deleted, renamed or numbered anew while it is open may show nothing of it to whoever has it open: now
   * and then it is opened again.
   * @throws PurgedeskError PD_MAILBOX_FAILED when it is gone or numbered otherwise
   */
  async lookAgain(): Promise<void> {
    if (performance.now() - this.#lookedAt >= this.#limits.reopenMs) await this.#open();
  }

  async #open(): Promise<void> {
    await this.run('SELECT', (client) => select(client, this.#folder));
    this.#lookedAt = performance.now();
    this.#uidNext = uidNextOf(this.#client);
    this.#ownValidity = ownValidity();
    if (validityOf(this.#client) !== this.#validity)
      throw mailboxFailed('the mailbox numbers its mails anew', 'UIDVALIDITY');
  }

  /** Waits until the server announces mail, at most `pollMs`. @throws PurgedeskError when the connection ends */
  async waitForMail(pollMs: number): Promise<void> {
    if (this.#news) return;
    const over = new AbortController();
    const announced = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const polled = sleep(pollMs, undefined, { signal: over.signal }).catch(() => undefined);
    // The next command ends it. Its own failure shows as a broken connection, or else polling goes on.
    this.#client.idle().catch(() => undefined);
    try {
      await Promise.race([announced, polled, this.#broken]);
    } finally {
      over.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const over = new AbortController();
    const farewell = this.#client.usable ? this.#client.logout() : Promise.resolve();
    const late = sleep(LOGOUT_DEADLINE_MS, undefined, { signal: over.signal });
    await Promise.race([farewell, late]).catch(() => undefined); // it is over either way
    over.abort();
    late.catch(() => undefined);
    this.#client.close();
  }
}

type Auth = { readonly user: string } & ({ readonly pass: string } | { readonly accessToken: string });

function clientOptions(
  account: MailboxAccount,
  auth: Auth,
  log: MailboxLog,
  limits: MailboxLimits,
): ConstructorParameters<typeof ImapFlow>[0] {
  return {
    host: account.host,
    port: account.port,
    secure: account.secure,
    doSTARTTLS: false,
    auth,
    clientInfo: { name: 'purgedesk' },
    logger: quietLogger(log),
    disableAutoIdle: true,
    maxIdleTime: IDLE_RESTART_MS,
    connectionTimeout: limits.openMs,
    greetingTimeout: limits.openMs,
    socketTimeout: SOCKET_QUIET_MS,
    maxLiteralSize: LITERAL_BYTES_MAX,
    maxLineLength: LINE_BYTES_MAX,
    maxResponseSize: LITERAL_BYTES_MAX + LINE_BYTES_MAX,
  };
}

/** The library's log names users and quotes servers; only its error codes are passed on. */
function quietLogger(log: MailboxLog): Logger {
  const silent = () => undefined;
  const coded = (entry: { readonly err?: { readonly code?: string } }) =>
    log.debug({ cause: entry.err?.code ?? 'unknown' }, 'imap: the connection reports a problem');
  return { trace: silent, debug: silent, info: silent, warn: coded, error: coded };
}

/** Rejects when the connection ends, for whatever reason. A dead server says 'close' only; a time-out says 'error'. */
function breakage(client: ImapFlow, signal: AbortSignal): Promise<never> {
  const broken = new Promise<never>((_, reject) => {
    const stop = () => {
      client.close();
      reject(stopping());
    };
    client.on('error', (error) => reject(faultOf(error, 'connection')));
    client.on('close', () => {
      signal.removeEventListener('abort', stop);
      reject(mailboxFailed('the IMAP connection was closed', 'closed'));
    });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  broken.catch(() => undefined); // it may break while nobody waits; the next command hears of it
  return broken;
}

const stopping = () => mailboxFailed('the desk stops', 'aborted');

/** Waits for a token no longer than the desk runs. */
async function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(stopping());
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([result, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Makes the processed folder and opens the watched one. */
async function openFolders(client: ImapFlow, account: MailboxAccount): Promise<void> {
  // A move to a folder that is not there fails without an error, so it is made now. RFC 3501 has no code for "exists".
  await client.mailboxCreate(account.processedFolder).catch(() => undefined);
  await select(client, account.folder);
}

/** Some servers refuse to open for writing what may only be read, instead of opening it read-only. */
async function select(client: ImapFlow, folder: string): Promise<void> {
  try {
    await client.mailboxOpen(folder);
  } catch (error) {
    if (!isRefusal(faultOf(error, 'SELECT'))) throw error;
    await client.mailboxOpen(folder, { readOnly: true }).catch(() => {
      throw error; // that of the first command tells more
    });
  }
}

/** `0` = the server gives none, or one that says nothing: UIDs are not to be relied on for long. */
function validityOf(client: ImapFlow): string {
  const validity: unknown = client.mailbox === false ? undefined : client.mailbox.uidValidity;
  return typeof validity === 'bigint' ? String(validity) : '0';
}

const uidNextOf = (client: ImapFlow): number | null => {
  const next: unknown = client.mailbox === false ? undefined : client.mailbox.uidNext;
  return typeof next === 'number' && next > 0 ? next : null;
};

/** The library tells it as an error like any other. */
const lacksMechanism = (client: ImapFlow, login: MailLogin): boolean =>
  login.kind === 'oauth' &&
  client.capabilities.size > 0 &&
  !['AUTH=OAUTHBEARER', 'AUTH=XOAUTH2', 'AUTH=XOAUTH'].some((name) => client.capabilities.has(name));

/** Waits for a command no longer than its deadline and the connection's life. */
async function bounded<T>(
  command: string,
  result: Promise<T>,
  broken: Promise<never>,
  deadlineMs: number,
): Promise<T> {
  const over = new AbortController();
  const late = sleep(deadlineMs, undefined, { signal: over.signal }).then(() => {
    throw mailboxFailed(`${command} took longer than ${deadlineMs} ms`, 'deadline');
  });
  try {
    return await Promise.race([result, broken, late]);
  } catch (error) {
    throw faultOf(error, command);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}
