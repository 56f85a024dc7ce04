import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that whoever makes it removes. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'keyfold-'));
}

/** A folder of the running test's own; gone when the test ends. */
export function temporaryFolder(): string {
  const folder = newFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
