import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests start real processes on a machine that may be busy; a hang must still end the run.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
