import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Predicate } from '../../src/domain/plan.ts';
import { checkStores } from '../../src/purge/catalogue.ts';
import { explainPlan, makePlan } from '../../src/purge/plan.ts';
import { type S3Prefix, s3StoreSchema } from '../../src/purge/stores/s3-catalogue.ts';
import { dayIn, daySearches, exactPrefixes } from '../../src/purge/stores/s3-prefixes.ts';
import { ACME, planInput, sampleTarget, WEB_SOURCE, WORKSPACE_TARGET } from './fixtures.ts';
import { PREFIXES, s3Step, s3Store } from './s3-bucket.ts';

const SERVER = {
  endpoint: 'https://s3.example.org',
  login: { accessKeyId: 'key', secretAccessKey: 'canary' },
};
const lake = (overrides: Record<string, unknown> = {}) => s3Store(SERVER, 'lake-1', overrides);
const problemsOf = (overrides: Record<string, unknown>) => checkStores([lake(overrides)]);
const withPrefix = (prefix: string, scope: string) =>
  problemsOf({ scopes: [scope], prefixes: [{ prefix, receivedAt: 'lastModified' }] });

describe('an S3 store that could match more than its tenant is refused at start', () => {
  test('and one that says what it means is not', () => {
    expect(problemsOf({})).toEqual([]);
    expect(withPrefix('y={yyyy}/m={mm}/d={dd}/{workspace}/s-{source}/', 'source')).toEqual([]);
    expect(withPrefix('{workspace}/{space}/', 'space')).toEqual([]);
  });

  test.each([
    ['events/', 'workspace', 'lacks {workspace}'],
    ['{user}/', 'user', 'lacks {workspace}'],
    ['events/{workspace}', 'workspace', 'must end in a whole identifier or day and a slash'],
    ['events/{workspace}/raw/', 'workspace', 'must end in a whole identifier or day and a slash'],
    ['events/{workspace}-x/', 'workspace', 'must end in a whole identifier or day and a slash'],
    ['{workspace}/{yyyy}/', 'source', 'must name a day as {day} or as {yyyy} {mm} {dd}'],
    ['{workspace}/{source}/{mm}/{dd}/{yyyy}/{day}/', 'source', 'must name a day'],
    ['{yyyy}/{workspace}/{source}/{mm}/{dd}/', 'source', 'an identifier in the middle of the day'],
    ['{workspace}-{source}/', 'source', 'must have a slash between two placeholders'],
    ['{source}-{day}/{workspace}/', 'source', 'must have a slash between two placeholders'],
    ['{workspace}/{workspace}/', 'workspace', 'holds {workspace} twice'],
    ['{workspace}/{tenant}/', 'workspace', 'holds something other than plain text'],
    ['{workspace/', 'workspace', 'holds something other than plain text'],
    ['*/{workspace}/', 'workspace', 'holds something other than plain text'],
    ['a@b/{workspace}/', 'workspace', 'holds something other than plain text'],
    ['../{workspace}/', 'workspace', 'dots only'],
    ['/{workspace}/', 'workspace', 'an empty segment'],
    ['{workspace}/', 'source', 'cannot express scope source: it holds no placeholder for source'],
    ['{workspace}/', 'user', 'cannot express scope user: it holds no placeholder for user'],
    ['{workspace}/', 'space', 'cannot express scope space: it holds no placeholder for space'],
    ['{workspace}/{project}/', 'events', 'it holds no placeholder for event'],
    ['{workspace}/{source}/', 'workspace', 'scope workspace, which names no {source}'],
    ['{workspace}/{day}/', 'workspace', 'scope workspace, which names no {day}'],
    ['{workspace}/{user}/', 'account', 'scope account, which names no {user}'],
  ])('%s for %s: %s', (prefix, scope, problem) => {
    expect(withPrefix(prefix, scope).join('\n')).toContain(problem);
  });

  test('also when neither the day nor the time of an object tells a source’s days', () => {
    const prefixes = [{ prefix: '{workspace}/{source}/' }];
    expect(problemsOf({ scopes: ['source'], prefixes }).join()).toContain(
      'cannot express scope source: it holds no placeholder for receivedAt',
    );
  });

  test.each([
    'http://s3.example.org',
    'ftp://s3',
    'https://canary:canary@s3.example.org',
    's3',
    'https://s3/?a=1',
  ])('also when its endpoint is %s', (endpoint) => {
    const problems = problemsOf({ endpoint });
    expect(problems).toEqual([expect.stringContaining('endpoint must be an https:// URL')]);
    expect(problems.join()).not.toContain('canary');
  });

  test('also when a prefix is listed twice', () => {
    expect(problemsOf({ prefixes: [...PREFIXES, PREFIXES[1]] }).join()).toContain('is listed twice');
  });
});

const january = (overrides: Partial<Predicate> = {}) => s3Step('b', overrides).predicate;
const DAYS: S3Prefix = { prefix: 'e/{workspace}/{source}/{day}/' };
const prefixesOf = (template: S3Prefix, predicate: Partial<Predicate> = {}, held: string[] = []) =>
  exactPrefixes(template, january(predicate), held);

