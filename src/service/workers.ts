import cluster, { type Worker } from 'node:cluster';
import type { Service } from '../running-service.ts';

/** What a process that serves says of itself. */
export type Served = Pick<Service, 'url' | 'isAuthenticated' | 'metricsUrl'>;

/** Longer than a worker takes to stop by itself. */
const KILL_AFTER_MS = 1_000;

/** What the metrics of workers say to one another comes the same way. */
function isServed(message: unknown): message is Served {
  return typeof message === 'object' && message !== null && 'url' in message;
}

/** Tells the process that looks after the workers that this one serves. */
export function reportServing({ url, isAuthenticated, metricsUrl }: Served): void {
  process.send?.({ url, isAuthenticated, metricsUrl } satisfies Served);
}

/** SIGTERM ends a worker that hasn't begun to serve: as asked. */
function exitCodeOf({ process: { exitCode, signalCode } }: Worker): number {
  return exitCode ?? (signalCode === 'SIGTERM' ? 0 : 1);
}

/**
 * Several processes that serve one address and one database. They end together: one that ends by itself
 * takes the others with it, as a fault ends a single process, and whoever supervises this one starts all
 * anew.
 */
export class Workers {
  /** The exit code for this process, once all workers have ended: that of the first that didn't end in order. */
  readonly ended: Promise<number>;
  readonly #count: number;
  readonly #stopMs: number;
  readonly #running = new Set<Worker>();
  #end: (code: number) => void = () => {};
  #code = 0;
  #isStopping = false;

  /** @param stopMs how long a worker takes to stop at most. */
  constructor(count: number, stopMs: number) {
    this.#count = count;
    this.#stopMs = stopMs;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Starts them, and waits until all serve. Undefined when one has ended before it did, and said why. */
  async start(): Promise<Served | undefined> {
    // The first alone: if the address or the database can't be had, one of them says so.
    const first = await this.#startWorker();
    if (first === undefined) return undefined;
    const others = Array.from({ length: this.#count - 1 }, () => this.#startWorker());
    return (await Promise.all(others)).includes(undefined) ? undefined : first;
  }

  /** Lets each answer what it has in progress, and end. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const worker of this.#running) worker.process.kill('SIGTERM');
    const kill = () => {
      for (const worker of this.#running) worker.process.kill('SIGKILL');
    };
    setTimeout(kill, this.#stopMs + KILL_AFTER_MS).unref();
    this.#endIfDone();
  }

  #startWorker(): Promise<Served | undefined> {
    if (this.#isStopping) return Promise.resolve(undefined);
    const worker = cluster.fork();
    this.#running.add(worker);
    return new Promise((resolve) => {
      worker.on('message', (message) => {
        if (isServed(message)) resolve(message);
      });
      worker.once('exit', () => {
        resolve(undefined);
        this.#remove(worker);
      });
    });
  }

  #remove(worker: Worker): void {
    this.#running.delete(worker);
    // Where nobody has asked it to end, whatever it says.
    this.#code ||= exitCodeOf(worker) || (this.#isStopping ? 0 : 1);
    this.stop();
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#running.size === 0) this.#end(this.#code);
  }
}
