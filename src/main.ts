import { once } from 'node:events';
import { pino } from 'pino';
import { AccessRefusedError } from './auth/open-access.ts';
import { credentials } from './cli/credentials.ts';
import { deadLetters } from './cli/dead-letters.ts';
import { demo } from './cli/demo.ts';
import { merges, unmerge } from './cli/merges.ts';
import { resolve } from './cli/resolve.ts';
import {
  type Configuration,
  ConfigurationError,
  describeSettings,
  parseOptions,
  readConfiguration,
} from './config.ts';
import { NotUndoneError } from './operations/profiles/unmerge.ts';
import { withoutPassword } from './repository/engine/postgres.ts';
import { DatabaseRefusedError } from './repository/errors.ts';
import { isPostgresUrl } from './repository/open.ts';
import type { Service } from './running-service.ts';
import { JobLeftError } from './service/job-runner.ts';
import { startService } from './start-service.ts';

/**
 * Exit codes: 1 what was asked for could not be done, 2 the command itself is wrong, 3 the disk has failed to
 * take a write.
 */
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_DISK = 3;

/** From the first signal to the end of the process. */
const STOP_MS_MAX = 9_500;
/** How much of the log waits to be written. */
const LOG_BYTES_MAX = 4 * 1024 * 1024;

type Destination = ReturnType<typeof pino.destination>;

const DEMO_DATABASE = './data/demo.db';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Says more than may fit into memory: waits for whoever reads it. */
async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

/** Ends the process when nobody reads any more what it prints, as `head` does after some lines. */
function endWithReader(): void {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.stderr.write(`keyfold: ${message}\n`);
    process.exit(EXIT_FAILED);
  });
}

function help(): void {
  say('Usage: npm start -- [options]      serve a database');
  say(`       npm run demo -- [options]   seed ${DEMO_DATABASE} anew and serve it`);
  say('       npm run keyfold -- credentials create|list|revoke [options]');
  say('       npm run keyfold -- dead-letters list|replay|delete DOMAIN [options]');
  say('       npm run keyfold -- resolve DOMAIN [options]');
  say('       npm run keyfold -- merges list DOMAIN [options]');
  say('       npm run keyfold -- unmerge MERGE_ID [options]');
  say('');
  for (const { option = '', variable, fallback, help: text } of describeSettings())
    say(
      `  ${option.padEnd(23)} ${variable.padEnd(29)} ${text}${fallback === '' ? '' : ` (${fallback})`}`,
    );
}

/** What an operator can mend: the message is the line that says how. */
const operatorErrors = [
  AccessRefusedError,
  ConfigurationError,
  DatabaseRefusedError,
  JobLeftError,
  NotUndoneError,
] as const;

/** One line for what an operator can mend; anything else is a fault and keeps its stack. */
function startFailure(error: unknown): string {
  if (operatorErrors.some((type) => error instanceof type)) return (error as Error).message;
  const { code, message, stack } = error as NodeJS.ErrnoException;
  return code === undefined ? String(stack) : message;
}

/** Ends the process, its log complete. */
function endWithLog(code: number, log: Destination): void {
  try {
    log.flushSync();
  } finally {
    process.exit(code);
  }
}

/**
 * Ends the process as it is: closing the database would go on writing. What failed with the disk is
 * answered in this turn of the event loop.
 */
function endWithDisk(database: string, log: Destination): void {
  setImmediate(() => {
    process.stderr.write(
      `keyfold: the disk could not take a write to ${database}: see the log, and the system's\n`,
    );
    endWithLog(EXIT_DISK, log);
  });
}

/** The first signal stops the service; later ones (npm passes Ctrl-C on) change nothing. */
function stopOnSignals(service: Service, log: Destination): void {
  const end = (code: number) => endWithLog(code, log);
  const stop = () => {
    // By then every connection is closed: there is no answer left to lose.
    setTimeout(() => end(EXIT_FAILED), STOP_MS_MAX).unref();
    service.close().then(
      () => end(0),
      (error) => {
        process.stderr.write(`keyfold: stopping failed: ${(error as Error).message}\n`);
        end(EXIT_FAILED);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

async function serve(configuration: Configuration): Promise<Service> {
  // Requests are logged on stderr, so that stdout stays readable. Nobody who reads it slowly may hold
  // the service up: past a bound, lines are dropped.
  const logDestination = pino.destination({ dest: 2, sync: false, maxLength: LOG_BYTES_MAX });
  const { database, durability, region, accountId } = configuration;
  const service = await startService(configuration, {
    ownsProcess: true,
    logDestination,
    onFlushFailed: () => endWithDisk(database, logDestination),
  });
  stopOnSignals(service, logDestination);
  const store = isPostgresUrl(database)
    ? `database ${withoutPassword(database)}`
    : `database ${database}, durability ${durability}`;
  const access = service.isAuthenticated
    ? 'signed requests only'
    : `no authentication, account ${accountId}`;
  say(`Keyfold serves ${service.url} (${store}, region ${region}, ${access})`);
  return service;
}

/** Serves a database, or seeds and serves the demo's. */
async function start(args: readonly string[], isDemo: boolean): Promise<void> {
  // The demo empties its database first: it must never be somebody's own.
  const fixed = isDemo ? { database: DEMO_DATABASE } : {};
  const configuration = readConfiguration(parseOptions(args).values, process.env, fixed);
  if (isDemo) await demo(configuration, serve, say);
  else await serve(configuration);
}

/** What a command does, by its name; whether all of it could be done. */
const commands: ReadonlyMap<string, (args: readonly string[]) => Promise<boolean>> = new Map([
  ['credentials', (args) => credentials(args, process.env, say).then(() => true)],
  ['resolve', (args) => resolve(args, process.env, say)],
  ['unmerge', (args) => unmerge(args, process.env, print).then(() => true)],
  [
    'merges',
    (args) => {
      endWithReader();
      return merges(args, process.env, print).then(() => true);
    },
  ],
  [
    'dead-letters',
    (args) => {
      endWithReader();
      return deadLetters(args, process.env, print);
    },
  ],
]);

/**
 * The process: reads the configuration, starts the service and stops it on SIGTERM or SIGINT; or does
 * what another command asks for.
 *
 * @param args what follows the program's name: a command such as `demo`, or nothing; then options.
 */
export async function main(args: readonly string[]): Promise<void> {
  const [command = '', ...rest] = args;
  if (args.includes('--help')) return help();
  try {
    const run = commands.get(command);
    if (run === undefined) await start(command === 'demo' ? rest : args, command === 'demo');
    else if (!(await run(rest))) process.exitCode = EXIT_FAILED;
  } catch (error) {
    process.stderr.write(`keyfold: ${startFailure(error)}\n`);
    process.exitCode = error instanceof ConfigurationError ? EXIT_USAGE : EXIT_FAILED;
  }
}
