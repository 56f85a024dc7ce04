import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { PartResult } from '../../bench/results.ts';
import { temporaryFolder } from '../support/folder.ts';
import { projectFolder } from '../support/process.ts';

const run = promisify(execFile);

/** Of each kind one; CONTRIBUTING.md says how to run them all. */
const parts = ['keys', 'search', 'backup', 'objects', 'merge'];

/** What is not there on every machine: peers are left out, and pgbench may not be installed. */
const mayBeMissing = /^(cognito-local|dynalite|pgbench): /;

function bench(...args: string[]) {
  return run(process.execPath, [join(projectFolder, 'bench/main.ts'), ...args], {
    cwd: projectFolder,
  });
}

test('a quick run measures and writes what it found', { timeout: 300_000 }, async () => {
  const output = temporaryFolder();
  await bench(...parts, '--quick', '--without-peers', '--output', output);
  const results = JSON.parse(readFileSync(join(output, 'results.json'), 'utf8')) as PartResult[];
  expect(results.map(({ name }) => name)).toEqual(parts);
  for (const { name, isQuick, measured, missing, tables, notes, environment } of results) {
    expect(isQuick).toBe(true);
    expect(environment.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(environment.versions.Node).toMatch(/^\d+\.\d+\.\d+/);
    expect(notes, name).not.toEqual([]);
    expect(missing.filter((line) => !mayBeMissing.test(line))).toEqual([]);
    expect(measured, name).not.toEqual([]);
    for (const { name: what, value } of measured) expect(value, what).toBeGreaterThan(0);
    for (const { columns, rows } of tables)
      for (const row of rows) expect(row).toHaveLength(columns.length);
  }
  const document = readFileSync(join(output, 'RESULTS.md'), 'utf8');
  for (const { title } of results) expect(document).toContain(`\n## ${title}\n`);
  for (const row of document.split('\n').filter((line) => line.startsWith('| `keys`')))
    expect(row).toMatch(/ (met|\*\*missed\*\*) \|$/);
  expect(document).toContain('| `keys` (quick) | Keyfold / hand-written |');
  expect(document).not.toContain(projectFolder);
});

test('an unknown part is named', async () => {
  await expect(bench('speed', '--quick')).rejects.toThrow("there is no part 'speed'");
});
