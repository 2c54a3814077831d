import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { PurgedeskError } from '../../domain/errors.ts';
import type { S3StoreDefinition } from './s3-catalogue.ts';

export interface S3Patience {
  /** How long one call may take, in milliseconds. A server may need a minute for 1,000 versions. */
  readonly callMs: number;
  /** How often a call is made before it counts as failed. */
  readonly attempts: number;
  /** The first pause between two attempts at most; it doubles up to `longestPauseMs`. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

export const S3_PATIENCE: S3Patience = { callMs: 60_000, attempts: 6, pauseMs: 250, longestPauseMs: 5_000 };

/** A bucket and how to ask for things in it. */
export interface Bucket {
  /** Of the store, for messages. */
  readonly store: string;
  readonly bucket: string;
  readonly client: S3Client;
  readonly patience: S3Patience;
}

export function openBucket(definition: S3StoreDefinition, patience: S3Patience): Bucket {
  const { name, bucket, endpoint, region, forcePathStyle, accessKeyId, secretAccessKey } = definition;
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle,
    credentials: { accessKeyId, secretAccessKey },
    // Attempts are made here, where a pause ends with the signal.
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return { store: name, bucket, client, patience };
}

/**
 * Makes a call until it succeeds, with growing pauses while the server is busy or gone. Every call of this store may be
 * made twice without harm.
 * @throws PurgedeskError PD_STORE_FAILED when all attempts failed, PD_STORE_INVALID when the server refuses;
 *   `details.code` is the server's own
 */
export async function ask<T>(
  bucket: Bucket,
  signal: AbortSignal,
  call: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      const timeout = AbortSignal.timeout(bucket.patience.callMs);
      return await call({ abortSignal: AbortSignal.any([signal, timeout]) });
    } catch (error) {
      signal.throwIfAborted();
      const fault = faultOf(bucket, error);
      if (fault.retry === 'never' || attempt >= bucket.patience.attempts) throw fault;
    }
    await pause(bucket, attempt, signal);
  }
}

/** Between two attempts: a random part of a time that doubles, so that many callers do not come back at once. */
export async function pause({ patience }: Bucket, attempt: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(patience.longestPauseMs, patience.pauseMs * 2 ** (attempt - 1));
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() =>
    signal.throwIfAborted(),
  );
}

/** Codes that S3 and its kin give to what passes, whatever the status. */
const PASSING = [
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
  'RequestTimeout',
  'OperationAborted',
  'Throttling',
];
export const isPassing = (code: string): boolean => PASSING.includes(code);

/** What the SDK throws: an answer of the server with `$fault`, else an error of its own or of the connection. */
interface Thrown {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly $fault?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Sorts what the SDK throws. Its message stays out, also as a cause: it can quote a key. */
function faultOf({ store }: Bucket, error: unknown): PurgedeskError {
  if (error instanceof PurgedeskError) return error;
  const { name, code: system, $fault, $metadata } = (error ?? {}) as Thrown;
  // The SDK gives the status also of an answer that was cut short, and takes the rest of it for nothing.
  const isCut = $fault === undefined && typeof system === 'string';
  const code = safeCode(isCut ? system : name);
  const status = isCut ? undefined : $metadata?.httpStatusCode;
  if (status === undefined || status < 300) {
    const reason = ['AbortError', 'TimeoutError'].includes(code) ? 'timeout' : 'failed';
    return failed(store, code, reason, 'unknown');
  }
  if (status === 503 || status === 408 || status === 429 || isPassing(code)) {
    return failed(store, code, 'failed', code === 'InternalError' ? 'unknown' : 'none');
  }
  return status >= 500 ? failed(store, code, 'failed', 'unknown') : refused(store, code);
}

const safeCode = (name: unknown): string =>
  typeof name === 'string' && /^[A-Za-z0-9]{1,60}$/.test(name) ? name : 'unknown';

/** @param effect - whether the call may have been carried out all the same */
export const failed = (
  store: string,
  code: string,
  reason: 'timeout' | 'failed' = 'failed',
  effect: 'none' | 'unknown' = 'none',
): PurgedeskError =>
  new PurgedeskError('PD_STORE_FAILED', 'a store did not carry out a call', {
    details: { store, code: safeCode(code), reason, effect },
  });

/** Whether a call that went wrong may have been carried out all the same. */
export const isInDoubt = (fault: unknown): boolean =>
  fault instanceof PurgedeskError && fault.details.effect === 'unknown';

export const refused = (store: string, code: string): PurgedeskError =>
  new PurgedeskError('PD_STORE_INVALID', 'a store refused a call', {
    details: { store, code: safeCode(code) },
    remedy:
      'Look up the code, then mend the bucket, the rights of the key or the store’s entry in the catalogue.',
  });

export const invalid = (store: string, what: string): PurgedeskError =>
  new PurgedeskError('PD_STORE_INVALID', `store ${store}: ${what}`, {
    details: { store },
    remedy: 'Correct the entry of this store in the catalogue.',
  });
