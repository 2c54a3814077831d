import { describe, expect, test } from 'vitest';
import { hideCodes, hideLinks, hideSecrets, linkTokensIn } from '../../src/domain/secret-words.ts';

const TOKEN = 'Ab-_9xYzAb-_9xYzAb-_9xYzAb-_9xYz';

describe('T41 links of ours', () => {
  test.each([
    `https://desk.example/c/${TOKEN}`,
    `see <http://other.example/base/s/${TOKEN}>`,
    `> https://desk.example/c/${TOKEN.slice(0, 10)}=\r\n> ${TOKEN.slice(10)}`,
    `https://desk.example/c/\r\n> ${TOKEN.slice(0, 20)} \n>> ${TOKEN.slice(20)} tail`,
    `https://safe.example/?url=https%3A%2F%2Fdesk.example%2Fs%2F${TOKEN.replaceAll('_', '%5F')}&x=1`,
    `https://safe.example/?url=https%253A%252F%252Fdesk.example%252Fs%252F${TOKEN.replaceAll('-', '%252D')}`,
    `https://guard.example/v2/url?u=https-3A__desk.example_c_${TOKEN}`,
    `/c/${TOKEN.slice(0, 16)}\u200b${TOKEN.slice(16)}`,
  ])('are hidden, sign for sign, however they came: %j', (text) => {
    const hidden = hideLinks(text);
    expect(hidden).toHaveLength(text.length);
    expect(hidden.split('\n')).toHaveLength(text.split('\n').length);
    for (let at = 0; at < 24; at += 1) expect(hidden).not.toContain(TOKEN.slice(at, at + 8));
    expect(linkTokensIn(text)).toEqual([TOKEN]);
  });

  test.each(['/s/ John Smith, Chief Executive', 'https://video.example/c/ashortname', 'either/or'])(
    'are not what %j is',
    (text) => expect(hideSecrets(text)).toBe(text),
  );

  test('take no longer to look for in a text that is made to be slow', () => {
    for (const text of [
      '/c/'.repeat(50_000),
      `/c/${' \n> '.repeat(50_000)}`,
      `/c/${'a\u200b'.repeat(50_000)}`,
    ])
      expect(hideSecrets(text)).toHaveLength(text.length);
  });
});

test.each([
  ['123456', '••••••'],
  ['code:123 456.', 'code:•••••••.'],
  ['123-456', '•••••••'],
  ['1 2 3 4 5 6', '•••••••••••'],
  ['12\u200b3456', '•••••••'],
  ['123\n> 456', '•••\n•••••'],
  ['１２３４５６', '••••••'],
  ['10:30 123456', '10:30 ••••••'],
  ['2026-11-22, 1234567, PD-123456, +49 1234 5678', '2026-11-22, 1234567, PD-123456, +49 1234 5678'],
])('six digits in %j become %j', (text, hidden) => expect(hideCodes(text)).toBe(hidden));
