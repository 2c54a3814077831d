/** `purgedesk serve`: one process of the desk, with all roles or some of them, from its start to its orderly end. */
import { loadConfig } from '../config.ts';
import { openAccess } from '../console/access/sessions.ts';
import { startHealth } from '../console/health-server.ts';
import type { RunningConsole } from '../console/listening.ts';
import { startConsole } from '../console/server.ts';
import { faultCode, firstFrame } from '../domain/fault.ts';
import { untilDatabase } from './await-database.ts';
import { alarmsOf } from './console/alarms.ts';
import { apiPorts } from './console/api.ts';
import { consoleAreas } from './console/areas.ts';
import { consolePorts } from './console-ports.ts';
import { greet } from './greeting.ts';
import { lineLog, makeLogger } from './log.ts';
import { type OpenedDesk, openWholeDesk } from './open-desk.ts';
import { programVersion } from './package-file.ts';
import { needNoSandbox, type Roles } from './roles.ts';
import { type RunningDesk, runDesk } from './run-desk.ts';
import { writeSampleMails } from './sample-mails.ts';
import { watchedMailboxes } from './watch/mailboxes.ts';
import { startWatchman, type Watchman } from './watch/watchman.ts';

/** How long a stop may take before the process ends all the same: everything that matters is in the database. */
const STOP_DEADLINE_MS = 30_000;
const CLOCK_POLL_MS = 1_000;

/** Runs until SIGINT or SIGTERM, then drains. @throws PurgedeskError PD_USAGE when the sandbox would be split */
export async function serve(roles: Roles): Promise<void> {
  const config = loadConfig(process.env);
  needNoSandbox(roles, { hasDatabase: config.databaseUrl !== null, hasMail: config.mailboxes.length > 0 });
  const ended = untilSignal();
  if (config.databaseUrl !== null) {
    const stopped = new AbortController();
    void ended.promise.then(() => stopped.abort());
    const log = makeLogger(config.logLevel);
    await untilDatabase(config.databaseUrl.reveal(), {
      signal: stopped.signal,
      log: (message, details) => log.warn(details, message),
    });
    if (stopped.signal.aborted) return;
  }
  const opened = await openWholeDesk({ migrate: false });
  const { desk, environment } = opened;
  const { log } = environment;
  const watchman = startWatchman({
    databaseUrl: environment.databaseUrl,
    version: programVersion(),
    roles: [...roles],
    mailboxes: watchedMailboxes(environment),
    log: lineLog(log),
  });
  const onFatal = (error: unknown) => {
    log.fatal({ code: faultCode(error), at: firstFrame(error) }, 'the desk cannot go on');
    ended.fail(error);
  };
  let running: RunningDesk | undefined;
  let web: RunningConsole;
  try {
    running = await runDesk(desk, onFatal, roles);
    web = await startWeb(opened, roles, watchman);
  } catch (error) {
    // A process that cannot be asked how it is must not go on in silence.
    await running?.stop();
    await watchman.stop();
    await opened.close();
    throw error;
  }
  const clock = await publish(opened, web.url);
  greet(opened, web.url, roles);
  if (opened.isFirstRun && environment.isAllSandbox) await writeSampleMails(environment, await desk.now());
  const outcome = await ended.promise;
  log.info({ signal: outcome.signal ?? 'none' }, 'stopping: what runs is finished, what waits is kept');
  watchman.stopping();
  const forced = setTimeout(() => process.exit(1), STOP_DEADLINE_MS);
  clearInterval(clock);
  // Side by side: a page that takes its time keeps no mailbox from the process that is next in line.
  await Promise.all([web.close(), running.stop()]);
  await watchman.stop();
  await opened.close();
  clearTimeout(forced);
  log.info({}, 'stopped');
  if (outcome.error !== undefined) throw outcome.error;
}

/** All pages, or only what operators ask of every process. */
function startWeb(
  { desk, environment }: OpenedDesk,
  roles: Roles,
  watchman: Watchman,
): Promise<RunningConsole> {
  const common = { ...environment.http, ports: consolePorts(desk, watchman), log: lineLog(environment.log) };
  if (!roles.has('web')) return startHealth({ ...common, api: apiPorts(desk) });
  return startConsole({
    ...common,
    access: openAccess(desk.db, { hasSamples: environment.isAllSandbox }),
    alarms: () => alarmsOf(desk, watchman),
    areas: consoleAreas(desk),
    publicUrl: environment.desk.publicUrl,
  });
}

interface Ending {
  readonly promise: Promise<{ readonly signal?: string; readonly error?: unknown }>;
  fail(error: unknown): void;
}

function untilSignal(): Ending {
  const { promise, resolve } = Promise.withResolvers<{ signal?: string; error?: unknown }>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      resolve({ signal });
    });
  }
  return {
    promise,
    fail: (error) => resolve({ error }),
  };
}

/** Writes where the sandbox's parts are, and follows the clock that another process may move. */
async function publish(opened: OpenedDesk, consoleUrl: string): Promise<NodeJS.Timeout | undefined> {
  const { desk, environment } = opened;
  const { sandbox } = environment;
  if (sandbox === null) return undefined;
  const { mail } = sandbox;
  const { MAIL_ADDRESSES } = await import('../sandbox/sandbox.ts');
  await sandbox.publish({
    databaseUrl: environment.databaseUrl,
    deskAddress: environment.desk.address,
    smtpUrl: mail?.server.smtpUrl ?? null,
    imapUrls:
      mail === null
        ? {}
        : Object.fromEntries(MAIL_ADDRESSES.map((address) => [address, mail.server.imapUrlFor(address)])),
    dnsServer: mail?.dnsServer ?? null,
    receivedBy: mail?.receivedBy ?? null,
    consoleUrl,
    isAllSandbox: environment.isAllSandbox,
  });
  if (!environment.isAllSandbox) return undefined;
  return setInterval(() => {
    desk
      .db('desk_clock')
      .select<{ offset_ms: number }[]>('offset_ms')
      .first()
      .then(
        (row) => sandbox.setClockOffset(row?.offset_ms ?? 0),
        (error: unknown) =>
          environment.log.warn(
            { code: error instanceof Error ? error.name : 'unknown' },
            'the clock cannot be read',
          ),
      );
  }, CLOCK_POLL_MS).unref();
}
