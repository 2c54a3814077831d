/** `npm run --silent test:trust -- …`: README.md has the options and what is printed. */
import { runTrust } from './harness/harness.ts';
import { readOptions, UsageError } from './harness/options.ts';
import { type Line, tableOf } from './harness/report.ts';
import { runOwnSet } from './own-set.ts';

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)));
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const args = process.argv.slice(2);

try {
  if (args.length === 0 || args[0] === '--only') await runOwn(args[1] ?? '');
  else await runGiven();
} catch (error) {
  if (error instanceof UsageError) {
    say(error.message);
    process.exitCode = 2;
  } else {
    say(ending.signal.aborted || !(error instanceof Error) ? String(error) : (error.stack ?? error.message));
    process.exitCode = 1;
  }
}

/** The project's own mails, or those of which the name contains `part`, scored. */
async function runOwn(part: string): Promise<void> {
  const inside = await runOwnSet(part, (line) => process.stdout.write(`${line}\n`));
  if (!inside) process.exitCode = 1;
}

async function runGiven(): Promise<void> {
  const options = readOptions(args, process.env);
  const lines: Line[] = [];
  await runTrust(options, {
    tell: (line) => {
      if (options.json) process.stdout.write(`${JSON.stringify(line)}\n`);
      else lines.push(line);
    },
    say,
    signal: ending.signal,
  });
  if (!options.json) process.stdout.write(`${tableOf(lines)}\n`);
}
