import { setTimeout as sleep } from 'node:timers/promises';
import { type FetchMessageObject, type FetchQueryObject, ImapFlow, type Logger } from 'imapflow';
import { PurgedeskError } from '../domain/errors.ts';
import { firstFrame } from '../domain/fault.ts';
import { MESSAGE_BYTES_MAX } from '../domain/raw-header.ts';

/** The mailbox to read. `secure` is false on loopback only: the configuration sees to that. */
export interface MailboxAccount {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly user: string;
  readonly password: { reveal(): string };
  readonly folder: string;
  readonly processedFolder: string;
  readonly pollSeconds: number;
}

/** How far the mailbox has been read. UIDVALIDITY is text: it fills 32 bits and is only ever compared. */
export interface Cursor {
  readonly uidValidity: string;
  readonly lastUid: number;
}

export interface FetchedMail {
  readonly uid: number;
  /** At most one byte above the cap, which is enough for the parser to refuse it; empty when the server gave nothing. */
  readonly raw: Buffer;
  /** Of the whole mail, by the server's word where it was cut. */
  readonly sizeBytes: number;
  readonly internalDate: Date | null;
}

export interface FetchedBatch {
  readonly uidValidity: string;
  /** Nothing up to this UID is fetched again. */
  readonly throughUid: number;
  /** By UID, ascending; empty when a person removed them meanwhile. */
  readonly mails: readonly FetchedMail[];
}

export interface MailboxPorts {
  cursor(): Promise<Cursor>;
  /** The server numbers its mails anew: the cursor becomes (uidValidity, 0). */
  restart(uidValidity: string): Promise<void>;
  /** Resolves once the mails are durable; only then do they leave the server. The same batch twice changes nothing. */
  commit(batch: FetchedBatch): Promise<void>;
  /** Committed and not yet marked as moved, ascending. */
  unmoved(uidValidity: string): Promise<readonly number[]>;
  markMoved(uidValidity: string, uids: readonly number[]): Promise<void>;
  /** Liveness: all that was there is committed. */
  polled(): Promise<void>;
  failed(code: string): Promise<void>;
}

