import { parseArgs } from 'node:util';
import { benchContest } from './ingest/contest.ts';
import { benchIdle } from './ingest/idle.ts';
import { benchTickets } from './ingest/tickets.ts';
import { benchWaiting } from './ingest/waiting.ts';

/**
 * A full mailbox of signed requests to committed tickets with their replies sent, on real servers, beside the same
 * libraries without the desk; or, by option, another question about the same way.
 */
export async function benchIngest(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      mails: { type: 'string', default: '1000' },
      runs: { type: 'string', default: '3' },
      processes: { type: 'string', default: '1,2' },
      idle: { type: 'boolean', default: false },
      waiting: { type: 'string' },
      tickets: { type: 'string' },
      'node-options': { type: 'string', default: '' },
    },
  });
  const numbers = (text: string) => text.split(',').map(Number);
  const shape = { mails: Number(values.mails), runs: Number(values.runs) };
  const nodeOptions = values['node-options'].split(' ').filter((option) => option !== '');
  if (values.idle) return benchIdle();
  if (values.waiting !== undefined) return benchWaiting(Number(values.waiting), nodeOptions);
  if (values.tickets !== undefined) return benchTickets(numbers(values.tickets), shape);
  return benchContest({ ...shape, processes: numbers(values.processes), nodeOptions });
}