describe('the exact prefixes of a predicate', () => {
  test('are one a day, half-open', () => {
    expect(prefixesOf(DAYS)).toEqual([
      { prefix: `e/${ACME}/${WEB_SOURCE}/2024-01-10/`, byTime: false },
      { prefix: `e/${ACME}/${WEB_SOURCE}/2024-01-11/`, byTime: false },
    ]);
  });

  test('leave a day that the frame cuts to the objects’ own time', () => {
    const receivedBefore = '2024-01-11T13:00:00.000Z';
    const timed = prefixesOf({ ...DAYS, receivedAt: 'lastModified' }, { receivedBefore });
    expect(timed.map(({ byTime }) => byTime)).toEqual([false, true]);
    expect(() => prefixesOf(DAYS, { receivedBefore })).toThrow('receivedAt within a day');
  });

  test('cross months and leap days in the parts of a date', () => {
    const found = prefixesOf(
      { prefix: '{yyyy}/{mm}/{dd}/{workspace}/{source}/' },
      { receivedFrom: '2024-02-28T00:00:00.000Z', receivedBefore: '2024-03-02T00:00:00.000Z' },
    );
    expect(found.map(({ prefix }) => prefix.slice(0, 10))).toEqual([
      '2024/02/28',
      '2024/02/29',
      '2024/03/01',
    ]);
  });

  test('of several users are one each, once', () => {
    const open = { sourceId: null, receivedFrom: null, receivedBefore: null };
    const found = prefixesOf({ prefix: 'p/{workspace}/{user}/' }, { ...open, users: ['u2', 'u10', 'u2'] });
    expect(found.map(({ prefix }) => prefix)).toEqual([`p/${ACME}/u10/`, `p/${ACME}/u2/`]);
  });

  test('of an open beginning are the days that hold anything', () => {
    const open = { receivedFrom: null, receivedBefore: '2024-01-12T00:00:00.000Z' };
    expect(prefixesOf(DAYS, open, ['2003-01-09', '2024-01-11', '2024-01-12'])).toHaveLength(2);
    expect(prefixesOf(DAYS, open, [])).toEqual([]);
    const [search] = daySearches(DAYS, january(open));
    expect(search?.head).toBe(`e/${ACME}/${WEB_SOURCE}/`);
    expect(dayIn(search?.pattern.exec('2024-01-09/x') ?? null)).toBe('2024-01-09');
    for (const other of ['2024-01-091/x', '2024-02-30/x', '2024-01-09', 'x2024-01-09/']) {
      expect(dayIn(search?.pattern.exec(other) ?? null)).toBeNull();
    }
  });

  test.each(['', ' ', '.', '..', 'a/b', '../ws_globex', 'a..b', 'a\nb', 'a\u0000', '/', '\ud800'])(
    'T34 an id like %j has none',
    (id) => {
      expect(() => prefixesOf(DAYS, { workspaceId: id })).toThrow(RangeError);
      expect(() => prefixesOf(DAYS, { sourceId: id })).toThrow(RangeError);
    },
  );

  test.each([
    { title: 'a field without a placeholder', predicate: { spaceId: 'spa_1' }, what: 'space' },
    { title: 'events', predicate: { events: ['Ordered'] }, what: 'event' },
    { title: 'users', predicate: { users: ['u1'] }, what: 'user' },
    { title: 'a placeholder without a value', predicate: { sourceId: null }, what: 'source' },
    { title: 'a frame without an end', predicate: { receivedBefore: null }, what: 'day' },
  ])('refuse $title', ({ predicate, what }) => {
    expect(() => prefixesOf(DAYS, predicate)).toThrow(`cannot be narrowed by ${what}`);
  });

  test('refuse more days than can be walked', () => {
    const wide = { receivedFrom: '1000-01-01T00:00:00.000Z' };
    expect(() => prefixesOf(DAYS, wide)).toThrow('more prefixes than can be walked');
  });
});

describe('a plan with an S3 store', () => {
  test('has a step a prefix and says what it deletes', () => {
    const plan = makePlan(planInput(sampleTarget(), [lake()]));
    if ('impossible' in plan) throw new Error(plan.impossible.join());
    expect(plan.steps).toMatchObject([
      { store: 'lake', kind: 's3', target: 'lake-1/events/{workspace}/{source}/{day}/' },
    ]);
    expect(explainPlan(plan)[0]).toContain('{day}/: objects of workspace ws_acme, source src_web');
    expect(plan.exclusions.join()).toContain('lake-1/profiles/{workspace}/{user}/ in the store lake');
  });

  test('of a whole workspace takes the prefixes of whole workspaces', () => {
    const plan = makePlan(planInput(WORKSPACE_TARGET, [lake()]));
    expect(plan).toMatchObject({ steps: [{ target: 'lake-1/events/{workspace}/' }] });
  });

  test('is impossible when the frame ends within a day and only the day is known', () => {
    const target = sampleTarget({ timeFrame: { from: '2024-01-01', to: null } });
    expect(makePlan(planInput(target, [lake()]))).toEqual({
      impossible: [expect.stringContaining('cannot be narrowed by receivedAt within a day')],
    });
  });
});

test('docs/configuration.md names every key of an S3 store and of its prefixes', async () => {
  const text = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const keys = [
    ...Object.keys(s3StoreSchema.shape),
    ...Object.keys(s3StoreSchema.shape.prefixes.element.shape),
  ];
  for (const key of keys) expect(text).toContain(`\`${key}\``);
});
