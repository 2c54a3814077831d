/**
 * A small IMAP server (RFC 3501, UIDPLUS, MOVE, IDLE) that speaks the protocol over a real socket and lies where a test
 * tells it to. One account, one folder that is watched; whoever logs in is let in.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface ScriptedMail {
  uid: number;
  readonly raw: Buffer;
  readonly flags: Set<string>;
}

/** One command of a client, and what can be said to it. */
export interface Talk {
  readonly tag: string;
  /** `LOGIN`, `UID FETCH` … */
  readonly command: string;
  readonly rest: string;
  /** Of this connection, from 1. */
  readonly connection: number;
  send(text: string | Buffer): void;
  ok(text?: string): void;
  no(text: string): void;
  /** Ends the connection, as a server that dies does. */
  drop(): void;
}

/** @returns `true` = it has answered, or has chosen to say nothing */
export type Script = (talk: Talk) => boolean;

export interface ScriptedServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly mails: ScriptedMail[];
  readonly processed: ScriptedMail[];
  /** The highest number that was given. */
  lastUid: number;
  /** As the server says it; `null` = it says none. */
  uidValidity: string | null;
  capabilities: string;
  greeting: string;
  readOnly: boolean;
  /** Asked first, at each command. */
  script: Script;
  connections(): number;
  /** Says something to all who are connected, unasked. */
  announce(text: string): void;
  add(raw: Buffer): ScriptedMail;
}

export const CAPABILITIES = 'IMAP4rev1 ID UIDPLUS MOVE IDLE NAMESPACE UNSELECT';

