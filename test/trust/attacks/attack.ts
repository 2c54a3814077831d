import type { Keyring } from './keyring.ts';
import type { Outcome } from './outcomes.ts';
import type { Group } from './world.ts';

/** One mail, what it tries, and what must become of it. */
export interface Attack {
  /** Row of the threat list, or `OK` for an honest mail that must be served. */
  readonly id: string;
  /** Unique within its row; with the row it names the file. */
  readonly name: string;
  readonly what: string;
  /** `fresh` unless told. */
  readonly group?: Group;
  readonly build: (keys: Keyring) => Buffer | Promise<Buffer>;
  readonly outcome: Outcome;
  /** Too big to be kept: made when the set is run. No key is needed then. */
  readonly madeAtRun?: true;
}

/** Words by which the desk understands a request for the whole of a workspace. */
export const deletion = (slug: string): string =>
  `Hello,\n\nplease delete our workspace ${slug} and everything in it.\n\nThank you\n`;

export const DELETE_ACME = deletion('acme-inc');
export const DELETE_GLOBEX = deletion('globex');
