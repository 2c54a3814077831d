import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ada, bob, member, zoe } from '../tickets/desk.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
let viewer: Visitor;
let admin: Visitor;

beforeAll(async () => {
  whole = await openWholeDesk();
  viewer = await whole.signIn('viewer');
  admin = await whole.signIn('admin', 'Grace Hopper');
});
afterAll(() => whole[Symbol.asyncDispose]());

const textOf = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
const shown = async (path: string) => textOf((await viewer.get(path)).body);

interface Entry {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly createdAt: string;
  readonly deletedAt?: string;
  readonly members: readonly { readonly address: string; readonly role: string }[];
}

const acme = (rest: Partial<Entry> = {}): Entry => ({
  id: 'ws_acme',
  slug: 'acme-inc',
  name: 'Acme Inc',
  createdAt: '2020-01-01T00:00:00Z',
  members: [
    { address: ada, role: 'owner' },
    { address: bob, role: 'admin' },
    { address: member, role: 'member' },
  ],
  ...rest,
});
const fileOf = (...workspaces: readonly Entry[]) => JSON.stringify({ workspaces }, null, 1);
const membersOf = async (id: string) =>
  (await whole.desk.db('members').where({ workspace_id: id, removed_at: null }).orderBy('address')).map(
    ({ address, role }) => `${address} ${role}`,
  );

/** Looks at a file, and gives what its page would send. */
async function look(file: string) {
  const answer = await admin.post('/directory/import', { file });
  const digest = /name="digest" value="([0-9a-f]+)"/.exec(answer.body)?.[1] ?? '';
  return {
    answer,
    text: textOf(answer.body),
    send: { file: file.replaceAll('\n', '\r\n'), digest, format: 'json' },
  };
}

describe('the list', () => {
  test.each([
    ['', ['acme-inc', 'globex']],
    ['?q=acm', ['acme-inc']],
    ['?q=lobe', ['globex']],
    [`?q=${zoe}`, ['globex']],
    ['?q=ws_acme', ['acme-inc']],
    ['?q=%25', []],
    ['?show=deleted', []],
    ['?after=acme-inc~ws_acme', ['globex']],
  ])('%s', async (query, slugs) => {
    const { body } = await viewer.get(`/directory${query}`);
    expect([...body.matchAll(/<span class="mono">([a-z-]+)<\/span>/g)].map(([, slug]) => slug)).toEqual(
      slugs,
    );
  });

  test.each(['q[]=1', 'show=x', 'after=%00', 'after=a', `q=${'x'.repeat(300)}`, 'q=%00', 'q=%27%3B--'])(
    'nonsense is ignored: %s',
    async (query) => {
      expect((await viewer.get(`/directory?${query}`)).statusCode).toBe(200);
    },
  );

  test('a workspace has a page with its people, and one that there is not has none', async () => {
    expect(await shown('/directory/workspaces/ws_acme')).toContain(`${ada} owner has it now`);
    expect((await viewer.get('/directory/workspaces/ws_nobody')).statusCode).toBe(404);
  });
});

test('a stop is lifted with the slug and a reason, by an approver', async () => {
  const { db } = whole.desk;
  await db('workspace_stops').insert({
    workspace_id: 'ws_globex',
    placed_by_hash: 'h',
    placed_at: new Date(),
  });
  expect(await shown('/directory/stops')).toContain('globex');
  expect(await shown('/directory?show=stopped')).toContain('globex');
  const path = '/directory/workspaces/ws_globex/lift';
  const approver = await whole.signIn('approver', 'Annie Approver');
  expect((await approver.post(path, { reason: 'Talked to Zoe', confirmation: 'acme-inc' })).statusCode).toBe(
    422,
  );
  expect(await db('workspace_stops').whereNull('lifted_at')).toHaveLength(1);
  expect((await approver.post(path, { reason: 'Talked to Zoe', confirmation: 'globex' })).statusCode).toBe(
    303,
  );
  expect(await db('workspace_stops').select('lifted_by', 'lift_note')).toEqual([
    { lifted_by: 'Annie Approver', lift_note: 'Talked to Zoe' },
  ]);
});

