import { PurgedeskError } from '../domain/errors.ts';

/**
 * What a process of the desk does. `ingest`: reads the mailboxes, one process each. `work`: handles mails, runs jobs,
 * sends mails. `web`: pages and API. Any number of processes may play each.
 */
export const ROLES = ['ingest', 'work', 'web'] as const;
export type Role = (typeof ROLES)[number];
export type Roles = ReadonlySet<Role>;

export const ALL_ROLES: Roles = new Set(ROLES);

/** The value of `--role`: a list with commas; left out = all. @throws PurgedeskError PD_USAGE */
export function rolesOf(written: string | undefined): Roles {
  if (written === undefined) return ALL_ROLES;
  const names = written.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !(ROLES as readonly string[]).includes(name));
  if (unknown.length === 0) return new Set(names as Role[]);
  throw new PurgedeskError(
    'PD_USAGE',
    `--role knows ${ROLES.join(', ')}, and not "${unknown.join('", "')}"`,
    {
      remedy: 'for example: purgedesk serve --role ingest,work',
    },
  );
}

/** The sandbox's mail, its database and its clock live in one process, which then is the whole desk. @throws PurgedeskError PD_USAGE */
export function needNoSandbox(
  roles: Roles,
  settings: { readonly hasDatabase: boolean; readonly hasMail: boolean },
): void {
  const missing = [
    ...(settings.hasDatabase ? [] : ['DATABASE_URL']),
    ...(settings.hasMail ? [] : ['IMAP_URL and SMTP_URL']),
  ];
  if (roles.size === ROLES.length || missing.length === 0) return;
  throw new PurgedeskError('PD_USAGE', `a desk that is split into roles needs ${missing.join(', ')}`, {
    remedy: 'set them, or run the sandbox in one process: purgedesk serve, without --role',
  });
}
