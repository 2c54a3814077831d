import type { Member, Role, Workspace } from '../../src/domain/directory.ts';
import type { DeletionRequest } from '../../src/domain/request.ts';

/** A living workspace `acme-inc` of Ada; every part can be overridden. */
export const workspace = (overrides: Partial<Workspace> = {}): Workspace => ({
  id: 'ws_acme',
  slug: 'acme-inc',
  name: 'Acme Inc',
  createdAt: new Date('2020-01-01T00:00:00Z'),
  deletedAt: null,
  members: [member('ada@acme.example', 'owner')],
  sources: [{ id: 'src_web', name: 'Website Prod' }],
  spaces: [{ id: 'spa_main', name: 'Main Space' }],
  projects: [{ id: 'prj_app', name: 'Mobile App' }],
  blockers: [],
  ...overrides,
});

export const member = (address: string, role: Role, removedAt: Date | null = null): Member => ({
  address,
  role,
  removedAt,
});

export const request = (overrides: Partial<DeletionRequest> = {}): DeletionRequest => ({
  scope: 'workspace',
  workspace: null,
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
  ...overrides,
});
