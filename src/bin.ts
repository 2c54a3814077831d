#!/usr/bin/env node
/**
 * The command as it is installed. Hosts with an older Node run the one that the package brings; nothing but this file
 * may be loaded before that is settled.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const MIN = [22, 19] as const;

if (isOldNode(process.versions.node)) runOnBundledNode();
else await import('./main.ts');

function isOldNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < MIN[0] || (major === MIN[0] && minor < MIN[1]);
}

function runOnBundledNode(): void {
  const node = bundledNode();
  if (node === null || process.env.PURGEDESK_BUNDLED_NODE !== undefined) {
    process.stderr.write(`purgedesk needs Node ${MIN.join('.')} or newer; this is ${process.version}\n`);
    process.exitCode = 1;
    return;
  }
  const result = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, PURGEDESK_BUNDLED_NODE: '1' },
  });
  process.exitCode = result.status ?? 1;
}

function bundledNode(): string | null {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    return require.resolve(`${name}/bin/node${process.platform === 'win32' ? '.exe' : ''}`);
  } catch {
    return null;
  }
}
