/** The form of a correction: what it offers, what it takes, what it tells. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Choice,
  choicesFor,
  requestOf,
  USERS_MAX,
  type Values,
  valuesIn,
  valuesOf,
} from '../../src/console/actions/correct-form.ts';
import { correctionInWords } from '../../src/console/actions/correct-words.ts';
import type { WorkspaceChoice } from '../../src/console/actions/ports.ts';
import { emptyRequest, type Scope } from '../../src/domain/request.ts';
import { ada, sourceRequest, stranger, told, workspaceRequest } from '../tickets/desk.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

const thing = (id: string, name: string) => ({ id, name });
const ACME: WorkspaceChoice = {
  id: 'ws_acme',
  slug: 'acme-inc',
  name: 'Acme Inc',
  isDeleted: false,
  sources: [thing('s1', 'Web'), thing('s2', 'Web'), thing('s3', 'iOS')],
  spaces: [thing('p1', 'Main')],
  projects: [thing('j1', 'Shop')],
};
const GONE: WorkspaceChoice = { ...ACME, id: 'ws_gone', slug: 'gone', isDeleted: true };

describe('the choices', () => {
  test('are things of living workspaces, and deleted ones only as a whole', () => {
    const labels = (scope: Scope) => choicesFor(scope, [ACME, GONE]).map(({ label }) => label);
    expect(labels('workspace')).toEqual(['Acme Inc (acme-inc)', 'Acme Inc (gone), deleted in the app']);
    expect(labels('space')).toEqual(['Main, in Acme Inc (acme-inc)']);
    expect(labels('account')).toEqual([]);
  });

  test('tell two things of one name apart by their IDs, also in the request', () => {
    const choices = choicesFor('source', [ACME]);
    expect(choices.map(({ label }) => label)).toEqual([
      'Web (ID s1), in Acme Inc (acme-inc)',
      'Web (ID s2), in Acme Inc (acme-inc)',
      'iOS, in Acme Inc (acme-inc)',
    ]);
    expect(choices.map(({ name }) => name)).toEqual(['s1', 's2', 'iOS']);
  });
});

const form = (scope: Scope, fields: Readonly<Record<string, string>>) => {
  const choices = choicesFor(scope, [ACME]);
  return requestOf(valuesIn(fields, scope), choices, false);
};

test.each<[string, Scope, Record<string, string>, keyof ReturnType<typeof form>['errors']]>([
  ['a choice that nobody offered', 'source', { choice: 'ws_globex s1', allTime: 'yes' }, 'choice'],
  ['no choice', 'space', {}, 'choice'],
  ['no day', 'source', { choice: 'ws_acme s3' }, 'days'],
  ['a day that is none', 'source', { choice: 'ws_acme s3', from: '2026-02-30' }, 'days'],
  [
    'days in the wrong order',
    'source',
    { choice: 'ws_acme s3', from: '2026-02-02', to: '2026-02-01' },
    'days',
  ],
  ['days and all time', 'source', { choice: 'ws_acme s3', from: '2026-02-02', allTime: 'yes' }, 'days'],
  ['no users', 'user', { choice: 'ws_acme', users: ' \n ' }, 'users'],
  ['a user that turns the line', 'user', { choice: 'ws_acme', users: 'a\u202eb' }, 'users'],
  ['a user without end', 'user', { choice: 'ws_acme', users: 'a'.repeat(301) }, 'users'],
  [
    'too many users',
    'user',
    { choice: 'ws_acme', users: Array.from({ length: USERS_MAX + 1 }, (_, no) => `u${no}`).join('\n') },
    'users',
  ],
  ['no event', 'events', { choice: 'ws_acme j1', allTime: 'yes' }, 'clauses'],
  [
    'an event of an event',
    'events',
    { choice: 'ws_acme j1', allTime: 'yes', name0: 'a', of0: 'b' },
    'clauses',
  ],
])('%s is told beside its field', (_title, scope, fields, field) => {
  expect(Object.keys(form(scope, fields).errors)).toEqual([field]);
});

test('a form that says all makes exactly that request', () => {
  const { request, errors } = form('events', {
    choice: 'ws_acme j1',
    from: '2026-01-01',
    name0: 'Ordered',
    name1: 'phone',
    kind1: 'event_property',
    of1: 'Signed up',
    name3: 'ssn',
    kind3: 'user_property',
  });
  expect(errors).toEqual({});
  expect(request).toEqual({
    ...emptyRequest('events'),
    workspace: { id: 'ws_acme' },
    project: 'Shop',
    events: ['Ordered'],
    properties: [
      { name: 'phone', kind: 'event', event: 'Signed up' },
      { name: 'ssn', kind: 'user', event: null },
    ],
    timeFrame: { from: '2026-01-01', to: null },
  });
});

/** A request as it was corrected, shown in the form again, says the same. */
test.each<[Scope, Record<string, string>]>([
  ['workspace', { choice: 'ws_acme' }],
  ['account', {}],
  ['source', { choice: 'ws_acme s3', from: '2026-01-01', to: '2026-01-31' }],
  ['space', { choice: 'ws_acme p1' }],
  ['user', { choice: 'ws_acme', users: 'u1\nu2' }],
  ['events', { choice: 'ws_acme j1', allTime: 'yes', name0: 'Ordered', name1: 'x', kind1: 'user_property' }],
])('the form of %s shows what it made', (scope, fields) => {
  const choices: readonly Choice[] = choicesFor(scope, [ACME]);
  const { request } = form(scope, fields);
  const shown: Values = valuesOf(request, scope, choices);
  expect(requestOf(shown, choices, false)).toEqual({ request, errors: {} });
});

