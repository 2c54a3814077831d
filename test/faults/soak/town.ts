/** Many customers: a directory, people who write, and rows of theirs in the customers' stores. */
import pg from 'pg';
import type { Named } from '../../../src/domain/directory.ts';

export interface Home {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly sources: readonly Named[];
  readonly spaces: readonly Named[];
  readonly projects: readonly Named[];
  /** Owner and admin. */
  readonly people: readonly Citizen[];
}

export interface Citizen {
  readonly name: string;
  readonly address: string;
  readonly role: 'owner' | 'admin';
}

const DOMAINS = ['acme-inc.test', 'globex.test', 'hooli.test', 'umbrella.example', 'stark.example'];
const SOURCES = ['Website', 'Tablet App', 'Backend'];

export function makeTown(homes: number): readonly Home[] {
  return Array.from({ length: homes }, (_, index) => {
    const no = String(index).padStart(4, '0');
    const domain = DOMAINS[index % DOMAINS.length] ?? '';
    return {
      id: `TownHome${no}`,
      slug: `bakery-${no}`,
      name: `Bakery ${no}`,
      sources: SOURCES.map((name, at) => ({ id: `src_t${no}${at}`, name })),
      spaces: [{ id: `spa_t${no}`, name: 'Regulars' }],
      projects: [{ id: `prj_t${no}`, name: 'Shop' }],
      people: [
        { name: `Olive Baker ${no}`, address: `olive.${no}@${domain}`, role: 'owner' },
        { name: `Alex Miller ${no}`, address: `alex.${no}@${domain}`, role: 'admin' },
      ],
    };
  });
}

/** The town as a directory file has it, beside the workspaces that are there already. */
export const directoryWith = (known: readonly object[], town: readonly Home[]): object => ({
  workspaces: [
    ...known,
    ...town.map(({ people, ...home }) => ({
      ...home,
      createdAt: '2021-03-04T10:00:00.000Z',
      deletedAt: null,
      members: people.map(({ address, role }) => ({ address, role })),
      blockers: [],
    })),
  ],
});

const USERS_A_HOME = 8;
const EVENTS_A_SOURCE = 24;

/** Rows that follow from the town alone: the same in every database. Ids lie above those of the sample customers. */
export async function settle(url: string, town: readonly Home[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const sources = town.flatMap((home, at) =>
      home.sources.map((source, no) => ({
        workspace_id: home.id,
        source_id: source.id,
        project_id: home.projects[0]?.id,
        first_id: 2_000_000_000 + (at * 10 + no) * 1_000,
      })),
    );
    await client.query(FILL_EVENTS, [JSON.stringify(sources), EVENTS_A_SOURCE, USERS_A_HOME]);
    const spaces = town.flatMap((home, at) =>
      home.spaces.map((space) => ({
        workspace_id: home.id,
        space_id: space.id,
        first_id: 2_000_000_000 + at * 1_000,
      })),
    );
    await client.query(FILL_PROFILES, [JSON.stringify(spaces), USERS_A_HOME]);
    await client.query(FILL_IDENTITIES, [JSON.stringify(spaces), USERS_A_HOME]);
    await client.query(FILL_RECORDS, [JSON.stringify(spaces)]);
    await client.query('analyze');
  } finally {
    await client.end();
  }
}

const FILL_EVENTS = `
  insert into archive.events (id, workspace_id, source_id, project_id, received_at, user_id, anonymous_id, name, properties)
  select s.first_id + g, s.workspace_id, s.source_id, s.project_id, '2026-01-05T12:00:00Z'::timestamptz + g * interval '3 days',
    'u' || 100 + g % $3::int, 'anon-' || g, (array['Page Viewed', 'Order Completed'])[1 + g % 2], jsonb_build_object('n', g)
  from jsonb_to_recordset($1::jsonb) as s (workspace_id text, source_id text, project_id text, first_id bigint),
    generate_series(1, $2::int) g`;
const FILL_PROFILES = `
  insert into app.profiles (id, workspace_id, space_id, user_id, traits, updated_at)
  select s.first_id + g, s.workspace_id, s.space_id, 'u' || 99 + g, '{}', '2026-02-01T00:00:00Z'
  from jsonb_to_recordset($1::jsonb) as s (workspace_id text, space_id text, first_id bigint), generate_series(1, $2::int) g`;
const FILL_IDENTITIES = `
  insert into app.identities (id, workspace_id, space_id, user_id, kind, value)
  select s.first_id + g, s.workspace_id, s.space_id, 'u' || 99 + g, 'device', 'd' || g
  from jsonb_to_recordset($1::jsonb) as s (workspace_id text, space_id text, first_id bigint), generate_series(1, $2::int) g`;
