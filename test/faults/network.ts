/**
 * Hosts of the test's own making: network namespaces on a bridge of their own. The test itself, with its servers, is one
 * host more, at the bridge's address. Needs root and iproute2.
 */
import { execFile, execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface Host {
  /** What a command is put behind to run on that host. */
  readonly through: readonly string[];
  /** Pulls the plug: nothing comes in or goes out, and nobody is told. */
  cutOff(): Promise<void>;
  reconnect(): Promise<void>;
}

export interface Network extends AsyncDisposable {
  /** The address of the host that the test runs on. */
  readonly address: string;
  readonly hosts: readonly Host[];
}

const ip = async (...args: readonly string[]): Promise<void> => {
  await promisify(execFile)('ip', args);
};

/** Begins the names of namespaces; the number of the process that made them follows. */
const PREFIX = 'purgedesk-test-';

/** @throws Error when this process may not make namespaces: there is no way round that */
export async function openNetwork(count: number): Promise<Network> {
  if (process.getuid?.() !== 0)
    throw new Error('this test makes network namespaces, which takes root: run it as root, or with sudo');
  await sweep();
  const mark = randomInt(0x10_0000).toString(16).padStart(5, '0');
  // Of 10/8, far from what installations begin with.
  const net = `10.${randomInt(200, 250)}.${randomInt(1, 250)}`;
  const bridge = `pdtb${mark}`;
  const made = Array.from({ length: count }, (_, at) => ({
    namespace: `${PREFIX}${process.pid}-${mark}-${at}`,
    plug: `pdt${mark}-${at}`,
    address: `${net}.${at + 2}`,
  }));
  // Also when the run is broken off: namespaces outlive their makers.
  const clean = () => {
    process.off('exit', clean);
    for (const { namespace, plug } of made) {
      quietly('link', 'del', plug);
      quietly('netns', 'del', namespace);
    }
    quietly('link', 'del', bridge);
  };
  process.on('exit', clean);
  try {
    await ip('link', 'add', bridge, 'type', 'bridge');
    await ip('addr', 'add', `${net}.1/24`, 'dev', bridge);
    await ip('link', 'set', bridge, 'up');
    for (const { namespace, plug, address } of made) {
      await ip('netns', 'add', namespace);
      await ip('link', 'add', plug, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
      await ip('link', 'set', plug, 'master', bridge, 'up');
      await ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
      for (const device of ['eth0', 'lo']) await ip('-n', namespace, 'link', 'set', device, 'up');
    }
  } catch (error) {
    clean();
    throw error;
  }
  return {
    address: `${net}.1`,
    hosts: made.map(({ namespace, plug }) => ({
      through: ['ip', 'netns', 'exec', namespace],
      cutOff: () => ip('link', 'set', plug, 'down'),
      reconnect: () => ip('link', 'set', plug, 'up'),
    })),
    [Symbol.asyncDispose]: async () => clean(),
  };
}

function quietly(...args: readonly string[]): void {
  try {
    execFileSync('ip', args, { stdio: 'ignore' });
  } catch {
    // It was not made, or is gone already.
  }
}

/** Namespaces whose makers were killed. */
async function sweep(): Promise<void> {
  const names = await readdir('/run/netns').catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const maker = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!isAlive(maker)) quietly('netns', 'del', name);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
