import type { Command } from 'commander';
import { sayRestored } from '../purge/clock/look-at-clock.ts';
import { RESTORED_HOURS } from '../purge/clock/quarantine.ts';
import { afterRestore } from './after-restore.ts';
import { withDesk } from './attach.ts';
import { type OrderOptions, orderOf, withOrder } from './order-options.ts';
import { print } from './table.ts';

export function addRestoredCommand(program: Command): void {
  withOrder(
    program
      .command('restored')
      .description('say that the database was restored from a backup, before the desk is started again'),
  ).action(async (options: OrderOptions) => {
    const order = orderOf(options);
    let mails = 0;
    const isNew = await withDesk((desk) =>
      sayRestored(
        {
          db: desk.db,
          restored: async (trx) => {
            mails = await afterRestore(trx);
          },
        },
        order,
      ),
    );
    print(
      isNew
        ? `All purges are halted for ${RESTORED_HOURS} hours, or until you resume them. ${mails} mail(s) that waited may have been sent before: see the outbox. docs/backup.md says what to do next.`
        : 'The desk has noticed that already, and all purges are halted.',
    );
  });
}
