import cluster from 'node:cluster';
import { once } from 'node:events';
import { AccessRefusedError } from './auth/open-access.ts';
import { runCommand } from './cli/program.ts';
import { ConfigurationError } from './config.ts';
import { NotUndoneError } from './operations/profiles/unmerge.ts';
import { NotCheckedError } from './repository/check-report.ts';
import { DatabaseRefusedError } from './repository/errors.ts';
import { JobLeftError } from './service/job-runner.ts';
import { SeedRefusedError } from './service/seed.ts';
import { TracingUnavailableError } from './tracing/errors.ts';
import { TransferRefusedError } from './transfer/errors.ts';

/**
 * Exit codes: 1 what was asked for could not be done, 2 the command itself is wrong, or its database; see
 * also EXIT_DISK.
 */
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

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
  AccessRefusedError,
  ConfigurationError,
  DatabaseRefusedError,
  JobLeftError,
  NotCheckedError,
  NotUndoneError,
  SeedRefusedError,
  TracingUnavailableError,
  TransferRefusedError,
] as const;

/** One line for what an operator can mend; anything else is a fault and keeps its stack. */
function failure(error: unknown): string {
  if (operatorErrors.some((type) => error instanceof type)) return (error as Error).message;
  const { code, message, stack } = error as NodeJS.ErrnoException;
  return code === undefined ? String(stack) : message;
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
  try {
    await runCommand(args, { environment: process.env, print, fail });
  } catch (error) {
    process.stderr.write(`keyfold: ${failure(error)}\n`);
    const isUsage = error instanceof ConfigurationError || error instanceof NotCheckedError;
    process.exitCode = isUsage ? EXIT_USAGE : EXIT_FAILED;
    // Its channel to the process that looks after it would keep it there.
    if (cluster.isWorker) process.exit();
  }
}
