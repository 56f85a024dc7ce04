import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readResults } from '../../bench/results.ts';
import { temporaryFolder } from '../support/folder.ts';
import { projectFolder } from '../support/process.ts';

test('the benchmarks run, and write down what they have measured', async () => {
  const folder = temporaryFolder();
  const script = join(projectFolder, 'bench/main.ts');
  const args = [script, 'merge', 'objects', '--quick', '--without-peers', '--output', folder];
  await promisify(execFile)(process.execPath, args, { cwd: projectFolder });
  const parts = readResults(join(folder, 'results.json'));
  expect(parts.map(({ name }) => name).sort()).toEqual(['merge', 'objects']);
  for (const { name, measured } of parts) {
    expect(measured, name).not.toEqual([]);
    for (const { value } of measured) expect(value).toBeGreaterThan(0);
  }
  expect(readFileSync(join(folder, 'RESULTS.md'), 'utf8')).toContain('MergeProfiles');
});
