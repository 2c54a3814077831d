import { describe, expect, test } from 'vitest';

import { missingPaths } from '../../../../src/domain/request.ts';
import { understand } from '../../../../src/ingest/understand/understand.ts';
import { mail } from '../mail.ts';

const read = (text: string) => understand(mail({ text }));

/** Whether the desk would go on with any of the requests. */
const isComplete = (text: string): boolean => {
  const { intent, requests, problems } = read(text);
  return (
    intent === 'delete' &&
    problems.length === 0 &&
    requests.some((request) => missingPaths('delete', [request]).length === 0)
  );
};

describe('words that make a request smaller or larger are asked about', () => {
  test.each([
    // a part that is to stay
    'Delete workspace lumen-labs. But keep the user properties.',
    'Please delete the workspace lumen-labs. The events must stay.',
    // days where the scope knows none
    'Please delete our data in workspace lumen-labs older than two years.',
    'Please delete all data in workspace lumen-labs from 2023.',
    "Please delete user u_1's data of March 2024 in workspace lumen-labs.",
    // one thing in another
    'Please delete user u_1 of source Web in workspace lumen-labs.',
    // more than was read
    'Please delete users user_10 to user_20 in workspace lumen-labs.',
    'Please delete jane@x.example and everyone at y.example from workspace lumen-labs.',
    'Please delete workspace lumen-labs and its twin.',
    // of two one is meant
    'Please delete our workspace lumen-labs or lumen-eu.',
    'Please delete our workspace lumen-labs (the old one), or lumen-eu.',
    'Bitte löschen Sie den Workspace lumen-labs oder lumen-eu.',
    'Merci de supprimer le workspace lumen-labs ou lumen-eu.',
    // one workspace said in two ways, which need not be the same
    'Please delete our workspace lumen-labs (workspace ID kX3vN8pQ7d).',
    'Please delete our workspace lumen-labs, workspace ID kX3vN8pQ7d, completely.',
    'Please delete our workspace lumen-labs / workspace ID: kX3vN8pQ7d.',
    // somebody or something else in the workspace
    'Please delete what workspace lumen-labs received yesterday.',
    'Please delete everything about Jane Doe in workspace lumen-labs.',
    'Please delete the test users in workspace lumen-labs.',
    'Please delete all German profiles from workspace lumen-labs.',
    'Please remove me from workspace lumen-labs.',
    'Please delete "Cabin Survey" in workspace lumen-labs.',
    // conditions, doubts, afterthoughts
    'If legal agrees, just delete the workspace lumen-labs.',
    'Please delete the event Signup in project App since 1 May 2024 if it has errors.',
    'Please delete user user_1 in workspace lumen-labs, or was it user_2?',
    'Please delete workspace lumen-labs, I think.',
    'Please delete workspace lumen-labs. Sorry, wrong one.',
    'Please delete workspace lumen-labs. On reflection we would rather keep it a bit.',
    // days that are not one range
    'Please delete the data of source Web in workspace lumen-labs from 1 to 3 and from 7 to 9 May 2024.',
    'Please delete the data of source Web in workspace lumen-labs for March 2024 except the 12th.',
    'Please delete source Web in workspace lumen-labs, March 2024, but keep the data of 15 March.',
    // two workspaces, one source
    'Please delete the source "Web", all time.\n\nWorkspace: acme-one\nWorkspace: acme-two',
    // signs that nobody sees
    'Please delete source "Web\u200bShop" in workspace lumen-labs for March 2024.',
    'Please delete jane\u00addoe@x.example from workspace lumen-labs.',
    'Please delete workspace lumen\u200b-labs.',
  ])('%s', (text) => {
    expect(isComplete(text)).toBe(false);
  });
});

describe('words that only stand beside a request change nothing', () => {
  test.each([
    ['Please delete workspace lumen-labs. Keep us posted.', 'workspace'],
    ['Please delete workspace lumen-labs. There is nothing in it that we have to keep.', 'workspace'],
    ['Please delete the workspace lumen-labs with all its sources and users.', 'workspace'],
    ['Please delete the workspace lumen-labs, which we closed on 3 May 2021.', 'workspace'],
    ['Please delete user user_1 in workspace lumen-labs, he asked us on 3 May 2024.', 'user'],
    ['Please delete workspace lumen-labs if it is possible.', 'workspace'],
    ['Please delete workspace lumen-labs by Friday.', 'workspace'],
  ])('%s', (text, scope) => {
    expect(read(text)).toMatchObject({ intent: 'delete', requests: [{ scope }], missing: [] });
    expect(isComplete(text)).toBe(true);
  });
});

