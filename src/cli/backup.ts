import { constants, setPriority } from 'node:os';
import { ConfigurationError, type Environment, type GivenOptions } from '../config.ts';
import { isPostgresUrl } from '../repository/engine/postgres-url.ts';
import { backUpSqlite } from '../repository/engine/sqlite-backup.ts';
import { restoreSqlite } from '../repository/engine/sqlite-restore.ts';
import { CliCommand, type Io, untilSignal } from './command.ts';

/** The database that a command is about: a file. @throws ConfigurationError when it is none. */
function databaseOf(command: CliCommand, environment: Environment, tool: string): string {
  const { database } = command.configuration(environment);
  if (isPostgresUrl(database))
    throw new ConfigurationError(
      `the database is PostgreSQL's: use ${tool}, as docs/backup.md says`,
    );
  if (database === ':memory:')
    throw new ConfigurationError("a database in memory is its process's own: name another");
  return database;
}

/** What was written, where, and how long it took. */
function describe(options: GivenOptions, file: string, bytes: number, startedAt: number): string {
  const seconds = Math.round(performance.now() - startedAt) / 1000;
  return options.json === true
    ? JSON.stringify({ file, bytes, seconds })
    : `${file}: ${bytes} bytes in ${seconds} s`;
}

/** `backup FILE`: copies the configured database to a new file, while services go on serving it. */
export function backupCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('backup')
    .description('back up a SQLite database to a new file, while services use it')
    .argument('<file>', 'the new file; it must not exist yet')
    .own('--json', 'print what was written as a line of JSON')
    .settings('database', 'database-file')
    .example('keyfold backup backups/monday.db');
  return command.action(async (file: string) => {
    const database = databaseOf(command, environment, 'pg_dump or pg_basebackup');
    const options = command.ownOptions(environment);
    // Services go first, where there are too few processors for all.
    setPriority(constants.priority.PRIORITY_LOW);
    const startedAt = performance.now();
    const bytes = await untilSignal((signal) => backUpSqlite(database, file, signal));
    await print(describe(options, file, bytes, startedAt));
  });
}

/** `restore FILE`: puts a backup in the place of the configured database, which nobody has open. */
export function restoreCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('restore')
    .description('put a backup in place of the SQLite database; no process may have that open')
    .argument('<file>', 'the backup')
    .ownConsent('replace', 'replace an existing database, which is lost')
    .own('--json', 'print what was written as a line of JSON')
    .settings('database', 'database-file')
    .example('keyfold restore backups/monday.db --replace');
  return command.action(async (file: string) => {
    const database = databaseOf(command, environment, 'pg_restore');
    const options = command.ownOptions(environment);
    const isReplacing = options.replace === true;
    const startedAt = performance.now();
    const bytes = await untilSignal((signal) =>
      restoreSqlite(file, { database, isReplacing, signal }),
    );
    await print(describe(options, database, bytes, startedAt));
  });
}
