/** Debian's Dovecot on a free port of 127.0.0.1, with a configuration, users and mailboxes of its own. */

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  access,
  appendFile,
  chown,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../src/sandbox/ports.ts';
import { type Account, databaseAccount } from '../../src/sandbox/system-account.ts';
import type { Abroad } from './certificate.ts';
import { type ServerProcess, startServer } from './child.ts';
import { until } from './until.ts';

const BINARY = '/usr/sbin/dovecot';
const IMAP_LOGIN = '/usr/lib/dovecot/imap-login';

export interface Dovecot {
  /** Makes an account with an empty mailbox. @returns its imap:// URL, with the login */
  addUser(name: string): Promise<string>;
  /**
   * Puts a mail into the INBOX as a delivery agent does, whether the server runs or not.
   * @param at - its INTERNALDATE, when that is not now
   */
  deliver(name: string, raw: Buffer, at?: Date): Promise<void>;
  /** The raw mails of a folder, read from the disk. */
  mails(name: string, folder: 'INBOX' | 'Processed'): Promise<readonly Buffer[]>;
  /** Removes what the server knows of the INBOX's numbers, so that it must number all anew under another UIDVALIDITY. */
  forgetNumbers(name: string): Promise<void>;
  /** Gives the INBOX another UIDVALIDITY under the eyes of whoever has it open: those would write the old one again. */
  changeUidValidity(name: string): Promise<void>;
  /** The INBOX's UIDVALIDITY as it stands on the disk. */
  uidValidity(name: string): Promise<string | null>;
  start(): Promise<void>;
  /** Ends it without a farewell to its clients. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param abroad - it listens there too, with TLS from the first byte, and that is where URLs lead
 * @param more - settings of Dovecot that come behind all others
 * @throws Error with the command that installs it, when it is not there
 */
export async function startDovecot(folder: string, abroad?: Abroad, more = ''): Promise<Dovecot> {
  await needDovecot();
  const owner = await mailOwner();
  const home = join(folder, 'dovecot');
  await mkdir(join(home, 'mail'), { recursive: true, mode: 0o711 });
  await own(owner, join(home, 'mail'));
  const config = join(home, 'dovecot.conf');
  const users = join(home, 'users');
  const port = await freePort();
  await writeFile(users, '', { mode: 0o644 });
  const portAbroad = abroad === undefined ? 0 : await freePort();
  const place = {
    home,
    users,
    port,
    owner,
    ...(abroad === undefined ? {} : { abroad: { ...abroad, port: portAbroad } }),
  };
  await writeFile(config, `${await settings(place)}${more}`);
  const maildir = (name: string) => join(home, 'mail', name, 'Maildir');
  let server: ServerProcess | null = null;
  const start = async () => {
    const started = await startServer(BINARY, ['-F', '-c', config]);
    server = started;
    const said = async () => `${started.output()}\n${await readFile(join(home, 'log'), 'utf8')}`;
    const ended = started.gone.then(async () => {
      throw new Error(`Dovecot ended at its start:\n${await said()}`);
    });
    ended.catch(() => undefined); // after the start it may end whenever a test wants
    await Promise.race([until('Dovecot answers', () => greets(port), said), ended]);
  };
  await start();
  return {
    addUser: async (name) => {
      const password = randomUUID();
      for (const path of [join(home, 'mail', name), maildir(name)]) await makeOwned(owner, path);
      for (const part of ['cur', 'new', 'tmp']) await makeOwned(owner, join(maildir(name), part));
      await appendFile(users, `${name}:{PLAIN}${password}\n`);
      return abroad === undefined
        ? `imap://${name}:${password}@127.0.0.1:${port}`
        : `imaps://${name}:${password}@${abroad.address}:${portAbroad}`;
    },
    deliver: (name, raw, at) => deliverTo(maildir(name), owner, raw, at),
    mails: (name, box) => mailsIn(box === 'INBOX' ? maildir(name) : join(maildir(name), `.${box}`)),
    forgetNumbers: async (name) => {
      for (const file of await readdir(maildir(name))) {
        if (file.startsWith('dovecot')) await rm(join(maildir(name), file), { force: true });
      }
    },
    changeUidValidity: async (name) => {
      const file = join(maildir(name), 'dovecot-uidlist');
      const [header = ''] = (await readFile(file, 'latin1')).split('\n');
      const changed = header.replace(/ V(\d+) N\d+/, (_, number) => ` V${Number(number) + 1} N1`);
      await writeFile(`${file}.flow`, `${changed}\n`, { mode: 0o600 });
      await own(owner, `${file}.flow`);
      await rename(`${file}.flow`, file);
    },
    uidValidity: async (name) => {
      const list = await readFile(join(maildir(name), 'dovecot-uidlist'), 'latin1').catch(() => '');
      return /^3 V(\d+)/.exec(list)?.[1] ?? null;
    },
    start,
    kill: async () => {
      if (server === null) return;
      // Its children see the pipe to their master close and go; a mere SIGKILL is what an outage looks like.
      process.kill(server.pid, 'SIGKILL');
      await server.gone;
      await until('the port of the killed Dovecot is free', async () => !(await greets(port)));
    },
    stop: async () => {
      await server?.stop();
    },
  };
}

async function needDovecot(): Promise<void> {
  for (const file of [BINARY, IMAP_LOGIN]) {
    await access(file).catch(() => {
      throw new Error('this suite needs Dovecot, which is not installed: apt-get install -y dovecot-imapd');
    });
  }
}

/** Dovecot opens no mail as root: there the mailboxes belong to the account that runs PostgreSQL, or to nobody. */
const mailOwner = (): Promise<Account> => databaseAccount();

const own = async (owner: Account, path: string): Promise<void> => {
  if (owner.switched) await chown(path, owner.uid, owner.gid);
};

async function makeOwned(owner: Account, path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o755 });
  await own(owner, path);
}

