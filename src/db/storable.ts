/**
 * The same value with every text made fit for Postgres: no NUL, which `text` and `jsonb` refuse, and no lone surrogate,
 * which `jsonb` refuses. A mail can hold both, and must not become unstorable by them.
 */
export function storable<T>(value: T): T {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '') as T;
  if (Array.isArray(value)) return value.map((item: unknown) => storable(item)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, storable(item)])) as T;
}