describe('an import', () => {
  test('of nonsense says what is wrong, and changes nothing', async () => {
    expect((await admin.post('/directory/import', { file: '' })).body).toContain('Choose a file');
    const { answer, text } = await look('{"workspaces":[{"id":"!"}]}');
    expect(answer.statusCode).toBe(422);
    expect(text).toContain('workspaces[0].id: an ID is 1 to 64 letters');
    expect((await admin.post('/directory/import', { file: 'x'.repeat(1_000_001) })).body).toContain(
      'more than a million characters',
    );
  });

  test('is looked at first, and then applied exactly as it was seen', async () => {
    const file = fileOf(
      acme({
        name: 'Acme & Sons <b>',
        members: [
          { address: ada, role: 'owner' },
          { address: bob, role: 'member' },
          { address: 'new@acme.example', role: 'admin' },
        ],
      }),
    );
    const { text, send } = await look(file);
    expect(text).toContain(`− member ${member}`);
    expect(text).toContain(`${bob}: admin becomes member`);
    expect(text).toContain('+ admin new@acme.example');
    expect(text).toContain('name: Acme Inc becomes Acme &amp; Sons &lt;b&gt;');
    expect(await membersOf('ws_acme')).toHaveLength(3);
    for (const fields of [{ reason: 'Weekly export' }, { confirmation: 'demote 2' }]) {
      expect((await admin.post('/directory/import/apply', { ...send, ...fields })).statusCode).toBe(422);
    }
    expect(await membersOf('ws_acme')).toContain(`${bob} admin`);
    const done = await admin.post('/directory/import/apply', {
      ...send,
      reason: 'Weekly export',
      confirmation: 'demote 2',
    });
    expect(done.statusCode).toBe(200);
    expect(await membersOf('ws_acme')).toEqual([`${ada} owner`, `${bob} member`, 'new@acme.example admin']);
    expect(await whole.desk.db('directory_imports').select('agent', 'reason', 'changed', 'removed')).toEqual([
      { agent: 'Grace Hopper', reason: 'Weekly export', changed: 1, removed: 1 },
    ]);
  });

  test('is refused when the directory has changed since, or another file is sent', async () => {
    const file = fileOf(acme({ members: [{ address: ada, role: 'owner' }] }));
    const { send } = await look(file);
    const order = { reason: 'Weekly export', confirmation: 'demote 2' };
    const other = fileOf(acme({ members: [{ address: bob, role: 'owner' }] }));
    const swapped = await admin.post('/directory/import/apply', { ...send, ...order, file: other });
    expect([swapped.statusCode, textOf(swapped.body)]).toEqual([
      422,
      expect.stringContaining('not the same any more'),
    ]);
    await whole.desk.db('members').where({ address: bob }).update({ role: 'owner' });
    const late = await admin.post('/directory/import/apply', { ...send, ...order });
    expect([late.statusCode, textOf(late.body)]).toEqual([
      422,
      expect.stringContaining('not the same any more'),
    ]);
    expect(await membersOf('ws_acme')).toContain(`${bob} owner`);
  });

  test('that reports a deletion opens its ticket, once the number is typed', async () => {
    const gone = (slug: string, id: string) =>
      acme({ id, slug, deletedAt: '2026-11-20T00:00:00Z', members: [] });
    const { text, send } = await look(fileOf(gone('acme-inc', 'ws_acme'), gone('globex', 'ws_globex')));
    expect(text).toContain('2 workspaces are reported as deleted');
    expect(text).toContain('more than a fifth of all living workspaces');
    const wrong = { ...send, reason: 'Deleted in the app', confirmation: 'delete 1' };
    expect((await admin.post('/directory/import/apply', wrong)).statusCode).toBe(422);
    const done = await admin.post('/directory/import/apply', { ...wrong, confirmation: 'delete 2' });
    expect(textOf(done.body)).toMatch(/Opened, as deleted in the app PD-\d+ PD-\d+/);
    expect((await whole.desk.tickets()).filter(({ state }) => state === 'grace')).toHaveLength(2);
  });
});
