import type { Target } from '../domain/target.ts';
import { loadWording } from '../reply/render.ts';
import type { Wording } from '../reply/wording.ts';
import { targetInWords } from '../reply/words.ts';
import { packageFile } from './package-file.ts';

let english: Wording | undefined;

/** What will be deleted, as the commands and pages say it: in English, with everything that the request names. */
export function targetInEnglish(target: Target): string {
  english ??= loadWording(packageFile('templates'), 'en');
  return targetInWords(english, target, true);
}