/** What pino offers, details first. They are ids, counts and codes. */
export interface MailboxLog {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface MailboxDeps {
  readonly account: MailboxAccount;
  readonly ports: MailboxPorts;
  readonly log: MailboxLog;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Where fault tests end the process; does nothing otherwise. */
  readonly crashPoint: (label: 'ingest.committed' | 'ingest.moved') => void;
}

/** Set on mails that cannot be moved, so that people see that they were taken in. The desk itself never reads it. */
export const PROCESSED_KEYWORD = '$Purgedesk';

/** One byte more than the parser takes: a longer mail is stored cut and found too large there, like any other. */
const FETCH_BYTES_MAX = MESSAGE_BYTES_MAX + 1;
/** A literal above this ends the connection: only a broken server sends one, as nothing longer is asked for. */
const LITERAL_BYTES_MAX = FETCH_BYTES_MAX + 1_024 * 1_024;
/** A search of a million mails answers in one line of some 8 MB. */
const LINE_BYTES_MAX = 16 * 1_024 * 1_024;
const UIDS_PER_RANGE = 100;
/** Mails of one commit; a single larger one is committed alone. Bounds memory whatever the mails hold. */
const COMMIT_BYTES = 8 * 1_024 * 1_024;
/** TCP, TLS, greeting, login and folders together. */
const OPEN_DEADLINE_MS = 30_000;
/** Any one command. 8 MiB in it is 70 KB a second. */
const COMMAND_DEADLINE_MS = 120_000;
const SOCKET_QUIET_MS = 150_000;
/** Firewalls forget quiet connections after 5 minutes or more. */
const IDLE_RESTART_MS = 240_000;
const LOGOUT_DEADLINE_MS = 2_000;
/** With 120 s in which normal work must be back after an outage, a longer pause would be too long. */
const RECONNECT_CAP_MS = 60_000;
/** A refused FETCH may pass, so it is tried in new sessions first; then the mails it is about are taken in without it. */
const WITHHELD_AFTER_REFUSALS = 6;
/** Servers lock accounts after quick wrong logins. */
const LOGIN_RETRY_MS = 90_000;

/**
 * Takes in mail until `signal` aborts: every mail is committed first and only then moved away. Each try opens a new
 * session; a dropped one is never reused. No failure ends it, not even a refused login, which is tried again slowly
 * and logged as an error each time: a desk must not die at night because somebody changed a password.
 */
export async function watchMailbox(deps: MailboxDeps, signal: AbortSignal): Promise<void> {
  let refusals = 0;
  for (let failures = 0; !signal.aborted; ) {
    try {
      await using session = await Session.open(deps, signal);
      await finishMoves(session, deps);
      while (!signal.aborted) {
        session.insists = refusals < WITHHELD_AFTER_REFUSALS;
        await ingestNew(session, deps);
        await deps.ports.polled();
        refusals = 0;
        failures = 0; // a connection that opened is not yet recovery; work that succeeded is
        await session.waitForMail(deps.account.pollSeconds * 1_000);
      }
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (isRefusal(error)) refusals += 1;
      const delayMs = pauseMs(error, failures, deps.random());
      await reportDown(deps, error, failures, delayMs);
      await sleep(delayMs, undefined, { signal }).catch(() => undefined); // an abort ends the loop above
    }
  }
}

/**
 * How long to wait before connecting again. Full jitter: M. Brooker, "Exponential Backoff And Jitter", 2015.
 * @param failures - tries failed in a row, 1 or more
 * @param random - uniform in [0, 1); the caller supplies it, so that this stays pure
 * @returns milliseconds, from 0 up to 60,000
 * @throws RangeError when `failures` is below 1, which is a bug in the caller
 */
export function reconnectDelayMs(failures: number, random: number): number {
  if (failures < 1) throw new RangeError(`failures must be 1 or more, got ${failures}`);
  return Math.floor(random * Math.min(RECONNECT_CAP_MS, 1_000 * 2 ** (failures - 1)));
}

/** One connection with the folder open. Every command has a deadline and ends when the connection does. */
class Session implements AsyncDisposable {
  readonly uidValidity: string;
  readonly canMove: boolean;
  /** Whether a refused FETCH fails the session; otherwise the mails it is about count as withheld. */
  insists = true;
  readonly #client: ImapFlow;
  readonly #broken: Promise<never>;
  /** The server announced a change since the last search began. Kept from connect on, so that none is missed. */
  #news = true;
  #wake: () => void = () => undefined;

  private constructor(client: ImapFlow, broken: Promise<never>, uidValidity: string) {
    this.#client = client;
    this.#broken = broken;
    this.uidValidity = uidValidity;
    this.canMove = client.capabilities.has('MOVE');
    client.on('exists', () => {
      this.#news = true;
      this.#wake();
    });
  }

