import { afterEach, expect, test, vi } from 'vitest';
import { addApiCommands } from '../../src/commands/cli-api.ts';
import { addWebhookCommands } from '../../src/commands/cli-webhooks.ts';
import { findToken } from '../../src/console/api/tokens.ts';
import { openTestDesk } from '../tickets/desk.ts';
import { runCommand } from './run-command.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test('tokens are made, listed and revoked, and what was sent is listed and sent again', async () => {
  await using desk = await openTestDesk();
  const run = async (...args: readonly string[]) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const said = await runCommand({ url: desk.url, stores: [] }, [addApiCommands, addWebhookCommands], args);
    return said.trim();
  };
  const as = ['--as', 'grace'];
  const add = (name: string, scopes: string, ...rest: readonly string[]) =>
    run('api-token', 'add', name, '--scopes', scopes, ...as, ...rest);
  const token = await add('CRM', 'tickets:read,metrics:read', '--expires', '2');
  expect(await findToken(desk.db, token)).toMatchObject({
    name: 'CRM',
    scopes: ['tickets:read', 'metrics:read'],
  });
  await expect(add('crm.', 'tickets:read')).rejects.toThrow('has this name');
  await expect(add('CRM/x', 'tickets:read')).rejects.toThrow('a token has a name');
  await expect(add('other', 'tickets:approve')).rejects.toThrow('a scope is one of');
  await expect(add('other', 'tickets:read', '--expires', 'never')).rejects.toThrow('a number of days');
  const listed = await run('api-token', 'list');
  expect(listed).toMatch(/1 +CRM +tickets:read metrics:read +grace .* works/);
  expect(listed).not.toContain(token);
  expect(await run('api-token', 'revoke', '1', ...as)).toBe('Revoked.');
  expect(await findToken(desk.db, token)).toBeNull();
  await expect(run('api-token', 'revoke', '1', ...as)).rejects.toThrow('no token of this number');

  expect(await run('webhooks', 'list')).toBe('Nothing was sent.');
  const { id: ticket } = await desk.asked();
  const [{ id }] = await desk
    .db('deliveries')
    .insert({ kind: 'webhook', endpoint: 'crm', event: 'ticket.moved', ticket_id: ticket, body: '{}' })
    .returning('id');
  await expect(run('webhooks', 'redeliver', id)).rejects.toThrow('can be sent again');
  await desk.db('deliveries').update({ status: 'failed', attempts: 10, finished_at: new Date() });
  const failed = await run('webhooks', 'list', '--status', 'failed', '--endpoint', 'crm');
  expect(failed).toMatch(new RegExp(`${id} .* crm +ticket\\.moved +PD-${ticket} +failed +10`));
  expect(await run('webhooks', 'redeliver', id)).toBe('It goes out again.');
  await expect(run('webhooks', 'list', '--status', 'lost')).rejects.toThrow('a status is one of');
});
