import pino, { type Logger } from 'pino';
import type { LogLevel } from '../config.ts';

export type { Logger } from 'pino';

/** Structured lines on standard error, so that what a command prints stays clean. Ids, counts and codes only. */
export const makeLogger = (level: LogLevel): Logger =>
  pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );

export type LogLine = (
  level: 'info' | 'warn' | 'error',
  message: string,
  details: Record<string, string | number>,
) => void;

/** The one-function log that the stages take. */
export const lineLog =
  (log: Logger): LogLine =>
  (level, message, details) =>
    log[level](details, message);
