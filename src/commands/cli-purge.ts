import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { PurgedeskError } from '../domain/errors.ts';
import { brakeByHand, releaseBrake } from '../purge/brake.ts';
import { countRunning, haltPurges, type Order, resumePurges } from '../purge/halt.ts';
import { type PurgeStatus, readPurgeStatus } from '../purge/status.ts';
import { withDesk } from './attach.ts';
import type { Desk } from './desk.ts';
import { type OrderOptions, orderOf, withOrder } from './order-options.ts';
import { durationInWords, purgeNotices, rateInWords, waitInWords } from './purge-words.ts';
import { print, printable, show, table } from './table.ts';

export function addPurgeCommands(program: Command): void {
  const purge = program.command('purge').description('purges: where they stand, the switch, and brakes');
  purge
    .command('status')
    .description('what is being deleted, how far and how fast, and what keeps the rest')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const status = await withDesk((desk) => readPurgeStatus(desk.db));
      show(options.json, status, () => inWords(status));
    });
  withOrder(purge.command('halt').description('halt all purges of all processes within 5 seconds')).action(
    async (options: OrderOptions) => {
      const order = orderOf(options);
      print(await withDesk((desk) => halt(desk, order)));
    },
  );
  withOrder(purge.command('resume').description('let purges run again, each from where it was')).action(
    async (options: OrderOptions) => {
      const order = orderOf(options);
      const changed = await withDesk((desk) => resumePurges(desk.purge, order));
      print(changed ? 'Purges run again.' : 'Purges were not halted.');
    },
  );
  const brake = purge
    .command('brake')
    .description('keep purges away from one store, or let it be tried again');
  withOrder(
    brake.command('set <store>').description('no purge touches this store until it is released'),
  ).action(async (store: string, options: OrderOptions) => {
    const order = orderOf(options);
    await withDesk((desk) => brakeByHand(desk.purge, known(desk, store), order));
    print(`Purges leave store ${store} alone until it is released.`);
  });
  brake
    .command('release <store>')
    .description('lift a brake; a store that failed is tried at once')
    .requiredOption('--as <name>', 'who says so; kept with the order')
    .option('--reason <text>', 'why; kept with the order', 'to be tried again')
    .action(async (store: string, options: OrderOptions) => {
      const order = orderOf(options);
      // Also one that the catalogue does not name any more.
      const changed = await withDesk((desk) => releaseBrake(desk.purge, store, order));
      print(changed ? `Store ${printable(store)} is released.` : `Store ${printable(store)} is not braked.`);
    });
}

function known(desk: Desk, store: string): string {
  const names = desk.environment.stores.map(({ name }) => name);
  if (names.includes(store)) return store;
  throw new PurgedeskError('PD_USAGE', 'there is no such store', { remedy: `one of: ${names.join(', ')}` });
}

/** How long the command waits for running batches to end. */
const WAIT_MS = 10_000;

async function halt(desk: Desk, order: Order): Promise<string> {
  const changed = await haltPurges(desk.purge, order);
  let running = await countRunning(desk.db);
  for (const end = performance.now() + WAIT_MS; running > 0 && performance.now() < end; ) {
    await sleep(100);
    running = await countRunning(desk.db);
  }
  const words = changed ? 'All purges are halted' : 'All purges were halted already';
  return running === 0
    ? `${words}; nothing is being deleted any more.`
    : `${words}; ${running} step(s) of a process that does not answer are not given back yet: purgedesk purge status.`;
}

function inWords(status: PurgeStatus): string {
  const notices = purgeNotices(status);
  const lines =
    status.purges.length === 0
      ? 'No purge is under way.'
      : table(
          ['ticket', 'step', 'store', 'deleted', 'of about', '%', 'a second', 'to go', 'standing'],
          status.purges.map((line) => [
            line.reference,
            `${line.step} of ${line.steps}`,
            line.store,
            String(line.deleted),
            String(line.estimate),
            String(line.percent),
            line.perSecond === null ? '' : rateInWords(line.perSecond),
            line.etaSeconds === null ? '' : durationInWords(line.etaSeconds),
            waitInWords(line),
          ]),
        );
  return [...notices.map(printable), ...(notices.length > 0 ? [''] : []), lines].join('\n');
}
