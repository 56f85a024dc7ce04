import { setImmediate } from 'node:timers/promises';
import type { TracerProvider } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino } from 'pino';
import { buildApp } from './app.ts';
import { chooseAccess, openAuthenticator } from './auth/open-access.ts';
import { defaultLimits, type Limits } from './limits/limits.ts';
import { listenForMetrics, type MetricsListener } from './metrics/listener.ts';
import { Observation } from './metrics/observation.ts';
import { type Ids, localCaller } from './model/operation.ts';
import { mergeGroup } from './operations/identity-resolution/merge-group.ts';
import { operations } from './operations/index.ts';
import { Answers } from './protocol/answers.ts';
import { BODIES_BYTES_MAX, BodyReader } from './protocol/request-body.ts';
import type { Durability } from './repository/engine/sqlite-database.ts';
import type { DiskEvents } from './repository/errors.ts';
import { openRepository } from './repository/open.ts';
import { RunningService, type Service } from './running-service.ts';
import { AbortedRequests } from './service/aborted-requests.ts';
import { refuseWhenFull } from './service/admission.ts';
import { listen } from './service/http-server.ts';
import { createIds } from './service/ids.ts';
import { JobRunner } from './service/job-runner.ts';
import { startJobScheduler } from './service/job-scheduler.ts';
import { Lifecycle } from './service/lifecycle.ts';
import { Load } from './service/load.ts';
import { startMatcher } from './service/matcher.ts';
import { startMerger } from './service/merger.ts';
import { type Seed, Seeder } from './service/seed.ts';
import { startSweeper } from './service/sweeper.ts';

/** What is logged: at `info`, one line a request. */
export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface ServiceOptions {
  /**
   * A path of a SQLite file, `:memory:` (the default: everything is gone with the service), or
   * `postgres://…`.
   */
  readonly database?: string | undefined;
  /** For SQLite: `full` (the default) means that an answered write survives a power cut. */
  readonly durability?: Durability | undefined;
  /** For SQLite: how many pages the write-ahead log has when it is moved into the file; the default is 8,000. */
  readonly checkpointPages?: number | undefined;
  /** For PostgreSQL: how many connections the service opens at most; the default is 10. */
  readonly poolSize?: number | undefined;
  /** The default is `127.0.0.1`. */
  readonly host?: string | undefined;
  /** The default is 0: any free port. */
  readonly port?: number | undefined;
  /** As in ARNs; the default is `us-east-1`. */
  readonly region?: string | undefined;
  /** The account of every caller without authentication; the default is `000000000000`. */
  readonly accountId?: string | undefined;
  /**
   * `sigv4`: requests must be signed with credentials. The default is `off` on a loopback address,
   * the only place where that may be, and `sigv4` elsewhere.
   */
  readonly auth?: 'off' | 'sigv4' | undefined;
  /**
   * Seals the secrets of credentials in the database: 32 random bytes in base64 or hex. A database
   * in memory has one of its own.
   */
  readonly credentialsKey?: string | undefined;
  /** How many requests are in progress at most; more are answered 503 at once. The default is 1,000. */
  readonly requestsMax?: number | undefined;
  /** Origins whose pages may call the API; none by default. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** The default is `silent`. */
  readonly logLevel?: LogLevel | undefined;
  /** Milliseconds since the epoch; the default is the system's clock. */
  readonly clock?: (() => number) | undefined;
  readonly ids?: Ids | undefined;
  /** The default is the published quotas, and no request rates. */
  readonly limits?: Limits | undefined;
  /** Fills a store that has no domain: requests, or the name of a JSON file of them. */
  readonly seed?: string | Seed | undefined;
  /**
   * Serves `/metrics` on a port of its own, and counts from the start; 0 takes any free one. Without it,
   * `/metrics` is on the service's own address where that takes unsigned requests, and counts from the
   * first time that it is asked.
   */
  readonly metricsPort?: number | undefined;
  /** The address of that port; the default is `127.0.0.1`. */
  readonly metricsHost?: string | undefined;
  /** Where a span for each request goes: a provider of OpenTelemetry, or what the OTEL_ variables say. */
  readonly tracing?: TracerProvider | 'otlp' | undefined;
}

/** Clients of a process of its own may be busy when it stops; those of a test are not. */
const STOP_GRACE_MS = 500;

/** What a process that is nothing but Keyfold may set, and a library must not. */
export interface ProcessOptions {
  readonly ownsProcess: boolean;
  /** Whether it is one of several processes: the one that has started them serves their metrics. */
  readonly isWorker?: boolean;
  readonly logDestination?: DestinationStream;
  /** Called when the disk has failed to take a write: nothing is written any more until a new start. */
  readonly onFlushFailed?: () => void;
}

function createLog(level: LogLevel, destination: DestinationStream | undefined): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Sends traces, or leaves that to whoever has given a provider. */
async function startTracing(tracing: ServiceOptions['tracing'], log: Logger) {
  if (tracing === undefined) return undefined;
  const { openTracing, traceRequests } = await import('./tracing/tracing.ts');
  const { provider, stop } =
    tracing === 'otlp' ? await openTracing(log) : { provider: tracing, stop: async () => {} };
  return { middleware: await traceRequests(provider, operations), stop };
}

