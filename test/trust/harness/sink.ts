/** The server that takes the desk's mails: what arrived here went out, whatever the desk's own tables say. */
import { domainToASCII } from 'node:url';
import { type MailServer, startSmtpServer } from '../../flow/smtp-server.ts';

export interface TakenMail {
  readonly to: string;
  readonly messageId: string;
  /** The mail's own mark of its type. */
  readonly template: string;
}

export interface Sink {
  readonly url: string;
  readonly taken: readonly TakenMail[];
  stop(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const taken: TakenMail[] = [];
  const server: MailServer = await startSmtpServer('sink.trust.test', ({ recipient, raw }) => {
    const header =
      raw
        .toString('latin1')
        .split(/\r?\n\r?\n/)[0]
        ?.replace(/\r?\n[ \t]+/g, ' ') ?? '';
    const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(header)?.[1]?.trim() ?? '';
    taken.push({
      to: asSent(recipient),
      messageId: field('Message-ID'),
      template: field('X-Purgedesk-Mail-Type'),
    });
  });
  return { url: server.url, taken, stop: () => server.stop() };
}

/** The server shows A-labels decoded (RFC 5890); on the wire they were not. */
function asSent(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1)) || address.slice(at + 1)}`;
}
