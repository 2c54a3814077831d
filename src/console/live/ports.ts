export interface LivePorts {
  /** Whether the session still lasts. Asking does not make it last longer. */
  isSignedIn(token: string): Promise<boolean>;
  /** How often a session is looked at again, and something is sent so that the connection stays; 15 s unless told. */
  readonly heartbeatMs?: number;
}

/** What a page is about: the queue, the desk itself, or the ticket of that number. */
export type About = 'queue' | 'operations' | number;

/** Where things stand now. Two answers about one thing are equal only while nothing of it changed in between. */
export type ReadVersions = (about: readonly About[]) => Promise<ReadonlyMap<About, string>>;
