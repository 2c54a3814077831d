/**
 * Of `graphile_worker.jobs`: those that failed for good. A job that is asked for anew while a process holds it loses its
 * key and its tries to the new one (job_key in the worker's documentation): when it fails then, nothing is missing.
 */
export const FAILED_FOR_GOOD = 'attempts >= max_attempts and locked_at is null and key is not null';
