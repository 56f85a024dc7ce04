import { existsSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { openSqlite } from '../../src/repository/engine/sqlite.ts';
import { openConnection } from '../../src/repository/engine/sqlite-database.ts';
import { contextOf, type DomainPlan, makeDomain } from './plan.ts';
import { ProfileRows } from './rows.ts';

/** How many profiles one transaction makes. */
const BATCH_PROFILES = 10_000;
/** What SQLite keeps of the file meanwhile: rows land all over the indexes. */
const CACHE_KIB_MAX = 4 * 1024 * 1024;

export interface BuildInput {
  /** What was there is removed. */
  readonly file: string;
  readonly plan: DomainPlan;
  /** Milliseconds since the epoch: when everything was made. */
  readonly now: number;
}

/**
 * Builds a domain in a new database file, past the API and unflushed. The rows arrive one by one and
 * every index grows with them, so that its pages are as full as those of a store that has grown.
 */
export async function buildDomain({ file, plan, now }: BuildInput): Promise<void> {
  for (const part of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(part)) rmSync(part);
  const repository = openSqlite({ file, durability: 'normal' });
  const context = contextOf(repository, now);
  const domainId = await makeDomain(context, plan);
  await repository.close();
  const connection = openConnection(file, 'normal');
  try {
    const cacheKib = Math.min(CACHE_KIB_MAX, Math.floor(totalmem() / 1024 / 4));
    for (const setting of [
      // From a log to a journal in memory there is a step in between.
      'journal_mode = delete',
      'journal_mode = memory',
      'synchronous = off',
      'foreign_keys = off',
      `cache_size = -${cacheKib}`,
    ])
      connection.pragma(setting);
    connection.exec('BEGIN');
    const rows = new ProfileRows(connection, context, domainId, plan);
    for (let index = 0; index < plan.profiles; index++) {
      rows.add(index);
      if (index % BATCH_PROFILES === BATCH_PROFILES - 1) connection.exec('COMMIT; BEGIN');
    }
    rows.count();
    connection.exec('COMMIT');
    connection.pragma('journal_mode = wal');
  } finally {
    connection.close();
  }
}