test('the note says what changed from what to what, on one line', () => {
  expect(
    correctionInWords(
      sourceRequest({ source: 'We\u202eb\n' }),
      sourceRequest({ source: 'iOS', timeFrame: { from: null, to: null } }),
      'see line 2',
    ),
  ).toBe('source: Web → iOS; days: 2024-01-01 to 2024-03-31 → all time. see line 2');
});

describe('on the web', () => {
  let whole: WholeDesk;
  let agent: Visitor;
  beforeAll(async () => {
    whole = await openWholeDesk();
    agent = await whole.signIn('agent', 'Sam');
  }, 60_000);
  afterAll(() => whole[Symbol.asyncDispose]());

  const opened = async (request = sourceRequest({ source: null }), from = ada) => {
    await whole.desk.pass(25);
    await whole.desk.mail({ from, intent: 'delete', requests: [request] });
    return (await whole.desk.ticket()).id;
  };
  const seenOn = (html: string) => /name="seen" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const GOOD = { scope: 'source', choice: 'ws_acme src_ios', allTime: 'yes', reason: 'line 2 of the mail' };

  test('a correction is kept in words for agents, and in the chain without any', async () => {
    const id = await opened();
    const path = `/tickets/PD-${id}/correct`;
    const seen = seenOn((await agent.get(path)).body);
    const before = (await whole.desk.outbox()).length;
    for (const _press of [1, 2]) {
      const sent = await agent.post(path, { ...GOOD, seen });
      expect([sent.statusCode, sent.headers.location]).toEqual([303, `/tickets/PD-${id}`]);
    }
    expect(told((await whole.desk.outbox()).slice(before))).toEqual([`verify_request > ${ada}`]);
    const [note] = await whole.desk.db('agent_notes').where({ ticket_id: id });
    expect(note).toMatchObject({ agent: 'Sam', act: 'corrected' });
    expect(note.note).toContain('source: not given → iOS App');
    const chain = JSON.stringify(await whole.desk.db('ticket_events').where({ ticket_id: id }));
    expect(chain).not.toMatch(/iOS|line 2/);
  });

  test('where the limits keep back the mail with the new code, the page says that none is out', async () => {
    const id = await opened(sourceRequest());
    const path = `/tickets/PD-${id}/correct`;
    const codesOut = () =>
      whole.desk
        .db('challenges')
        .where({ answered_at: null, voided_at: null, purpose: 'verify' })
        .whereRaw('ticket_digests -> ? is not null', [String(id)]);
    for (let no = 0; no < 12 && (await codesOut()).length > 0; no += 1) {
      const choice = no % 2 === 0 ? 'ws_acme src_ios' : 'ws_acme src_web';
      const seen = seenOn((await agent.get(path)).body);
      expect((await agent.post(path, { ...GOOD, choice, seen })).statusCode).toBe(303);
    }
    expect(await codesOut()).toEqual([]);
    const { body } = await agent.get(`/tickets/PD-${id}`);
    expect(body).toContain('Not confirmed: no code is out.');
    expect(body).toContain('No code is out: the mail with it was kept back. The desk sends a new one at');
    expect(body).not.toMatch(/Waits for the customer’s code|Nothing to do/);
  });

  test('a form that was opened before somebody else’s correction overwrites nothing', async () => {
    const id = await opened();
    const path = `/tickets/PD-${id}/correct`;
    const seen = seenOn((await agent.get(path)).body);
    await agent.post(path, { ...GOOD, seen });
    const other = await whole.signIn('agent', 'Mia');
    const late = await other.post(path, { ...GOOD, choice: 'ws_acme src_web', seen });
    expect([late.statusCode, late.body]).toEqual([422, expect.stringContaining('has changed since')]);
    expect((await whole.desk.ticket(id)).request.source).toBe('iOS App');
    await other.post(path, { ...GOOD, choice: 'ws_acme src_web', seen: seenOn(late.body) });
    expect((await whole.desk.ticket(id)).request.source).toBe('Website Prod');
  });

  test('nobody is offered, or gets through, what is somebody else’s', async () => {
    const id = await opened();
    const path = `/tickets/PD-${id}/correct`;
    const { body } = await agent.get(path);
    expect(body).not.toContain('Globex');
    const sent = await agent.post(path, { ...GOOD, choice: 'ws_globex src_glo', seen: seenOn(body) });
    expect([sent.statusCode, sent.body]).toEqual([422, expect.stringContaining('Please choose one.')]);
    expect((await whole.desk.ticket(id)).request.source).toBeNull();
  });

  test('what waits for an agent may be typed, and nothing comes of it before the review', async () => {
    const id = await opened(workspaceRequest('acne'), stranger);
    expect((await whole.desk.ticket(id)).state).toBe('rejected');
    await whole.desk.pass(25);
    await whole.desk.mail({
      from: stranger,
      intent: 'delete',
      requests: [workspaceRequest('acne')],
      standing: 'failed',
    });
    const held = (await whole.desk.ticket()).id;
    const path = `/tickets/PD-${held}/correct`;
    const { body } = await agent.get(path);
    expect(body).toContain('knows nothing that the requester is in charge of');
    const before = (await whole.desk.outbox()).length;
    const fields = { scope: 'workspace', named: 'slug', reason: 'a typo', seen: seenOn(body) };
    expect((await agent.post(path, { ...fields, workspace: 'a b' })).statusCode).toBe(422);
    expect((await agent.post(path, { ...fields, workspace: 'acme-inc' })).statusCode).toBe(303);
    expect(await whole.desk.ticket(held)).toMatchObject({ state: 'received', holds: ['review'] });
    expect((await whole.desk.outbox()).length).toBe(before);
  });

  test('in its grace nothing is corrected any more, and the page says what to do instead', async () => {
    const id = await opened(sourceRequest());
    await whole.desk.mail({ from: ada, intent: 'verify', ticket: `PD-${id}`, code: await whole.desk.code() });
    expect((await whole.desk.ticket(id)).state).toBe('grace');
    const path = `/tickets/PD-${id}/correct`;
    expect((await agent.get(path)).body).toContain('ask the customer to write again');
    expect((await agent.post(path, { ...GOOD, seen: '' })).statusCode).toBe(422);
    expect((await whole.desk.ticket(id)).request).toEqual(sourceRequest());
  });

  test.each(['scope=nonsense', 'scope=user&scope=events', 'hold=%00', '%5B%5D=1'])(
    'a query like %s is no fault',
    async (query) => {
      const id = await opened();
      expect((await agent.get(`/tickets/PD-${id}/correct?${query}`)).statusCode).toBe(200);
      expect((await agent.get(`/tickets/PD-${id}/release?${query}`)).statusCode).toBe(200);
    },
  );

  test('hostile words come back as text', async () => {
    const id = await opened();
    const answer = await agent.post(`/tickets/PD-${id}/correct`, {
      scope: 'user',
      users: '</textarea><script>alert(1)</script>',
      reason: '"><img src=x onerror=alert(1)>',
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).not.toMatch(/<script>|<img src=x/);
    expect(answer.body).toContain('&lt;/textarea&gt;');
  });
});
