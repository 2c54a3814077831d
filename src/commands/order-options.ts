/** `--as NAME --reason TEXT`, of every order that is kept with who gave it. */
import type { Command } from 'commander';
import { PurgedeskError } from '../domain/errors.ts';
import type { Order } from '../purge/halt.ts';
import { agentNamed } from './agent-name.ts';

const REASON_MAX = 500;

export interface OrderOptions {
  readonly as: string;
  readonly reason: string;
}

export const withOrder = (command: Command): Command =>
  command
    .requiredOption('--as <name>', 'who says so; kept with the order')
    .requiredOption('--reason <text>', 'why; kept with the order');

/** @throws PurgedeskError PD_USAGE */
export function orderOf(options: OrderOptions): Order {
  const reason = options.reason.trim();
  if (reason !== '' && reason.length <= REASON_MAX && !/\p{Cc}/u.test(reason))
    return { agent: agentNamed(options.as), reason };
  throw new PurgedeskError(
    'PD_USAGE',
    `--reason takes one line of plain text, ${REASON_MAX} characters at most`,
  );
}
