import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const SETUP = ['test/support/global-setup.ts'];
/** Beside test/flow: tests that start whole programs and real servers. */
const WHOLE_RUNS = ['test/trust/harness/harness.test.ts'];
/** In a real browser, which not every machine has: `npm run test:browser`. */
const BROWSER_RUNS = ['test/browser/**/*.test.ts'];
/**
 * Against servers that take packages of their own and their time, a Ceph gateway for S3 and MariaDB:
 * `npm run test:stores`.
 */
const STORE_RUNS = ['test/purge/s3-{store,faults,purge}.test.ts', 'test/purge/mysql-*.test.ts'];

/** Servers, networks and processes that break in the middle of work: `npm run test:faults`. */
const FAULT_RUNS = 'test/faults/**/*.test.ts';

/**
 * Files of a worker share what they import: a third of the time went into importing the same things again. So no test
 * may leave anything behind in a module.
 */
const ISOLATED = false;

export default defineConfig({
  test: {
    // Real servers start and stop inside tests; machines are shared and slow at times.
    testTimeout: 60_000,
    // Most of them wait for a server; one worker a core would leave the cores idle.
    maxWorkers: Math.max(4, availableParallelism()),
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          isolate: ISOLATED,
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/rules/**',
            'test/flow/**',
            FAULT_RUNS,
            ...WHOLE_RUNS,
            ...STORE_RUNS,
            ...BROWSER_RUNS,
          ],
          globalSetup: SETUP,
        },
      },
      { extends: true, test: { name: 'rules', include: ['test/rules/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'flow',
          include: ['test/flow/**/*.test.ts', ...WHOLE_RUNS],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          isolate: ISOLATED,
          include: BROWSER_RUNS,
          testTimeout: 120_000,
          maxWorkers: 2,
          globalSetup: SETUP,
        },
      },
      {
        extends: true,
        test: {
          name: 'stores',
          include: STORE_RUNS,
          testTimeout: 300_000,
          fileParallelism: false,
          globalSetup: SETUP,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: [FAULT_RUNS],
          testTimeout: process.env.FAULTS_FORM === 'long' ? 14_400_000 : 600_000,
          maxWorkers: 2,
          globalSetup: [...SETUP, 'test/faults/setup.ts'],
        },
      },
    ],
  },
});
