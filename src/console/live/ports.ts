export interface LivePorts {
  /** Whether the session still lasts. Asking does not make it last longer. */
  isSignedIn(token: string): Promise<boolean>;
}

/** What a page is about: the queue, or the ticket of that number. */
export type About = 'queue' | number;

/** Where things stand now. Two answers about one thing are equal only while nothing of it changed in between. */
export type ReadVersions = (about: readonly About[]) => Promise<ReadonlyMap<About, string>>;
