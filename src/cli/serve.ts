import cluster from 'node:cluster';
import { pino } from 'pino';
import {
  type Configuration,
  ConfigurationError,
  describeSettings,
  type EffectiveSetting,
  effectiveSettings,
  type SettingName,
} from '../config.ts';
import { isPostgresUrl, withoutPassword } from '../repository/engine/postgres-url.ts';
import type { Service } from '../running-service.ts';
import { reportServing, type Served, Workers } from '../service/workers.ts';
import { startService } from '../start-service.ts';
import { bold, CliCommand, dim, type Io } from './command.ts';
import { demo } from './demo.ts';

/** From the first signal to the end of the process. */
const STOP_MS_MAX = 9_500;
/** How much of the log waits to be written. */
const LOG_BYTES_MAX = 4 * 1024 * 1024;

const DEMO_DATABASE = './data/demo.db';

type Destination = ReturnType<typeof pino.destination>;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The exit code of a process whose disk has failed to take a write. */
const EXIT_DISK = 3;

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
    setTimeout(() => end(1), STOP_MS_MAX).unref();
    service.close().then(
      () => end(0),
      (error) => {
        process.stderr.write(`keyfold: stopping failed: ${(error as Error).message}\n`);
        end(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** What is served, and how: every setting with where it comes from, then the line with the address. */
function announce(
  settings: readonly EffectiveSetting[],
  configuration: Configuration,
  { url, isAuthenticated, metricsUrl }: Served,
): void {
  const { database, durability, region, accountId, workers } = configuration;
  const width = Math.max(...settings.map(({ name }) => name.length));
  for (const { name, value, source } of settings)
    say(`  ${name.padEnd(width)}  ${value}  ${dim(`(${source})`)}`);
  const store = isPostgresUrl(database)
    ? `database ${withoutPassword(database)}`
    : `database ${database}, durability ${durability}`;
  const access = isAuthenticated
    ? 'signed requests only'
    : `no authentication, account ${accountId}`;
  const shared = workers > 1 ? `, ${workers} workers` : '';
  const metrics = metricsUrl === undefined ? '' : `, metrics ${metricsUrl}`;
  say(`Keyfold serves ${bold(url)} (${store}, region ${region}, ${access}${shared}${metrics})`);
}

async function serve(
  settings: readonly EffectiveSetting[],
  configuration: Configuration,
): Promise<Service> {
  // Requests are logged on stderr, so that stdout stays readable. Nobody who reads it slowly may hold
  // the service up: past a bound, lines are dropped.
  const logDestination = pino.destination({ dest: 2, sync: false, maxLength: LOG_BYTES_MAX });
  const service = await startService(configuration, {
    ownsProcess: true,
    isWorker: cluster.isWorker,
    logDestination,
    onFlushFailed: () => endWithDisk(configuration.database, logDestination),
  });
  stopOnSignals(service, logDestination);
  if (cluster.isWorker) reportServing(service);
  else announce(settings, configuration, service);
  return service;
}

/** Where the metrics of all workers together are; undefined when nobody wants them. */
async function listenForWorkers({ metricsPort, metricsHost }: Configuration) {
  if (metricsPort === undefined) return undefined;
  const [{ listenForMetrics }, { workersMetrics }] = await Promise.all([
    import('../metrics/listener.ts'),
    import('../metrics/metrics.ts'),
  ]);
  return listenForMetrics(workersMetrics(), { host: metricsHost, port: metricsPort });
}

/** Serves from several processes; this one only looks after them. */
async function serveFromWorkers(
  settings: readonly EffectiveSetting[],
  configuration: Configuration,
): Promise<void> {
  const metrics = await listenForWorkers(configuration);
  const workers = new Workers(configuration.workers, STOP_MS_MAX);
  process.on('SIGTERM', () => workers.stop());
  process.on('SIGINT', () => workers.stop());
  workers.ended.then((code) => process.exit(code));
  const served = await workers.start();
  if (served === undefined) return;
  announce(settings, configuration, { ...served, metricsUrl: metrics?.url });
}

const allSettings = describeSettings().map(({ name }) => name);

/** `serve`, which also is what happens without a command: serves a database. */
export function serveCommand({ environment }: Io): CliCommand {
  const command = new CliCommand('serve')
    .description('serve a database; what happens without a command')
    .allowExcessArguments()
    .settings(...allSettings)
    .example(
      'keyfold serve --port 8080 --database ./data/crm.db',
      'KEYFOLD_DATABASE=postgres://keyfold@db/keyfold keyfold serve --workers 2',
    );
  return command.action(async () => {
    const [unknown] = command.args;
    if (unknown !== undefined)
      throw new ConfigurationError(`there is no command '${unknown}'; see keyfold --help`);
    const configuration = command.configuration(environment);
    const settings = effectiveSettings(command.givenSettings(), environment);
    if (configuration.workers > 1 && cluster.isPrimary)
      return serveFromWorkers(settings, configuration);
    await serve(settings, configuration);
  });
}

/** The demo empties its database first: it must never be somebody's own. */
const notOfDemo: readonly SettingName[] = [
  'database',
  'database-file',
  'durability',
  'checkpoint-pages',
  'seed',
  'workers',
];

/** `demo`: seeds the demo's database anew, serves it, and shows what to try. */
export function demoCommand({ environment }: Io): CliCommand {
  const command = new CliCommand('demo')
    .description(`seed ${DEMO_DATABASE} anew, serve it, and show what to try`)
    .settings(...allSettings.filter((name) => !notOfDemo.includes(name)))
    .example('keyfold demo --port 0');
  return command.action(async () => {
    const database = DEMO_DATABASE;
    const configuration = {
      ...command.configuration(environment, { database }),
      workers: 1,
      seed: undefined,
    };
    const settings = effectiveSettings(command.givenSettings(), environment).filter(
      ({ name }) => !notOfDemo.some((own) => own === name),
    );
    await demo(configuration, (own) => serve(settings, own), say);
  });
}
