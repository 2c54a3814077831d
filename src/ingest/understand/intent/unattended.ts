import { DAEMONS, MAILERS, UNATTENDED } from '../vocabulary/daemons.ts';

const LOCAL_PART_MAX = 100;

/** A local part without what mail programs put between and behind its words: `Mail_Daemon+x=y` → `maildaemon`. */
const bareLocalPart = (address: string): string =>
  (address.split('@')[0] ?? '')
    .slice(0, LOCAL_PART_MAX)
    .toLowerCase()
    .split(/[+=]/)[0]
    ?.replace(/[._\s"-]/g, '') ?? '';

/** A mail program's own address: `mailer-daemon`, `bounces+ada=example.org`. */
export const isMailer = (address: string): boolean =>
  MAILERS.has(bareLocalPart(address)) || /^(?:bounces?|prvs)[-+=]/i.test(address);

/** An address from which programs write: a mailer's, `postmaster`, `owner-list`. */
export function isDaemon(address: string): boolean {
  const local = address.split('@')[0] ?? '';
  return (
    isMailer(address) ||
    DAEMONS.has(bareLocalPart(address)) ||
    /^owner-/i.test(local) ||
    /-(?:bounces?|confirm)$/i.test(local.slice(-LOCAL_PART_MAX))
  );
}

/** An address at which nobody reads, as it says of itself: an answer to it would go nowhere. */
export function isUnattended(address: string): boolean {
  const bare = bareLocalPart(address);
  return UNATTENDED.some((word) => bare.startsWith(word) || bare.endsWith(word));
}
