import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { tableOf } from './tally.ts';

/** Keeps the tally of a run, and prints it at the end with what became of the tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-faults-'));
  const file = join(folder, 'tally');
  await writeFile(file, '');
  project.provide('faultTally', file);
  return async () => {
    const tests = project.vitest.state
      .getTestModules()
      .filter((module) => module.project.name === project.name)
      .flatMap((module) => [...module.children.allTests()])
      .filter((test) => ['passed', 'failed'].includes(test.result().state))
      .map((test) => ({ fullName: test.fullName, passed: test.result().state === 'passed' }));
    console.log(`\n${tableOf(file, tests)}`);
    await rm(folder, { recursive: true, force: true });
  };
}
