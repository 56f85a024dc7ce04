import { existsSync, statSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { type CheckReport, checkRows, counted, NotCheckedError } from '../check-report.ts';
import { DatabaseRefusedError } from '../errors.ts';
import { migrationsOf, pendingMigrations } from '../migrations.ts';
import { oneLine } from './sqlite-copy.ts';
import { appliedMigrations, type Connection, openConnection } from './sqlite-database.ts';
import { hasLog, inspectDatabaseFile } from './sqlite-file.ts';

/** How many kinds of damage are told; a broken page may be the cause of thousands. */
const DAMAGES_MAX = 20;

/** The name of damage in what SQLite throws, or undefined for anything else. */
function damageOf(error: unknown): string | undefined {
  if (error instanceof DatabaseRefusedError) return error.message;
  const isDamage =
    error instanceof BetterSqlite3.SqliteError && /^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(error.code);
  return isDamage ? `damaged: ${oneLine(error.message)}` : undefined;
}

function integrity(connection: Connection): string[] {
  const rows = connection.prepare(`pragma integrity_check(${DAMAGES_MAX})`).pluck().all();
  return rows.filter((row) => row !== 'ok').map((row) => `damaged: ${oneLine(String(row))}`);
}

/** Rows without the row that they hang on, by their tables. */
function foreignKeys(connection: Connection): string[] {
  const rows = connection
    .prepare(
      `select "table" as child, parent, count(*) as count from pragma_foreign_key_check group by 1, 2`,
    )
    .all() as { child: string; parent: string; count: number }[];
  return rows.map(
    ({ child, parent, count }) =>
      `${counted(count, 'row')} of ${child} without theirs in ${parent}`,
  );
}

/** @throws NotCheckedError when a newer Keyfold made it. */
function versionsOf(connection: Connection): { schemaVersion: number; knownVersion: number } {
  const known = migrationsOf('sqlite');
  const applied = appliedMigrations(connection);
  try {
    pendingMigrations(known, applied);
  } catch (error) {
    throw new NotCheckedError((error as Error).message, { cause: error });
  }
  return { schemaVersion: applied.length, knownVersion: known.length };
}

async function checkConnection(connection: Connection): Promise<CheckReport> {
  connection.pragma('query_only = on');
  // One moment for all that is looked at, whoever writes meanwhile.
  connection.exec('begin');
  const versions = versionsOf(connection);
  const checked = ['integrity', 'foreign keys'];
  const problems = integrity(connection);
  // What a damaged file says about its rows would be guesses.
  if (problems.length > 0) return { ...versions, checked: ['integrity'], problems };
  problems.push(...foreignKeys(connection));
  if (versions.schemaVersion < versions.knownVersion) return { ...versions, checked, problems };
  const rows = await checkRows(async (sql) => {
    return connection.prepare(sql).all() as Record<string, unknown>[];
  });
  return {
    ...versions,
    checked: [...checked, ...rows.checked],
    problems: [...problems, ...rows.problems],
  };
}

/**
 * Looks at all of a SQLite database, which others may be using, and changes nothing.
 *
 * @throws NotCheckedError when it is not there, can't be read, or is a newer Keyfold's.
 */
export async function checkSqlite(database: string): Promise<CheckReport> {
  try {
    if (!existsSync(database)) throw new NotCheckedError('does not exist');
    if (!statSync(database).isFile()) throw new NotCheckedError('is not a file');
    inspectDatabaseFile(database);
    // See `inspectSchema`: each is used where it changes nothing.
    const connection = openConnection(database, 'full', { readonly: hasLog(database) });
    try {
      return await checkConnection(connection);
    } finally {
      connection.close();
    }
  } catch (error) {
    const damage = damageOf(error);
    const knownVersion = migrationsOf('sqlite').length;
    if (damage !== undefined) return { knownVersion, checked: ['integrity'], problems: [damage] };
    const { message } = error as Error;
    const reason = error instanceof NotCheckedError ? message : `can't be read: ${message}`;
    throw new NotCheckedError(`database ${database} ${reason}`, { cause: error });
  }
}
