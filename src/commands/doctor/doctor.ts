/**
 * Looks at everything that the desk depends on, each thing by itself and within its time, so that one that is broken
 * hides none of the others. Changes nothing, and sends nothing unless asked to.
 */
import type { Config, Environment } from '../../config.ts';
import { inspectDatabase, inspectMigrations, openForInspection } from '../../db/inspect.ts';
import type { SideConnection } from '../../db/side-connection.ts';
import { probeMailbox } from '../../ingest/mailbox-probe.ts';
import { checkStore } from '../../purge/stores/check-store.ts';
import { bounceAddressOfTest } from '../../reply/message.ts';
import { probeSmtp } from '../../reply/smtp-probe.ts';
import { makeResolver } from '../../verify/resolver.ts';
import { configuredMailboxes, type DeskMailbox } from '../mailboxes.ts';
import { standingAlarms } from '../watch/alarms.ts';
import { readWatchFacts } from '../watch/facts.ts';
import { watchedMailboxes } from '../watch/mailboxes.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { type Look, lookAtAll } from './look.ts';
import { cursorOf, keyTraces } from './probe-desk.ts';
import { probeDomain } from './probe-domain.ts';
import { lookAtPublicUrl, lookAtWebhook } from './probe-web.ts';
import { salvageConfig } from './salvage.ts';
import { judgeDatabase, judgeMigrations } from './verdicts-database.ts';
import { judgeKey, judgeNode, judgeSettings, judgeTraces, judgeWork } from './verdicts-desk.ts';
import { judgeDomain, judgeMailbox } from './verdicts-mail.ts';

export interface DoctorOptions {
  readonly env: Environment;
  /** Under which the desk's mails are signed; `null` = not looked at. */
  readonly dkimSelector: string | null;
  /** Where each SMTP server is to send a test mail; `null` = nowhere. */
  readonly sendTest: string | null;
  /** The embedded database of a sandbox that runs. */
  readonly sandboxDatabaseUrl: string | null;
  readonly withinMs?: number;
}

export async function examine(options: DoctorOptions): Promise<readonly Finding[]> {
  const { config, problems } = salvageConfig(options.env);
  const settings = problems.map((line) => problem('configuration', `${line}.`, 'docs/configuration.md'));
  const before = [...settings, judgeNode(process.versions.node)];
  if (config === null) return before;
  const all = ok('configuration', 'Every setting that is set can be used.');
  const judged = problems.length === 0 ? [all, ...judgeSettings(config)] : [];
  const key = config.secretKey === null ? [] : [judgeKey(config.secretKey.reveal())];
  const found = await lookAtAll([...looksAt(config, options)], options.withinMs);
  return [...before, ...judged, ...key, ...found];
}

function* looksAt(config: Config, options: DoctorOptions): Generator<Look> {
  const url = config.databaseUrl?.reveal() ?? options.sandboxDatabaseUrl;
  if (url !== null) yield lookAtDatabase(url, config);
  const mailboxes = configuredMailboxes(config);
  for (const mailbox of mailboxes) yield lookAtMailbox(mailbox, url);
  for (const [where, mailbox] of serversOf(mailboxes)) yield lookAtSmtp(where, mailbox, options.sendTest);
  const resolver = makeResolver(config.dnsServers.length > 0 ? config.dnsServers : null);
  for (const domain of new Set(mailboxes.map(({ desk }) => domainOf(desk.address)))) {
    yield {
      check: `domain ${domain}`,
      run: async () => judgeDomain(await probeDomain(resolver, domain, options.dkimSelector)),
    };
  }
  for (const store of config.stores.reveal()) {
    const check = `store ${store.name}`;
    yield {
      check,
      run: async (signal) => {
        const { what, notes } = await checkStore(store, signal);
        return [
          ok(check, what),
          ...notes.map((note) => warning(check, note, 'docs/purging.md tells what follows from it.')),
        ];
      },
    };
  }
  for (const webhook of config.webhooks.reveal())
    yield { check: `webhook ${webhook.name}`, run: (signal) => lookAtWebhook(webhook, signal) };
  if (mailboxes.length > 0)
    yield { check: 'public url', run: (signal) => lookAtPublicUrl(config.desk.publicUrl, signal) };
}

/** One after the other: a database that cannot be reached is one problem and not three. */
const lookAtDatabase = (url: string, config: Config): Look => ({
  check: 'database',
  run: async () => {
    const facts = await inspectDatabase(url, Date.now);
    return [...judgeDatabase(facts), ...(await asking(url, (db) => lookAtWork(db, config)))];
  },
});

async function lookAtWork(db: SideConnection, config: Config): Promise<readonly Finding[]> {
  const migrations = await inspectMigrations(db);
  const judged = judgeMigrations(migrations);
  // Without them the tables are not there to ask.
  if (migrations.missing.length > 0) return [judged];
  const facts = await readWatchFacts(db);
  const mailboxes = watchedMailboxes({ mailboxes: configuredMailboxes(config), sandbox: null });
  const isRunning = Object.keys(facts.roles).length > 0;
  const key = config.secretKey?.reveal();
  return [
    judged,
    ...(key === undefined ? [] : judgeTraces(await keyTraces(db, key))),
    // Whoever asks a doctor wants to know at once what nobody has ever done.
    ...judgeWork(standingAlarms(facts, { mailboxes, sinceStart: AGES_SECONDS }), isRunning),
  ];
}

