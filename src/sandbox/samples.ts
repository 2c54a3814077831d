import type { BlockerKind, Member, Named, Role, Workspace } from '../domain/directory.ts';
import type { MailDomain } from './signing.ts';

/** The address that the sandbox's desk reads. */
export const DESK_ADDRESS = 'privacy@desk.example';

/** The cast: each has a mailbox in the sandbox. Mallory and Sam are in no directory. */
export const PEOPLE = {
  ada: { name: 'Ada Lovell', address: 'ada@acme-inc.test' },
  tom: { name: 'Tom Okafor', address: 'tom@acme-inc.test' },
  nils: { name: 'Nils Berg', address: 'nils@acme-inc.test' },
  priya: { name: 'Priya Raman', address: 'priya@globex.test' },
  dana: { name: 'Dana Whitfield', address: 'dana@globex.test' },
  jonas: { name: 'Jonas Keller', address: 'jonas@initech.example' },
  hana: { name: 'Hana Suzuki', address: 'hana@hooli.test' },
  luis: { name: 'Luis Ferreira', address: 'luis@hooli.test' },
  wera: { name: 'Wera Novak', address: 'wera@umbrella.example' },
  karl: { name: 'Karl Brandt', address: 'karl@umbrella.example' },
  ines: { name: 'Ines Duarte', address: 'ines@stark.example' },
  sam: { name: 'Sam Porter', address: 'sam@elsewhere.example' },
  mallory: { name: 'Mallory Quill', address: 'mallory@freemail.example' },
} as const;

export type PersonKey = keyof typeof PEOPLE;

/** Most domains ask that forgeries are refused; initech only watches, freemail says nothing. */
export const MAIL_DOMAINS: readonly MailDomain[] = [
  { name: 'desk.example', dmarc: 'reject' },
  { name: 'acme-inc.test', dmarc: 'reject' },
  { name: 'globex.test', dmarc: 'reject' },
  { name: 'initech.example', dmarc: 'monitor' },
  { name: 'hooli.test', dmarc: 'reject' },
  { name: 'umbrella.example', dmarc: 'reject' },
  { name: 'stark.example', dmarc: 'reject' },
  { name: 'elsewhere.example', dmarc: 'reject' },
  { name: 'freemail.example', dmarc: 'none' },
];

/** The accounts of the sandbox's mail server. */
export const MAIL_ACCOUNTS: readonly { readonly address: string; readonly folders?: readonly string[] }[] = [
  { address: DESK_ADDRESS, folders: ['Processed'] },
  ...Object.values(PEOPLE).map(({ address }) => ({ address })),
];

/**
 * The sample directory: a plain case (acme-inc, globex), an open invoice (initech-eu), a running export (hooli-archive),
 * one person with two roles (Luis), a former admin (Karl at stark), a tombstone from before 31 March 2022
 * (umbrella-old), and a living workspace under a dead one's slug (stark).
 */
export const SAMPLE_WORKSPACES: readonly Workspace[] = [
  workspace('9f8KqLw2Zr', 'acme-inc', 'Acme Inc.', '2019-04-02', {
    members: [member('ada', 'owner'), member('tom', 'admin'), member('nils', 'member')],
    sources: [
      named('src_4hTz81', 'Website Prod'),
      named('src_7cVq02', 'Website Staging'),
      named('src_2mXe55', 'iOS App'),
      named('src_9kRw37', 'Partner Feed'),
    ],
    spaces: [named('spa_1eUm44', 'EU Marketing'), named('spa_6nUs18', 'US Marketing')],
    projects: [named('prj_3Mob27', 'Mobile App'), named('prj_8Web61', 'Web Shop')],
  }),
  workspace('T3mVx7Bc1Q', 'globex', 'Globex Corporation', '2020-09-14', {
    members: [member('priya', 'owner'), member('dana', 'admin')],
    sources: [named('src_5gPw93', 'Website Prod'), named('src_1dBn46', 'Billing Backend')],
    spaces: [named('spa_3gLb70', 'EU Marketing')],
    projects: [named('prj_5Gbx12', 'Mobile App')],
  }),
  workspace('h4NzR8sYp6', 'globex-labs', 'Globex Labs', '2023-02-20', {
    members: [member('priya', 'owner'), member('luis', 'admin')],
    sources: [named('src_8lAb25', 'Prototype')],
    projects: [named('prj_2Lab90', 'Sensor Pilot')],
  }),
  workspace('Jw5dEu0GkM', 'initech-eu', 'Initech Europe', '2021-06-30', {
    members: [member('jonas', 'owner')],
    sources: [named('src_6iNt08', 'Website Prod'), named('src_3iAp71', 'Android App')],
    projects: [named('prj_7Int33', 'Time Sheets')],
    blockers: ['billing'],
  }),
  workspace('b2XcF9tHv7', 'hooli', 'Hooli', '2018-11-05', {
    members: [member('hana', 'owner'), member('luis', 'owner')],
    sources: [
      named('src_0hWb64', 'Website Prod'),
      named('src_9hTv12', 'TV App'),
      named('src_4hPh83', 'Phone App'),
    ],
    spaces: [named('spa_8hAl21', 'All Regions')],
    projects: [named('prj_6Hoo45', 'Hooli Phone'), named('prj_1Htv78', 'Hooli TV')],
  }),
  workspace('Q6yLo3WnA8', 'hooli-archive', 'Hooli Archive', '2020-01-27', {
    members: [member('hana', 'owner')],
    sources: [named('src_5hAr39', 'Nightly Import')],
    blockers: ['export'],
  }),
  workspace('m1PgS5rKz4', 'umbrella-old', 'Umbrella (closed)', '2016-03-08', {
    members: [member('wera', 'owner'), member('karl', 'admin')],
    deletedAt: '2021-11-19',
    sources: [named('src_2uOl57', 'Website Prod')],
  }),
  workspace('d8RaV0qEx5', 'stark', 'Stark Studio (first)', '2017-05-16', {
    members: [member('wera', 'owner')],
    deletedAt: '2023-08-31',
    sources: [named('src_7sOn14', 'Website Prod')],
  }),
  workspace('U7kHt2ZmD9', 'stark', 'Stark Studio', '2024-01-15', {
    members: [
      member('ines', 'owner'),
      { ...member('karl', 'admin'), removedAt: new Date('2025-10-01T08:00:00Z') },
    ],
    sources: [named('src_3sTk96', 'Website Prod'), named('src_0sAp62', 'iOS App')],
    projects: [named('prj_9Stk50', 'Portfolio')],
  }),
];

interface Parts {
  readonly members: readonly Member[];
  readonly sources: readonly Named[];
  readonly spaces?: readonly Named[];
  readonly projects?: readonly Named[];
  readonly blockers?: readonly BlockerKind[];
  /** A UTC day. */
  readonly deletedAt?: string;
}

function workspace(id: string, slug: string, name: string, createdOn: string, parts: Parts): Workspace {
  return {
    id,
    slug,
    name,
    createdAt: new Date(`${createdOn}T10:00:00Z`),
    deletedAt: parts.deletedAt === undefined ? null : new Date(`${parts.deletedAt}T16:00:00Z`),
    members: parts.members,
    sources: parts.sources,
    spaces: parts.spaces ?? [],
    projects: parts.projects ?? [],
    blockers: parts.blockers ?? [],
  };
}

function member(person: PersonKey, role: Role): Member {
  return { address: PEOPLE[person].address, role, removedAt: null };
}

function named(id: string, name: string): Named {
  return { id, name };
}
