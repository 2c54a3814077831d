import { describe, expect, test } from 'vitest';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { ada, bob, openTestDesk, sourceRequest, stranger, type TestDesk, told, zoe } from './desk.ts';

const complete = sourceRequest({ timeFrame: { from: '2024-05-01', to: '2024-05-31' } });

/** Ada's request of a source, in a mail that leaves the days open. */
async function asked(
  desk: TestDesk,
  text = 'Please delete the data of source "Website Prod" in workspace acme-inc.',
) {
  const first = await desk.letter(ada, text);
  expect(told(first.mails)).toEqual([`needs_details > ${ada}`]);
  return (await desk.ticket()).id;
}

/** Ada is an owner of a second workspace, so that her mails must say which one. */
async function withLabs(desk: TestDesk): Promise<void> {
  await desk.db('workspaces').insert({
    id: 'ws_labs',
    slug: 'acme-labs',
    name: 'Acme Labs',
    created_at: '2020-01-01T00:00:00Z',
  });
  await desk.db('members').insert({ workspace_id: 'ws_labs', address: ada, role: 'owner' });
  await desk.db('workspace_parts').insert([
    { workspace_id: 'ws_labs', kind: 'source', id: 'src_lab', name: 'Lab Web' },
    { workspace_id: 'ws_labs', kind: 'source', id: 'src_ios2', name: 'iOS App' },
  ]);
}

const events = (desk: TestDesk): Promise<{ type: string; details: Record<string, unknown> }[]> =>
  desk.db('ticket_events').select('type', 'details').orderBy(['ticket_id', 'seq']);