const FILL_RECORDS = `
  insert into app.workspace_records (id, workspace_id, kind, content, updated_at)
  select s.first_id + g, s.workspace_id, 'setting', jsonb_build_object('n', g), '2026-02-01T00:00:00Z'
  from jsonb_to_recordset($1::jsonb) as s (workspace_id text, first_id bigint), generate_series(1, 5) g`;

/** What a customer asks for, in the desk's form and as the rows that it is about. */
export interface Wish {
  readonly text: string;
  /** Conditions on the customers' tables, with `$1`, `$2` … for the values. */
  readonly rows: readonly {
    readonly table: string;
    readonly where: string;
    readonly values: readonly unknown[];
  }[];
}

const EVERYWHERE = ['archive.events', 'app.profiles', 'app.identities', 'app.workspace_records'];

export const WISHES = {
  source: ({ id, slug, sources }: Home, no: number): Wish => {
    const source = sources[no % sources.length];
    return {
      text: `Workspace slug: ${slug}\nSource: ${source?.name}\nTime frame: all time`,
      rows: [
        {
          table: 'archive.events',
          where: 'workspace_id = $1 and source_id = $2',
          values: [id, source?.id],
        },
      ],
    };
  },
  days: ({ id, slug, sources }: Home, no: number): Wish => {
    const source = sources[no % sources.length];
    return {
      text: `Workspace slug: ${slug}\nSource: ${source?.name}\nTime frame: 2026-01-01 to 2026-01-31`,
      rows: [
        {
          table: 'archive.events',
          where: 'workspace_id = $1 and source_id = $2 and received_at >= $3 and received_at < $4',
          values: [id, source?.id, '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
        },
      ],
    };
  },
  space: ({ id, slug, spaces }: Home): Wish => ({
    text: `Workspace slug: ${slug}\nUnify space: ${spaces[0]?.name}`,
    rows: ['app.profiles', 'app.identities'].map((table) => ({
      table,
      where: 'workspace_id = $1 and space_id = $2',
      values: [id, spaces[0]?.id],
    })),
  }),
  user: ({ id, slug }: Home, no: number): Wish => {
    const user = `u${100 + (no % USERS_A_HOME)}`;
    return {
      text: `Workspace slug: ${slug}\nUser ID: ${user}`,
      rows: ['archive.events', 'app.profiles', 'app.identities'].map((table) => ({
        table,
        where: 'workspace_id = $1 and user_id = $2',
        values: [id, user],
      })),
    };
  },
  events: ({ id, slug, projects }: Home): Wish => ({
    text: `Workspace slug: ${slug}\nProject: ${projects[0]?.name}\nEvent: Order Completed\nTime frame: 2026-01-01 to 2026-01-31`,
    rows: [
      {
        table: 'archive.events',
        where: `workspace_id = $1 and project_id = $2 and name = 'Order Completed' and received_at >= $3 and received_at < $4`,
        values: [id, projects[0]?.id, '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
      },
    ],
  }),
  workspace: ({ id, slug }: Home): Wish => ({
    text: `Please delete the whole workspace.\n\nWorkspace slug: ${slug}`,
    rows: EVERYWHERE.map((table) => ({ table, where: 'workspace_id = $1', values: [id] })),
  }),
} as const;

export type WishKind = keyof typeof WISHES;

/** Somebody's wish, and who has it. */
export interface Errand {
  readonly home: Home;
  readonly by: Citizen;
  readonly kind: WishKind;
  readonly wish: Wish;
}

/** What a home may wish at the same time: no two of them are about the same row. */
const TOGETHER: readonly (readonly (readonly [WishKind, number])[])[] = [
  [...SOURCES.keys()].map((no) => ['source', no] as const),
  [
    ['space', 0],
    ['days', 0],
    ['days', 1],
    ['source', 2],
  ],
  [...Array(USERS_A_HOME).keys()].map((no) => ['user', no] as const),
  [['workspace', 0]],
  [
    ['events', 0],
    ['space', 0],
  ],
  [...SOURCES.keys()].map((no) => ['source', no] as const),
];

/** Everything that the town will ask for, each thing once. A space is the owner's alone to delete. */
export const errandsOf = (town: readonly Home[]): readonly Errand[] =>
  town.flatMap((home, at) =>
    (TOGETHER[at % TOGETHER.length] ?? []).flatMap(([kind, no]) => {
      const by = home.people[kind === 'space' ? 0 : (at + no) % home.people.length];
      return by === undefined ? [] : [{ home, by, kind, wish: WISHES[kind](home, no) }];
    }),
  );
