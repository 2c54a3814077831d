import { en } from './en.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Every language that is read. To add one, write its file and list it here. */
export const VOCABULARIES: readonly Vocabulary[] = [en];
