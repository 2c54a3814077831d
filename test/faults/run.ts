/**
 * `npm run test:faults -- [--long] [vitest's own arguments]`, or `-- --soak MINUTES …`: README.md says what each does.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const VITEST = fileURLToPath(import.meta.resolve('vitest/package.json')).replace(
  /package\.json$/,
  'vitest.mjs',
);
const SOAK = fileURLToPath(new URL('soak/run.ts', import.meta.url));

const args = process.argv.slice(2);
const isSoak = args.includes('--soak');
const isLong = args.includes('--long');
const own = isSoak
  ? [SOAK, ...args]
  : [VITEST, 'run', '--project', 'faults', ...args.filter((arg) => arg !== '--long')];

const child = spawn(process.execPath, own, {
  stdio: 'inherit',
  env: isLong ? { ...process.env, FAULTS_FORM: 'long' } : process.env,
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
const [code] = (await once(child, 'close')) as [number | null];
process.exitCode = code ?? 1;