describe('an incomplete request and its answer', () => {
  test.each([
    { title: 'days alone', text: '1 to 31 May 2024' },
    { title: 'days with courtesies', text: 'Hi,\n\nMay 2024 please.\n\nThanks,\nAda' },
    { title: 'the form', text: 'First day (UTC): 2024-05-01\nLast day (UTC): 2024-05-31' },
    {
      title: 'the form with the thing again',
      text: 'Source: Website Prod\nFirst day (UTC): 2024-05-01\nLast day (UTC): 2024-05-31',
    },
    { title: 'a number in front', text: '2024-05-01 - 2024-05-31' },
  ])('$title: the challenge states the whole request', async ({ text }) => {
    await using desk = await openTestDesk();
    const id = await asked(desk);
    const { handled, mails } = await desk.letter(ada, text, id);
    expect(handled).toMatchObject({ disposition: 'joined', needsAgent: false });
    expect(told(mails)).toEqual([`verify_request > ${ada}`]);
    expect(mails[0]?.facts.tickets).toMatchObject([
      {
        state: 'verifying',
        target: {
          scope: 'source',
          workspaces: [{ id: 'ws_acme' }],
          source: { id: 'src_web', name: 'Website Prod' },
          timeFrame: complete.timeFrame,
        },
      },
    ]);
    expect(await desk.tickets()).toMatchObject([{ id, request: complete }]);
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  });

  test('numbered answers follow the numbered questions', async () => {
    await using desk = await openTestDesk();
    await withLabs(desk);
    const id = await asked(desk, 'Please delete the data of one of our sources.');
    expect((await desk.outbox())[0]?.facts.tickets[0]?.asks.map(({ field }) => field)).toEqual([
      'workspace',
      'source',
      'timeFrame',
    ]);
    const { mails } = await desk.letter(ada, '1. acme-inc 2. Website Prod 3. May 2024', id);
    expect(told(mails)).toEqual([`verify_request > ${ada}`]);
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', request: complete });
  });

  test('one answer at a time: what is still open is asked again', async () => {
    await using desk = await openTestDesk();
    await withLabs(desk);
    const id = await asked(desk, 'Please delete the data of one of our sources.');
    const second = await desk.letter(ada, 'May 2024', id);
    expect(second.mails[0]?.facts.tickets[0]?.asks.map(({ field }) => field)).toEqual([
      'workspace',
      'source',
    ]);
    await desk.letter(ada, 'acme-inc\nWebsite Prod', id);
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', request: complete });
  });

  test('one of several tickets is answered by its number', async () => {
    await using desk = await openTestDesk();
    await desk.mail({
      from: ada,
      intent: 'delete',
      requests: [sourceRequest({ timeFrame: null }), sourceRequest({ source: 'iOS App', timeFrame: null })],
    });
    const [web, ios] = await desk.tickets();
    const { mails } = await desk.letter(ada, `PD-${ios!.id}: May 2024`, web!.id);
    expect((await desk.tickets()).map(({ state }) => state)).toEqual(['needs_details', 'verifying']);
    expect(mails[0]?.facts.tickets).toMatchObject([{ target: { source: { id: 'src_ios' } } }]);
    // Nobody can tell which of two is meant.
    const unclear = await desk.letter(ada, 'May 2024', web!.id);
    expect(told(unclear.mails)).toEqual([`verify_request > ${ada}`]);
    expect((await desk.tickets()).map(({ state }) => state)).toEqual(['verifying', 'verifying']);
  });

  test('an answer that is not certain changes nothing and is for an agent', async () => {
    await using desk = await openTestDesk();
    const id = await asked(desk);
    const before = await desk.ticket(id);
    for (const text of ['the second one', 'around May 2024', 'May 2024?', 'Thanks!']) {
      const { handled, mails } = await desk.letter(ada, text, id);
      expect(handled).toMatchObject({ disposition: 'other', needsAgent: true });
      expect(mails).toEqual([]);
    }
    expect(await desk.ticket(id)).toEqual(before);
  });

  test('a workspace that is not theirs is asked for again, and nothing is told about it', async () => {
    await using desk = await openTestDesk();
    await withLabs(desk);
    const id = await asked(desk, 'Please delete the data of one of our sources in May 2024.');
    const told1 = await desk.letter(ada, 'globex\nWebsite Prod', id);
    const told2 = await desk.letter(ada, 'no-such-one', id);
    for (const { mails } of [told1, told2]) {
      expect(told(mails)).toEqual([`needs_details > ${ada}`]);
      expect(mails[0]?.facts.tickets[0]).toMatchObject({
        asks: [{ field: 'workspace', why: 'unknown' }],
        target: null,
      });
      expect(JSON.stringify(mails[0]?.facts)).not.toMatch(/globex|no-such/i);
    }
    await desk.letter(ada, 'acme-inc', id);
    expect(await desk.tickets()).toMatchObject([{ id, state: 'verifying', request: complete }]);
  });

  test.each([
    { who: 'a stranger', from: stranger, standing: 'authenticated' as const },
    { who: 'the other admin', from: bob, standing: 'authenticated' as const },
    { who: 'another owner', from: zoe, standing: 'authenticated' as const },
    { who: 'somebody who forged From', from: ada, standing: 'failed' as const },
  ])('the answer of $who is worth nothing', async ({ from, standing }) => {
    await using desk = await openTestDesk();
    const id = await asked(desk);
    const before = await desk.ticket(id);
    const { mails, handled } = await desk.letter(from, '1 to 31 May 2024', id, { standing });
    expect(handled).toMatchObject({ disposition: 'other', needsAgent: true });
    expect(mails).toEqual([]);
    expect(await desk.tickets()).toEqual([before]);
  });

  test('nobody is asked about one ticket without end', async () => {
    await using desk = await openTestDesk();
    const id = await asked(desk);
    for (let again = 0; again < 8; again += 1) {
      await desk.pass(25);
      await desk.letter(ada, '03/04/2024', id);
    }
    const questions = (await desk.outbox()).filter(({ template }) => template === 'needs_details');
    expect(questions).toHaveLength(5);
    const { handled, mails } = await desk.letter(ada, '03/04/2024', id);
    expect(handled).toMatchObject({ disposition: 'joined', needsAgent: true });
    expect(mails).toEqual([]);
    // Whoever then answers well goes on.
    expect(told((await desk.letter(ada, 'May 2024', id)).mails)).toEqual([`verify_request > ${ada}`]);
  });
});

