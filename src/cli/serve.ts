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
import { demoHints, seedDemoDatabase } from './demo.ts';
import { DEMO_DOMAIN } from './demo-data.ts';
import { EXIT_CODES, EXIT_DISK, EXIT_FAILED } from './exit-codes.ts';

/** From the first signal to the end of the process. */
const STOP_MS_MAX = 9_500;
/** How much of the log waits to be written. */
const LOG_BYTES_MAX = 4 * 1024 * 1024;

const DEMO_DATABASE = './data/demo.db';

type Destination = ReturnType<typeof pino.destination>;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
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

/** What is said of the store. */
function describeStore({ database, durability }: Configuration): string {
  if (isPostgresUrl(database)) return `database ${withoutPassword(database)}`;
  return `database ${database}${database === ':memory:' ? '' : `, durability ${durability}`}`;
}

/** For people: every setting with where it comes from, then the line with the address. */
function announceAsText(
  settings: readonly EffectiveSetting[],
  configuration: Configuration,
  { url, isAuthenticated, metricsUrl }: Served,
): void {
  const { region, accountId, workers } = configuration;
  const width = Math.max(...settings.map(({ name }) => name.length));
  for (const { name, value, note, source } of settings) {
    const shown = note === undefined ? value : `${value} (${note})`;
    say(`  ${name.padEnd(width)}  ${shown}  ${dim(`(${source})`)}`);
  }
  const access = isAuthenticated
    ? 'signed requests only'
    : `no authentication, account ${accountId}`;
  const shared = workers > 1 ? `, ${workers} workers` : '';
  const metrics = metricsUrl === undefined ? '' : `, metrics ${metricsUrl}`;
  const store = describeStore(configuration);
  say(`Keyfold serves ${bold(url)} (${store}, region ${region}, ${access}${shared}${metrics})`);
}

/** For programs: one line, with each setting as its variable would have it. */
function announceAsJson(
  settings: readonly EffectiveSetting[],
  { url, metricsUrl }: Served,
  more: object = {},
): void {
  const shown = settings.map(({ name, value, source }) => [name, { value, from: source }] as const);
  const metrics = metricsUrl === undefined ? {} : { metricsUrl };
  say(JSON.stringify({ url, ...metrics, settings: Object.fromEntries(shown), ...more }));
}

const SERVE_JSON = 'print one line of JSON once it serves: the address, and the settings';

async function serve(configuration: Configuration): Promise<Service> {
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

/**
 * Serves from several processes; this one only looks after them. Undefined when one has ended before it served,
 * and said why.
 */
async function serveFromWorkers(configuration: Configuration): Promise<Served | undefined> {
  const metrics = await listenForWorkers(configuration);
  const workers = new Workers(configuration.workers, STOP_MS_MAX);
  process.on('SIGTERM', () => workers.stop());
  process.on('SIGINT', () => workers.stop());
  workers.ended.then((code) => process.exit(code));
  const served = await workers.start();
  return served && { ...served, metricsUrl: metrics?.url };
}

const allSettings = describeSettings().map(({ name }) => name);

/** `serve`, which also is what happens without a command: serves a database. */
export function serveCommand({ environment }: Io): CliCommand {
  const command = new CliCommand('serve')
    .description('serve the API; the default command')
    .allowExcessArguments()
    .own('--json', SERVE_JSON)
    .settings(...allSettings)
    .example(
      'keyfold serve --port 8080 --database ./data/crm.db',
      'KEYFOLD_DATABASE=postgres://keyfold@db/keyfold keyfold serve --workers 2',
    )
    .addHelpText('after', EXIT_CODES);
  return command.action(async () => {
    const [unknown] = command.args;
    if (unknown !== undefined)
      throw new ConfigurationError(`there is no command '${unknown}'; see keyfold --help`);
    const isJson = command.ownOptions(environment).json === true;
    const configuration = command.configuration(environment);
    const settings = effectiveSettings(command.givenSettings(), environment, configuration);
    if (cluster.isWorker) return reportServing(await serve(configuration));
    const start = configuration.workers > 1 ? serveFromWorkers : serve;
    const served = await start(configuration);
    if (served === undefined) return;
    if (isJson) announceAsJson(settings, served);
    else announceAsText(settings, configuration, served);
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
    .description(`fill ${DEMO_DATABASE} with examples, serve it, and show what to try`)
    .own('--json', `${SERVE_JSON}; the domain and a profile in it too`)
    .settings(...allSettings.filter((name) => !notOfDemo.includes(name)))
    .example('keyfold demo --port 0')
    .addHelpText('after', EXIT_CODES);
  return command.action(async () => {
    const database = DEMO_DATABASE;
    const configuration = {
      ...command.configuration(environment, { database }),
      workers: 1,
      seed: undefined,
    };
    const isJson = command.ownOptions(environment).json === true;
    const settings = effectiveSettings(command.givenSettings(), environment, configuration).filter(
      ({ name }) => !notOfDemo.some((own) => own === name),
    );
    // Serving first: with the port taken, another demo may be using the database.
    const service = await serve(configuration);
    if (!isJson) announceAsText(settings, configuration, service);
    const profileId = await seedDemoDatabase(configuration);
    if (isJson) announceAsJson(settings, service, { domain: DEMO_DOMAIN, profileId });
    else for (const hint of demoHints(service.url, profileId)) say(hint);
  });
}
