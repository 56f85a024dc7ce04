import { ConfigurationError, parseOptions, readConfiguration } from '../config.ts';
import type { CheckReport } from '../repository/check-report.ts';
import { checkPostgres } from '../repository/engine/postgres-check.ts';
import { checkSqlite } from '../repository/engine/sqlite-check.ts';
import { isPostgresUrl } from '../repository/open.ts';
import type { Print } from './command.ts';

const ownOptions = { json: { type: 'boolean' } } as const;

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

/**
 * `check`: looks at all of the configured database and says what is wrong. It changes nothing.
 *
 * @returns whether nothing is.
 * @throws ConfigurationError when the command is wrong.
 * @throws NotCheckedError when the database can't be looked at.
 */
export async function check(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: Print,
): Promise<boolean> {
  const { values: options, positionals } = parseOptions(args, ownOptions);
  if (positionals.length > 0) throw new ConfigurationError('check takes [--database …] [--json]');
  const { database } = readConfiguration(options, environment);
  if (database === ':memory:')
    throw new ConfigurationError("a database in memory is its process's own: name another");
  const report = await (isPostgresUrl(database) ? checkPostgres(database) : checkSqlite(database));
  for (const line of options.json === true ? [JSON.stringify(report)] : lines(report))
    await print(line);
  return report.problems.length === 0;
}
