import { defineConfig } from 'vitest/config';

/** What is the same on every engine, and tested on each. */
const onEveryEngine = [
  'test/sdk/*.test.ts',
  'test/operations/*.test.ts',
  'test/properties/*.test.ts',
  'test/fuzz/*.test.ts',
  'test/transfer/*.test.ts',
  'test/cli/migrate.test.ts',
  'test/repository/every-engine.test.ts',
  'test/process/linearizability.test.ts',
  'test/torture/*.test.ts',
];

/** Of those, what has nothing to do with the engine, or with one only. */
const onlyOnce = [
  'test/sdk/{registry,resource-policies,throttling}.test.ts',
  'test/operations/{model,search-profiles}.test.ts',
  'test/transfer/{formats,records}.test.ts',
  'test/torture/{io,power}.test.ts',
  'test/torture/files.test.ts',
];

export default defineConfig({
  test: {
    // Tests start real processes on a machine that may be busy; a hang must still end the run.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: 'test/support/build.ts',
    projects: [
      {
        extends: true,
        test: {
          name: 'sqlite',
          include: ['test/**/*.test.ts'],
          exclude: ['test/postgres/**'],
          env: { KEYFOLD_TEST_ENGINE: 'sqlite' },
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [...onEveryEngine, 'test/postgres/*.test.ts'],
          exclude: onlyOnce,
          globalSetup: ['test/support/build.ts', 'test/support/postgres-setup.ts'],
          env: { KEYFOLD_TEST_ENGINE: 'postgres' },
        },
      },
    ],
  },
});
