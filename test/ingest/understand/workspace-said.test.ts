import { describe, expect, test } from 'vitest';
import { workspaceSaid } from '../../../src/ingest/understand/workspace-said.ts';
import { mail } from './mail.ts';

const said = (text: string, subject = 'Deletion') => workspaceSaid(mail({ text, subject }));

test.each([
  'Please delete our workspace "Acme Inc".',
  'Please delete workspace Acme Inc.',
  'Please delete the Acme Inc workspace.',
  'Please delete source "Web" in workspace Acme Inc, March 2024.',
  'Our workspace is Acme Inc. Please delete user user_8812.',
  'Please delete the following.\n\nWorkspace: Acme Inc\nSource: Web\nTime frame: March 2024',
])('one workspace by its name: %s', (text) => {
  expect(said(text)).toEqual({ kind: 'named', name: 'Acme Inc' });
});

test.each([
  'Please delete all data of the source "Website Prod" in March 2024.',
  'Hi Segment team,\n\nplease delete user user_8812.\n\nThanks,\nAda',
  'Please delete the Unify space "Main Area".',
])('none: %s', (text) => {
  expect(said(text)).toEqual({ kind: 'none' });
});

describe('unclear', () => {
  test.each([
    'Please delete the source "Website Prod" of Globex, March 2024.',
    'Globex: please delete user user_8812.',
    'Please delete user user_8812 of Globex.',
    'We are Globex. Please delete user user_8812.',
    'Please delete user user_8812 on Friday.',
    'Please delete workspace Acme Inc tomorrow.',
    'Please delete workspace Acme Inc, I think.',
    'Please delete workspace Acme Inc or workspace Globex.',
    'Please delete source "Web" in workspace Acme Inc, not workspace Globex, March 2024.',
    'Please delete source "A" in workspace Acme Inc and space "B" in workspace beta-labs.',
    'Please delete source "Web", but keep everything in workspace acme-inc. March 2024.',
    'Please delete source "Web" in acme-inc or globex-eu, March 2024.',
    'Do not delete workspace Acme Inc.',
    'What happens if I delete workspace Acme Inc?',
  ])('%s', (text) => {
    expect(said(text)).toEqual({ kind: 'unclear' });
  });

  test('when the subject names another one', () => {
    expect(said('Please delete workspace Acme Inc.', 'Workspace Globex')).toEqual({ kind: 'unclear' });
  });

  test('when the mail holds its workspace already, or asks for nothing', () => {
    expect(said('Please delete workspace lumen-labs.')).toEqual({ kind: 'unclear' });
    expect(said('Hello there.')).toEqual({ kind: 'unclear' });
  });

  test('when it is longer than a person writes', () => {
    expect(said(`Please delete workspace Acme Inc.\n${'lorem ipsum dolor. '.repeat(2_000)}`)).toEqual({
      kind: 'unclear',
    });
  });
});

describe('T27 a slug and an ID', () => {
  const both = { kind: 'both', slug: 'lumen-labs', id: 'kX3vN8pQ7d' };

  test.each([
    'Please delete our workspace lumen-labs (ID kX3vN8pQ7d).',
    'Please delete our workspace lumen-labs (workspace ID kX3vN8pQ7d).',
    'Please delete our workspace lumen-labs, ID: kX3vN8pQ7d, completely.',
    'Workspace slug: lumen-labs\nWorkspace ID: kX3vN8pQ7d\n\nPlease delete this workspace.',
    'Please delete source "Web" of workspace lumen-labs (ID kX3vN8pQ7d) from 2024-01-01 to 2024-02-01.',
  ])('are told to the directory, which knows whether they are of one workspace: %s', (text) => {
    expect(said(text)).toEqual(both);
  });

  test.each([
    'Please delete our workspace lumen-labs (ID kX3vN8pQ7d) or lumen-eu.',
    'Please delete our workspace lumen-labs, not ID kX3vN8pQ7d.',
  ])('but not beside another or a denied one: %s', (text) => {
    expect(said(text)).toEqual({ kind: 'unclear' });
  });
});