export async function startScriptedServer(raws: readonly Buffer[] = []): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Omit<ScriptedServer, 'port' | 'url' | typeof Symbol.asyncDispose> = {
    mails: [],
    processed: [],
    lastUid: 0,
    uidValidity: '7',
    capabilities: CAPABILITIES,
    greeting: '* OK ready',
    readOnly: false,
    script: () => false,
    connections: () => connections,
    announce: (text) => {
      for (const socket of sockets) socket.write(`${text}\r\n`);
    },
    add: (raw) => {
      server.lastUid = Math.max(server.lastUid, ...server.mails.map((mail) => mail.uid)) + 1;
      const mail = { uid: server.lastUid, raw, flags: new Set<string>() };
      server.mails.push(mail);
      return mail;
    },
  };
  for (const raw of raws) server.add(raw);
  const listener = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.write(`${server.greeting}\r\n`);
    if (server.greeting.startsWith('* BYE')) socket.end();
    else serve(socket, server, connections);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  return Object.assign(server, {
    port,
    url: `imap://desk:secret@127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  });
}

type State = Pick<
  ScriptedServer,
  'mails' | 'processed' | 'lastUid' | 'uidValidity' | 'capabilities' | 'readOnly' | 'script'
>;

function serve(socket: Socket, server: State, connection: number): void {
  let idleTag: string | null = null;
  let isInboxOpen = true;
  let input = '';
  socket.on('data', (chunk: Buffer) => {
    input += chunk.toString('latin1');
    for (let end = input.indexOf('\r\n'); end >= 0; end = input.indexOf('\r\n')) {
      const line = input.slice(0, end);
      input = input.slice(end + 2);
      if (idleTag !== null && line.toUpperCase() === 'DONE') {
        socket.write(`${idleTag} OK idled\r\n`);
        idleTag = null;
        continue;
      }
      const [, tag = '*', command = '', rest = ''] = /^(\S+) ((?:UID )?\S+) ?(.*)$/i.exec(line) ?? [];
      const talk = talkOf(socket, { tag, command: command.toUpperCase(), rest, connection });
      if (server.script(talk)) continue;
      if (OPENS.test(talk.command)) isInboxOpen = /INBOX/i.test(talk.rest);
      if (talk.command === 'IDLE') {
        idleTag = tag;
        talk.send('+ idling\r\n');
      } else answer(talk, isInboxOpen || OPENS.test(talk.command) ? server : inProcessed(server));
    }
  });
}

const OPENS = /^(SELECT|EXAMINE)$/;

/** What the server is to somebody who has the processed folder open. */
const inProcessed = (server: State): State =>
  new Proxy(server, {
    get: (target, name) => (name === 'mails' ? target.processed : Reflect.get(target, name)),
  });

const talkOf = (socket: Socket, said: Pick<Talk, 'tag' | 'command' | 'rest' | 'connection'>): Talk => ({
  ...said,
  send: (text) => void socket.write(text),
  ok: (text = 'done') => void socket.write(`${said.tag} OK ${text}\r\n`),
  no: (text) => void socket.write(`${said.tag} NO ${text}\r\n`),
  drop: () => void socket.destroySoon(),
});

function answer(talk: Talk, server: State) {
  switch (talk.command) {
    case 'CAPABILITY':
      talk.send(`* CAPABILITY ${server.capabilities}\r\n`);
      return talk.ok();
    case 'NAMESPACE':
      talk.send('* NAMESPACE (("" "/")) NIL NIL\r\n');
      return talk.ok();
    case 'LIST':
      talk.send('* LIST (\\HasNoChildren) "/" INBOX\r\n* LIST (\\HasNoChildren) "/" Processed\r\n');
      return talk.ok();
    case 'SELECT':
    case 'EXAMINE':
      return select(talk, server);
    case 'UID SEARCH':
      talk.send(
        `* SEARCH ${matching(talk.rest.replace(/^.*UID /, ''), server)
          .map((mail) => mail.uid)
          .join(' ')}\r\n`,
      );
      return talk.ok();
    case 'UID FETCH':
      for (const mail of matching(talk.rest, server)) talk.send(fetched(talk, server, mail));
      return talk.ok();
    case 'FETCH': {
      const last = server.processed.at(-1);
      if (last !== undefined) talk.send(fetched(talk, { mails: server.processed }, last));
      return talk.ok();
    }
    case 'UID MOVE':
      return move(talk, server);
    case 'UID STORE':
      if (server.readOnly) return talk.no('[NOPERM] read-only');
      for (const mail of matching(talk.rest, server)) mail.flags.add('stored');
      return talk.ok();
    case 'LOGOUT':
      talk.send('* BYE\r\n');
      talk.ok();
      return talk.drop();
    default:
      return talk.ok(); // LOGIN, ID, CREATE, NOOP …
  }
}

function select(talk: Talk, server: State) {
  const isInbox = /INBOX/i.test(talk.rest);
  talk.send(`* ${isInbox ? server.mails.length : server.processed.length} EXISTS\r\n`);
  const next = Math.max(0, ...server.mails.map((mail) => mail.uid), isInbox ? server.lastUid : 0) + 1;
  talk.send(`* OK [UIDNEXT ${next}] next\r\n`);
  if (server.uidValidity !== null) talk.send(`* OK [UIDVALIDITY ${server.uidValidity}] valid\r\n`);
  talk.ok(server.readOnly || talk.command === 'EXAMINE' ? '[READ-ONLY] opened' : '[READ-WRITE] opened');
}

/** Of a sequence set and whatever follows it. */
export function matching(set: string, { mails }: Pick<State, 'mails'>): ScriptedMail[] {
  const last = mails.at(-1)?.uid ?? 0;
  const number = (text: string | undefined) => (text === '*' ? last : Number(text));
  const ranges = (/^[\d:*,]+/.exec(set)?.[0] ?? '').split(',').map((part) => {
    const [first, second] = part.split(':');
    const ends = [number(first), number(second ?? first)];
    return { from: Math.min(...ends), to: Math.max(...ends) };
  });
  return mails.filter(({ uid }) => ranges.some(({ from, to }) => uid >= from && uid <= to));
}

/** One FETCH response, as it is right. */
export function fetched(
  talk: Pick<Talk, 'rest'>,
  { mails }: Pick<State, 'mails'>,
  mail: ScriptedMail,
): Buffer {
  const number = mails.indexOf(mail) + 1;
  const parts = [`* ${number} FETCH (UID ${mail.uid}`];
  if (talk.rest.includes('INTERNALDATE')) parts.push(' INTERNALDATE "01-Nov-2026 10:00:00 +0000"');
  if (talk.rest.includes('RFC822.SIZE')) parts.push(` RFC822.SIZE ${mail.raw.length}`);
  if (!talk.rest.includes('BODY.PEEK')) return Buffer.from(`${parts.join('')})\r\n`);
  return Buffer.concat([
    Buffer.from(`${parts.join('')} BODY[] {${mail.raw.length}}\r\n`),
    mail.raw,
    Buffer.from(')\r\n'),
  ]);
}

function move(talk: Talk, server: State) {
  if (server.readOnly) return talk.no('[NOPERM] read-only');
  const moved = matching(talk.rest, server);
  const uids = moved.map((mail) => mail.uid).join(',');
  talk.send(`* OK [COPYUID 9 ${uids} ${uids}] moved\r\n`);
  for (const mail of moved) {
    talk.send(`* ${server.mails.indexOf(mail) + 1} EXPUNGE\r\n`);
    server.mails.splice(server.mails.indexOf(mail), 1);
    server.processed.push(mail);
  }
  talk.ok();
}
