/** Delivery as a mail server's own agent does it: a file under tmp, renamed into new. */
import { chown, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Maildir {
  readonly path: string;
  /** Whom the files must belong to; `null` = us. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
}

/**
 * @param place - the server numbers new mails by the time in their names: this one's position stands for it
 * @param at - the file's time, which the server tells as INTERNALDATE
 */
export async function deliver(maildir: Maildir, raw: Buffer, place: number, at: Date): Promise<void> {
  const name = `${1_000_000_000 + place}.trust${place}.harness`;
  const draft = join(maildir.path, 'tmp', name);
  await writeFile(draft, raw, { mode: 0o600 });
  if (maildir.owner !== null) await chown(draft, maildir.owner.uid, maildir.owner.gid);
  await utimes(draft, at, at);
  await rename(draft, join(maildir.path, 'new', name));
}
