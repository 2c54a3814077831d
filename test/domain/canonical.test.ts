import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressHash,
  type Canonical,
  canonicalJson,
  digestOf,
  keyed,
  sha256,
} from '../../src/domain/canonical.ts';

describe('canonical JSON after RFC 8785', () => {
  test.each<{ title: string; value: Canonical; json: string }>([
    { title: 'keys are sorted', value: { b: 1, a: 2 }, json: '{"a":2,"b":1}' },
    {
      // RFC 8785 section 3.2.3, less the key that is no text of ours
      title: 'keys are sorted by UTF-16 code unit, not by code point',
      value: {
        '\u20ac': 'Euro Sign',
        '\r': 'Carriage Return',
        '\ufb33': 'Hebrew Letter Dalet With Dagesh',
        '1': 'One',
        '\ud83d\ude00': 'Emoji: Grinning Face',
        '\u0080': 'Control',
        '\u00f6': 'Latin Small Letter O With Diaeresis',
      },
      json: '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    },
    {
      title: 'strings are escaped as little as may be',
      value: '\u20ac$\u000f\nA\'B"\\\\"/',
      json: '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"',
    },
    { title: 'no white space', value: [1, { a: [] }, {}], json: '[1,{"a":[]},{}]' },
    { title: 'literals', value: [null, true, false, ''], json: '[null,true,false,""]' },
    { title: 'negative zero is zero', value: -0, json: '0' },
    { title: 'members without a value are left out', value: { a: undefined, b: null }, json: '{"b":null}' },
    { title: 'the order of a list is kept', value: ['b', 'a'], json: '["b","a"]' },
  ])('$title', ({ value, json }) => {
    expect(canonicalJson(value)).toBe(json);
  });

  test.each([0.5, 2 ** 53, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY])(
    'the number %s is refused: it has no exact form everywhere',
    (value) => {
      expect(() => canonicalJson({ deep: [value] })).toThrow(RangeError);
    },
  );

  const json = fc.letrec<{ value: Canonical }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'binary' }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(fc.string({ unit: 'binary' }), tie('value')),
    ),
  })).value;

  /** Sorts by comparing code units one by one, and lets JSON.stringify do the rest. */
  function reference(value: Canonical): string {
    if (Array.isArray(value)) return `[${value.map(reference).join()}]`;
    if (value === null || typeof value !== 'object') return JSON.stringify(value);
    const units = (text: string) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
    const before = (a: number[], b: number[]): number => {
      const at = a.findIndex((unit, i) => unit !== b[i]);
      return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
    };
    const keys = Object.keys(value).sort((a, b) => before(units(a), units(b)));
    return `{${keys.map((key) => `${JSON.stringify(key)}:${reference((value as Record<string, Canonical>)[key]!)}`).join()}}`;
  }

  test('it agrees with a plain reference, reads back as the same value and knows no other order', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(text).toBe(reference(value));
        expect(canonicalJson(JSON.parse(text) as Canonical)).toBe(text);
        if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
          const turned = Object.fromEntries(Object.entries(value).reverse());
          expect(canonicalJson(turned)).toBe(text);
        }
      }),
    );
  });
});

describe('hashes', () => {
  test('a digest is the SHA-256 of the canonical JSON', () => {
    const expected = createHash('sha256').update('{"a":1,"b":"é"}').digest('hex');
    expect(digestOf({ b: 'é', a: 1 })).toBe(expected);
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  const key = Buffer.alloc(32, 7);
  test('one key serves several purposes that never meet', () => {
    expect(keyed(key, 'code', 'x')).not.toEqual(keyed(key, 'link', 'x'));
    expect(keyed(key, 'code', 'x')).not.toEqual(keyed(Buffer.alloc(32, 8), 'code', 'x'));
    expect(keyed(key, 'a', 'b\0c')).toHaveLength(32);
  });

  test('an address is hashed under the key to 32 hex digits', () => {
    expect(addressHash(key, 'ada@acme.example')).toMatch(/^[0-9a-f]{32}$/);
    expect(addressHash(key, 'ada@acme.example')).not.toBe(addressHash(key, 'bob@acme.example'));
    expect(addressHash(key, 'ada@acme.example')).not.toBe(sha256('ada@acme.example').slice(0, 32));
  });
});
