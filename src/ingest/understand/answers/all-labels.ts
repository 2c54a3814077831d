import type { Lexicon } from '../sentences/lexicon.ts';
import { fold } from '../sentences/words.ts';
import { VOCABULARIES } from '../vocabulary/index.ts';
import { FIELDS, type Field } from '../vocabulary/vocabulary.ts';

/**
 * The names of form fields in all languages. Names that mean different fields in different languages are left out, and
 * so are the shortest, which are ordinary words elsewhere ("a", "al", "de").
 */
export const ALL_LABELS: ReadonlyMap<string, Field> = allLabels();

function allLabels(): ReadonlyMap<string, Field> {
  const meanings = new Map<string, Set<Field>>();
  for (const { fields } of VOCABULARIES) {
    for (const field of FIELDS) {
      for (const name of fields[field] ?? []) {
        const label = fold(name);
        meanings.set(label, (meanings.get(label) ?? new Set<Field>()).add(field));
      }
    }
  }
  const clear = [...meanings].flatMap(([label, fields]): (readonly [string, Field])[] => {
    const [only, more] = fields;
    return only === undefined || more !== undefined || /^[\p{Script=Latin}\s]{1,3}$/u.test(label)
      ? []
      : [[label, only]];
  });
  return new Map(clear);
}

const known = new WeakMap<Lexicon, Lexicon>();

/** For answers to our own mails: our forms are filled in with names that tell no language. The mail's own labels win. */
export function withAllLabels(lexicon: Lexicon): Lexicon {
  const merged = known.get(lexicon) ?? {
    ...lexicon,
    fields: new Map([...ALL_LABELS, ...lexicon.fields]),
  };
  known.set(lexicon, merged);
  return merged;
}