  /** @throws PurgedeskError PD_MAILBOX_LOGIN or PD_MAILBOX_FAILED; nothing stays open then */
  static async open(deps: MailboxDeps, signal: AbortSignal): Promise<Session> {
    const client = new ImapFlow(clientOptions(deps));
    const broken = breakage(client, signal);
    try {
      const opening = openFolders(client, deps.account);
      const uidValidity = await bounded('CONNECT', opening, broken, OPEN_DEADLINE_MS);
      return new Session(client, broken, uidValidity);
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** @throws PurgedeskError PD_MAILBOX_FAILED, also when the connection or `signal` ends meanwhile */
  run<T>(command: string, start: (client: ImapFlow) => Promise<T>): Promise<T> {
    return bounded(command, start(this.#client), this.#broken, COMMAND_DEADLINE_MS);
  }

  /** Mails of an ascending UID set, collected: a command within a running fetch would wait for ever. */
  async fetch(uids: readonly number[], query: FetchQueryObject): Promise<readonly FetchMessageObject[]> {
    try {
      return await this.run('FETCH', (client) => client.fetchAll(uidSet(uids), query, { uid: true }));
    } catch (error) {
      if (this.insists || !isRefusal(error)) throw error;
      return [];
    }
  }

  /** To be called before a search: what is announced from here on ends the next wait at once. */
  clearNews(): void {
    this.#news = false;
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

function clientOptions({ account, log }: MailboxDeps): ConstructorParameters<typeof ImapFlow>[0] {
  return {
    host: account.host,
    port: account.port,
    secure: account.secure,
    doSTARTTLS: false,
    auth: { user: account.user, pass: account.password.reveal() },
    clientInfo: { name: 'purgedesk' },
    logger: quietLogger(log),
    disableAutoIdle: true,
    maxIdleTime: IDLE_RESTART_MS,
    connectionTimeout: OPEN_DEADLINE_MS,
    greetingTimeout: OPEN_DEADLINE_MS,
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
      reject(mailboxFailed('the desk stops', 'aborted'));
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

/** Logs in, makes the processed folder and opens the watched one. @returns its UIDVALIDITY */
async function openFolders(client: ImapFlow, account: MailboxAccount): Promise<string> {
  await client.connect();
  // A move to a folder that is not there fails without an error, so it is made now. RFC 3501 has no code for "exists".
  await client.mailboxCreate(account.processedFolder).catch(() => undefined);
  const mailbox = await client.mailboxOpen(account.folder);
  return String(mailbox.uidValidity);
}

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

/** The server said no, and the connection lives. */
const isRefusal = (error: unknown): boolean =>
  error instanceof PurgedeskError && error.code === 'PD_MAILBOX_FAILED' && error.details.refused === true;

function faultOf(error: unknown, command: string): PurgedeskError {
  if (error instanceof PurgedeskError) return error;
  const { authenticationFailed, responseStatus } = Object(error) as {
    readonly authenticationFailed?: unknown;
    readonly responseStatus?: unknown;
  };
  if (authenticationFailed === true) {
    return new PurgedeskError('PD_MAILBOX_LOGIN', 'the mail server refuses user name or password', {
      remedy: 'correct IMAP_URL and restart; until then the login is tried again slowly',
    });
  }
  const refused = responseStatus === 'NO' || responseStatus === 'BAD';
  return mailboxFailed(`IMAP ${command} failed`, codeOf(error), { refused });
}

// Without `cause`: the library's errors quote the server, which may quote addresses.
const mailboxFailed = (
  message: string,
  cause: string,
  details: PurgedeskError['details'] = {},
): PurgedeskError => new PurgedeskError('PD_MAILBOX_FAILED', message, { details: { cause, ...details } });

function codeOf(error: unknown): string {
  const { code, serverResponseCode } = Object(error) as {
    readonly code?: unknown;
    readonly serverResponseCode?: unknown;
  };
  if (typeof serverResponseCode === 'string') return serverResponseCode;
  return typeof code === 'string' ? code : 'unknown';
}

/** Moves what an earlier session committed and, killed or cut off, did not move. */
async function finishMoves(session: Session, deps: MailboxDeps): Promise<void> {
  const uids = await deps.ports.unmoved(session.uidValidity);
  for (const range of chunksOf(uids, UIDS_PER_RANGE)) await moveAway(session, deps, range);
}

/** Commits and moves everything behind the cursor, range by range. */
async function ingestNew(session: Session, deps: MailboxDeps): Promise<void> {
  session.clearNews();
  const lastUid = await startingPoint(session, deps);
  const found = await searchUids(session, `${lastUid + 1}:*`);
  // "n:*" also matches the last mail when n lies beyond it (RFC 9051 section 6.4.4).
  const uids = found.filter((uid) => uid > lastUid);
  for (const range of chunksOf(uids, UIDS_PER_RANGE)) await ingestRange(session, deps, range);
}

/** The last UID that is committed; 0 when the server's numbers have changed since. */
async function startingPoint(session: Session, deps: MailboxDeps): Promise<number> {
  const cursor = await deps.ports.cursor();
  if (cursor.uidValidity === session.uidValidity) return cursor.lastUid;
  if (cursor.lastUid > 0)
    deps.log.warn({ lastUid: cursor.lastUid }, 'UIDVALIDITY changed; reading the folder anew');
  await deps.ports.restart(session.uidValidity);
  return 0;
}

/** Which mails of a UID set are in the folder, ascending. */
async function searchUids(session: Session, set: string): Promise<number[]> {
  const found = await session.run('SEARCH', (client) => client.search({ uid: set }, { uid: true }));
  if (!Array.isArray(found)) throw mailboxFailed('IMAP SEARCH failed', 'refused');
  return found.sort((a, b) => a - b);
}

interface MailSize {
  readonly uid: number;
  readonly sizeBytes: number;
  readonly internalDate: Date | null;
}

/** Sizes first, so that memory is bounded; then sources, commit and move, a group at a time. */
async function ingestRange(session: Session, deps: MailboxDeps, uids: readonly number[]): Promise<void> {
  const groups = groupsOf(await fetchSizes(session, uids));
  for (const [index, group] of groups.entries()) {
    const mails = await fetchMails(session, deps, group);
    const isLast = index === groups.length - 1;
    const throughUid = (isLast ? uids : group.map((mail) => mail.uid)).at(-1) ?? 0;
    await deps.ports.commit({ uidValidity: session.uidValidity, throughUid, mails });
    deps.crashPoint('ingest.committed');
    const committed = mails.map((mail) => mail.uid);
    await moveAway(session, deps, committed);
    deps.log.info({ mails: mails.length, throughUid }, 'mails taken in');
  }
}

/** A mail that is in the folder and that the server does not list gets the largest size: its source is asked for alone. */
async function fetchSizes(session: Session, uids: readonly number[]): Promise<MailSize[]> {
  const query = { uid: true, size: true, internalDate: true };
  const open = new Set(uids);
  const sizes = (await session.fetch(uids, query))
    .filter((mail) => open.delete(mail.uid)) // each once, and nothing unasked: servers also send flag updates
    .map(
      (mail): MailSize => ({
        uid: mail.uid,
        sizeBytes: mail.size ?? FETCH_BYTES_MAX,
        internalDate: dateOf(mail.internalDate),
      }),
    );
  for (const uid of await presentOf(session, [...open])) {
    sizes.push({ uid, sizeBytes: FETCH_BYTES_MAX, internalDate: null });
  }
  return sizes.sort((a, b) => a.uid - b.uid);
}

function dateOf(value: Date | string | undefined): Date | null {
  const date = value === undefined ? null : new Date(value);
  return date === null || Number.isNaN(date.getTime()) ? null : date;
}

/** Groups of at most `COMMIT_BYTES`, in order; one group at least, which is empty when there is nothing. */
function groupsOf(sizes: readonly MailSize[]): MailSize[][] {
  const groups: MailSize[][] = [[]];
  let bytes = 0;
  for (const mail of sizes) {
    const fetched = Math.min(mail.sizeBytes, FETCH_BYTES_MAX);
    if (bytes > 0 && bytes + fetched > COMMIT_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(mail);
    bytes += fetched;
  }
  return groups;
}

/**
 * The sources of a group. One that the server gives in part or not at all is asked for once more, alone; if the answer
 * is the same again, it stands (some servers announce sizes that are only nearly right). A mail that is there and
 * cannot be had must not stop those behind it: it is committed empty, for an agent.
 */
async function fetchMails(
  session: Session,
  deps: MailboxDeps,
  group: readonly MailSize[],
): Promise<FetchedMail[]> {
  if (group.length === 0) return [];
  const sources = await fetchSources(session, group);
  const short = group.filter((mail) => isShort(mail, sources.get(mail.uid)));
  for (const mail of short) {
    const again = (await fetchSources(session, [mail])).get(mail.uid);
    if (again !== undefined && again.length >= (sources.get(mail.uid)?.length ?? 0))
      sources.set(mail.uid, again);
  }
  const absent = short.map((mail) => mail.uid).filter((uid) => !sources.has(uid));
  const withheld = await presentOf(session, absent);
  if (short.length > 0) {
    const details = { short: short.length, gone: absent.length - withheld.length, withheld: withheld.length };
    deps.log.warn(details, 'the server gave some mails only in part or not at all');
  }
  for (const uid of withheld) sources.set(uid, Buffer.alloc(0));
  return group.flatMap((mail) => {
    const raw = sources.get(mail.uid);
    if (raw === undefined) return [];
    const sizeBytes = raw.length < FETCH_BYTES_MAX ? raw.length : Math.max(mail.sizeBytes, raw.length);
    return [{ uid: mail.uid, raw, sizeBytes, internalDate: mail.internalDate }];
  });
}

const isShort = (mail: MailSize, source: Buffer | undefined): boolean =>
  source === undefined || source.length < Math.min(mail.sizeBytes, FETCH_BYTES_MAX);

/** Parts are asked for only where a mail is above the cap, which is then alone in its group: servers are less sure of them. */
async function fetchSources(session: Session, group: readonly MailSize[]): Promise<Map<number, Buffer>> {
  const cut = group.some((mail) => mail.sizeBytes > MESSAGE_BYTES_MAX);
  const query = { uid: true, source: cut ? { start: 0, maxLength: FETCH_BYTES_MAX } : true };
  const uids = group.map((mail) => mail.uid);
  const found = await session.fetch(uids, query);
  return new Map(
    found.flatMap((mail) => (mail.source === undefined ? [] : [[mail.uid, mail.source] as const])),
  );
}

const presentOf = async (session: Session, uids: readonly number[]): Promise<number[]> =>
  uids.length === 0 ? [] : searchUids(session, uidSet(uids));

/**
 * Takes committed mails out of the watched folder; those that cannot be moved are flagged instead. A mail that a person
 * removed meanwhile counts as moved. What can be neither moved nor flagged is tried again by the next session.
 */
async function moveAway(session: Session, deps: MailboxDeps, uids: readonly number[]): Promise<void> {
  if (uids.length === 0) return;
  const moved = await move(session, deps.account.processedFolder, uids);
  const rest = await presentOf(
    session,
    uids.filter((uid) => !moved.has(uid)),
  );
  deps.crashPoint('ingest.moved');
  const flagged = rest.length === 0 || (await flag(session, rest));
  const left = new Set(flagged ? [] : rest);
  await deps.ports.markMoved(
    session.uidValidity,
    uids.filter((uid) => !left.has(uid)),
  );
  if (left.size > 0) {
    deps.log.error({ mails: left.size }, 'mails can be neither moved nor flagged; is the mailbox read-only?');
  } else if (rest.length > 0) {
    deps.log.warn({ mails: rest.length }, 'mails could not be moved and were flagged instead');
  }
}

/**
 * Without MOVE (RFC 6851) nothing is moved: the library would copy and expunge, and without UIDPLUS an expunge also
 * takes what others marked as deleted.
 * @returns the UIDs that the server names as moved; it names none if it has no UIDPLUS (RFC 4315)
 */
async function move(session: Session, folder: string, uids: readonly number[]): Promise<ReadonlySet<number>> {
  if (!session.canMove) return new Set();
  const result = await session.run('MOVE', (client) =>
    client.messageMove(uidSet(uids), folder, { uid: true }),
  );
  return new Set(result === false ? [] : result.uidMap?.keys());
}

const flag = (session: Session, uids: readonly number[]): Promise<boolean> =>
  session.run('STORE', (client) => client.messageFlagsAdd(uidSet(uids), [PROCESSED_KEYWORD], { uid: true }));

/** A sequence set of ascending UIDs, runs shortened: `1:3,7`. */
function uidSet(uids: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const uid of uids) {
    const run = runs.at(-1);
    if (run !== undefined && uid === run.last + 1) run.last = uid;
    else runs.push({ first: uid, last: uid });
  }
  return runs.map(({ first, last }) => (first === last ? `${first}` : `${first}:${last}`)).join(',');
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

function pauseMs(error: unknown, failures: number, random: number): number {
  const isLogin = error instanceof PurgedeskError && error.code === 'PD_MAILBOX_LOGIN';
  return isLogin ? LOGIN_RETRY_MS : reconnectDelayMs(failures, random);
}

/** Says in the log and in the database that the mailbox is not being read. Codes only: messages quote servers. */
async function reportDown(
  deps: MailboxDeps,
  error: unknown,
  failures: number,
  delayMs: number,
): Promise<void> {
  const code = error instanceof PurgedeskError ? error.code : codeOf(error);
  const cause = error instanceof PurgedeskError ? error.details : { at: firstFrame(error) };
  const details = { code, ...cause, failures, retryInMs: delayMs };
  if (code === 'PD_MAILBOX_LOGIN')
    deps.log.error(details, 'the mail server refuses the login; correct IMAP_URL');
  else deps.log.warn(details, 'the mailbox is not being read; trying again');
  await deps.ports.failed(code).catch(() => undefined); // the database itself may be what is down
}
