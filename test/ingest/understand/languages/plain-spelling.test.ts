import { describe, expect, test } from 'vitest';

import { de } from '../../../../src/ingest/understand/vocabulary/de.ts';
import { withPlainSpelling } from '../../../../src/ingest/understand/vocabulary/plain-spelling.ts';
import { pt } from '../../../../src/ingest/understand/vocabulary/pt.ts';

describe('spelling without accents', () => {
  const plain = withPlainSpelling(pt);

  test('every list has the words without accents too', () => {
    expect(plain.common).toContain('nao');
    expect(plain.classes.deletion).toContain('exclusao');
    expect(plain.time.months[2]).toContain('marco');
    expect(plain.time.vague).toContain('ultimos meses');
    expect(plain.fields.timeFrame).toContain('periodo');
  });

  test('each word of a phrase may be spelt either way', () => {
    expect(plain.acts.doubt).toContain('retificação|retificacao');
  });

  test('a spelling that is another frequent word is left out', () => {
    expect(pt.common).toContain('e');
    expect(plain.linkWords).toContain('é');
    expect(plain.linkWords).not.toContain('e');
  });

  test('German vowels may be written with an e', () => {
    const months = withPlainSpelling(de).time.months[2];
    expect(months).toContain('märz');
    expect(months).toContain('maerz');
    expect(months).toContain('marz');
  });
});
