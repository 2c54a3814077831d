import type { DeletionRequest, Scope } from '../../../domain/request.ts';
import type { Statement } from '../sentences/statements.ts';
import type { Note } from './notes.ts';
import type { Placed } from './placed.ts';

/** One thing to delete, before its workspace and its time frame are found. */
export interface Draft {
  readonly scope: Scope;
  readonly start: number;
  readonly statement: Statement;
  readonly request: DeletionRequest;
  readonly named: readonly (readonly [string, Placed])[];
}

/** What is to go, and what keeps something from being it. */
export interface Drafts {
  readonly drafts: readonly Draft[];
  readonly notes: readonly Note[];
}

export const EMPTY_REQUEST = {
  scope: 'workspace',
  workspace: null,
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
} as const;
