import { median } from '../report.ts';
import type { PurgeReport } from './purger.ts';

export const memoryOf = (reports: readonly PurgeReport[]): string => {
  const peaks = (field: 'rss' | 'heap') =>
    [0, 1, 2, 3].map((no) => megabytes(Math.max(...reports.map((each) => each[field][no] ?? 0)))).join(', ');
  const start = megabytes(median(reports.map(({ rssBefore }) => rssBefore)));
  return `memory: RSS ${start} MB at the start, peaks of the quarters ${peaks('rss')} MB; heap ${peaks('heap')} MB`;
};

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
