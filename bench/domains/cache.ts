import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrationsOf } from '../../src/repository/migrations.ts';
import { Worker } from '../process/child.ts';
import { checkRows } from './check.ts';
import type { DomainPlan } from './plan.ts';

/** Built domains and what a run needs for itself; ignored by git, and may be removed at any time. */
export const cacheFolder = fileURLToPath(new URL('../.cache', import.meta.url));

const sources = ['customers.ts', 'plan.ts', 'rows.ts'];

/** Changes with the schema and with what domains are made of. */
function versionOf(): string {
  const migrations = migrationsOf('sqlite');
  const hash = createHash('sha256');
  for (const migration of migrations) hash.update(migration.hash);
  for (const source of sources) hash.update(readFileSync(new URL(source, import.meta.url)));
  return `schema-${migrations.length}-${hash.digest('hex').slice(0, 8)}`;
}

function nameOf({ profiles, keys, hasFields, isMatching }: DomainPlan): string {
  const kind = [hasFields ? 'customers' : 'bare', ...(isMatching ? ['matching'] : [])];
  return `${profiles}-profiles-${keys}-keys-${kind.join('-')}`;
}

/**
 * The database file of a domain, built when it isn't in the cache. It must not be written to: see
 * {@link copyDomain}.
 */
export async function cachedDomain(plan: DomainPlan, say: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder, versionOf());
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${nameOf(plan)}.db`);
  if (existsSync(file)) return file;
  const now = Date.now();
  const started = performance.now();
  await checkRows(folder, plan, now);
  say(`building ${nameOf(plan)}`);
  const worker = new Worker();
  try {
    const unfinished = `${file}.${process.pid}`;
    await worker.run('build-domain', { file: unfinished, plan, now });
    renameSync(unfinished, file);
  } finally {
    await worker.stop();
  }
  say(`built it in ${Math.round((performance.now() - started) / 1000)} s`);
  return file;
}

/** A copy of a domain for one server. */
export async function copyDomain(
  plan: DomainPlan,
  file: string,
  say: (line: string) => void,
): Promise<string> {
  copyFileSync(await cachedDomain(plan, say), file, constants.COPYFILE_FICLONE);
  // Otherwise the system writes the copy to disk while something is being measured.
  const copy = openSync(file, 'r+');
  fsyncSync(copy);
  closeSync(copy);
  return file;
}
