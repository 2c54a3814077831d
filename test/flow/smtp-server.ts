/** A mail server, on loopback unless told, that can be stopped and started again on the same port. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Abroad } from './certificate.ts';

export interface TakenMail {
  readonly sender: string;
  readonly recipient: string;
  readonly raw: Buffer;
}

export interface MailServer {
  /** smtp:// URL without login; smtps:// when it is reached from other hosts. */
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
  abroad?: Abroad,
): Promise<MailServer> {
  const host = abroad?.address ?? '127.0.0.1';
  let server = makeServer(name, take, abroad);
  const port = await listen(server, host, 0);
  return {
    url: `${abroad === undefined ? 'smtp' : 'smtps'}://${host}:${port}`,
    stop: () => close(server),
    start: async () => {
      server = makeServer(name, take, abroad);
      await listen(server, host, port);
    },
  };
}

function makeServer(
  name: string,
  take: (mail: TakenMail) => Promise<void> | void,
  abroad?: Abroad,
): SMTPServer {
  const server = new SMTPServer({
    name,
    ...(abroad === undefined
      ? {}
      : { secure: true, cert: abroad.certificate.cert, key: abroad.certificate.key }),
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

async function listen(server: SMTPServer, host: string, port: number): Promise<number> {
  const { server: socket } = server;
  server.listen(port, host);
  await once(socket, 'listening');
  return (socket.address() as AddressInfo).port;
}

const close = (server: SMTPServer): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
