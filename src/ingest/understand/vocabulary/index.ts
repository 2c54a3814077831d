import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { it } from './it.ts';
import { ja } from './ja.ts';
import { nl } from './nl.ts';
import { withPlainSpelling } from './plain-spelling.ts';
import { pt } from './pt.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Every language that is read. To add one, write its file and list it here. */
export const VOCABULARIES: readonly Vocabulary[] = [
  en,
  ...[de, fr, es, pt, it, nl].map(withPlainSpelling),
  ja,
];
