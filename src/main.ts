import cluster from 'node:cluster';
import { once } from 'node:events';
import { AccessRefusedError, AccessSettingsError } from './auth/open-access.ts';
import type { Io } from './cli/command.ts';
import { EXIT_DISK, EXIT_FAILED, EXIT_USAGE } from './cli/exit-codes.ts';
import { runCommand, unknownVariables } from './cli/program.ts';
import { ConfigurationError } from './config.ts';
import { NotUndoneError } from './operations/profiles/unmerge.ts';
import { NotCheckedError } from './repository/check-report.ts';
import { AbsentError, DatabaseRefusedError, FlushFailedError } from './repository/errors.ts';
import { JobLeftError } from './service/job-runner.ts';
import { SeedRefusedError, SeedUnreadableError } from './service/seed.ts';
import { TracingUnavailableError } from './tracing/errors.ts';
import { TransferRefusedError } from './transfer/errors.ts';

/** Ends the process when nobody reads any more what it prints, as `head` does after some lines. */
function endWithReader({ code, message }: NodeJS.ErrnoException): void {
  if (code !== 'EPIPE') process.stderr.write(`keyfold: ${message}\n`);
  process.exit(EXIT_FAILED);
}

/** Prints what a command has to say, which may be more than fits into memory: waits for whoever reads it. */
async function print(line: string): Promise<void> {
  if (!process.stdout.listeners('error').includes(endWithReader))
    process.stdout.on('error', endWithReader);
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

/** What an operator can mend: the message is the line that says how. */
const operatorErrors = [
  AbsentError,
  AccessRefusedError,
  ConfigurationError,
  DatabaseRefusedError,
  FlushFailedError,
  JobLeftError,
  NotCheckedError,
  NotUndoneError,
  SeedRefusedError,
  TracingUnavailableError,
  TransferRefusedError,
] as const;

/** Of these, what the command line and the settings say by themselves; `check` can't look at a database. */
const usageErrors = [
  AccessSettingsError,
  ConfigurationError,
  NotCheckedError,
  SeedUnreadableError,
] as const;

/** One line for what an operator can mend; anything else is a fault and keeps its stack. */
function failure(error: unknown): string {
  if (operatorErrors.some((type) => error instanceof type)) return (error as Error).message;
  const { code, message, stack } = error as NodeJS.ErrnoException;
  return code === undefined ? String(stack) : message;
}

/** See `EXIT_CODES`. */
function exitCodeOf(error: unknown): number {
  if (error instanceof FlushFailedError) return EXIT_DISK;
  return usageErrors.some((type) => error instanceof type) ? EXIT_USAGE : EXIT_FAILED;
}

/** Says which variables nobody reads. Workers have those of the process that has started them. */
function warnOfVariables(io: Io): void {
  const unknown = cluster.isPrimary ? unknownVariables(io) : [];
  if (unknown.length > 0)
    process.stderr.write(
      `keyfold: unknown variables, which nothing reads: ${unknown.join(', ')}\n`,
    );
}

/**
 * The process: does what the command line asks for.
 *
 * @param args what follows the program's name.
 */
export async function main(args: readonly string[]): Promise<void> {
  const fail = () => {
    process.exitCode = EXIT_FAILED;
  };
  const io = { environment: process.env, print, fail };
  warnOfVariables(io);
  try {
    await runCommand(args, io);
  } catch (error) {
    process.stderr.write(`keyfold: ${failure(error)}\n`);
    process.exitCode = exitCodeOf(error);
    // Its channel to the process that looks after it would keep it there.
    if (cluster.isWorker) process.exit();
  }
}
