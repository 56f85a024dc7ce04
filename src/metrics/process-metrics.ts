import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from '@prometheus-io/client';

/** How often the event loop is looked at. */
const RESOLUTION_MS = 20;

const NANOSECONDS = 1e-9;
const MICROSECONDS = 1e-6;

/** How late the event loop was since it was last asked, under the names that dashboards of Node know. */
const lags = [
  ['nodejs_eventloop_lag_p50_seconds', 'Half of the delays of the event loop were below this.', 50],
  ['nodejs_eventloop_lag_p99_seconds', '99 of 100 delays of the event loop were below this.', 99],
  ['nodejs_eventloop_lag_max_seconds', 'The longest delay of the event loop.', 100],
] as const;

/**
 * Adds what a process takes, and how late its event loop is. The library's own set watches every garbage
 * collection besides, and starts a timer that nobody can stop.
 *
 * @returns what ends it.
 */
export function addProcessMetrics(registry: Registry): () => void {
  const registers = [registry];
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  for (const [name, help, percentile] of lags)
    new Gauge({
      name,
      help,
      // Of several workers the one that is worst off is what matters.
      aggregator: 'max',
      registers,
      collect() {
        const late = delays.percentile(percentile) - RESOLUTION_MS / 1000 / NANOSECONDS;
        this.set(delays.count === 0 ? 0 : Math.max(0, late * NANOSECONDS));
        // The last that is asked: they are asked in the order of their making.
        if (percentile === 100) delays.reset();
      },
    });
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) * MICROSECONDS);
    },
  });
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process started, since the epoch.',
    aggregator: 'min',
    registers,
  }).set(performance.timeOrigin / 1000);
  return () => delays.disable();
}
