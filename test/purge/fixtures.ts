import { type Target, targetDigest } from '../../src/domain/target.ts';
import { type PostgresStoreDefinition, type StoreCatalogue, storeSchema } from '../../src/purge/catalogue.ts';

/** The workspace of most tests; `NEIGHBOUR` is the tenant that nothing may touch. */
export const ACME = 'ws_acme';
export const NEIGHBOUR = 'ws_globex';
export const WEB_SOURCE = 'src_web';

const EVENTS_TABLE = {
  table: 'public.events',
  id: 'id',
  workspace: 'workspace_id',
  source: 'source_id',
  space: 'space_id',
  project: 'project_id',
  user: ['user_id', 'anonymous_id'],
  event: 'event',
  receivedAt: 'received_at',
};

const PEOPLE_TABLE = {
  table: 'public.people',
  id: 'id',
  workspace: 'workspace_id',
  scopes: ['workspace', 'account'],
};

/** A store with an events table that serves every scope and a table of people for whole workspaces only. */
export function archiveStore(overrides: Record<string, unknown> = {}): PostgresStoreDefinition {
  const store = storeSchema.parse({
    name: 'archive',
    kind: 'postgres',
    url: 'postgres://reader@127.0.0.1/archive',
    archive: true,
    scopes: ['workspace', 'account', 'source', 'space', 'user', 'events'],
    tables: [EVENTS_TABLE, PEOPLE_TABLE],
    ...overrides,
  });
  if (store.kind !== 'postgres') throw new TypeError('the sample archive is a PostgreSQL store');
  return store;
}

export const eventsTable = (overrides: Record<string, unknown> = {}) => ({ ...EVENTS_TABLE, ...overrides });

export const workspaceNamed = (id: string): Target['workspaces'][number] => ({
  id,
  slug: id.replace('_', '-'),
  name: id,
  createdAt: '2023-01-01T00:00:00.000Z',
  tombstone: false,
});

/** A source deletion of all of January 2024, asked for in May, unless overridden. */
export const sampleTarget = (overrides: Partial<Target> = {}): Target => ({
  scope: 'source',
  workspaces: [workspaceNamed(ACME)],
  source: { id: WEB_SOURCE, name: 'Website' },
  space: null,
  project: null,
  users: [],
  events: [],
  properties: [],
  timeFrame: { from: '2024-01-01', to: '2024-01-31' },
  cutoff: '2024-05-02T13:00:00.000Z',
  ...overrides,
});

export const WORKSPACE_TARGET = sampleTarget({ scope: 'workspace', source: null, timeFrame: null });

export const planInput = (target: Target, stores: StoreCatalogue = [archiveStore()]) => ({
  reference: 'PD-1042',
  target,
  digest: targetDigest(target),
  stores,
  residue: [],
});
