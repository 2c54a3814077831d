/** What the facts about the desk's database mean for whoever runs it. Pure. */
import type { DatabaseFacts, MigrationFacts } from '../../db/inspect.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** The oldest version that its makers still mend. */
const VERSION_MIN = 15;
const SKEW_WARN_MS = 2_000;
const SKEW_MS = 60_000;
const CONNECTIONS_SHARE = 0.8;

export function judgeDatabase(facts: DatabaseFacts): readonly Finding[] {
  const said = [
    version(facts),
    standby(facts),
    durability(facts),
    encoding(facts),
    clock(facts),
    connections(facts),
    tls(facts),
  ].filter((finding) => finding !== null);
  return [...said, audit(facts)];
}

function version({ version: name, versionNumber, sizeBytes }: DatabaseFacts): Finding {
  if (versionNumber < VERSION_MIN * 10_000) {
    return problem(
      'database',
      `PostgreSQL ${name} is older than ${VERSION_MIN}.`,
      'Upgrade it: its makers mend this version no more.',
    );
  }
  return ok('database', `PostgreSQL ${name} answers; the database holds ${Math.ceil(sizeBytes / 1e6)} MB.`);
}

function standby({ isStandby, isReadOnly }: DatabaseFacts): Finding | null {
  if (isStandby)
    return problem(
      'database',
      'It is a standby, which takes nothing in.',
      'Point DATABASE_URL at the primary.',
    );
  if (isReadOnly)
    return problem(
      'database',
      'It is read-only (default_transaction_read_only).',
      'Find out who set that, and why, before you lift it: a full disk is a common reason.',
    );
  return null;
}

function durability({ synchronousCommit, fsync, fullPageWrites }: DatabaseFacts): Finding | null {
  const off = [
    ...(synchronousCommit === 'off' ? ['synchronous_commit'] : []),
    ...(fsync === 'off' ? ['fsync'] : []),
    ...(fullPageWrites === 'off' ? ['full_page_writes'] : []),
  ];
  if (off.length === 0) return null;
  return problem(
    'database',
    `${off.join(', ')} ${off.length === 1 ? 'is' : 'are'} off: what is committed may be gone after a crash, and mails with it.`,
    `Set ${off.map((name) => `${name} = on`).join(', ')}.`,
  );
}

const encoding = (facts: DatabaseFacts): Finding | null =>
  facts.encoding === 'UTF8'
    ? null
    : problem('database', `Its encoding is ${facts.encoding}.`, 'Make a database with encoding UTF8.');

function clock({ clockAheadMs }: DatabaseFacts): Finding | null {
  const by = Math.abs(clockAheadMs);
  if (by < SKEW_WARN_MS) return ok('clock', `This machine and the database agree to ${by} ms.`);
  const what = `The database is ${by / 1_000} seconds ${clockAheadMs > 0 ? 'ahead of' : 'behind'} this machine.`;
  const todo =
    'Set both by NTP. Deadlines go by the database, signatures of mails and links by this machine.';
  return by < SKEW_MS ? warning('clock', what, todo) : problem('clock', what, todo);
}

function connections({ connectionsUsed, connectionsMax }: DatabaseFacts): Finding | null {
  if (connectionsUsed < connectionsMax * CONNECTIONS_SHARE) return null;
  return warning(
    'database',
    `${connectionsUsed} of its ${connectionsMax} connections are in use.`,
    'Raise max_connections: a process of the desk takes up to 25.',
  );
}

const tls = ({ tlsVersion, isLocal }: DatabaseFacts): Finding | null =>
  tlsVersion !== null || isLocal
    ? null
    : warning(
        'database',
        'The connection to it is not encrypted.',
        'Add ?sslmode=verify-full to DATABASE_URL, unless the network between is yours alone.',
      );

function audit({ auditGuards, isSuperuser, ownsAudit }: DatabaseFacts): Finding {
  if (auditGuards === null) return warning('audit', 'There are no tables yet.', 'Run: purgedesk migrate');
  if (auditGuards === 0)
    return problem(
      'audit',
      'Nothing guards the audit chain against changes: its trigger is gone or disabled.',
      'Find out who lifted it, run purgedesk audit verify, and enable the trigger again.',
    );
  if (!isSuperuser && !ownsAudit)
    return ok('audit', 'The chain is guarded, and the role of the desk cannot lift the guard.');
  return warning(
    'audit',
    `The role of the desk ${isSuperuser ? 'is a superuser' : 'owns the tables'}, so that a hole in the desk could lift the guard of the audit chain.`,
    'Run purgedesk migrate as the owner, and the desk as another role (SECURITY.md, "What is left to you").',
  );
}

export function judgeMigrations({ missing, newer }: MigrationFacts): Finding {
  if (missing.length > 0)
    return problem(
      'migrations',
      `The database lacks ${missing.length} migration(s) of this version.`,
      'Run: purgedesk migrate',
    );
  if (newer.length > 0)
    return warning(
      'migrations',
      `The database has ${newer.length} migration(s) that this version does not know.`,
      'A newer version runs beside this one. Finish the upgrade (docs/upgrading.md).',
    );
  return ok('migrations', 'The schema is that of this version.');
}
