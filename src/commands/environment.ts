/** From the configuration to what the desk runs on: what is not configured comes from the sandbox. */
import { Buffer } from 'node:buffer';
import type { Config } from '../config.ts';
import { PurgedeskError } from '../domain/errors.ts';
import type { DeskIdentity } from '../domain/mail-facts.ts';
import type { Policy } from '../domain/policy.ts';
import type { Webhook } from '../notify/webhooks.ts';
import type { StoreCatalogue } from '../purge/catalogue.ts';
import type { Sandbox, SandboxOptions } from '../sandbox/sandbox.ts';
import type { Logger } from './log.ts';
import { configuredMailboxes, type DeskMailbox, sandboxMailbox } from './mailboxes.ts';

export interface Environment {
  readonly databaseUrl: string;
  /** The first one, `main` by default, answers what no other stands for. Empty = neither reads nor sends mail. */
  readonly mailboxes: readonly DeskMailbox[];
  /** The first mailbox's. */
  readonly desk: DeskIdentity;
  readonly key: Buffer;
  /** `null` = the system's resolver. */
  readonly dnsServers: readonly string[] | null;
  readonly trustedReceivedBy: readonly string[];
  readonly trustedAuthservId: string | null;
  readonly trustedSealers: readonly string[];
  readonly policy: Policy;
  readonly stores: StoreCatalogue;
  readonly http: Config['http'];
  /** `null` = the suppression list is not served over HTTP. */
  readonly suppressionToken: string | null;
  /** Where other systems want to hear of tickets. */
  readonly webhooks: readonly Webhook[];
  /** `host` or `host:port` each, to which an app may have the status of its requests sent. */
  readonly callbackHosts: readonly string[];
  /** With whom agents may sign in; nobody, if left out. */
  readonly provider?: Config['provider'];
  readonly crashAt: string | null;
  /** Parts that run in this process; `null` = everything is configured. */
  readonly sandbox: Sandbox | null;
  /** Everything is a sample, so the clock may be moved. */
  readonly isAllSandbox: boolean;
  readonly log: Logger;
}

/**
 * Starts the sandbox parts that the configuration leaves open.
 * @throws PurgedeskError PD_SANDBOX_UNAVAILABLE with one clear line when they are needed and cannot be had
 */
export async function openEnvironment(
  config: Config,
  log: Logger,
  options: Pick<SandboxOptions, 'onDelivered'> & {
    readonly dataDir?: string;
    /** For commands that neither read nor send mail: no sandbox mail is started for them. */
    readonly withoutMail?: boolean;
  } = {},
): Promise<Environment> {
  const needs = {
    database: config.databaseUrl === null,
    mail: config.mailboxes.length === 0 && options.withoutMail !== true,
  };
  const dataDir = options.dataDir ?? config.dataDir;
  const sandbox =
    needs.database || needs.mail
      ? await loadSandbox({
          dataDir,
          needs,
          ...(options.onDelivered === undefined ? {} : { onDelivered: options.onDelivered }),
        })
      : null;
  const isAllSandbox = needs.database && needs.mail;
  const databaseUrl = config.databaseUrl?.reveal() ?? sandbox?.databaseUrl;
  if (databaseUrl === undefined || databaseUrl === null) throw new TypeError('no database');
  const mail = sandbox?.mail ?? null;
  const sandboxed =
    mail === null
      ? []
      : [
          sandboxMailbox({
            imapUrl: mail.server.imapUrlFor(mail.deskAddress),
            smtpUrl: mail.server.smtpUrl,
            desk: { ...config.desk, address: mail.deskAddress },
          }),
        ];
  const mailboxes = mail === null ? configuredMailboxes(config, databaseUrl) : sandboxed;
  const desk = mailboxes[0]?.desk ?? { ...config.desk, address: config.desk.address ?? 'desk@localhost' };
  return {
    databaseUrl,
    mailboxes,
    desk,
    key: config.secretKey?.reveal() ?? sandboxKey(sandbox),
    dnsServers: mail !== null ? [mail.dnsServer] : config.dnsServers.length > 0 ? config.dnsServers : null,
    trustedReceivedBy: mail === null ? config.trustedReceivedBy : [mail.receivedBy],
    trustedAuthservId: mail === null ? config.trustedAuthservId : null,
    trustedSealers: config.trustedSealers,
    // Sandbox stores hold samples only, so deleting is what they are for.
    policy: isAllSandbox ? { ...config.policy, purgeEnabled: true } : config.policy,
    stores: isAllSandbox ? [...(sandbox?.customerDatabase?.stores ?? [])] : config.stores.reveal(),
    http: config.http,
    suppressionToken: config.suppressionToken?.reveal() ?? null,
    webhooks: config.webhooks.reveal(),
    callbackHosts: config.callbackHosts,
    provider: config.provider,
    crashAt: config.crashAt,
    sandbox,
    isAllSandbox,
    log,
  };
}

/** @throws PurgedeskError PD_CONFIG_INVALID: hashes and codes without a key would be anybody's */
function sandboxKey(sandbox: Sandbox | null): Buffer {
  if (sandbox !== null) return Buffer.from(sandbox.folder.secretKey, 'hex');
  throw new PurgedeskError('PD_CONFIG_INVALID', 'SECRET_KEY is missing; a configured database needs it', {
    remedy: 'for example: SECRET_KEY=$(openssl rand -base64 32), the same for every process',
  });
}

/** Loaded only when it is needed: a production install has neither its code paths nor its dependencies in use. */
async function loadSandbox(options: SandboxOptions): Promise<Sandbox> {
  try {
    const { startSandbox } = await import('../sandbox/sandbox.ts');
    return await startSandbox(options);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new PurgedeskError(
      'PD_SANDBOX_UNAVAILABLE',
      'the sandbox needs the development dependencies, which are not installed',
      {
        remedy: 'set DATABASE_URL, IMAP_URL and SMTP_URL, or install without --omit=dev',
        cause: error,
      },
    );
  }
}
