/** What keys, settings and the state of the desk's work mean. Pure. */
import type { Config } from '../../config.ts';
import type { StandingAlarm } from '../watch/alarms.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Mailauth of older versions checks less; package.json says the same. */
const NODE_MIN = [22, 19] as const;

export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1]);
  return isOld
    ? problem('node', `Node.js ${version} is older than ${NODE_MIN.join('.')}.`, 'Install a newer one.')
    : ok('node', `Node.js ${version}.`);
}

/** What the database remembers that only the right key can have made. `null` = nothing yet. */
export interface KeyTraces {
  readonly challenge: { readonly linkHash: string; readonly derivedLinkHash: string } | null;
  /** SHA-256 of the public keys that signed receipts, newest first, and of the one of now. */
  readonly receipts: { readonly newest: string | null; readonly current: string };
}

/** Of 32 random bytes about 30 are different ones. */
const DISTINCT_MIN = 16;

export function judgeKey(key: Uint8Array): Finding {
  const distinct = new Set(key).size;
  if (distinct >= DISTINCT_MIN) return ok('key', `SECRET_KEY has ${key.length} bytes.`);
  return warning(
    'key',
    `SECRET_KEY repeats itself: of its ${key.length} bytes only ${distinct} are different.`,
    'Make one with: openssl rand -base64 32 (docs/operations.md, "Rotate secrets", before you change it).',
  );
}

/** Whether it is the key of before: with another one everything that is open is void. */
export function judgeTraces({ challenge, receipts }: KeyTraces): readonly Finding[] {
  if (challenge !== null && challenge.linkHash !== challenge.derivedLinkHash)
    return [
      problem(
        'key',
        'SECRET_KEY is not the one that made the newest code in the database: open codes and links are void with it.',
        'Set the former key again. If it was changed on purpose, open requests have to be asked anew.',
      ),
    ];
  if (receipts.newest !== null && receipts.newest !== receipts.current)
    return [
      warning(
        'receipt key',
        'The last receipt was signed with another key than the one of now.',
        'Nothing needs to be done if SECRET_KEY was changed on purpose: former keys stay published.',
      ),
    ];
  const words =
    challenge === null
      ? 'Nothing in the database was made with it yet.'
      : 'It is the key that the database knows.';
  return [ok('key', words), ok('receipt key', `Receipts are signed with ${receipts.current.slice(0, 16)}….`)];
}

export function judgeSettings(config: Config): readonly Finding[] {
  // All of it plays on samples then, and purges those whatever is set.
  const isSandbox = config.databaseUrl === null && config.mailboxes.length === 0;
  const local = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/;
  return [
    config.databaseUrl === null
      ? warning(
          'configuration',
          'DATABASE_URL is not set: the desk keeps its data in an embedded database.',
          'Set it before anybody relies on the desk.',
        )
      : null,
    config.mailboxes.length === 0
      ? warning(
          'configuration',
          'No mailbox is set: the desk runs on sandbox mail.',
          'Set IMAP_URL and SMTP_URL.',
        )
      : null,
    config.policy.purgeEnabled ? ok('configuration', 'Purges may start (PURGE_ENABLED).') : null,
    config.policy.purgeEnabled || isSandbox
      ? null
      : warning(
          'configuration',
          'PURGE_ENABLED is not set: every ticket stops after its rehearsal.',
          'Set it to true once you have seen what rehearsals count.',
        ),
    config.policy.purgeEnabled && config.stores.reveal().length === 0 && config.databaseUrl !== null
      ? problem(
          'configuration',
          'Purges may start, and no store is configured.',
          'Name your stores in purgedesk.yaml (docs/purging.md).',
        )
      : null,
    config.crashAt === null
      ? null
      : problem(
          'configuration',
          'CRASH_AT is set: the process will kill itself.',
          'Unset it; it is for tests.',
        ),
    config.mailboxes.length > 0 && config.trustedReceivedBy.length === 0 && config.trustedAuthservId === null
      ? warning(
          'configuration',
          'Neither TRUSTED_RECEIVED_BY nor TRUSTED_AUTHSERV_ID is set: SPF is not evaluated, so that mails without a signature prove nothing.',
          'Name your own mail servers in TRUSTED_RECEIVED_BY.',
        )
      : null,
    config.mailboxes.length > 0 && local.test(new URL(config.desk.publicUrl).hostname)
      ? warning(
          'configuration',
          'PUBLIC_URL leads to this machine only, so that customers cannot open links.',
          'Set it to the address of the proxy.',
        )
      : null,
  ].filter((finding) => finding !== null);
}

/** @param isRunning - whether any process of the desk was seen just now; where none is, its silence is no news */
export function judgeWork(alarms: readonly StandingAlarm[], isRunning: boolean): readonly Finding[] {
  if (!isRunning) {
    const todo = 'Start it: purgedesk serve';
    const rest = alarms.filter(({ code }) => STANDS_STILL.includes(code));
    return [warning('work', 'No process of this desk is running.', todo), ...rest.map(fromAlarm)];
  }
  if (alarms.length === 0) return [ok('work', 'The desk is at work, and nothing waits too long.')];
  return alarms.map(fromAlarm);
}

/** What holds whether or not anybody is at work. */
const STANDS_STILL: readonly string[] = [
  'jobs_failed',
  'deadline_near',
  'audit_broken',
  'store_braked',
  'purges_halted',
  'purges_quarantined',
  'replies_silenced',
];

const fromAlarm = ({ code, severity, sentence }: StandingAlarm): Finding =>
  (severity === 'problem' ? problem : warning)('work', sentence, `docs/operations.md, "${code}".`);
