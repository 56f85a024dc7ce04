import { constants, setPriority } from 'node:os';
import { ConfigurationError, parseOptions, readConfiguration } from '../config.ts';
import { backUpSqlite } from '../repository/engine/sqlite-backup.ts';
import { restoreSqlite } from '../repository/engine/sqlite-restore.ts';
import { isPostgresUrl } from '../repository/open.ts';
import { type Options, type Print, untilSignal } from './command.ts';

const json = { json: { type: 'boolean' } } as const;
const replace = { replace: { type: 'boolean' } } as const;

/** The database that a command is about: a file. */
function databaseOf(
  options: Options,
  environment: Readonly<Record<string, string | undefined>>,
  tool: string,
): string {
  const { database } = readConfiguration(options, environment);
  if (isPostgresUrl(database))
    throw new ConfigurationError(
      `the database is PostgreSQL's: use ${tool}, as docs/backup.md says`,
    );
  if (database === ':memory:')
    throw new ConfigurationError("a database in memory is its process's own: name another");
  return database;
}

/** What was written, where, and how long it took. */
function describe(options: Options, file: string, bytes: number, startedAt: number): string {
  const seconds = Math.round(performance.now() - startedAt) / 1000;
  return options.json === true
    ? JSON.stringify({ file, bytes, seconds })
    : `${file}: ${bytes} bytes in ${seconds} s`;
}

/**
 * `backup FILE`: copies the configured database to a new file, while services go on serving it.
 *
 * @throws ConfigurationError when the command is wrong, or the database is not a file of SQLite.
 * @throws DatabaseRefusedError when the copy can't be made; there is then none.
 */
export async function backup(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: Print,
): Promise<void> {
  const { values: options, positionals } = parseOptions(args, json);
  const [file, ...more] = positionals;
  if (file === undefined || file === '' || more.length > 0)
    throw new ConfigurationError('backup takes FILE [--database …] [--json]');
  const database = databaseOf(options, environment, 'pg_dump or pg_basebackup');
  // Services go first, where there are too few processors for all.
  setPriority(constants.priority.PRIORITY_LOW);
  const startedAt = performance.now();
  const bytes = await untilSignal((signal) => backUpSqlite(database, file, signal));
  await print(describe(options, file, bytes, startedAt));
}

/**
 * `restore FILE`: puts a backup in the place of the configured database, which nobody has open.
 *
 * @throws ConfigurationError when the command is wrong, or the database is not a file of SQLite.
 * @throws DatabaseRefusedError when it can't be done; the database is then as it was.
 */
export async function restore(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: Print,
): Promise<void> {
  const { values: options, positionals } = parseOptions(args, { ...json, ...replace });
  const [file, ...more] = positionals;
  if (file === undefined || file === '' || more.length > 0)
    throw new ConfigurationError('restore takes FILE [--database …] [--replace] [--json]');
  const database = databaseOf(options, environment, 'pg_restore');
  const isReplacing = options.replace === true;
  const startedAt = performance.now();
  const bytes = await untilSignal((signal) =>
    restoreSqlite(file, { database, isReplacing, signal }),
  );
  await print(describe(options, database, bytes, startedAt));
}