/** Says in the log what the disk has failed to do. */
function diskEvents(log: Logger, onFlushFailed: () => void): DiskEvents {
  return {
    flushFailed: (err) => {
      log.fatal({ err }, 'the disk could not take a write: no more are taken');
      onFlushFailed();
    },
    checkpointFailed: (err) =>
      log.error({ err }, 'the log could not be moved into the database file, and grows meanwhile'),
  };
}

/**
 * Opens the store and serves it.
 *
 * @throws DatabaseRefusedError when the database must not be opened.
 * @throws AccessRefusedError when the address must not be served like that.
 * @throws SealingKeyError when the credentials key is none.
 * @throws SeedRefusedError when the seed can't be used.
 * @throws TracingUnavailableError when the packages for traces are missing.
 * @throws the system's error when the address can't be taken.
 */
export async function startService(
  options: ServiceOptions,
  processOptions: ProcessOptions,
): Promise<Service> {
  const { clock = Date.now, host = '127.0.0.1', port = 0, ids = createIds() } = options;
  const { region = 'us-east-1', accountId = '000000000000', durability = 'full' } = options;
  const { database = ':memory:', poolSize = 10, requestsMax = 1_000 } = options;
  const { auth, credentialsKey, corsOrigins = [], limits = defaultLimits } = options;
  const { metricsPort, metricsHost = '127.0.0.1' } = options;
  const {
    ownsProcess,
    logDestination,
    isWorker = false,
    onFlushFailed = () => {},
  } = processOptions;
  const isInMemory = database === ':memory:';
  const sealer = chooseAccess({ auth, host, credentialsKey, isInMemory });
  const log = createLog(options.logLevel ?? 'silent', logDestination);
  const tracing = await startTracing(options.tracing, log);
  const observation = new Observation();
  const repository = await openRepository({
    database,
    durability,
    checkpointPages: options.checkpointPages,
    poolSize,
    observer: observation,
    onRecovery: (what) => log.info(`the database ${what}`),
    diskEvents: diskEvents(log, onFlushFailed),
  });
  const lifecycle = new Lifecycle();
  const load = new Load(requestsMax);
  const abortedRequests = new AbortedRequests(log);
  const sweeper = startSweeper(repository, ids, clock, log);
  const caller = localCaller(accountId, region);
  const { quotas } = limits;
  const workContext = () => ({ repository, caller, ids, quotas, now: clock() });
  const matcher = startMatcher(workContext, log);
  const merger = startMerger(workContext, log);
  const runner = new JobRunner(
    { repository, ids, quotas, region, mergeGroup, now: clock, pause: () => setImmediate() },
    log,
  );
  const wakeSweeper = () => void sweeper.wake();
  const scheduler = startJobScheduler(runner, log, wakeSweeper);
  const startMetrics = () => observation.start({ repository, load });
  let metricsListener: MetricsListener | undefined;
  try {
    const seeder =
      options.seed === undefined
        ? undefined
        : new Seeder(options.seed, () => ({
            ...workContext(),
            pagePosition: () => undefined,
            nextToken: (position) => position,
            wakeSweeper,
          }));
    await seeder?.fill(repository);
    const reset = async () => {
      await repository.clear();
      await seeder?.fill(repository);
    };
    if (metricsPort !== undefined) {
      const metrics = await startMetrics();
      if (isWorker) metrics.joinWorkers();
      else
        metricsListener = await listenForMetrics(() => metrics.read(), {
          host: metricsHost,
          port: metricsPort,
        });
    }
    const answers = new Answers({
      log,
      isStopping: () => lifecycle.isStopping,
      countAborted: () => abortedRequests.count(),
      requestId: ids.requestId?.bind(ids),
      observer: observation,
    });
    const app = buildApp({
      operations,
      repository,
      authenticator: sealer && (await openAuthenticator(repository, sealer, host, clock())),
      caller,
      corsOrigins,
      ids,
      limits,
      clock,
      log,
      answers,
      bodies: new BodyReader(BODIES_BYTES_MAX),
      load,
      lifecycle,
      wakeSweeper,
      reset,
      // A worker knows of its own requests only.
      metrics:
        sealer === undefined && !isWorker ? async () => (await startMetrics()).read() : undefined,
      tracing: tracing?.middleware,
    });
    const server = await listen(app.fetch, {
      host,
      port,
      ownsProcess,
      refuse: refuseWhenFull({ load, repository, answers, corsOrigins }),
    });
    const graceMs = ownsProcess ? STOP_GRACE_MS : 0;
    const held = {
      app,
      server,
      repository,
      sweeper,
      matcher,
      merger,
      runner,
      scheduler,
      lifecycle,
      load,
      abortedRequests,
      reset,
      observation,
      metricsListener,
      tracing,
    };
    return new RunningService({ ...held, graceMs, sealer, accountId, clock });
  } catch (error) {
    load.stop();
    abortedRequests.stop();
    await Promise.all([scheduler.stop(), sweeper.stop(), matcher.stop(), merger.stop()]);
    await metricsListener?.stop();
    await observation.stop();
    await tracing?.stop();
    await repository.close();
    throw error;
  }
}
