import { CommanderError } from 'commander';
import { ConfigurationError } from '../config.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { checkCommand } from './check.ts';
import { CliCommand, type Io } from './command.ts';
import { credentialsCommand } from './credentials.ts';
import { deadLettersCommand } from './dead-letters.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { keysCommand } from './keys.ts';
import { mergesCommand, unmergeCommand } from './merges.ts';
import { migrateCommand } from './migrate.ts';
import { resolveCommand } from './resolve.ts';
import { demoCommand, serveCommand } from './serve.ts';

const EXIT_CODES = `
Exit codes:
  0  all of it was done
  1  what was asked for could not be done, or not all of it
  2  the command itself is wrong

Every option is also a variable: KEYFOLD_ and its name, KEYFOLD_LOG_LEVEL for --log-level. The option wins.`;

/** The command line: one command for each thing that it does. */
export function createProgram(io: Io): CliCommand {
  const program = new CliCommand('keyfold')
    .description('A self-hosted Customer Profiles service, and what looks after its data.')
    .usage('[command] [options]')
    .addHelpText('after', EXIT_CODES);
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
    // Help was asked for, and has been shown.
    if (error.exitCode === 0) return;
    throw new ConfigurationError(lineOf(error), { cause: error });
  }
}
