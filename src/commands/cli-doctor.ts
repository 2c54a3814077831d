import type { Command } from 'commander';
import type { Finding, Mark } from './doctor/finding.ts';
import { show, table } from './table.ts';

interface DoctorCommand {
  readonly json?: boolean;
  readonly dkimSelector?: string;
  readonly sendTest?: string;
}

export function addDoctorCommands(program: Command): void {
  program
    .command('doctor')
    .description('look at everything that the desk depends on, and say what to do about it')
    .option('--json', 'print JSON')
    .option('--dkim-selector <name>', 'also look for the key under which the desk’s mails are signed')
    .option('--send-test <address>', 'have each SMTP server send a test mail there')
    .action(async ({ json, dkimSelector, sendTest }: DoctorCommand) => {
      const { examine } = await import('./doctor/doctor.ts');
      const { runningDatabaseUrl } = await import('./attach.ts');
      const findings = await examine({
        env: process.env,
        dkimSelector: dkimSelector ?? null,
        sendTest: sendTest ?? null,
        sandboxDatabaseUrl: await runningDatabaseUrl(process.env),
      });
      show(json, { ok: isWell(findings), findings }, () => inWords(findings));
      process.exitCode = isWell(findings) ? 0 : 1;
    });
}

const isWell = (findings: readonly Finding[]): boolean => findings.every(({ mark }) => mark !== 'problem');

const MARKS: Readonly<Record<Mark, string>> = { ok: 'ok', warning: 'warning', problem: 'PROBLEM' };

function inWords(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ check, mark, what, todo }) => [
    [MARKS[mark], check, what],
    ...(todo === null ? [] : [['', '', `→ ${todo}`]]),
  ]);
  const count = (mark: Mark) => findings.filter((finding) => finding.mark === mark).length;
  return `${table(['', 'looked at', 'found'], rows)}\n\n${count('problem')} problem(s), ${count('warning')} warning(s).`;
}
