/** The command `purgedesk`: what there is, in words; each command lives in its own file and is loaded when it is used. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addAgentCommands } from './commands/cli-agents.ts';
import { addApiCommands } from './commands/cli-api.ts';
import { addAuditCommands } from './commands/cli-audit.ts';
import { addChecklistCommands } from './commands/cli-checklist.ts';
import { addContextCommands } from './commands/cli-context.ts';
import { addDirectoryCommands } from './commands/cli-directory.ts';
import { addDoctorCommands } from './commands/cli-doctor.ts';
import { addLedgerCommands } from './commands/cli-ledger.ts';
import { addMailCommands } from './commands/cli-mail.ts';
import { addMailsCommands } from './commands/cli-mails.ts';
import { addPurgeCommands } from './commands/cli-purge.ts';
import { addReceiptCommands } from './commands/cli-receipt.ts';
import { addReplyCommands } from './commands/cli-replies.ts';
import { addResidueCommands } from './commands/cli-residue.ts';
import { addRestoredCommand } from './commands/cli-restored.ts';
import { addSandboxCommands } from './commands/cli-sandbox.ts';
import { addServeCommands } from './commands/cli-serve.ts';
import { addSuppressionCommands } from './commands/cli-suppressions.ts';
import { addTicketCommands } from './commands/cli-tickets.ts';
import { addWebhookCommands } from './commands/cli-webhooks.ts';
import { complain } from './commands/complain.ts';
import { packageFile } from './commands/package-file.ts';

const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };

const program = new Command('purgedesk')
  .description(
    'A desk for data-deletion requests that arrive by email: understood, verified, waited out, purged, proven.',
  )
  .version(version)
  .showHelpAfterError('(add --help for what there is)')
  .exitOverride();

addServeCommands(program);
addDoctorCommands(program);
addMailCommands(program);
addMailsCommands(program);
addTicketCommands(program);
addPurgeCommands(program);
addChecklistCommands(program);
addResidueCommands(program);
addDirectoryCommands(program);
addAgentCommands(program);
addAuditCommands(program);
addReceiptCommands(program);
addLedgerCommands(program);
addRestoredCommand(program);
addContextCommands(program);
addReplyCommands(program);
addSuppressionCommands(program);
addApiCommands(program);
addWebhookCommands(program);
addSandboxCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = error instanceof CommanderError ? error.exitCode : complain(error);
}