describe('an answer that contradicts what is known', () => {
  test('is asked, neither kept nor overwritten, and stands in the audit', async () => {
    await using desk = await openTestDesk();
    const id = await asked(desk);
    const { mails } = await desk.letter(ada, 'Source: iOS App\nMay 2024', id);
    expect(told(mails)).toEqual([`needs_details > ${ada}`]);
    expect(mails[0]?.facts.tickets[0]?.asks).toEqual([{ field: 'source', why: 'differs' }]);
    expect(await desk.ticket(id)).toMatchObject({
      state: 'needs_details',
      request: { ...complete, source: null },
    });
    expect((await events(desk)).at(-1)).toMatchObject({
      type: 'details_given',
      details: { differs: ['source'] },
    });
    await desk.letter(ada, 'Website Prod', id);
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', request: complete });
    expect(await verifyAudit(desk.db)).toMatchObject({ problems: [] });
  });

  test('in days that cannot be read is asked as such', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked(complete);
    const text = 'Please delete the data of source "Website Prod" in workspace acme-inc on 03/04/2024.';
    const { mails } = await desk.letter(ada, text, id);
    expect(mails[0]?.facts.tickets[0]?.asks).toEqual([{ field: 'timeFrame', why: 'ambiguous_date' }]);
  });

  test('takes the code of the older request away', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked(complete);
    const old = await desk.code();
    const text = 'Please delete the data of source "iOS App" in workspace acme-inc in May 2024.';
    const { mails } = await desk.letter(ada, text, id);
    expect(told(mails)).toEqual([`needs_details > ${ada}`]);
    await desk.mail({ from: ada, intent: 'verify', code: old, ticket: `PD-${id}` });
    expect(await desk.ticket(id)).toMatchObject({ state: 'needs_details', verified_at: null });
  });

  test('counts when the writer says that it corrects', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked(complete);
    const text = 'Please delete the data of source "iOS App" in workspace acme-inc in May 2024 instead.';
    const { mails } = await desk.letter(ada, text, id);
    expect(told(mails)).toEqual([`verify_request > ${ada}`]);
    expect(await desk.ticket(id)).toMatchObject({
      state: 'verifying',
      target: { source: { id: 'src_ios' } },
    });
  });

  test('does not when it only names the same thing in another way', async () => {
    await using desk = await openTestDesk();
    const id = await asked(desk);
    await desk.letter(ada, 'Workspace ID: ws_acme\nSource: website prod\nMay 2024', id);
    expect(await desk.ticket(id)).toMatchObject({
      state: 'verifying',
      target: { source: { name: 'Website Prod' } },
    });
  });
});

