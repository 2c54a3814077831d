import { beforeAll, expect, test } from 'vitest';
import { ada, sharedDesk } from './desk.ts';

const form = (workspace: string, source: string): string =>
  ['Please delete this data:', '', workspace, source, 'Time frame: all time'].join('\n');

/** An identifier of one kind where another is expected; each exists, and Ada is in charge of it. */
const MIXED_UP = [
  {
    title: 'a source where a workspace is expected',
    text: 'Please delete the workspace with the ID srcWebPr01.',
  },
  {
    title: 'a source in the line of the workspace',
    text: form('Workspace ID: srcWebPr01', 'Source: Website Prod'),
  },
  {
    title: 'a workspace in the line of the source',
    text: form('Workspace slug: acme-inc', 'Source ID: wsAcme0001'),
  },
  {
    title: 'a slug in the line of the source',
    text: form('Workspace slug: acme-inc', 'Source ID: acme-inc'),
  },
  { title: 'the source of somebody else', text: form('Workspace slug: acme-inc', 'Source ID: srcGlobe01') },
  {
    title: 'the ID of a workspace with another case',
    text: form('Workspace ID: WSACME0001', 'Source: Website Prod'),
  },
];

const shared = sharedDesk();
// In charge of two workspaces, so that the directory has nothing to complete.
beforeAll(async () => {
  const { db } = shared().desk;
  const labs = { id: 'wsAcme0002', slug: 'acme-labs', name: 'Acme Labs', created_at: '2020-01-01T00:00:00Z' };
  await db('workspaces').insert(labs);
  await db('members').insert({ workspace_id: labs.id, address: ada, role: 'owner' });
});

test.each(MIXED_UP)('P02 $title resolves to nothing, so nobody is asked to confirm it', async ({ text }) => {
  const desk = shared();
  const { sent } = await desk.write({ from: ada, text });
  expect(sent.map((mail) => mail.template)).not.toContain('verify_request');
  const found = await desk.desk.db('tickets').select('target');
  expect(found.map(({ target }) => target).filter((target) => target !== null)).toEqual([]);
});

test('P02 an identifier of the right kind resolves', async () => {
  const { sent } = await shared().write({
    from: ada,
    text: form('Workspace ID: wsAcme0001', 'Source ID: srcWebPr01'),
  });
  expect(sent.map((mail) => mail.template)).toEqual(['verify_request']);
});
