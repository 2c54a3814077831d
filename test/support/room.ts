import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';

const MEMORY = '/dev/shm';
/** Some dozens of databases at a time, and the log of all that is written to them. */
const CLUSTER_BYTES = 6 * 2 ** 30;

/** Memory where there is plenty: making and dropping a database, or a mailbox, writes a thousand small files. */
export async function roomForServers(): Promise<string> {
  const free = await statfs(MEMORY).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0, // not on this system
  );
  return free >= CLUSTER_BYTES ? MEMORY : tmpdir();
}
