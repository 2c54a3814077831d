/** Where mails are read, whoever has them read. */
import type { Ran } from '../ingest/read-pool.ts';

/** TypeScript from its source, JavaScript from the build: the worker is of the same kind as this file. */
export const READ_WORKER = new URL(
  `./read-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** Why a mail that cost its thread could not be read, in words. */
export const LOST: Readonly<Record<Extract<Ran<unknown>, { kind: 'lost' }>['reason'], string>> = {
  time: 'the mail takes too long to read',
  memory: 'the mail takes too much memory to read',
  fault: 'the mail could not be understood',
};