/** Written under tmp and renamed into new, so that the server never sees half a mail. */
async function deliverTo(maildir: string, owner: Account, raw: Buffer, at?: Date): Promise<void> {
  const name = `${Math.floor(Date.now() / 1_000)}.${randomUUID()}.flow`;
  const draft = join(maildir, 'tmp', name);
  await writeFile(draft, raw, { mode: 0o600 });
  await own(owner, draft);
  if (at !== undefined) await utimes(draft, at, at);
  await rename(draft, join(maildir, 'new', name));
}

async function mailsIn(maildir: string): Promise<readonly Buffer[]> {
  const mails: Buffer[] = [];
  for (const part of ['new', 'cur']) {
    const names = await readdir(join(maildir, part)).catch(() => []);
    for (const name of names.sort()) {
      const raw = await readFile(join(maildir, part, name)).catch(() => null); // moved away meanwhile
      if (raw !== null) mails.push(raw);
    }
  }
  return mails;
}

/** Whether a greeting comes. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('data', (data) => end(data.toString('latin1').startsWith('* OK')));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.setTimeout(5_000, () => end(false));
  });
}

/** The name of our own account or group: Dovecot takes no numbers. */
const nameOf = async (which: '-un' | '-gn'): Promise<string> =>
  (await promisify(execFile)('id', [which])).stdout.trim();

interface Place {
  readonly home: string;
  readonly users: string;
  readonly port: number;
  readonly owner: Account;
  readonly abroad?: Abroad & { readonly port: number };
}

async function settings({ home, users, port, owner, abroad }: Place): Promise<string> {
  // As an ordinary user everything runs under that one account, and nothing can be locked into a folder.
  const accounts = owner.switched
    ? ''
    : [
        `default_internal_user = ${await nameOf('-un')}`,
        `default_login_user = ${await nameOf('-un')}`,
        `default_internal_group = ${await nameOf('-gn')}`,
        ...['imap-login', 'anvil', 'stats', 'ipc'].map((name) => `service ${name} {\n  chroot =\n}`),
      ].join('\n');
  return `
protocols = imap
listen = 127.0.0.1${abroad === undefined ? '' : `, ${abroad.address}`}
base_dir = ${home}/run
state_dir = ${home}/state
log_path = ${home}/log
${abroad === undefined ? 'ssl = no' : `ssl = yes\nssl_cert = <${abroad.certificate.certFile}\nssl_key = <${abroad.certificate.keyFile}`}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0 secs
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_fsync = optimized
mail_max_userip_connections = 100
maildir_very_dirty_syncs = no
${accounts}
passdb {
  driver = passwd-file
  args = username_format=%u ${users}
}
userdb {
  driver = static
  args = uid=${owner.uid} gid=${owner.gid} home=${home}/mail/%u
}
namespace inbox {
  inbox = yes
}
service imap-login {
  inet_listener imap {
    address = 127.0.0.1
    port = ${port}
  }
  inet_listener imaps {
    ${abroad === undefined ? 'port = 0' : `address = ${abroad.address}\n    port = ${abroad.port}\n    ssl = yes`}
  }
}
`;
}
