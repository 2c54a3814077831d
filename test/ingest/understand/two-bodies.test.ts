import { describe, expect, test } from 'vitest';

import { explain } from '../../../src/ingest/understand/understand.ts';
import { mail } from './mail.ts';

const read = (text: string, html: string) =>
  explain(mail({ mediaType: 'multipart/alternative', text, html }));

describe('a mail whose text and HTML ask for different things', () => {
  test.each([
    [
      'another workspace',
      'Please delete the workspace lumen-labs.',
      '<p>Please delete the workspace lumen-eu.</p>',
      { intent: 'delete', requests: [{ scope: 'workspace', workspace: null }] },
    ],
    [
      'more users',
      'Please delete user_1 and user_2 in workspace lumen-labs.',
      '<p>Please delete user_1, user_2 and user_3 in workspace lumen-labs.</p>',
      { intent: 'delete', requests: [{ scope: 'user', users: [] }] },
    ],
    [
      'another thing',
      'Please delete the workspace lumen-labs.',
      '<p>Please delete the Unify space EU in workspace lumen-labs.</p>',
      { intent: 'delete', requests: [] },
    ],
    [
      'a stop in one of them',
      'Please delete the workspace lumen-labs.',
      '<p>Please do not delete the workspace lumen-labs.</p>',
      { intent: 'cancel' },
    ],
    [
      'a request in one of them',
      'Thank you for the talk of Tuesday about lumen-labs.',
      '<p>Please delete the workspace lumen-labs.</p>',
      { intent: 'other', requests: [] },
    ],
  ])('%s: nothing of it is taken, and a person looks', (_name, text, html, expected) => {
    const { understanding, disagrees } = read(text, html);
    expect(understanding).toMatchObject(expected);
    expect(disagrees).toBe(true);
  });

  test.each([
    [
      'markup',
      'Please delete the workspace lumen-labs.',
      '<p>Please delete the <i>workspace</i> <b>lumen-labs</b>.</p>',
    ],
    [
      'words beside the request',
      'Please delete the workspace lumen-labs.\n\nThanks',
      '<p>Please delete the workspace lumen-labs.</p><p>Thanks, and see our 2024 fair!</p>',
    ],
  ])('%s does not make them differ', (_name, text, html) => {
    const { understanding, disagrees } = read(text, html);
    expect(understanding.requests).toMatchObject([{ scope: 'workspace', workspace: { slug: 'lumen-labs' } }]);
    expect(disagrees).toBe(false);
  });
});
