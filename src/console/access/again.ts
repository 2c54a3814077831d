import { page } from '../pages.ts';

/** Loads the address that was asked for once more, from a page of ours. */
export const AGAIN = page<{ readonly page: { readonly title: string }; readonly href: string }>(
  'access/again',
);
