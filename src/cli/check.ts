import { ConfigurationError } from '../config.ts';
import type { CheckReport } from '../repository/check-report.ts';
import { isPostgresUrl } from '../repository/engine/postgres-url.ts';
import { checkSqlite } from '../repository/engine/sqlite-check.ts';
import { CliCommand, type Io } from './command.ts';

function lines({ schemaVersion, knownVersion, checked, problems }: CheckReport): string[] {
  const isOlder = schemaVersion !== undefined && schemaVersion < knownVersion;
  const version = `schema version ${schemaVersion} of ${knownVersion}: the next start migrates it`;
  const looked = checked.length === 0 ? 'nothing' : checked.join(', ');
  return [
    ...problems,
    ...(isOlder ? [version] : []),
    `checked: ${looked}; problems: ${problems.length}`,
  ];
}

async function checkDatabase(database: string): Promise<CheckReport> {
  // See `openRepository`: the driver is loaded where it is used.
  if (isPostgresUrl(database))
    return (await import('../repository/engine/postgres-check.ts')).checkPostgres(database);
  return checkSqlite(database);
}

/** `check`: looks at all of the configured database and says what is wrong. It changes nothing. */
export function checkCommand({ environment, print, fail }: Io): CliCommand {
  const command = new CliCommand('check')
    .description('check a whole database and report what is wrong; changes nothing')
    .own('--json', 'print the report as a line of JSON')
    .settings('database', 'database-file')
    .example('keyfold check --database backups/monday.db')
    .addHelpText(
      'after',
      "\nExit codes:\n  0  nothing is wrong\n  1  something is\n  2  the database can't be looked at, or the command is wrong",
    );
  return command.action(async () => {
    const { database } = command.configuration(environment);
    if (database === ':memory:')
      throw new ConfigurationError("a database in memory is its process's own: name another");
    const { json } = command.ownOptions(environment);
    const report = await checkDatabase(database);
    for (const line of json === true ? [JSON.stringify(report)] : lines(report)) await print(line);
    if (report.problems.length > 0) fail();
  });
}
