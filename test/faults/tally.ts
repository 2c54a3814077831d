/** How often each fault was injected, counted over all processes of a run and printed at its end (setup.ts). */
import { appendFileSync, readFileSync } from 'node:fs';
import { inject } from 'vitest';
import { FAULTS, type FaultRow, isFaultRow } from './rows.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The file to which `injected` adds a line a call; not there in other projects. */
    faultTally: string;
  }
}

/** Says that a fault has really happened `times` times: counted after it did, not when it was planned. */
export function injected(row: FaultRow, times = 1): void {
  const file: string | undefined = inject('faultTally');
  if (file !== undefined) appendFileSync(file, `${row} ${times}\n`); // one short line: appended as a whole
}

/** One test that has run. */
export interface RanTest {
  readonly fullName: string;
  readonly passed: boolean;
}

interface Line {
  injected: number;
  passed: number;
  failed: number;
}

/** The table of a run: a line for each row that a test is named after or that was injected. */
export function tableOf(tallyFile: string, tests: readonly RanTest[]): string {
  const lines = new Map<FaultRow, Line>();
  const lineOf = (row: FaultRow): Line => {
    const line = lines.get(row) ?? { injected: 0, passed: 0, failed: 0 };
    lines.set(row, line);
    return line;
  };
  for (const text of readFileSync(tallyFile, 'utf8').split('\n')) {
    const [row = '', times = ''] = text.split(' ');
    if (isFaultRow(row)) lineOf(row).injected += Number(times);
  }
  for (const { fullName, passed } of tests) {
    for (const row of new Set(fullName.match(/\bF\d\d\b/g))) {
      if (isFaultRow(row)) lineOf(row)[passed ? 'passed' : 'failed'] += 1;
    }
  }
  const width = Math.max(...Object.values(FAULTS).map((fault) => fault.length));
  const rows = [...lines.entries()].sort(([one], [other]) => one.localeCompare(other));
  return [
    `row  ${'fault'.padEnd(width)}  injected  outcome`,
    ...rows.map(
      ([row, line]) =>
        `${row}  ${FAULTS[row].padEnd(width)}  ${String(line.injected).padStart(8)}  ${outcomeOf(line)}`,
    ),
  ].join('\n');
}

function outcomeOf({ passed, failed }: Line): string {
  if (failed > 0) return `FAILED: ${failed} of ${passed + failed} tests`;
  return passed === 0 ? 'no test ran' : `held, ${passed} ${passed === 1 ? 'test' : 'tests'}`;
}
