import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectations } from './attacks/expectations.ts';
import { ATTACKS, fileOf } from './attacks/index.ts';
import { makeKeys } from './attacks/keyring.ts';

const folder = import.meta.dirname;

/** Rows of the threat list that a mail can carry. */
const ROWS = [
  ...rows(1, 28),
  ...rows(30, 37),
  ...rows(40, 46),
  ...rows(50, 53),
  ...['T55', 'T60', 'T61', 'T62', 'T63', 'T64', 'T65'],
  ...rows(70, 79),
];

test('D04 every threat that a mail can carry has a mail', () => {
  const covered = new Set(ATTACKS.map(({ id }) => id));
  expect(ROWS.filter((row) => !covered.has(row))).toEqual([]);
});

test('no two mails have one name', () => {
  const names = ATTACKS.map(fileOf);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('the mails that are kept are those that are written, but for signatures', async () => {
  const { keys } = makeKeys();
  for (const attack of ATTACKS.filter(({ madeAtRun }) => madeAtRun !== true)) {
    const kept = await readFile(join(folder, 'mails', attack.group ?? 'fresh', fileOf(attack)));
    expect(unsigned(kept), fileOf(attack)).toBe(unsigned(await attack.build(keys)));
  }
});

test('nothing is kept beside them', async () => {
  const groups = await readdir(join(folder, 'mails'));
  const kept = await Promise.all(
    groups.map(async (group) =>
      (await readdir(join(folder, 'mails', group))).map((name) => `${group}/${name}`),
    ),
  );
  const written = ATTACKS.filter(({ madeAtRun }) => madeAtRun !== true);
  expect(kept.flat().sort()).toEqual(
    written.map((attack) => `${attack.group ?? 'fresh'}/${fileOf(attack)}`).sort(),
  );
});

test('the expectations that are kept are those that are written', async () => {
  const kept = (await readFile(join(folder, 'expected.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(kept.map((line) => JSON.parse(line) as unknown)).toEqual(JSON.parse(JSON.stringify(expectations())));
});

/** Without what depends on the keys. */
function unsigned(mail: Buffer): string {
  return mail
    .toString('latin1')
    .replace(/\bb=[A-Za-z0-9+/=\s]+?(?=;|\r\n[^ \t])/g, 'b=')
    .replace(/\bb=[A-Za-z0-9+/= \t\r\n]*$/g, 'b=');
}

function rows(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `T${String(from + index).padStart(2, '0')}`);
}
