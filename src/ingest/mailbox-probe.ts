/** A look at a mailbox by somebody who sets it up: everything that reading it depends on, and no mail of it. */
import { ImapFlow } from 'imapflow';
import { PurgedeskError } from '../domain/errors.ts';
import type { MailboxAccount } from './mailbox.ts';

export interface MailboxFacts {
  /** Of the session after the login. */
  readonly capabilities: readonly string[];
  /** `null` = there is no such folder, or this account may not open it. */
  readonly folder: {
    readonly uidValidity: string;
    readonly mails: number;
    readonly isReadOnly: boolean;
  } | null;
  readonly hasProcessedFolder: boolean;
}

/**
 * Logs in, opens the folder and leaves.
 * @throws PurgedeskError PD_MAILBOX_LOGIN, PD_MAILBOX_TOKEN or PD_MAILBOX_FAILED; or an error of the connection with its
 *   `code`
 */
export async function probeMailbox(account: MailboxAccount, signal: AbortSignal): Promise<MailboxFacts> {
  const client = new ImapFlow({
    host: account.host,
    port: account.port,
    secure: account.secure,
    doSTARTTLS: false,
    auth: await authOf(account),
    clientInfo: { name: 'purgedesk' },
    logger: false,
    disableAutoIdle: true,
    connectionTimeout: PROBE_MS,
    greetingTimeout: PROBE_MS,
    socketTimeout: PROBE_MS,
  });
  const broken = new Promise<never>((_, reject) => {
    client.on('error', (error) => reject(faultOf(error)));
    client.on('close', () => reject(faultOf(null)));
  });
  broken.catch(() => undefined); // it may break when nobody waits any more
  const stop = () => client.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([look(client, account), broken]);
  } finally {
    signal.removeEventListener('abort', stop);
    client.close();
  }
}

const PROBE_MS = 9_000;

async function look(client: ImapFlow, account: MailboxAccount): Promise<MailboxFacts> {
  await client.connect().catch((error: unknown) => {
    throw faultOf(error);
  });
  const capabilities = [...client.capabilities.keys()].map((name) => name.toUpperCase());
  const opened = await client.mailboxOpen(account.folder).catch(() => null);
  const processed = await client.status(account.processedFolder, { messages: true }).catch(() => null);
  return {
    capabilities,
    folder:
      opened === null
        ? null
        : {
            uidValidity: String(opened.uidValidity),
            mails: opened.exists,
            isReadOnly: opened.readOnly === true,
          },
    hasProcessedFolder: processed !== null,
  };
}

async function authOf({
  user,
  login,
}: MailboxAccount): Promise<{ user: string; pass?: string; accessToken?: string }> {
  return login.kind === 'password'
    ? { user, pass: login.password.reveal() }
    : { user, accessToken: await login.tokens.accessToken() };
}

/** Codes only: the library's messages quote the server, which may quote addresses. */
function faultOf(error: unknown): Error {
  const { authenticationFailed, code } = Object(error) as {
    readonly authenticationFailed?: unknown;
    readonly code?: unknown;
  };
  if (authenticationFailed === true) {
    return new PurgedeskError('PD_MAILBOX_LOGIN', 'the mail server refuses user name or password', {
      remedy:
        'Correct the login of this mailbox; many providers want a password for this app alone, or OAuth.',
    });
  }
  if (typeof code === 'string' && /^(E[A-Z]+|[A-Z_]*CERT[A-Z_]*|UNABLE_[A-Z_]+)$/.test(code))
    return Object.assign(new Error('the connection failed'), { code });
  return new PurgedeskError('PD_MAILBOX_FAILED', 'the mail server does not let the desk in', {
    remedy: 'Look into the log of the mail server; it may allow too few connections.',
  });
}
