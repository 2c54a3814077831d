import { describe, expect, test } from 'vitest';
import { readDirectory } from '../../src/directory/import.ts';

const acme = {
  id: '9f8KqLw2Zr',
  slug: 'acme-inc',
  name: 'Acme Inc',
  createdAt: '2019-05-01T00:00:00Z',
  members: [{ address: 'Ada@Acme.example', role: 'owner' }],
  sources: [{ id: 'src_web', name: 'Website "Prod", main' }],
  blockers: [{ kind: 'billing', note: 'invoice 2024-7' }],
};
const json = (...workspaces: object[]) => readDirectory(JSON.stringify({ workspaces }), 'json');
const HEADER = 'kind,workspace,id,name,slug,created_at,deleted_at,address,role';
const csv = (...lines: string[]) => readDirectory([HEADER, ...lines].join('\r\n'), 'csv');
const row = 'workspace,9f8KqLw2Zr,,Acme Inc,acme-inc,2019-05-01T00:00:00Z,,,';

test('both formats say the same, whatever the order of the rows', () => {
  const read = csv(
    'member,9f8KqLw2Zr,,,,,,Ada@Acme.example,owner',
    row,
    'source,9f8KqLw2Zr,src_web,"Website ""Prod"", main",,,,,',
    '',
    'billing,9f8KqLw2Zr,,invoice 2024-7,,,,,',
  );
  expect(read).toEqual(json(acme));
  expect(read).toMatchObject({
    workspaces: [{ deletedAt: null, members: [{ address: 'ada@acme.example', role: 'owner' }], spaces: [] }],
  });
});

test('whoever deleted a workspace in the app is named in both formats', () => {
  const deleted = { deletedAt: '2026-11-20T08:30:00Z', deletedBy: 'Ada@Acme.example' };
  const read = readDirectory(
    [
      'kind,workspace,name,slug,created_at,deleted_at,deleted_by',
      'workspace,9f8KqLw2Zr,Acme Inc,acme-inc,2019-05-01T00:00:00Z,2026-11-20T08:30:00Z,Ada@Acme.example',
    ].join('\n'),
    'csv',
  );
  const { members: _members, sources: _sources, blockers: _blockers, ...bare } = acme;
  expect(read).toEqual(json({ ...bare, ...deleted }));
  expect(read).toMatchObject({ workspaces: [{ deletedBy: 'ada@acme.example' }] });
});

test('T62 an apostrophe that guards against formulas is not part of the value', () => {
  const read = csv(row, "source,9f8KqLw2Zr,s1,'=SUM(A1),,,,,", "source,9f8KqLw2Zr,s2,'t Winkel,,,,,");
  expect(read).toMatchObject({
    workspaces: [{ sources: [{ name: '=SUM(A1)' }, { name: "'t Winkel" }] }],
  });
});

test('a byte order mark, bare line feeds and a quoted line end are read', () => {
  const read = readDirectory(
    `\uFEFF${HEADER}\n${row}\n"member","9f8KqLw2Zr",,,,,,a@b.example,admin\n`,
    'csv',
  );
  expect(read).toMatchObject({ workspaces: [{ members: [{ address: 'a@b.example' }] }] });
  const broken = csv(row, 'source,9f8KqLw2Zr,s1,"two\r\nlines",,,,,', 'member,9f8KqLw2Zr,,,,,,nobody,owner');
  expect(broken).toEqual({
    problems: [
      'line 3.name: a name holds an invisible character',
      'line 5.address: an address is plain ASCII, like ada@example.org',
    ],
  });
});

