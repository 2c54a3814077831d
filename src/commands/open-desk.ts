/** From configuration to an open desk, with its schema up to date and, in the sandbox, its samples in place. */
import { loadConfig } from '../config.ts';
import { migrate, newerMigrations, pendingMigrations, refuseContracted } from '../db/migrator.ts';
import { importDirectory } from '../directory/import.ts';
import { importEntry } from '../directory/import-entry.ts';
import { PurgedeskError } from '../domain/errors.ts';
import type { SandboxOptions } from '../sandbox/sandbox.ts';
import { type Desk, openDesk } from './desk.ts';
import { type Environment, openEnvironment } from './environment.ts';
import { type Logger, makeLogger } from './log.ts';

export interface OpenedDesk {
  readonly desk: Desk;
  readonly environment: Environment;
  /** True when the sandbox has just been made. */
  readonly isFirstRun: boolean;
  close(): Promise<void>;
}

/** For the commands that run the desk: brings the schema up to date itself where the database is its own. */
export async function openWholeDesk(
  options: Pick<SandboxOptions, 'onDelivered'> & {
    readonly log?: Logger;
    readonly dataDir?: string;
    readonly withoutMail?: boolean;
    /** Migrate also a database that is configured. */
    readonly migrate: boolean;
    /** Overrides what the environment says: the demo runs on samples only, whatever is configured. */
    readonly env?: NodeJS.ProcessEnv;
  },
): Promise<OpenedDesk> {
  const config = loadConfig(options.env ?? process.env);
  const log = options.log ?? makeLogger(config.logLevel);
  const environment = await openEnvironment(config, log, options);
  try {
    const desk = openDesk(environment);
    const close = async () => {
      await desk.close();
      await environment.sandbox?.stop();
    };
    try {
      await prepareSchema(desk, options.migrate || config.databaseUrl === null);
      const isFirstRun = environment.sandbox?.mail != null && (await placeSamples(desk));
      await followClock(desk);
      return { desk, environment, isFirstRun, close };
    } catch (error) {
      await desk.close();
      throw error;
    }
  } catch (error) {
    await environment.sandbox?.stop();
    throw error;
  }
}

async function prepareSchema(desk: Desk, mayMigrate: boolean): Promise<void> {
  if (mayMigrate) {
    await migrate(desk.db, desk.environment.databaseUrl, desk.crashPoint);
    return;
  }
  refuseContracted(await newerMigrations(desk.db));
  const pending = await pendingMigrations(desk.db);
  if (pending.length === 0) return;
  throw new PurgedeskError(
    'PD_DATABASE_OUTDATED',
    `the database lacks ${pending.length} migration(s) of this version`,
    {
      details: { pending: pending.length },
      remedy: 'run: purgedesk migrate',
    },
  );
}

/** The sample directory goes into an empty one only: a directory that somebody imported is never touched. */
async function placeSamples(desk: Desk): Promise<boolean> {
  const known = await desk.db('workspaces').select('id').first();
  if (known !== undefined) return false;
  const { SAMPLE_WORKSPACES } = await import('../sandbox/sandbox.ts');
  // Twice, as a directory lives: whoever has left since was a member in the first import and is not in the second.
  for (const withFormer of [true, false]) {
    const workspaces = SAMPLE_WORKSPACES.map((workspace) => importEntry(workspace, { withFormer }));
    const report = await importDirectory(desk.db, workspaces, { dryRun: false, force: true });
    if (report.problems.length > 0) {
      throw new TypeError(`the sample directory is wrong: ${report.problems.join('; ')}`);
    }
  }
  if (desk.environment.isAllSandbox) await desk.db('desk_clock').update({ movable: true });
  return true;
}

/** The sandbox's mail server stamps mails by the desk's clock, also after a restart. */
async function followClock(desk: Desk): Promise<void> {
  const row = await desk.db('desk_clock').select<{ offset_ms: number }[]>('offset_ms').first();
  desk.environment.sandbox?.setClockOffset(row?.offset_ms ?? 0);
}