const AGES_SECONDS = 10 * 365 * 86_400;

async function asking<T>(url: string, ask: (db: SideConnection) => Promise<T>): Promise<T> {
  const db = openForInspection(url);
  try {
    return await ask(db);
  } finally {
    await db.close();
  }
}

function lookAtMailbox({ name, account }: DeskMailbox, url: string | null): Look {
  const known = async () => {
    const accountName = `${account.host}:${account.port}/${account.user}`;
    if (url === null) return null;
    return asking(url, (db) => cursorOf(db, accountName, account.folder)).catch(() => null);
  };
  return {
    check: `mailbox ${name}`,
    run: async (signal) => {
      const [facts, cursor] = await Promise.all([probeMailbox(account, signal), known()]);
      return judgeMailbox(name, facts, account, cursor);
    },
  };
}

/** Each server once, however many mailboxes send through it. */
function serversOf(mailboxes: readonly DeskMailbox[]): ReadonlyMap<string, DeskMailbox> {
  const servers = new Map<string, DeskMailbox>();
  for (const mailbox of mailboxes) {
    const { host, port, login } = mailbox.smtp;
    const key = `${host}:${port} ${login?.user ?? ''}`;
    if (!servers.has(key)) servers.set(key, mailbox);
  }
  return new Map([...servers.values()].map((mailbox) => [`smtp ${mailbox.name}`, mailbox]));
}

function lookAtSmtp(check: string, mailbox: DeskMailbox, to: string | null): Look {
  const { smtp } = mailbox;
  return {
    check,
    run: async () => {
      try {
        if (await sendsOnlyPlainly(mailbox, to)) return [noSubaddress(check)];
      } catch (error) {
        const finding = smtpProblem(check, error);
        if (finding !== null) return [finding];
        throw error;
      }
      const isPlain = !smtp.secure && !smtp.requireTls;
      const how = `${smtp.login === null ? 'without a login' : 'with its login'}${isPlain ? ', unencrypted on this machine' : ' over TLS'}`;
      return [ok(check, `Takes mail from the desk, ${how}.${to === null ? '' : ' It took the test mail.'}`)];
    },
  };
}

/**
 * Sends as the mailbox does, and where that fails for its subaddress, as its address. Nothing is sent to nobody.
 * @returns whether the server takes the address alone
 */
async function sendsOnlyPlainly({ smtp, desk, envelope }: DeskMailbox, to: string | null): Promise<boolean> {
  if (to === null) {
    await probeSmtp(smtp);
    return false;
  }
  const text = 'This is a test: the desk can send mail. Nobody needs to answer.\n';
  const sendAs = (sender: string) => probeSmtp(smtp, { from: desk.address, to, text, sender });
  if (envelope !== 'verp') {
    await sendAs(envelope === 'address' ? desk.address : '');
    return false;
  }
  try {
    await sendAs(bounceAddressOfTest(desk.address));
    return false;
  } catch (error) {
    if (!isRefusedMail(error)) throw error;
    await sendAs(desk.address);
    return true;
  }
}

const isRefusedMail = (error: unknown): boolean => {
  const { code } = Object(error) as { readonly code?: unknown };
  return code === 'EENVELOPE' || code === 'EMESSAGE';
};

const noSubaddress = (check: string): Finding =>
  warning(
    check,
    'The server took the test mail only with the plain address as its envelope sender.',
    'Set MAIL_ENVELOPE=address, or let the account send as its subaddresses too.',
  );

/** The mailer wraps what the system says. @returns `null` = nothing that we know better than that */
function smtpProblem(check: string, error: unknown): Finding | null {
  const { code, responseCode } = Object(error) as {
    readonly code?: unknown;
    readonly responseCode?: unknown;
  };
  const answer = typeof responseCode === 'number' ? ` (${responseCode})` : '';
  if (code === 'EAUTH' || code === 'ENOAUTH')
    return problem(
      check,
      `The server refuses user name or password${answer}.`,
      'Correct SMTP_URL; many providers want a password for this app alone, or OAuth.',
    );
  if (code === 'ETLS')
    return problem(
      check,
      'The server offers no TLS, or none that can be trusted.',
      'Use smtps://, or another port; plain text is for this machine only.',
    );
  if (isRefusedMail(error))
    return problem(
      check,
      `The server does not take the test mail${answer}.`,
      'Look into the log of that server.',
    );
  if (code === 'ESOCKET' || code === 'ECONNECTION' || code === 'EDNS')
    return problem(
      check,
      `The server cannot be reached (${String(code)}).`,
      'Look whether it is up, and whether host, port and kind of URL (smtp://, smtps://) are right.',
    );
  return null;
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();
