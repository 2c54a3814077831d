import { ImapFlow } from 'imapflow';

/**
 * The raw mails of an INBOX, oldest first, read as any mail program would.
 * @param imapUrl - imap:// with login, on loopback
 */
export async function readInbox(imapUrl: string): Promise<readonly Buffer[]> {
  const url = new URL(imapUrl);
  const client = new ImapFlow({
    host: url.hostname,
    port: Number(url.port),
    secure: false,
    auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    logger: false,
  });
  client.on('error', () => undefined); // the command that waits for an answer reports it
  await client.connect();
  try {
    const lock = await client.getMailboxLock('INBOX');
    try {
      const mails = await client.fetchAll('1:*', { uid: true, source: true });
      return mails.sort((a, b) => a.uid - b.uid).flatMap((mail) => mail.source ?? []);
    } finally {
      lock.release();
    }
  } finally {
    await client.logout();
  }
}
