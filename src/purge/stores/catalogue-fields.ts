import { z } from 'zod';
import type { Predicate } from '../../domain/plan.ts';
import { type PropertyClause, SCOPES, type Scope } from '../../domain/request.ts';

/** What the entries of all kinds of stores have in common. */
export const storeName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, { error: 'a short name in lower case, like archive' });

export const storeScopes = z.array(z.enum(SCOPES)).min(1, { error: `at least one of ${SCOPES.join(', ')}` });

/** By what a place can tell its data apart, besides the workspace, which every place must know. */
export const FIELDS = ['source', 'space', 'project', 'user', 'event', 'receivedAt'] as const;
export type Field = (typeof FIELDS)[number];

/** The fields without which a place cannot say what of its data a scope means. */
export const SCOPE_NEEDS: Readonly<Record<Scope, readonly Field[]>> = {
  workspace: [],
  account: [],
  source: ['source', 'receivedAt'],
  space: ['space'],
  user: ['user'],
  events: ['project', 'event', 'receivedAt'],
};

/** A part of a store that one step empties: a table, a collection of a service. */
export interface Place {
  /** Its name in plans, receipts and the ledger. Holds no `@`. */
  readonly target: string;
  readonly fields: readonly Field[];
  /** Fewer scopes than the store's; `undefined` = all of them. */
  readonly scopes: readonly Scope[] | undefined;
  /** What else of a predicate it cannot express, in words of the catalogue. */
  readonly limits?: (predicate: Predicate) => readonly string[];
  /** What it does about a single property; without it, the place cannot clear any. */
  readonly propertyFate?: (clause: PropertyClause) => PropertyFate;
}

/** `absent` = the place is known to hold none of its kind. `lacks` says in words of the catalogue what is missing. */
export type PropertyFate = 'cleared' | 'absent' | { readonly lacks: string };

/** What stands in a list more than once. */
export const repeats = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];
