import type { Command } from 'commander';
import { PurgedeskError } from '../domain/errors.ts';
import { DELIVERY_STATUSES, type DeliveryLine, listDeliveries, redeliver } from '../notify/log.ts';
import { withDesk } from './attach.ts';
import { print, show, table } from './table.ts';

const LIST_MAX = 200;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function addWebhookCommands(program: Command): void {
  const webhooks = program.command('webhooks').description('what other systems were told');
  webhooks
    .command('list')
    .description(`the last ${LIST_MAX} deliveries, newest first`)
    .option('--endpoint <name>', 'only those of this webhook, or callbacks to this host')
    .option('--status <status>', `only these: ${DELIVERY_STATUSES.join(', ')}`)
    .option('--json', 'print JSON')
    .action(async (options: { endpoint?: string; status?: string; json?: boolean }) => {
      const status = DELIVERY_STATUSES.find((known) => known === options.status);
      if (options.status !== undefined && status === undefined)
        throw new PurgedeskError('PD_USAGE', `a status is one of: ${DELIVERY_STATUSES.join(', ')}`);
      const filter = {
        limit: LIST_MAX,
        ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
        ...(status === undefined ? {} : { status }),
      };
      const lines = await withDesk((desk) => listDeliveries(desk.db, filter));
      show(options.json, lines, () => (lines.length === 0 ? 'Nothing was sent.' : listing(lines)));
    });
  webhooks
    .command('redeliver <id>')
    .description('send one again that is over, under the same id')
    .action(async (id: string) => {
      if (!UUID.test(id) || !(await withDesk((desk) => redeliver(desk.db, id))))
        throw new PurgedeskError('PD_USAGE', 'no delivery of this id can be sent again', {
          remedy: 'purgedesk webhooks list shows them',
        });
      print('It goes out again.');
    });
}

const listing = (lines: readonly DeliveryLine[]): string =>
  table(
    ['id', 'when (UTC)', 'to', 'event', 'ticket', 'status', 'attempts', 'last result'],
    lines.map((line) => [
      line.id,
      line.createdAt.slice(0, 16).replace('T', ' '),
      line.endpoint,
      line.event,
      line.ticket,
      line.status,
      String(line.attempts),
      line.lastResult ?? '',
    ]),
  );
