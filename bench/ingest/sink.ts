/**
 * A process of its own: takes every mail at once and tells when each came. It speaks as much SMTP as a client needs that
 * does not pipeline, so that it costs next to nothing beside what is measured.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export type SinkOrder = { readonly type: 'expect'; readonly mails: number } | { readonly type: 'listen' };

/** Instants are those of `Date.now`, so that another process can compare them with its own. */
export type SinkNews =
  | { readonly type: 'listening'; readonly port: number }
  /** So many different mails were answered; `at` of each by the Message-ID that it answers. */
  | {
      readonly type: 'complete';
      readonly at: readonly (readonly [string, number])[];
      readonly mails: number;
    };

let wanted = 0;
let mails = 0;
let answered = new Map<string, number>();

process.on('message', async (order: SinkOrder) => {
  if (order.type === 'expect') {
    wanted = order.mails;
    mails = 0;
    answered = new Map();
    return;
  }
  const server = createServer({ noDelay: true }, serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  tell({ type: 'listening', port: (server.address() as AddressInfo).port });
});

function tell(news: SinkNews): void {
  process.send?.(news);
}

function serve(socket: Socket): void {
  let text = '';
  let inData = false;
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (;;) {
      const end = text.indexOf(inData ? '\r\n.\r\n' : '\r\n');
      if (end === -1) return;
      const part = text.slice(0, end);
      text = text.slice(end + (inData ? 5 : 2));
      if (inData) {
        inData = false;
        socket.write('250 2.0.0 taken\r\n');
        take(part);
        continue;
      }
      const verb = part.slice(0, 4).toUpperCase();
      inData = verb === 'DATA';
      socket.write(ANSWERS[verb] ?? '250 2.0.0 ok\r\n');
      if (verb === 'QUIT') socket.end();
    }
  });
  socket.write('220 sink.example ESMTP\r\n');
}

const ANSWERS: Readonly<Record<string, string>> = {
  EHLO: '250-sink.example\r\n250 8BITMIME\r\n',
  DATA: '354 go on\r\n',
  QUIT: '221 2.0.0 bye\r\n',
};

function take(mail: string): void {
  mails += 1;
  const [, answers] = /^in-reply-to:\s*(<[^>]+>)/im.exec(mail) ?? [];
  if (answers === undefined || answered.has(answers)) return;
  answered.set(answers, Date.now());
  if (answered.size === wanted) tell({ type: 'complete', at: [...answered], mails });
}
