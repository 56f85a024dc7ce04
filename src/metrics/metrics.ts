import cluster from 'node:cluster';
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';
import manifest from '../../package.json' with { type: 'json' };
import type { AnswerObserver } from '../protocol/answers.ts';
import type { Repository, StoreObserver } from '../repository/repository.ts';
import type { Load } from '../service/load.ts';
import { addProcessMetrics } from './process-metrics.ts';

/** What is looked at when somebody asks for the metrics. */
export interface MeasuredParts {
  readonly repository: Pick<Repository, 'measure'>;
  readonly load: Pick<Load, 'requests'>;
}

/** What Prometheus reads. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** From what a read in memory takes to what a busy disk does. */
const DURATION_BUCKETS_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
/** Up to the most units that share a commit. */
const UNITS_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

const seconds = (milliseconds: number) => milliseconds / 1000;

/**
 * The metrics of one service. Labels are names of operations, codes of errors and states of connections:
 * their number is bounded, and nothing that a request says is among them.
 */
export class Metrics implements AnswerObserver, StoreObserver {
  readonly #registry = new Registry();
  readonly #parts: MeasuredParts;
  readonly #requests: Counter<'operation' | 'outcome'>;
  readonly #durations: Histogram<'operation'>;
  readonly #commitUnits: Histogram;
  readonly #commitDurations: Histogram;
  readonly #isUp: Gauge;
  readonly #databaseBytes: Gauge;
  readonly #waitingUnits: Gauge<'kind'>;
  readonly #connections: Gauge<'state'>;
  readonly #waitingForConnection: Gauge;
  readonly #stop: () => void;
  #measuring: Promise<void> | undefined;

  constructor(parts: MeasuredParts) {
    this.#parts = parts;
    const registers = [this.#registry];
    // Whichever of them is asked first, the store is measured once for all.
    const collect = () => this.#measureStore();
    this.#requests = new Counter({
      name: 'keyfold_requests_total',
      help: 'Requests that were answered, by operation and by outcome: success, or the code of the error.',
      labelNames: ['operation', 'outcome'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'keyfold_request_duration_seconds',
      help: 'From when the head of a request had come until its answer was made.',
      labelNames: ['operation'],
      buckets: DURATION_BUCKETS_SECONDS,
      registers,
    });
    new Gauge({
      name: 'keyfold_requests_in_progress',
      help: 'Requests that are being worked on.',
      registers,
      collect() {
        this.set(parts.load.requests);
      },
    });
    this.#commitUnits = new Histogram({
      name: 'keyfold_commit_units',
      help: 'SQLite: how many units of work one commit, and one flush, has stored.',
      buckets: UNITS_BUCKETS,
      registers,
    });
    this.#commitDurations = new Histogram({
      name: 'keyfold_commit_duration_seconds',
      help: "SQLite: from the begin of a transaction, waiting for another process's included, to its end.",
      buckets: DURATION_BUCKETS_SECONDS,
      registers,
    });
    this.#waitingUnits = new Gauge({
      name: 'keyfold_units_waiting',
      help: 'SQLite: units of work that wait for their turn.',
      labelNames: ['kind'],
      registers,
      collect,
    });
    this.#connections = new Gauge({
      name: 'keyfold_pool_connections',
      help: 'PostgreSQL: connections of the pool, by state.',
      labelNames: ['state'],
      registers,
      collect,
    });
    this.#waitingForConnection = new Gauge({
      name: 'keyfold_pool_waiting',
      help: 'PostgreSQL: units of work that wait for a connection.',
      registers,
      collect,
    });
    this.#isUp = new Gauge({
      name: 'keyfold_database_up',
      help: 'Whether the database has answered.',
      aggregator: 'min',
      registers,
      collect,
    });
    this.#databaseBytes = new Gauge({
      name: 'keyfold_database_bytes',
      help: 'What the database takes; of SQLite without its log.',
      // All processes see the same one.
      aggregator: 'max',
      registers,
      collect,
    });
    new Gauge({
      name: 'keyfold_build_info',
      help: 'Always 1; the label has the version.',
      labelNames: ['version'],
      aggregator: 'first',
      registers,
    }).set({ version: manifest.version }, 1);
    this.#stop = addProcessMetrics(this.#registry);
  }

  answered(operation: string, outcome: string, durationMs: number): void {
    this.#requests.inc({ operation, outcome });
    this.#durations.observe({ operation }, seconds(durationMs));
  }

  committed(units: number, durationMs: number): void {
    this.#commitUnits.observe(units);
    this.#commitDurations.observe(seconds(durationMs));
  }

  async read(): Promise<Exposition> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  /** Looks at the event loop no more. */
  stop(): void {
    this.#stop();
  }

  /** From now on the process that looks after this worker can ask it for its metrics. */
  joinWorkers(): void {
    AggregatorRegistry.setRegistries(this.#registry);
    new AggregatorRegistry();
  }

  #measureStore(): Promise<void> {
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  async #measure(): Promise<void> {
    try {
      const { waiting, pool, databaseBytes } = await this.#parts.repository.measure();
      if (waiting !== undefined) {
        this.#waitingUnits.set({ kind: 'read' }, waiting.reads);
        this.#waitingUnits.set({ kind: 'write' }, waiting.writes);
      }
      if (pool !== undefined) {
        this.#connections.set({ state: 'idle' }, pool.idle);
        this.#connections.set({ state: 'busy' }, pool.busy);
        this.#waitingForConnection.set(pool.waiting);
      }
      if (databaseBytes !== undefined) this.#databaseBytes.set(databaseBytes);
      this.#isUp.set(1);
    } catch {
      // That it can't be reached is what there is to tell; the log has the reason.
      this.#isUp.set(0);
    }
  }
}

/** The metrics of all workers together, for the process that looks after them. */
export function workersMetrics(): () => Promise<Exposition> {
  if (!cluster.isPrimary) throw new Error('only the process that has started workers can ask them');
  const registry = new AggregatorRegistry();
  return async () => ({ contentType: registry.contentType, text: await registry.clusterMetrics() });
}
