/** The mails and words that ship with the program: read and checked once in a process, whoever needs them. */
import { loadTemplates, type Templates } from '../reply/render.ts';
import { packageFile } from './package-file.ts';

let loaded: Templates | undefined;

/** @throws PurgedeskError `PD_TEMPLATE_INVALID` with every problem of every file */
export function mailTemplates(): Templates {
  loaded ??= loadTemplates(packageFile('templates'));
  return loaded;
}
