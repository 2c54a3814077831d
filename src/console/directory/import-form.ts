/** What an import form holds, read and bounded. */
import { z } from 'zod';
import type { Format } from './ports.ts';

/** Characters. Larger files are for the command line. */
const FILE_MAX = 1_000_000;
/** Bytes of a form with a whole file: every character may take three in the form's own writing, some nine. */
export const FORM_MAX = 4_000_000;

export interface ImportForm {
  /** With plain line ends, however the browser sent them. */
  readonly file: string;
  readonly format: Format;
  /** Why it cannot be looked at; `null` = it can. */
  readonly error: string | null;
}

const FIELDS = z.object({
  file: z.string().catch(''),
  format: z.enum(['json', 'csv', 'auto']).catch('auto'),
});

export function readImportForm(body: unknown): ImportForm {
  const typed = FIELDS.parse(typeof body === 'object' && body !== null ? body : {});
  const file = typed.file.replace(/\r\n?/g, '\n');
  const format = typed.format === 'auto' ? formatOf(file) : typed.format;
  return { file, format, error: whyNot(file) };
}

/** A JSON file is an object with one list; a CSV file begins with the names of its columns. */
const formatOf = (file: string): Format => (/^\s*[{[]/.test(file.replace(/^\uFEFF/, '')) ? 'json' : 'csv');

function whyNot(file: string): string | null {
  if (file.trim() === '') return 'Choose a file, or paste what is in it.';
  if (file.length > FILE_MAX)
    return 'This is more than a million characters. Import large files with the command line: purgedesk directory import FILE.';
  return null;
}
