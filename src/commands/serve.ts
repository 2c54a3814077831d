import { openAccess } from '../console/access/sessions.ts';
import { startConsole } from '../console/server.ts';
import { faultCode, firstFrame } from '../domain/fault.ts';
import { alarmsOf } from './console/alarms.ts';
import { consoleAreas } from './console/areas.ts';
import { consolePorts } from './console-ports.ts';
import { greet } from './greeting.ts';
import { lineLog } from './log.ts';
import { type OpenedDesk, openWholeDesk } from './open-desk.ts';
import { runDesk } from './run-desk.ts';
import { writeSampleMails } from './sample-mails.ts';

/** How long a stop may take before the process ends all the same: everything that matters is in the database. */
const STOP_DEADLINE_MS = 30_000;
const CLOCK_POLL_MS = 1_000;

/** Runs until SIGINT or SIGTERM, then drains. */
export async function serve(): Promise<void> {
  const ended = untilSignal();
  const opened = await openWholeDesk({ migrate: false });
  const { desk, environment } = opened;
  const { log } = environment;
  const running = await runDesk(desk, (error) => {
    log.fatal({ code: faultCode(error), at: firstFrame(error) }, 'the desk cannot go on');
    ended.fail(error);
  });
  const web = await startConsole({
    host: environment.http.host,
    port: environment.http.port,
    ports: consolePorts(desk),
    access: openAccess(desk.db, { hasSamples: environment.isAllSandbox }),
    alarms: () => alarmsOf(desk),
    areas: consoleAreas(desk),
    publicUrl: environment.desk.publicUrl,
    log: lineLog(log),
  });
  const clock = await publish(opened, web.url);
  greet(opened, web.url);
  if (opened.isFirstRun && environment.isAllSandbox) await writeSampleMails(environment, await desk.now());
  const outcome = await ended.promise;
  log.info({ signal: outcome.signal ?? 'none' }, 'stopping: what runs is finished, what waits is kept');
  const forced = setTimeout(() => process.exit(1), STOP_DEADLINE_MS);
  clearInterval(clock);
  await web.close();
  await running.stop();
  await opened.close();
  clearTimeout(forced);
  log.info({}, 'stopped');
  if (outcome.error !== undefined) throw outcome.error;
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
