import { expect, test } from 'vitest';
import { loadTemplates, render } from '../../src/reply/render.ts';
import { desk, secrets, withTicket } from './facts.ts';

const templates = loadTemplates(new URL('../../templates', import.meta.url).pathname);
const bare = (text: string) => text.replace(/<[^>]+>|\s/g, '');

test.each([...templates.values()])(
  '$language says that people are suppressed where it is true, and nowhere else',
  ({ language, wording }) => {
    const mail = (suppressed: { readonly suppressed?: true }) =>
      render(templates, withTicket('completed', 'user', suppressed, { locale: language }), desk, secrets);
    const told = mail({ suppressed: true });
    for (const body of [told.text, told.html]) expect(bare(body)).toContain(bare(wording.suppressed));
    const untold = mail({});
    for (const body of [untold.text, untold.html]) expect(bare(body)).not.toContain(bare(wording.suppressed));
  },
);
