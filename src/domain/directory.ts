/** Who owns what, as the directory reports it. Names and slugs are in their stored spelling. */

export type Role = 'owner' | 'admin' | 'member';

export interface Member {
  /** ASCII, domain in lower case; compared exactly after ASCII case folding. */
  readonly address: string;
  readonly role: Role;
  /** Set once the person lost the role: still a party of tickets opened before. */
  readonly removedAt: Date | null;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

export const BLOCKER_KINDS = ['billing', 'export'] as const;
/** Something that must be settled before a deletion may wait out its grace. */
export type BlockerKind = (typeof BLOCKER_KINDS)[number];

export interface Workspace {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly createdAt: Date;
  /** Set = tombstone: it stays here with its last owners and admins. */
  readonly deletedAt: Date | null;
  readonly members: readonly Member[];
  readonly sources: readonly Named[];
  readonly spaces: readonly Named[];
  readonly projects: readonly Named[];
  readonly blockers: readonly BlockerKind[];
}

/** Something that the directory settled although the mail left it open. Codes only: it stands in the audit. */
export interface Completion {
  readonly field: 'workspace' | 'source' | 'space' | 'project';
  readonly because:
    | 'workspace_name'
    | 'slug_and_id'
    | 'source_name'
    | 'space_name'
    | 'project_name'
    | 'only_workspace'
    | 'spelling';
}

/** All that the directory knows about one mail: looked up once, then judged purely. */
export interface DirectoryFacts {
  /** Workspaces, living or dead, in which the sender's exact address has any role today. */
  readonly memberships: readonly Workspace[];
  /** Workspaces, living or dead, that the mail names by slug or ID. */
  readonly mentioned: readonly Workspace[];
}

/** Fold ASCII capitals only: an address with any other character never equals a directory address by accident. */
export const foldAscii = (text: string): string => text.replace(/[A-Z]/g, (capital) => capital.toLowerCase());

/** Dot-atom local part at an LDH domain, ASCII, at most 254 octets (RFC 5321 section 4.5.3.1). */
const PLAIN_ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}){0,31}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,16}[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$/;

export const isPlainAddress = (address: string): boolean =>
  address.length <= 254 && address.indexOf('@') <= 64 && PLAIN_ADDRESS.test(address);

/** The role that this exact address has in a workspace today; a removed member has none. */
export function roleOf(workspace: Workspace, address: string): Role | null {
  const wanted = foldAscii(address);
  const member = workspace.members.find((m) => m.removedAt === null && foldAscii(m.address) === wanted);
  return member?.role ?? null;
}

export const isInCharge = (role: Role | null): boolean => role === 'owner' || role === 'admin';
