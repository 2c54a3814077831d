/** The part of hoodiecrow-imap 2.1.0 that the sandbox uses; the package brings no types. */
declare module 'hoodiecrow-imap' {
  import type { Server, Socket } from 'node:net';

  interface StoredMessage {
    readonly uid: number;
    readonly flags: readonly string[];
    /** One character a byte ("binary"). */
    readonly raw: string;
  }

  interface Mailbox {
    readonly path: string;
    readonly messages: readonly StoredMessage[];
  }

  interface Connection {
    readonly socket: Socket | null;
    readonly state: string;
    inputHandler: ((line: string) => void) | false;
    /** Whether notices are sent at once, as in IDLE, instead of before the next tagged response. */
    directNotifications: boolean;
    processNotifications(): void;
    send(response: object, description: string, parsed: object, data: string): void;
  }

  interface Command {
    readonly tag: string;
    readonly attributes?: unknown;
  }

  type CommandHandler = (connection: Connection, parsed: Command, data: string, done: () => void) => void;

  interface ImapServer {
    readonly server: Server;
    readonly connectionHandlers: ((connection: Connection) => void)[];
    readonly folderCache: Readonly<Record<string, Mailbox>>;
    registerCapability(name: string): void;
    setCommandHandler(name: string, handler: CommandHandler): void;
    getMailbox(path: string): Mailbox | undefined;
    appendMessage(
      folder: string,
      flags: readonly string[],
      internalDate: Date | string,
      raw: string,
    ): unknown;
  }

  interface Options {
    readonly plugins: readonly (string | ((server: ImapServer) => void))[];
    readonly users: Readonly<Record<string, { readonly password: string }>>;
    readonly storage: Readonly<Record<string, object>>;
  }

  export default function createServer(options: Options): ImapServer;
}
