import type { SideConnection } from '../db/side-connection.ts';
import { LEASE_SECONDS, type LeaseStore } from './lease.ts';

/**
 * The lease of a mailbox in its row, by the database's real clock.
 * @param connection - not of the poller's own pool: a poller whose connections are all in use keeps its lease
 * @param holder - host and process, for people
 */
export function leaseStore(
  connection: Pick<SideConnection, 'query'>,
  mailboxId: number,
  holder: string,
): LeaseStore {
  return {
    take: async () => {
      const [taken] = await connection.query<{ token: number }>(TAKE, [mailboxId, holder, LEASE_SECONDS]);
      return taken?.token ?? null;
    },
    renew: async (token) => (await connection.query(RENEW, [mailboxId, token, LEASE_SECONDS])).length > 0,
    release: async (token) => {
      await connection.query(RELEASE, [mailboxId, token]);
    },
  };
}

// A lease that ends later than any that is taken now was taken while the clock was ahead, and means nothing.
// Two that ask at once: the second waits for the row and sees what the first has written.
const TAKE = `
  update mailboxes set lease_holder = $2, lease_token = lease_token + 1,
    lease_until = clock_timestamp() + make_interval(secs => $3)
  where id = $1 and (lease_until is null or lease_until <= clock_timestamp()
    or lease_until > clock_timestamp() + 2 * make_interval(secs => $3))
  returning lease_token as token`;

// Also after its end, as long as nobody else has come: the token tells.
const RENEW = `
  update mailboxes set lease_until = clock_timestamp() + make_interval(secs => $3)
  where id = $1 and lease_token = $2 returning id`;

const RELEASE = `
  update mailboxes set lease_holder = null, lease_until = null where id = $1 and lease_token = $2`;
