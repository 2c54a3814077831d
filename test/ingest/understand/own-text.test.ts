import { describe, expect, test } from 'vitest';

import { htmlToText } from '../../../src/ingest/understand/html-text.ts';
import { ownTextOf } from '../../../src/ingest/understand/own-text.ts';
import { mail } from './mail.ts';

const own = (text: string, subject = 'Hello'): string => ownTextOf(mail({ text, subject })).text;

describe('only the writer’s own new words stay', () => {
  test.each([
    {
      title: 'Gmail',
      text: 'Yes.\n\nOn Tue, Oct 29, 2024 at 4:02 PM desk <desk@example.org>\nwrote:\n\n> Old.',
      kept: 'Yes.',
    },
    {
      title: 'Outlook',
      text: 'Yes.\n\nFrom: desk <d@example.org>\nSent: Monday\nTo: Ada\nSubject: x\n\nOld.',
      kept: 'Yes.',
    },
    {
      title: 'Apple',
      text: 'Yes.\n\n> On 20 Nov 2025, at 18:20, desk <d@example.org> wrote:\n>\n> Old.',
      kept: 'Yes.',
    },
    { title: 'bottom posting', text: 'On 07/10/2025 09:55, desk wrote:\n> Old.\n\nYes.', kept: 'Yes.' },
    {
      title: 'German',
      text: 'Ja.\n\nAm 3. Mai 2024 um 10:00 schrieb Desk <d@example.org>:\n> Alt.',
      kept: 'Ja.',
    },
    {
      title: 'our own marker',
      text: 'Yes.\n\n-- Please reply above this line --\n\nSource: Old',
      kept: 'Yes.',
    },
    { title: 'a signature', text: 'Yes.\n\n-- \nAda\nExample Ltd', kept: 'Yes.' },
    { title: 'a name as signature', text: 'Yes.\n\nAda\nExample Ltd, 12345', kept: 'Yes.' },
    { title: 'a mobile footer', text: 'Yes.\n\nSent from my iPhone', kept: 'Yes.' },
    {
      title: 'a disclaimer',
      text: 'Yes.\n\nIf you are not the intended recipient, delete this mail.',
      kept: 'Yes.',
    },
    {
      title: 'a postscript behind a signature',
      text: 'Yes.\n\nAda\n\nPS: not the other one.',
      kept: 'Yes.\n\n\nPS: not the other one.',
    },
  ])('$title', ({ text, kept }) => {
    expect(own(text)).toBe(kept);
  });

  test('inline answers stay and the questions go', () => {
    const text = own('See below.\n\n> Which source?\n\nWeb\n\n> Which days?\n\nMay 2024');
    expect(text.split('\n').filter((line) => line !== '')).toEqual(['See below.', 'Web', 'May 2024']);
  });
});

describe('a forwarded mail counts only when the writer asks to have it handled', () => {
  const forwarded =
    '---------- Forwarded message ---------\nFrom: B <b@example.org>\nSubject: x\nTo: ada@example.org\n\nDelete it.';
  test.each([
    { title: 'asked', comment: 'Please handle the request below.', forward: 'handled' },
    { title: 'for information', comment: 'FYI, please do not act on it.', forward: 'unhandled' },
    { title: 'without a word', comment: '', forward: 'unhandled' },
  ])('$title', ({ comment, forward }) => {
    expect(ownTextOf(mail({ text: `${comment}\n\n${forwarded}` })).forward).toBe(forward);
  });
});

test('every line of the own text is found in the source at its offset', () => {
  const source = '> Old.\n\nNew one.\n\n> Older.\n\nNew two.\n\nAda';
  const read = ownTextOf(mail({ text: source }));
  for (const { start, sourceStart, length } of read.lines) {
    expect(read.text.slice(start, start + length)).toBe(source.slice(sourceStart, sourceStart + length));
  }
});

describe('HTML', () => {
  test.each([
    {
      title: 'rows of two cells are fields',
      html: '<table><tr><td>Source</td><td>Web</td></tr></table>',
      text: 'Source: Web',
    },
    {
      title: 'hidden text is dropped',
      html: 'a<div style="display: none">b</div><script>c</script><p hidden>d</p>',
      text: 'a',
    },
    { title: 'quotes are marked', html: 'a<blockquote>b<br>c</blockquote>', text: 'a\n> b\n> c' },
    { title: 'lists have bullets', html: '<ul><li>a</li><li>b</li></ul>', text: '- a\n- b' },
    { title: 'entities are decoded', html: '<p>R&amp;D</p>', text: 'R&D' },
  ])('$title', ({ html, text }) => {
    expect(htmlToText(html)).toBe(text);
  });
});
