import type { Command } from 'commander';
import { withDesk } from './attach.ts';
import { ingestFiles } from './ingest-files.ts';
import { type ParseOptions, runParse } from './parse.ts';
import { print, show, table } from './table.ts';

export function addMailCommands(program: Command): void {
  program
    .command('parse [files...]')
    .description('say what a mail asks for, as JSON; reads standard input without files; touches nothing')
    .option('--batch', 'one JSON document a line, each with its file')
    .option(
      '--explain',
      'show the mail with the words that led to each field, and what was not taken and why',
    )
    .option('--json', 'print JSON, also with --explain')
    .action(async (files: string[], options: ParseOptions) => {
      process.exitCode = await runParse(files, { stdin: process.stdin, out: print }, options);
    });
  program
    .command('ingest <files...>')
    .description('take mails from .eml files as if the mailbox had held them, and say what became of each')
    .option('--json', 'print JSON')
    .action(async (files: string[], options: { json?: boolean }) => {
      const dispositions = await withDesk((desk) => ingestFiles(desk, files));
      show(options.json, dispositions, () =>
        table(
          ['file', 'disposition', 'tickets', 'reason'],
          dispositions.map((one) => [one.file, one.disposition, one.tickets.join(' '), one.reason]),
        ),
      );
      if (dispositions.some((one) => one.disposition === 'unreadable')) process.exitCode = 1;
    });
}
