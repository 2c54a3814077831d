/** A mail server on loopback that can be stopped and started again on the same port. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface TakenMail {
  readonly sender: string;
  readonly recipient: string;
  readonly raw: Buffer;
}

export interface MailServer {
  /** smtp:// URL without login. */
  readonly url: string;
  /** Ends all connections and takes no more. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/**
 * @param name - the host name in the Received header that it writes on top
 * @param take - called for each recipient; only when it has resolved does the client hear 250
 */
export async function startSmtpServer(
  name: string,
  take: (mail: TakenMail) => Promise<void> | void,
): Promise<MailServer> {
  let server = makeServer(name, take);
  const port = await listen(server, 0);
  return {
    url: `smtp://127.0.0.1:${port}`,
    stop: () => close(server),
    start: async () => {
      server = makeServer(name, take);
      await listen(server, port);
    },
  };
}

function makeServer(name: string, take: (mail: TakenMail) => Promise<void> | void): SMTPServer {
  const server = new SMTPServer({
    name,
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onData: (stream, session, callback) => {
      const read = async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
        const { mailFrom, rcptTo } = session.envelope;
        const sender = mailFrom === false ? '' : mailFrom.address;
        const trace = traceHeaders(name, sender, session.remoteAddress);
        const raw = Buffer.concat([trace, ...chunks]);
        for (const { address } of rcptTo) await take({ sender, recipient: address, raw });
      };
      read().then(
        () => callback(),
        (error: Error) => callback(error),
      );
    },
  });
  server.on('error', () => undefined); // a client that died in the middle of a mail
  return server;
}

const traceHeaders = (name: string, sender: string, from: string): Buffer =>
  Buffer.from(
    `Return-Path: <${sender}>\r\nReceived: from client ([${from}])\r\n\tby ${name} with ESMTP;\r\n` +
      `\t${new Date().toUTCString().replace('GMT', '+0000')}\r\n`,
  );

async function listen(server: SMTPServer, port: number): Promise<number> {
  const { server: socket } = server;
  server.listen(port, '127.0.0.1');
  await once(socket, 'listening');
  return (socket.address() as AddressInfo).port;
}

const close = (server: SMTPServer): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
