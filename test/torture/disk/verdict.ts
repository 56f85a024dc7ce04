import { existsSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { openSqlite } from '../../../src/repository/engine/sqlite.ts';
import type { SqliteOptions } from '../../../src/repository/engine/sqlite-database.ts';
import { KEY, type Write } from './writers.ts';

/** What is wrong with a database. */
export interface Verdict {
  /** How many answered writes it doesn't have. */
  readonly lost: number;
  /** What no power cut may do, each in one line: it can't be opened, or holds what nobody wrote. */
  readonly faults: readonly string[];
}

interface Content {
  readonly values: ReadonlySet<string>;
  readonly profileIds: ReadonlySet<string>;
  readonly faults: readonly string[];
}

function texts(connection: BetterSqlite3.Database, sql: string, ...parameters: string[]) {
  return connection.prepare(sql).pluck().all(parameters) as string[];
}

function readContent(file: string): Content {
  const connection = new BetterSqlite3(file, { readonly: true });
  try {
    const faults: string[] = [];
    const check = connection.pragma('integrity_check', { simple: true });
    if (check !== 'ok') faults.push(`integrity_check: ${check}`);
    const orphans = connection.pragma('foreign_key_check') as unknown[];
    if (orphans.length > 0) faults.push(`${orphans.length} rows without a parent`);
    const profileIds = texts(connection, 'select profile_id from profiles');
    const [counted] = texts(
      connection,
      'select coalesce(sum(profile_count), 0) from domain_counts',
    );
    if (Number(counted) !== profileIds.length)
      faults.push(`${profileIds.length} profiles are counted as ${counted}`);
    const values = texts(connection, 'select key_value from profile_keys where key_name = ?', KEY);
    return { values: new Set(values), profileIds: new Set(profileIds), faults };
  } finally {
    connection.close();
  }
}

function compare(
  content: Content,
  writes: readonly Write[],
  isAnswered: (write: Write) => boolean,
) {
  const faults = [...content.faults];
  /** Whoever was not answered may have removed a value or not. */
  const removals = new Map<string, boolean>();
  for (const write of writes)
    if (write.kind === 'remove')
      for (const value of write.values) removals.set(value, isAnswered(write));
  let lost = 0;
  for (const write of writes) {
    const present = write.values.filter((value) => content.values.has(value)).length;
    if (present > 0 && present < write.values.length)
      faults.push(`${present} of the values of one write: ${write.values}`);
    if (!isAnswered(write)) continue;
    const isRemoved = removals.get(write.values[0] ?? '');
    if (write.kind === 'create' && !content.profileIds.has(write.profileId ?? '')) lost += 1;
    if (write.kind === 'add' && isRemoved === undefined && present === 0) lost += 1;
    if (write.kind === 'remove' && present > 0) lost += 1;
  }
  return { lost, faults };
}

/**
 * Starts on a database as Keyfold does, stops, and compares what it holds with what clients wrote.
 *
 * @param isAnswered whether a client had the answer of a write before the database was left.
 */
export async function judge(
  { file, durability }: SqliteOptions,
  writes: readonly Write[],
  isAnswered: (write: Write) => boolean,
): Promise<Verdict> {
  if (!existsSync(file)) return { lost: writes.filter(isAnswered).length, faults: [] };
  try {
    await openSqlite({ file, durability }).close();
    return compare(readContent(file), writes, isAnswered);
  } catch (error) {
    return { lost: 0, faults: [error instanceof Error ? error.message : String(error)] };
  }
}
