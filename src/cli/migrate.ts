import { ConfigurationError } from '../config.ts';
import { readSchemaVersion, type SchemaVersion } from '../repository/schema-version.ts';
import { CliCommand, type Io, storeSettings } from './command.ts';
import { withRepository } from './with-repository.ts';

function linesOf({ version, pending }: SchemaVersion, isDryRun: boolean): string[] {
  if (pending.length === 0) return [`schema version ${version}: nothing to do`];
  const now = version + pending.length;
  const done = isDryRun ? 'would be' : 'is now';
  return [...pending, `schema version ${version} ${done} ${now}`];
}

/** `migrate`: brings a database to this program's schema, as every start does. */
export function migrateCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('migrate')
    .description("migrate a database to this version's schema, as every start does")
    .own('--dry-run', 'only say what would be done')
    .own('--json', 'print the version and the migrations as a line of JSON')
    .settings(...storeSettings)
    .example('keyfold migrate --dry-run');
  return command.action(async () => {
    const configuration = command.configuration(environment);
    if (configuration.database === ':memory:')
      throw new ConfigurationError('a database in memory ends with this command: name another');
    const options = command.ownOptions(environment);
    const isDryRun = options['dry-run'] === true;
    const before = await readSchemaVersion(configuration.database);
    // To open it is to migrate it.
    if (!isDryRun) await withRepository(configuration, async () => {});
    const report = { ...before, isDryRun };
    for (const line of options.json ? [JSON.stringify(report)] : linesOf(before, isDryRun))
      await print(line);
  });
}
