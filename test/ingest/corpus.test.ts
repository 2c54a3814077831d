import { describe, expect, test } from 'vitest';

import { scoreFolder } from '../corpus/scorer.ts';

const scored = await scoreFolder(new URL('../corpus/mails', import.meta.url).pathname);

describe('the corpus', () => {
  test.each(scored)('$file is read exactly', ({ got, truth }) => {
    expect(got).toEqual(truth);
  });
});
