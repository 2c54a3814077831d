import type { OpenedDesk } from './open-desk.ts';
import { ROLES, type Roles } from './roles.ts';
import { print } from './table.ts';

/** What a person who has just started the desk wants to know: where to look and what to try. */
export function greet(opened: OpenedDesk, consoleUrl: string, roles: Roles): void {
  const { environment } = opened;
  if (!environment.isAllSandbox) {
    const what = roles.size === ROLES.length ? '' : ` as ${[...roles].join(', ')}`;
    print(`purgedesk is running${what}: ${consoleUrl}  (mail for ${environment.desk.address})`);
    return;
  }
  print(
    [
      '',
      '  purgedesk is running on its sandbox: an embedded database, a mail server and sample customers.',
      '',
      `  Look:     ${consoleUrl}`,
      '  Write:    npx purgedesk sandbox send --from ada --subject "Delete our data" --text "Please delete workspace acme-inc."',
      '  Read:     npx purgedesk sandbox inbox ada',
      '  Answer:   npx purgedesk sandbox send --from ada --reply --text "The code is 123456"',
      '  Wait:     npx purgedesk sandbox advance 6d',
      '  Agents:   npx purgedesk tickets list',
      '',
      `  The desk reads ${environment.desk.address}. Ctrl-C stops it; its data stays in ${environment.sandbox?.folder.path ?? ''}.`,
      '',
    ].join('\n'),
  );
}
