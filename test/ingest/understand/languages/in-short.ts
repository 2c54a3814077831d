import type { DeletionRequest, Understanding } from '../../../../src/domain/request.ts';
import { understand } from '../../../../src/ingest/understand/understand.ts';
import { mail } from '../mail.ts';

/**
 * What a mail of 15 May 2024 (a Wednesday) says, in one line: `delete: source Web @lumen-labs 2024-03-01..2024-03-31`.
 * `@` is the workspace, `#` the project, `?` what is not known, `..` all time, `!` a problem.
 */
export function inShort(text: string, subject = 'x'): string {
  const { intent, ticket, code, requests, problems } = understand(mail({ text, subject }));
  const head = [intent, ticket, code].filter((part) => part !== null).join(' ');
  const body = requests.map(requestInShort).join(' + ');
  return [body === '' ? head : `${head}: ${body}`, ...problems.map((problem) => `!${problem}`)].join(' ');
}

/** Whether a mail is read as a deletion that could be done as it stands. */
export function isComplete(text: string, subject = 'x'): boolean {
  const { intent, requests, missing, problems } = understand(mail({ text, subject }));
  return intent === 'delete' && requests.length > 0 && missing.length === 0 && problems.length === 0;
}

function requestInShort(each: DeletionRequest): string {
  const workspace = at(each.workspace);
  switch (each.scope) {
    case 'account':
      return 'account';
    case 'workspace':
      return `workspace ${workspace}`;
    case 'source':
      return `source ${each.source ?? '?'} ${workspace} ${frame(each)}`;
    case 'space':
      return `space ${each.space ?? '?'} ${workspace}`;
    case 'user':
      return `user ${each.users.join(', ') || '?'} ${workspace}`;
    case 'events':
      return `events ${clauses(each)} #${each.project ?? '?'} ${frame(each)}`;
  }
}

const at = (workspace: Understanding['requests'][number]['workspace']): string =>
  workspace === null ? '@?' : 'id' in workspace ? `@id:${workspace.id}` : `@${workspace.slug}`;

const frame = ({ timeFrame }: DeletionRequest): string =>
  timeFrame === null ? '?' : `${timeFrame.from ?? ''}..${timeFrame.to ?? ''}`;

const clauses = ({ events, properties }: DeletionRequest): string =>
  [
    ...events,
    ...properties.map(({ name, kind, event }) => `${kind}.${name}${event === null ? '' : `(${event})`}`),
  ].join(', ') || '?';