describe('the directory completes what it leaves no doubt about', () => {
  test.each([
    {
      title: 'the workspace of the only source of that name',
      text: 'Please delete all data of the source "Website Prod" in May 2024.',
      because: 'workspace:source_name',
    },
    {
      title: 'a workspace by its name',
      text: 'Please delete all data of the source "Website Prod" in our workspace "Acme Inc" in May 2024.',
      because: 'workspace:workspace_name',
    },
  ])('$title', async ({ text, because }) => {
    await using desk = await openTestDesk();
    await withLabs(desk);
    const { mails } = await desk.letter(ada, text);
    expect(told(mails)).toEqual([`verify_request > ${ada}`]);
    expect(mails[0]?.facts.tickets).toMatchObject([
      { target: { workspaces: [{ id: 'ws_acme', slug: 'acme-inc' }], source: { id: 'src_web' } } },
    ]);
    const ticket = await desk.ticket();
    expect(ticket).toMatchObject({ request: { ...complete, workspace: { id: 'ws_acme' } } });
    const [judged] = await events(desk);
    expect(judged).toMatchObject({ type: 'judged', details: { completed: [because], verdict: 'entitled' } });
    expect(JSON.stringify(judged)).not.toMatch(/acme-inc|Website|ada@/i);
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(await desk.ticket()).toMatchObject({ state: 'grace' });
  });

  test('a completed workspace is known: only the rest is asked, and another one contradicts it', async () => {
    await using desk = await openTestDesk();
    await withLabs(desk);
    const id = await asked(desk, 'Please delete all data of the source "Website Prod".');
    expect((await desk.outbox())[0]?.facts.tickets[0]?.asks).toEqual([
      { field: 'timeFrame', why: 'missing' },
    ]);
    const { mails } = await desk.letter(ada, 'Workspace: acme-labs\nMay 2024', id);
    expect(mails[0]?.facts.tickets[0]?.asks).toEqual([{ field: 'workspace', why: 'differs' }]);
  });

  test.each([
    ['a source that two workspaces have', 'Please delete all data of the source "iOS App" in May 2024.'],
    ['a source of somebody else’s', 'Please delete the data of source "Website Prod" of Globex in May 2024.'],
    ['a workspace by a name that is not theirs', 'Please delete our workspace "Globex".'],
    ['a workspace without a name', 'Please delete our workspace.'],
    ['a workspace that is named with a doubt', 'Please delete our workspace "Acme Inc", I think.'],
    ['a workspace that is to be deleted later', 'Please delete our workspace "Acme Inc" tomorrow.'],
  ])('not %s: it is asked', async (_, text) => {
    await using desk = await openTestDesk();
    await withLabs(desk);
    const { mails } = await desk.letter(ada, text);
    expect(told(mails).filter((mail) => !mail.startsWith('needs_details'))).toEqual([]);
    for (const { request } of await desk.tickets()) expect(request.workspace).toBeNull();
  });

  test('an answer may give the workspace by its name', async () => {
    await using desk = await openTestDesk();
    await withLabs(desk);
    const id = await asked(desk, 'Please delete all data of the source "iOS App" in May 2024.');
    const { mails } = await desk.letter(ada, 'Acme Labs', id);
    expect(mails[0]?.facts.tickets).toMatchObject([{ target: { source: { id: 'src_ios2' } } }]);
    expect((await events(desk)).at(-1)).toMatchObject({
      details: { completed: ['workspace:workspace_name'] },
    });
  });

  test('nothing for somebody who is in charge of nothing', async () => {
    await using desk = await openTestDesk();
    const text = 'Please delete all data of the source "Website Prod" in May 2024.';
    const workspace = (): never => {
      throw new Error('the mail of a stranger is not read again');
    };
    const { requests, ...closer } = { requests: [{ ...complete, workspace: null }], workspace };
    const { mails } = await desk.letter(stranger, text, null, { requests, closer });
    expect(told(mails)).toEqual([`not_authorised > ${stranger}`]);
    expect(await desk.ticket()).toMatchObject({ state: 'rejected', request: { workspace: null } });
  });

  test('nothing in a mail that fails authentication', async () => {
    await using desk = await openTestDesk();
    const text = 'Please delete all data of the source "Website Prod" in May 2024.';
    const { mails } = await desk.letter(ada, text, null, { standing: 'failed' });
    expect(mails).toEqual([]);
    expect(await desk.ticket()).toMatchObject({ state: 'received', request: { workspace: null } });
  });

  test('nothing that takes another role there: an admin may not have a space deleted', async () => {
    await using desk = await openTestDesk();
    await desk
      .db('workspaces')
      .insert({ id: 'ws_bob', slug: 'bobs', name: 'Bobs', created_at: '2020-01-01T00:00:00Z' });
    await desk.db('members').insert({ workspace_id: 'ws_bob', address: bob, role: 'owner' });
    const { mails } = await desk.letter(bob, 'Please delete the Unify space "Main Space".');
    expect(told(mails)).toEqual([`needs_details > ${bob}`]);
    expect(await desk.ticket()).toMatchObject({ request: { workspace: null } });
  });
});
