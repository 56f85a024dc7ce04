import { CommanderError } from 'commander';
import { ConfigurationError, describeSettings } from '../config.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { checkCommand } from './check.ts';
import { CliCommand, type Io } from './command.ts';
import { credentialsCommand } from './credentials.ts';
import { deadLettersCommand } from './dead-letters.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { keysCommand } from './keys.ts';
import { mergesCommand, unmergeCommand } from './merges.ts';
import { migrateCommand } from './migrate.ts';
import { resolveCommand } from './resolve.ts';
import { demoCommand, serveCommand } from './serve.ts';
import { readVersion } from './version.ts';

const VARIABLES = `
Every option of a command is also a variable: KEYFOLD_ and its name, KEYFOLD_LOG_LEVEL for --log-level. The
option wins. For flags it is true or false.`;

/** Prints the version for `--version`, and ends like the help. The file that has it is read for nothing else. */
function addVersion(program: CliCommand): void {
  const flags = '-V, --version';
  program.option(flags, 'print the version').on('option:version', () => {
    process.stdout.write(`${readVersion()}\n`);
    throw new CommanderError(0, 'commander.version', 'the version was printed');
  });
}

/** The command line: one command for each thing that it does. */
export function createProgram(io: Io): CliCommand {
  const program = new CliCommand('keyfold')
    .description(
      'A self-hosted Customer Profiles service, and the commands that look after its data.',
    )
    .usage('[command] [options]')
    .example(
      'keyfold --port 8080',
      'keyfold import customers customers.csv',
      'keyfold backup backups/monday.db',
    )
    .addHelpText('after', EXIT_CODES)
    .addHelpText('after', VARIABLES);
  addVersion(program);
  program.addCommand(serveCommand(io), { isDefault: true });
  for (const command of [
    demoCommand(io),
    credentialsCommand(io),
    deadLettersCommand(io),
    importCommand(io),
    exportCommand(io),
    keysCommand(io),
    resolveCommand(io),
    mergesCommand(io),
    unmergeCommand(io),
    migrateCommand(io),
    backupCommand(io),
    restoreCommand(io),
    checkCommand(io),
  ])
    program.addCommand(command);
  return program;
}

/** All commands of a program, and those under them. */
function commandsOf(command: CliCommand): CliCommand[] {
  return command.commands.flatMap((sub) => [sub as CliCommand, ...commandsOf(sub as CliCommand)]);
}

/** Parts of variables that others read: Keyfold's own tests, and what Kubernetes sets for a Service of the name. */
const foreign = [
  'KEYFOLD_TEST_',
  'KEYFOLD_FUZZ_',
  '_SERVICE_HOST',
  '_SERVICE_PORT',
  '_TCP',
  '_UDP',
];

/** The variables of Keyfold's that are set and that neither a setting nor an option has: a name misspelt, say. */
export function unknownVariables(io: Io): string[] {
  const settings = new Set(describeSettings().map(({ variable }) => variable));
  const others = Object.keys(io.environment).filter(
    (name) =>
      name.startsWith('KEYFOLD_') &&
      !settings.has(name) &&
      !foreign.some((part) => name.includes(part)),
  );
  // To make the program takes time, and nearly always there is no other variable.
  if (others.length === 0) return [];
  const options = new Set(commandsOf(createProgram(io)).flatMap(({ variables }) => variables));
  return others.filter((name) => !options.has(name)).sort();
}

/** One line for what is wrong with a command. */
function lineOf({ message }: CommanderError): string {
  const lines = message.replace(/^error: /, '').split('\n');
  return lines
    .map((line) => line.trim())
    .join(' ')
    .trim();
}

/**
 * Runs a command of the command line.
 *
 * @param args what follows the program's name.
 * @throws ConfigurationError when the command is wrong; the message is one line.
 */
export async function runCommand(args: readonly string[], io: Io): Promise<void> {
  try {
    await createProgram(io).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help or the version was asked for, and has been shown.
    if (error.exitCode === 0) return;
    throw new ConfigurationError(lineOf(error), { cause: error });
  }
}
