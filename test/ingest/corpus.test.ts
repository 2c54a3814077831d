import { describe, expect, test } from 'vitest';

import { scoreFolder } from '../corpus/scorer.ts';

const folder = (name: string): string => new URL(`../corpus/${name}`, import.meta.url).pathname;
const scored = await scoreFolder(folder('mails'));
const open = await scoreFolder(folder('open'));

describe('the corpus', () => {
  test.each(scored)('$file is read exactly', ({ got, truth }) => {
    expect(got).toEqual(truth);
  });
});

describe('mails that are not read in full yet', () => {
  test.each(open)('$file makes no request that its writer did not make', ({ dangerous }) => {
    expect(dangerous).toBe(false);
  });
});
