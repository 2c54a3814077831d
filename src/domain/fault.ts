/** Where a fault came up: a code line of ours or of a library, never a text of a mail. Empty when it is not told. */
export const firstFrame = (error: unknown): string =>
  (error instanceof Error ? error.stack : undefined)
    ?.split('\n')
    .find((line) => /^\s+at /.test(line))
    ?.trim() ?? '';

/** The code of a fault, or the name of its class: both are safe to log. */
export function faultCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'unknown';
}
