import { describe, expect, test } from 'vitest';
import { loadTemplates, loadWording } from '../../src/reply/render.ts';
import { retainedInWords } from '../../src/reply/words.ts';

const DIR = new URL('../../templates', import.meta.url).pathname;
const LOCALES = [...loadTemplates(DIR).values()].map(({ language }) => language);

const line = (category: string, until: string | null) => ({
  category,
  what: '2 in the store lake under an object lock',
  why: 'the storage refuses to delete it while the lock lasts',
  legalBasis: null,
  until,
});

describe.each(LOCALES)('what a place refused to give up, in %s', (locale) => {
  const wording = loadWording(DIR, locale);

  test.each(['object_lock', 'legal_hold', 'partial'])(
    '%s is told with its day, which promises nothing',
    (why) => {
      const told = retainedInWords(wording, line(why, '2031-05-01'));
      expect(told).toContain('2031');
      expect(told).not.toContain('lake');
      const promise = wording.stays.until.split('{day}').find((part) => part.trim().length > 2) ?? '';
      expect(promise).not.toBe('');
      expect(told).not.toContain(promise.trim());
    },
  );

  test('is not said to go on a schedule when nobody knows its day', () => {
    const told = retainedInWords(wording, line('legal_hold', null));
    expect(told).toContain(wording.kept.open);
    expect(told).not.toContain(wording.stays.rolling);
  });
});
