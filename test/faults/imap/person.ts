import { ImapFlow } from 'imapflow';

/** Somebody with a mail program of their own. @param url - imap://user:password@host:port */
export async function signIn(url: string): Promise<ImapFlow> {
  const { hostname: host, port, username: user, password: pass } = new URL(url);
  const client = new ImapFlow({
    host,
    port: Number(port),
    secure: false,
    doSTARTTLS: false,
    auth: { user, pass },
    logger: false,
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  return client;
}
