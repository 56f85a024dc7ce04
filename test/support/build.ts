import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

function build(): void {
  const config = fileURLToPath(new URL('../../esbuild.config.ts', import.meta.url));
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync(process.execPath, [config], { cwd, stdio: 'inherit' });
}

/** Builds what the tests of processes start, once for all of them and again when sources change. */
export function setup(project: TestProject): void {
  build();
  project.onTestsRerun(async () => build());
}
