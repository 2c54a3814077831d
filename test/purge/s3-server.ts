import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Ceph RADOS gateway with one monitor and one store in memory: a real S3 server with versions and object lock. */
export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  readonly login: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Ends the gateway at once, whatever it is doing. */
  killGateway(): Promise<void>;
  startGateway(): Promise<void>;
  /** A second user without any right of its own; its name is its key and the beginning of its secret. */
  addUser(name: string): Promise<void>;
}

/** @throws Error when the packages ceph-mon, ceph-osd and radosgw are not installed */
export async function startS3Server(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 's3-'));
  const ports = await freePorts();
  const env = { ...process.env, CEPH_CONF: join(folder, 'ceph.conf') };
  const osdId = randomUUID();
  await Promise.all(['mon', 'osd', 'rgw', 'run', 'log'].map((name) => mkdir(join(folder, name))));
  await writeFile(env.CEPH_CONF, configuration(folder, ports));

  const processes = new Map<string, ChildProcess>();
  const tool = (command: string, ...args: string[]) => run(command, args, { env, timeout: 30_000 });
  const up = async (daemon: string, ...args: string[]) => {
    const output = await open(join(folder, 'log', `${daemon}.out`), 'a');
    const child = spawn(daemon, [...args, '-f'], { env, stdio: ['ignore', output.fd, output.fd] });
    await once(child, 'spawn');
    await output.close();
    processes.set(daemon, child);
  };
  const kill = async (daemon: string) => {
    const child = processes.get(daemon);
    processes.delete(daemon);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const startGateway = async () => {
    await up('radosgw', '-n', 'client.rgw');
    await untilOpen(ports.s3);
  };
  const stop = async () => {
    for (const daemon of ['radosgw', 'ceph-osd', 'ceph-mon']) await kill(daemon);
    await rm(folder, { recursive: true, force: true });
  };
  const addUser = async (name: string) => {
    const keys = [`--access-key=${name}`, `--secret-key=${name}secret`];
    await tool('radosgw-admin', 'user', 'create', `--uid=${name}`, `--display-name=${name}`, ...keys);
  };

  try {
    const map = join(folder, 'monmap');
    await tool('monmaptool', '--create', '--fsid', fsid, '--addv', 'a', `[v2:127.0.0.1:${ports.mon}]`, map);
    await tool('ceph-mon', '-i', 'a', '--mkfs', '--monmap', map);
    await up('ceph-mon', '-i', 'a');
    await tool('ceph', 'osd', 'new', osdId);
    await tool('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osdId);
    await up('ceph-osd', '-i', '0');
    await startGateway();
    await addUser('test');
  } catch (error) {
    await stop();
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(
      'this suite needs Ceph, which is not installed: apt-get install -y --no-install-recommends ceph-mon ceph-osd radosgw',
    );
  }
  return {
    endpoint: `http://127.0.0.1:${ports.s3}`,
    login: { accessKeyId: 'test', secretAccessKey: 'testsecret' },
    killGateway: () => kill('radosgw'),
    startGateway,
    addUser,
    [Symbol.asyncDispose]: stop,
  };
}

const fsid = randomUUID();

interface Ports {
  readonly s3: number;
  readonly mon: number;
}

/**
 * Nobody signs in: all of it listens on loopback. Without `ms mon client mode = crc` the gateway never connects; without
 * `tcp_nodelay` most answers take 40 ms more, without the two paxos lines the start 10 s.
 */
const configuration = (folder: string, { s3, mon }: Ports): string => `
[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${mon}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
ms bind port min = ${mon + 1}
ms bind port max = ${mon + 19}
auth cluster required = none
auth service required = none
auth client required = none
keyring = /dev/null
run dir = ${folder}/run
crash dir = ${folder}/log
admin socket =
log file = ${folder}/log/$name.log
mon cluster log file = ${folder}/log/cluster.log
debug rgw = 0/0
debug osd = 0/0
debug ms = 0/0
[mon]
mon data = ${folder}/mon
mon data avail warn = 1
mon data avail crit = 1
mon allow pool size one = true
mon max pg per osd = 1000
paxos propose interval = 0.02
paxos min wait = 0.01
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
[osd]
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd class update on start = false
osd max pg log entries = 500
osd min pg log entries = 250
[client]
ms mon client mode = crc
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${s3} tcp_nodelay=1
rgw run sync thread = false
rgw dynamic resharding = false
rgw override bucket index max shards = 1
`;

/** The monitor's port and the 19 behind it, of which the OSD takes four, lie together; the S3 port comes before them. */
async function freePorts(): Promise<Ports> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const s3 = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all([s3, s3 + 1, s3 + 2, s3 + 3, s3 + 4, s3 + 5].map(isFree));
    if (free.every(Boolean)) return { s3, mon: s3 + 1 };
  }
  throw new Error('no free ports were found');
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function untilOpen(port: number): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
  }
  throw new Error(`nothing listened on port ${port} within a minute`);
}
