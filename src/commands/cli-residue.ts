import type { Command } from 'commander';
import { PurgedeskError } from '../domain/errors.ts';
import { parseReference, referenceOf } from '../domain/ids.ts';
import { acceptResidue } from '../purge/accept-residue.ts';
import { KEPT_BY } from '../purge/leave-step.ts';
import { agentNamed } from './agent-name.ts';
import { withDesk } from './attach.ts';
import { print } from './table.ts';

/** A sentence or two. */
const REASON_MAX = 500;

/** To be called behind the other commands of `purge`. */
export function addResidueCommands(program: Command): void {
  const purge =
    program.commands.find((command) => command.name() === 'purge') ??
    program.command('purge').description('purges that run');
  purge
    .command('accept-residue <reference>')
    .description('let a purge end without what a lock or a legal hold keeps; the customer is told what stays')
    .requiredOption('--as <name>', 'who accepts it; kept with it')
    .requiredOption('--reason <text>', 'why it may stay; kept with it')
    .action(async (reference: string, options: { as: string; reason: string }) => {
      const id = parseReference(reference) ?? parseReference(`PD-${reference}`);
      if (id === null) throw new PurgedeskError('PD_USAGE', 'a ticket is named like PD-1042');
      const order = { ticketId: id, agent: agentNamed(options.as), reason: reasonOf(options.reason) };
      const accepted = await withDesk((desk) =>
        acceptResidue(desk.purge, order, AbortSignal.timeout(600_000)),
      );
      const ticket = referenceOf(id);
      if (accepted.kind === 'refused') {
        throw new PurgedeskError('PD_USAGE', `${ticket}: ${accepted.why}`, {
          remedy: `purgedesk tickets show ${ticket} says why it waits`,
        });
      }
      const parts = accepted.residue.map(
        ({ reason, until, count }) => `${count} ${KEPT_BY[reason]}${until === null ? '' : ` until ${until}`}`,
      );
      print(`${ticket}: step ${accepted.step} goes on without ${parts.join(', ')}.`);
    });
}

function reasonOf(text: string): string {
  const reason = text.trim();
  if (reason !== '' && reason.length <= REASON_MAX && !/[\p{Cc}\p{Cf}]/u.test(reason)) return reason;
  throw new PurgedeskError('PD_USAGE', `--reason takes one line of text, ${REASON_MAX} characters at most`);
}
