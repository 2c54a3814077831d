/**
 * Writes the attack mails with what belongs to them: directory, zone, tickets, expectations. Content is always the same
 * but for keys and signatures: each run makes new keys and forgets the private ones.
 */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectations } from './attacks/expectations.ts';
import { ATTACKS, fileOf } from './attacks/index.ts';
import { makeKeys } from './attacks/keyring.ts';
import { DIRECTORY, STATES } from './attacks/world.ts';

const folder = import.meta.dirname;
const { keys, zone } = makeKeys();
const expected = expectations();

await rm(join(folder, 'mails'), { recursive: true, force: true });
await rm(join(folder, 'state'), { recursive: true, force: true });
for (const group of new Set(expected.map((each) => each.group))) {
  await mkdir(join(folder, 'mails', group), { recursive: true });
}
let bytes = 0;
for (const attack of ATTACKS.filter(({ madeAtRun }) => madeAtRun !== true)) {
  const mail = await attack.build(keys);
  bytes += mail.length;
  await writeFile(join(folder, 'mails', attack.group ?? 'fresh', fileOf(attack)), mail);
}
const asJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
await mkdir(join(folder, 'state'), { recursive: true });
for (const [group, tickets] of Object.entries(STATES)) {
  await writeFile(join(folder, 'state', `${group}.json`), asJson(tickets));
}
await writeFile(join(folder, 'directory.json'), asJson(DIRECTORY));
await writeFile(join(folder, 'zone.json'), asJson(zone));
await writeFile(join(folder, 'expected.jsonl'), expected.map((each) => `${JSON.stringify(each)}\n`).join(''));
console.log(`${expected.length} mails, ${bytes} bytes kept`);