describe('every wrong row is named', () => {
  test.each<{ title: string; given: object[]; problems: string[] }>([
    {
      title: 'a living workspace that somebody deleted',
      given: [{ ...acme, deletedBy: 'ada@acme.example' }],
      problems: ['workspaces[0]: somebody deleted it, and it has no deletedAt'],
    },
    {
      title: 'whoever deleted it is no address',
      given: [{ ...acme, deletedAt: '2026-11-20T08:30:00Z', deletedBy: 'Ada' }],
      problems: ['workspaces[0].deletedBy: an address is plain ASCII, like ada@example.org'],
    },
    {
      title: 'an address with a letter beyond ASCII',
      given: [{ ...acme, members: [{ address: 'ad\u00e0@acme.example', role: 'owner' }] }],
      problems: ['workspaces[0].members[0].address: an address is plain ASCII, like ada@example.org'],
    },
    {
      title: 'a role that does not exist',
      given: [{ ...acme, members: [{ address: 'a@b.example', role: 'root' }] }],
      problems: ['workspaces[0].members[0].role: a role is owner, admin or member'],
    },
    {
      title: 'a slug with capitals and an ID with a space',
      given: [acme, { ...acme, id: 'a b', slug: 'Globex' }],
      problems: [
        'workspaces[1].id: an ID is 1 to 64 letters, digits, _ or -',
        'workspaces[1].slug: a slug is 1 to 63 small letters, digits, _ or -',
      ],
    },
    {
      title: 'a name that hides a direction mark',
      given: [{ ...acme, name: 'Acme\u202E' }],
      problems: ['workspaces[0].name: a name holds an invisible character'],
    },
    {
      title: 'an ID twice, and a slug twice among the living',
      given: [acme, { ...acme }],
      problems: [
        'workspaces[1]: has the same ID as workspaces[0]',
        'workspaces[1]: has the slug of the living workspace at workspaces[0]',
      ],
    },
    {
      title: 'a member twice, in other capitals',
      given: [
        {
          ...acme,
          members: [
            { address: 'a@b.example', role: 'owner' },
            { address: 'A@B.example', role: 'member' },
          ],
        },
      ],
      problems: ['workspaces[0].members: the same one is listed twice'],
    },
    {
      title: 'a field that nobody knows',
      given: [{ ...acme, owner: 'x' }],
      problems: ['workspaces[0]: Unrecognized key: "owner"'],
    },
  ])('$title', ({ given, problems }) => {
    expect(json(...given)).toEqual({ problems });
  });

  test.each([
    {
      title: 'a row without its workspace',
      lines: ['member,nowhere,,,,,,a@b.example,owner'],
      problem: 'line 2: its workspace has no valid row of kind workspace',
    },
    {
      title: 'a kind that does not exist',
      lines: [row, 'owner,9f8KqLw2Zr,,,,,,a@b.example,'],
      problem: 'line 3: kind must be workspace, member, source, space, project, billing, export',
    },
    {
      title: 'shifted cells',
      lines: [row, 'member,9f8KqLw2Zr,a@b.example,owner,,,,,'],
      problem: 'line 3: a row of kind member has no id',
    },
    { title: 'a workspace twice', lines: [row, row], problem: 'line 3: this workspace has a row already' },
    {
      title: 'a quote that never closes',
      lines: [row, 'source,9f8KqLw2Zr,s,"open'],
      problem: 'line 3: a quote is not closed or stands inside a cell',
    },
  ])('$title', ({ lines, problem }) => {
    const read = csv(...lines);
    expect('problems' in read ? read.problems : []).toContain(problem);
  });

  test.each(['', '[]', '{"workspaces":{}}', 'not json'])('%j is no directory', (text) => {
    expect(readDirectory(text, 'json')).toHaveProperty('problems');
    expect(readDirectory(text, 'csv')).toHaveProperty('problems');
  });
});

test.each([
  { title: 'a slug with a Cyrillic letter', change: { slug: 'acm\u0435' } },
  { title: 'a slug with a zero-width space', change: { slug: 'ac\u200bme' } },
  { title: 'an ID with a full-width digit', change: { id: 'ws\uff11' } },
  { title: 'an ID with a path', change: { id: '../ws1' } },
  { title: 'an ID with a quote', change: { id: "ws' or '1'='1" } },
  { title: 'an ID with a pattern', change: { id: 'ws%' } },
  { title: 'an empty ID', change: { id: '' } },
  { title: 'a name with a right-to-left override', change: { name: '\u202eemcA' } },
])('T33 T34 $title is not taken into the directory', ({ change }) => {
  const entry = { id: 'ws1', slug: 'acme', name: 'Acme', createdAt: '2020-01-01T00:00:00Z' };
  expect(readDirectory(JSON.stringify({ workspaces: [entry] }), 'json')).toHaveProperty('workspaces');
  expect(readDirectory(JSON.stringify({ workspaces: [{ ...entry, ...change }] }), 'json')).toHaveProperty(
    'problems',
  );
});
