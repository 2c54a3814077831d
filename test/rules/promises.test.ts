import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { FAULTS } from '../faults/rows.ts';
import { idsOf, PROMISES, promiseFaults, promiseRows } from './promises.ts';

const ROOT = new URL('../../', import.meta.url);
const text = (path: string) => readFile(new URL(path, ROOT), 'utf8');
const exists = (path: string) => existsSync(new URL(path, ROOT));

async function testFiles(): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(new URL('test/', ROOT), { recursive: true });
  const paths = names
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    // These speak of rows that do not exist.
    .filter((path) => path.endsWith('.test.ts') && !/^test\/rules\/(promises|threats)\.test\.ts$/.test(path));
  const found = await Promise.all(paths.map(async (path) => [path, await text(path)] as const));
  return new Map([...found, ['test/rules/promises.test.ts', OWN]]);
}

/** The titles of this file that count. */
const OWN = ['D24 each promise', 'D26 dependencies', 'D28 reports']
  .map((title) => `test('${title} …')`)
  .join('\n');

test('D24 each promise and each fault has a row, and each row a test that is there', async () => {
  const rows = promiseRows(await text('docs/reliability.md'));
  expect(promiseFaults(rows, await testFiles(), exists)).toEqual([]);
});

test('D26 dependencies are exact versions, and the lock file has a hash for each', async () => {
  const { dependencies, devDependencies, optionalDependencies, overrides, engines } = JSON.parse(
    await text('package.json'),
  ) as Record<string, Record<string, string>>;
  const versions = Object.entries({
    ...dependencies,
    ...devDependencies,
    ...optionalDependencies,
    ...overrides,
  });
  expect(versions.length).toBeGreaterThan(30);
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  expect(engines?.node).toBe('>=22.19');
  const lock = JSON.parse(await text('package-lock.json')) as {
    packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }>;
  };
  const bare = Object.entries(lock.packages).filter(
    ([path, { integrity }]) => path !== '' && !/^sha512-/.test(integrity ?? ''),
  );
  expect(bare.map(([path]) => path)).toEqual([]);
});

test('D28 reports of holes have an address, a time and a version', async () => {
  const markdown = (await text('SECURITY.md')).replace(/\s+/g, ' ');
  expect(markdown).toMatch(/report a hole privately/i);
  expect(markdown).toMatch(/answer within three working days/);
  expect(markdown).toMatch(/Supported: the newest released version/);
});

describe('the rule', () => {
  const row = (id: string, shown = '`test/a.test.ts`') => `| ${id} | what is promised here | ${shown} |`;
  const ids = [...PROMISES, ...Object.keys(FAULTS)];
  const all = ids.map((id) => row(id));
  const named = new Map([['test/a.test.ts', ids.map((id) => `test('${id} holds', f);`).join('\n')]]);
  const faults = (rows: readonly string[], files = named) =>
    promiseFaults(promiseRows(rows.join('\n')), files, (path) => path === 'bench/a.ts');
  const without = (id: string) => all.filter((line) => !line.startsWith(`| ${id}`));

  test('is content with a row and a test for each', () => {
    expect(faults(all)).toEqual([]);
    expect(ids).toHaveLength(68);
  });

  test('finds rows that are missing, double, unknown or empty', () => {
    expect(faults(without('D07'))).toEqual(['D07 has no row']);
    expect(faults([...all, row('F12')])).toEqual(['F12 has two rows']);
    expect(faults([...all, row('D29')])).toEqual([
      'D29 is neither a promise nor a fault',
      'D29: no test of test/a.test.ts begins with it',
    ]);
    expect(faults([...without('D07'), '| D07 | little | nothing |'])).toEqual([
      'D07 says too little',
      'D07: nothing shows it',
    ]);
  });

  test('finds a test that is gone, and what is shown by hand by nothing', () => {
    const fewer = new Map([
      ['test/a.test.ts', (named.get('test/a.test.ts') ?? '').replace(/^.*F09.*$/m, '')],
    ]);
    expect(faults(all, fewer)).toEqual(['F09: no test of test/a.test.ts begins with it']);
    expect(faults([...without('F39'), row('F39', '`test/gone.test.ts`')])).toEqual([
      'F39: test/gone.test.ts does not exist',
    ]);
    expect(faults([...without('F39'), row('F39', 'by hand: `bench/a.ts`')])).toEqual([]);
    expect(faults([...without('F39'), row('F39', 'by hand: `bench/gone.ts`')])).toEqual([
      'F39: bench/gone.ts does not exist',
    ]);
  });

  test.each([
    ['F36 D23 a poller', ['F36', 'D23']],
    ['W01 D07: looking', ['W01', 'D07']],
    ['F05-F07 servers', ['F05', 'F06', 'F07']],
    ['F05', []],
    ['about F05', []],
  ])('%s begins with %j', (title, found) => {
    expect(idsOf(title)).toEqual(found);
  });
});
