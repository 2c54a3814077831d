/** People who work at the desk, as they name themselves. A name proves nothing: it says who answers for an order. */

/**
 * Whether two names stand for one agent: regardless of case, of full-width and other compatibility forms, and of what
 * stands between their letters. It would rather take two people for one than one for two.
 */
export const isSameAgent = (one: string, other: string): boolean => plainName(one) === plainName(other);

const plainName = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