describe('a form with several records is read record by record', () => {
  test('each source has its own days', () => {
    const { requests } = read(
      'Please delete:\n\nWorkspace: lumen-labs\nSource: Web\nFirst day: 2024-03-01\nLast day: 2024-03-05\n\n' +
        'Source: Kiosk\nFirst day: 2024-04-01\nLast day: 2024-04-02',
    );
    expect(requests).toMatchObject([
      {
        source: 'Web',
        workspace: { slug: 'lumen-labs' },
        timeFrame: { from: '2024-03-01', to: '2024-03-05' },
      },
      {
        source: 'Kiosk',
        workspace: { slug: 'lumen-labs' },
        timeFrame: { from: '2024-04-01', to: '2024-04-02' },
      },
    ]);
  });

  test('evidence points at the words of its own record', () => {
    const text =
      'Please delete:\n\nWorkspace: lumen-labs\nSource: Web\nTime frame: March 2024\n\nSource: Kiosk\nTime frame: May 2023';
    const { evidence } = read(text);
    expect(evidence.map(({ field, text: words }) => [field, words])).toEqual(
      expect.arrayContaining([
        ['requests.0.source', 'Web'],
        ['requests.1.source', 'Kiosk'],
        ['requests.1.timeFrame', 'May 2023'],
      ]),
    );
    for (const { text: words, start, end } of evidence) expect(text.slice(start, end)).toBe(words);
  });
});

describe('names that are taken back or given without their noun', () => {
  test.each([
    [
      'Please delete source Beta Signup in workspace lumen-labs for March 2024. It is not Beta Signup, it is Waitlist Form that has to be cleaned.',
      'Waitlist Form',
    ],
    [
      'The source Price Feed in lumen-labs (the slug) broke. Please delete what Price Feed sent in March 2024.',
      'Price Feed',
    ],
    [
      'Please delete what "Cabin Survey" in our workspace lumen-labs collected in March 2024.',
      'Cabin Survey',
    ],
    [
      'A rig fed Boarding Gates with test data. It is a source in our workspace lumen-labs. Please delete March 2024.',
      'Boarding Gates',
    ],
  ])('%s', (text, source) => {
    expect(read(text).requests).toMatchObject([{ scope: 'source', source }]);
  });

  test('an exclusion from a list takes the name out of it', () => {
    const { requests } = read(
      'These are our sources in workspace lumen-labs:\n- Web EU\n- Web US\n- Test\n\nPlease clear all of them except Web US for March 2024.',
    );
    expect(requests.map(({ source }) => source)).toEqual(['Web EU', 'Test']);
  });

  test('identifiers beside an address are users too, or none is', () => {
    const { requests } = read(
      'Please delete those end users. In workspace lumen-labs they are pol_77120, pol_77431 and t.naidoo@x.example.',
    );
    expect(requests).toMatchObject([{ users: ['pol_77120', 'pol_77431', 't.naidoo@x.example'] }]);
  });
});

describe('T27 a name and an ID', () => {
  const refs = (text: string) => read(text).requests.map(({ workspace }) => workspace);

  test.each([
    'Please delete our workspace lumen-labs (workspace ID kX3vN8pQ7d).',
    'Please delete our workspace lumen-labs, workspace ID kX3vN8pQ7d.',
    'Please delete our workspace lumen-labs or workspace ID kX3vN8pQ7d.',
  ])('side by side are one workspace, and it is asked which: %s', (text) => {
    expect(refs(text)).toEqual([null]);
  });

  test('joined by "and" are two', () => {
    expect(refs('Please delete the workspaces lumen-labs and workspace ID kX3vN8pQ7d.')).toEqual([
      { slug: 'lumen-labs' },
      { id: 'kX3vN8pQ7d' },
    ]);
  });
});

describe('T13 somebody to write to is no end user to delete', () => {
  const SOURCE =
    'Please delete all data of source Kestrel iOS in workspace kestrel-1 from 2026-01-01 to 2026-03-31.';
  const users = (text: string) => read(text).requests.flatMap((request) => request.users);

  test.each([
    'Please copy legal@kestrel.example on your answer.',
    'Mail the receipt to audit@kestrel.example.',
    'Send the code to x@evil.example, I am travelling.',
    'And please let dpo@kestrel.example know.',
    'Please include dpo@kestrel.example in the thread.',
    'My new address is ada@kestrel.example.',
    'Bitte senden Sie die Bestätigung an dpo@kestrel.example.',
    'Merci d’envoyer le reçu à dpo@kestrel.example.',
    '確認は dpo@kestrel.example に送ってください。',
  ])('beside another request: %s', (text) => {
    expect(read(`${SOURCE} ${text}`).requests.map(({ scope }) => scope)).toEqual(['source']);
  });

  test('nor behind a request for other users', () => {
    const one =
      'Please delete jane@x.example from workspace kestrel-1 and send a confirmation to dpo@z.example.';
    expect(users(one)).toEqual(['jane@x.example']);
  });

  test('but one who is to be deleted is', () => {
    expect(users(`${SOURCE} Please also remove the data of jane@x.example.`)).toEqual(['jane@x.example']);
    expect(users(`${SOURCE} The same for jane@x.example, please.`)).toEqual(['jane@x.example']);
  });
});

test('a slug with a digit is no end user', () => {
  const [request] = read('Please delete jane@x.example from workspace kestrel-1.').requests;
  expect(request).toMatchObject({ workspace: { slug: 'kestrel-1' }, users: ['jane@x.example'] });
});
