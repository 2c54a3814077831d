import type { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { openDatabase } from '../db/connection.ts';
import { migrate } from '../db/migrator.ts';
import { crashPoints } from './crash-point.ts';
import { makeLogger } from './log.ts';
import { openWholeDesk } from './open-desk.ts';
import { rolesOf } from './roles.ts';
import { show } from './table.ts';

export function addServeCommands(program: Command): void {
  program
    .command('serve')
    .description('run the desk; without configuration on a sandbox with sample customers')
    .option('--role <roles>', 'what this process does, out of ingest, work, web; all three unless told')
    .action(async ({ role }: { role?: string }) => {
      const { serve } = await import('./serve.ts');
      await serve(rolesOf(role));
    });
  program
    .command('demo')
    .description(
      'watch whole requests from the first mail to the confirmation, on samples, in under a minute',
    )
    .option('--json <file>', 'write the transcript to a file')
    .option('--save <folder>', 'keep the certificates and receipts that came with the final mails')
    .action(async ({ json, save }: { json?: string; save?: string }) => {
      const { runDemo } = await import('./demo/run-demo.ts');
      process.exitCode = await runDemo({
        ...(json === undefined ? {} : { transcriptFile: json }),
        ...(save === undefined ? {} : { proofsFolder: save }),
      });
    });
  program
    .command('migrate')
    .description('bring the database to this version')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const names = await migrateConfigured();
      show(options.json, { ran: names }, () =>
        names.length === 0
          ? 'The database is up to date.'
          : `Ran ${names.length} migration(s):\n${names.join('\n')}`,
      );
    });
}

async function migrateConfigured(): Promise<readonly string[]> {
  const config = loadConfig(process.env);
  if (config.databaseUrl === null) {
    // The embedded database is brought up to date whenever it is opened.
    const opened = await openWholeDesk({ migrate: true, withoutMail: true, log: makeLogger('error') });
    await opened.close();
    return [];
  }
  const url = config.databaseUrl.reveal();
  const db = openDatabase(url);
  try {
    return await migrate(db, url, crashPoints(config.crashAt));
  } finally {
    await db.destroy();
  }
}
