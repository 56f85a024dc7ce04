import { defineConfig } from 'vitest/config';

/** What is the same on every engine, and tested on each. */
const onEveryEngine = [
  'test/sdk/{authentication,detect,domains,history,identity-resolution,integrations}.test.ts',
  'test/sdk/{matches,object-types,objects}.test.ts',
  'test/sdk/{profiles,profile-keys,quotas,search,tags,templates,workflows}.test.ts',
  'test/operations/{domains,object-types,profiles,profile-keys}.test.ts',
  'test/operations/{auto-merging,identity-resolution,job-scheduler,job-sweep,job-units}.test.ts',
  'test/properties/*.test.ts',
  'test/fuzz/*.test.ts',
  'test/repository/every-engine.test.ts',
  'test/process/linearizability.test.ts',
];

export default defineConfig({
  test: {
    // Tests start real processes on a machine that may be busy; a hang must still end the run.
    testTimeout: 60_000,
    hookTimeout: 60_000,
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
          globalSetup: 'test/support/postgres-setup.ts',
          env: { KEYFOLD_TEST_ENGINE: 'postgres' },
        },
      },
    ],
  },
});
