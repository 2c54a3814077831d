/** The mailboxes of the configuration, as the table of mailboxes names them. */
import type { Environment } from '../environment.ts';
import type { Watched } from './alarms.ts';

export function watchedMailboxes({
  mailboxes,
  sandbox,
}: Pick<Environment, 'mailboxes'> & {
  readonly sandbox: Pick<NonNullable<Environment['sandbox']>, 'mail'> | null;
}): Watched['mailboxes'] {
  return mailboxes.map(({ account, desk }) => ({
    account:
      sandbox?.mail == null ? `${account.host}:${account.port}/${account.user}` : `sandbox/${desk.address}`,
    folder: account.folder,
  }));
}
