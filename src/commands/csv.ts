import { csvLine } from '../domain/csv.ts';

/** Rows under headings, each as `csvLine` writes it. */
export const csv = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [headings, ...rows].map(csvLine).join('');
