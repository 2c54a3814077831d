import type { Command } from 'commander';
import { PurgedeskError } from '../domain/errors.ts';
import { parseReference, referenceOf, type TicketId } from '../domain/ids.ts';
import { type ChecklistLine, readChecklist, tickItem } from '../purge/checklist.ts';
import { agentNamed } from './agent-name.ts';
import { withDesk } from './attach.ts';
import { print, table } from './table.ts';
import { safeJson } from './terminal-text.ts';

/** Evidence is a few lines; a document is named, not pasted. */
const EVIDENCE_MAX = 2_000;

export function addChecklistCommands(program: Command): void {
  const purge =
    program.commands.find((command) => command.name() === 'purge') ??
    program.command('purge').description('purges that run');
  purge
    .command('checklist <reference>')
    .description('what agents have to do by hand for a ticket, and what is ticked')
    .option('--json', 'print JSON')
    .action(async (reference: string, options: { json?: boolean }) => {
      const id = idOf(reference);
      const lines = await withDesk((desk) => readChecklist(desk.purge, id));
      print(options.json === true ? safeJson(lines, 2) : listing(id, lines));
    });
  purge
    .command('tick <reference> <step> <item>')
    .description('tick off an item that is done; the last one lets the purge go on')
    .requiredOption('--as <name>', 'who did it; kept with the tick')
    .requiredOption('--evidence <text>', 'how anybody can see that it was done; kept with the tick')
    .action(
      async (reference: string, step: string, item: string, options: { as: string; evidence: string }) => {
        const order = {
          ticketId: idOf(reference),
          step: stepOf(step),
          item,
          agent: agentNamed(options.as),
          evidence: evidenceOf(options.evidence),
        };
        const ticked = await withDesk((desk) => tickItem(desk.purge, order));
        const ticket = referenceOf(order.ticketId);
        if (ticked.kind === 'refused') {
          throw new PurgedeskError('PD_USAGE', `${ticket} takes no tick: ${ticked.why}`, {
            remedy: `purgedesk purge checklist ${ticket} shows what there is to do`,
          });
        }
        print(
          ticked.left === 0
            ? `${ticket}: step ${order.step} is through; the purge goes on.`
            : `${ticket}: ${ticked.left} left in step ${order.step}.`,
        );
      },
    );
}

const listing = (id: TicketId, lines: readonly ChecklistLine[]): string =>
  lines.length === 0
    ? `${referenceOf(id)} has nothing to do by hand.`
    : table(
        ['step', 'store', 'item', 'state', 'what to do'],
        lines.map((line) => [String(line.step), line.store, line.item, stateWords(line), line.text]),
      );

function stateWords({ ticked, isDue }: ChecklistLine): string {
  if (ticked !== null) return `${ticked.by}, ${ticked.at.slice(0, 16).replace('T', ' ')}`;
  return isDue ? 'to do' : 'not yet';
}

function idOf(reference: string): TicketId {
  const id = parseReference(reference) ?? parseReference(`PD-${reference}`);
  if (id !== null) return id;
  throw new PurgedeskError('PD_USAGE', 'a ticket is named like PD-1042');
}

function stepOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new PurgedeskError('PD_USAGE', 'a step is named by its number');
}

function evidenceOf(text: string): string {
  const evidence = text.trim();
  if (evidence !== '' && evidence.length <= EVIDENCE_MAX && !/[^\P{Cc}\n\t]/u.test(evidence)) return evidence;
  throw new PurgedeskError('PD_USAGE', `--evidence takes plain text, ${EVIDENCE_MAX} characters at most`);
}
