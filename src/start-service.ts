import { type DestinationStream, type LevelWithSilent, type Logger, pino } from 'pino';
import { type App, buildApp } from './app.ts';
import type { Ids } from './model/operation.ts';
import { operations } from './operations/index.ts';
import type { Durability } from './repository/engine/sqlite-database.ts';
import { openRepository } from './repository/open.ts';
import type { Repository } from './repository/repository.ts';
import { type HttpServer, listen } from './service/http-server.ts';
import { createIds } from './service/ids.ts';
import { Lifecycle } from './service/lifecycle.ts';
import { Sweeper } from './service/sweeper.ts';

export interface ServiceOptions {
  /**
   * A path of a SQLite file, `:memory:` (the default: everything is gone with the service), or
   * `postgres://…`.
   */
  readonly database?: string | undefined;
  /** For SQLite: `full` (the default) means that an answered write survives a power cut. */
  readonly durability?: Durability | undefined;
  /** For PostgreSQL: how many connections the service opens at most; the default is 10. */
  readonly poolSize?: number | undefined;
  /** The default is `127.0.0.1`. */
  readonly host?: string | undefined;
  /** The default is 0: any free port. */
  readonly port?: number | undefined;
  /** As in ARNs; the default is `us-east-1`. */
  readonly region?: string | undefined;
  /** As in ARNs; the default is `000000000000`. */
  readonly accountId?: string | undefined;
  /** The default is `silent`. */
  readonly logLevel?: LevelWithSilent | undefined;
  /** Milliseconds since the epoch; the default is the system's clock. */
  readonly clock?: (() => number) | undefined;
  readonly ids?: Ids | undefined;
}

/** Clients of a process of its own may be busy when it stops; those of a test are not. */
const STOP_GRACE_MS = 500;

/** A running Keyfold. */
export interface Service {
  /** The endpoint for the SDKs: `http://127.0.0.1:4577`. */
  readonly url: string;
  /** The HTTP application, for requests without a socket: `app.request('/domains')`. */
  readonly app: App;
  /** Deletes everything that is stored. */
  reset(): Promise<void>;
  /** Answers what is in progress, then stops. No answered write is lost. */
  close(): Promise<void>;
}

/** What a process that is nothing but Keyfold may set, and a library must not. */
export interface ProcessOptions {
  readonly ownsProcess: boolean;
  readonly logDestination?: DestinationStream;
}

class RunningService implements Service {
  readonly app: App;
  readonly #server: HttpServer;
  readonly #repository: Repository;
  readonly #sweeper: Sweeper;
  readonly #lifecycle: Lifecycle;
  readonly #graceMs: number;
  #closed: Promise<void> | undefined;

  constructor(
    app: App,
    server: HttpServer,
    repository: Repository,
    sweeper: Sweeper,
    lifecycle: Lifecycle,
    graceMs: number,
  ) {
    this.app = app;
    this.#server = server;
    this.#repository = repository;
    this.#sweeper = sweeper;
    this.#lifecycle = lifecycle;
    this.#graceMs = graceMs;
    this.url = server.url;
  }

  readonly url: string;

  reset(): Promise<void> {
    return this.#repository.clear();
  }

  close(): Promise<void> {
    this.#closed ??= this.#stop();
    return this.#closed;
  }

  async #stop(): Promise<void> {
    this.#lifecycle.stop();
    await this.#server.stop(this.#graceMs);
    await this.#sweeper.stop();
    await this.#repository.close();
  }
}

function createLog(level: LevelWithSilent, destination: DestinationStream | undefined): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/**
 * Opens the store and serves it.
 *
 * @throws DatabaseRefusedError when the database must not be opened.
 * @throws the system's error when the address can't be taken.
 */
export async function startService(
  options: ServiceOptions,
  processOptions: ProcessOptions,
): Promise<Service> {
  const { clock = Date.now, host = '127.0.0.1', port = 0, ids = createIds() } = options;
  const { region = 'us-east-1', accountId = '000000000000', durability = 'full' } = options;
  const log = createLog(options.logLevel ?? 'silent', processOptions.logDestination);
  const { database = ':memory:', poolSize = 10 } = options;
  const repository = await openRepository({ database, durability, poolSize });
  const lifecycle = new Lifecycle();
  const sweeper = new Sweeper(repository, clock, log);
  const wakeSweeper = () => sweeper.wake();
  const caller = { accountId, region };
  const dependencies = { operations, repository, caller, ids, clock, log, lifecycle, wakeSweeper };
  const app = buildApp(dependencies);
  try {
    const { ownsProcess } = processOptions;
    const server = await listen(app.fetch, { host, port, ownsProcess });
    const graceMs = ownsProcess ? STOP_GRACE_MS : 0;
    return new RunningService(app, server, repository, sweeper, lifecycle, graceMs);
  } catch (error) {
    await sweeper.stop();
    await repository.close();
    throw error;
  }
}
