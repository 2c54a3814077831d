import type { Command } from 'commander';
import { PurgedeskError } from '../domain/errors.ts';
import { listMails, type MailRow, mailRow, rawMail, takeOffList } from '../ingest/agent-mails.ts';
import { answersForm } from '../ingest/ingest-message.ts';
import type { MailLook } from '../ingest/look-at-mail.ts';
import type { Unreadable } from '../ingest/parse-message.ts';
import { agentNamed } from './agent-name.ts';
import { withDesk } from './attach.ts';
import type { Desk } from './desk.ts';
import { description, lineOf, listing } from './mail-words.ts';
import { openMail } from './open-mail.ts';
import { print } from './table.ts';
import { safeJson } from './terminal-text.ts';

export function addMailsCommands(program: Command): void {
  const mails = program.command('mails').description('mails that wait for an agent');
  mails
    .command('list')
    .description('mails that wait for an agent, newest first')
    .option('--all', 'all mails, also those that need nobody')
    .option('--json', 'print JSON')
    .action(async (options: { all?: boolean; json?: boolean }) => {
      const rows = await withDesk((desk) => listMails(desk.db, { all: options.all === true }));
      const lines = rows.map(lineOf);
      out(options.json, lines, () => (lines.length === 0 ? 'No mail waits for an agent.' : listing(lines)));
    });
  mails
    .command('show <id>')
    .description('one mail: what is known of its sender, and its words with what was read in them')
    .option('--json', 'print JSON')
    .option('--raw', 'write its bytes as they came, to be saved: > mail.eml')
    .action(async (id: string, options: { json?: boolean; raw?: boolean }) => {
      if (options.raw === true) return writeRaw(idOf(id));
      await withDesk(async (desk) => {
        const { row, raw } = await existing(desk, idOf(id));
        const look = await lookAt(desk, row, raw);
        out(options.json, { ...lineOf(row), authentication: row.evidence, content: look }, () =>
          description(row, look),
        );
      });
    });
  mails
    .command('open <id>')
    .description('open tickets from what a mail asks for; a code goes to the address in the directory')
    .requiredOption('--as <name>', 'who acts; kept in the audit chain')
    .requiredOption('--reason <text>', 'why; kept with the mail')
    .option('--json', 'print JSON')
    .action(async (id: string, options: { as: string; reason: string; json?: boolean }) => {
      const order = { agent: agentNamed(options.as), reason: options.reason };
      const line = await withDesk(async (desk) => {
        const opened = await openMail(desk, idOf(id), order);
        if (opened.kind === 'refused') throw refusal(idOf(id), opened.why);
        return lineOf((await existing(desk, idOf(id))).row);
      });
      out(
        options.json,
        line,
        () => `${line.disposition}${line.tickets.map((ticket) => ` ${ticket}`).join('')}: ${line.reason}`,
      );
    });
  mails
    .command('done <id>')
    .description('take a mail off the list')
    .requiredOption('--as <name>', 'who has seen to it; kept with the mail')
    .action(async (id: string, options: { as: string }) => {
      const agent = agentNamed(options.as);
      await withDesk(async (desk) => {
        await existing(desk, idOf(id));
        if (!(await takeOffList(desk.db, idOf(id), agent))) throw refusal(idOf(id), 'it waits for nobody');
      });
      print(`Mail ${idOf(id)} is off the list.`);
    });
}

const out = (json: boolean | undefined, data: unknown, words: () => string): void =>
  print(json === true ? safeJson(data, 2) : words());

const refusal = (id: number, why: string): PurgedeskError =>
  new PurgedeskError('PD_USAGE', `mail ${id}: ${why}; nothing was done`, { details: { mail: id } });

function idOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new PurgedeskError('PD_USAGE', 'a mail is named by its number', {
    remedy: 'purgedesk mails list shows them',
  });
}

async function existing(
  desk: Desk,
  id: number,
): Promise<{ readonly row: MailRow; readonly raw: Buffer | null }> {
  const row = await mailRow(desk.db, id);
  if (row === null) throw new PurgedeskError('PD_USAGE', `there is no mail ${id}`);
  return { row, raw: await rawMail(desk.db, id) };
}

async function lookAt(desk: Desk, row: MailRow, raw: Buffer | null): Promise<MailLook | Unreadable> {
  if (raw === null) return { unreadable: 'the raw mail was erased' };
  if (raw.length < row.size_bytes) return { unreadable: 'the mail is larger than the desk accepts' };
  return desk.look(raw, answersForm(desk.ingest, raw));
}

/** Never to a terminal: the bytes are the sender's. */
async function writeRaw(id: number): Promise<void> {
  if (process.stdout.isTTY) {
    throw new PurgedeskError('PD_USAGE', 'the bytes of a mail are not shown on a terminal', {
      remedy: 'save them: --raw > mail.eml',
    });
  }
  const { raw } = await withDesk((desk) => existing(desk, id));
  if (raw === null) throw new PurgedeskError('PD_USAGE', 'the raw mail was erased');
  process.stdout.write(raw);
}
