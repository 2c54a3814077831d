import { chown, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseAccount } from '../../src/sandbox/system-account.ts';

let placed = 0;

/**
 * Writes mails beside a mailbox of the Dovecot under `folder`.
 * @returns what puts them all into its INBOX, at once and cheaply
 */
export async function placeMails(
  folder: string,
  user: string,
  raws: readonly Buffer[],
): Promise<() => Promise<void>> {
  const account = await databaseAccount();
  const home = join(folder, 'dovecot', 'mail', user);
  const waiting = join(home, `waiting-${++placed}`);
  await mkdir(waiting);
  const names = raws.map((_, index) => `${Math.floor(Date.now() / 1_000)}.${placed}_${index}.bench`);
  for (const [index, raw] of raws.entries()) {
    const file = join(waiting, names[index] ?? '');
    await writeFile(file, raw, { mode: 0o600 });
    if (account.switched) await chown(file, account.uid, account.gid);
  }
  return async () => {
    for (const name of names) await rename(join(waiting, name), join(home, 'Maildir', 'new', name));
  };
}
