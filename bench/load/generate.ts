import { type Answer, Connection } from './connection.ts';
import { type PlanName, type PlanParameters, plans } from './plans.ts';
import type { PlannedRequest } from './requests.ts';

/** What the generator is to send, and for how long. */
export interface LoadJob {
  readonly url: string;
  readonly plan: PlanName;
  readonly parameters: PlanParameters;
  /** How many clients there are, each with a connection of its own and one request at a time. */
  readonly clients: number;
  readonly seconds: number;
  /** The number of the first request. */
  readonly first: number;
  /**
   * Makes this many requests before the first is sent, for those that take long to make; the round
   * ends when they are used up.
   */
  readonly prepared?: number;
}

/** What a round of requests came to. Every answer was the expected one, or there is no result. */
export interface LoadResult {
  readonly requests: number;
  readonly opsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How busy the generator itself was, from 0 to 1: near 1 it is the limit, not the server. */
  readonly generatorBusy: number;
}

/** The value below which a share of the sorted values lie. */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The requests of a job, made as they are needed or beforehand. */
function requestsOf({ plan, parameters, first, prepared }: LoadJob) {
  const make = plans[plan](parameters);
  if (prepared === undefined)
    return (count: number): PlannedRequest | undefined => make(first + count);
  const made = Array.from({ length: prepared }, (_, count) => make(first + count));
  return (count: number): PlannedRequest | undefined => made[count];
}

function checkAnswer({ text, includes }: PlannedRequest, { status, body }: Answer): void {
  if (status === 200 && body.includes(includes)) return;
  throw new Error(`answered ${status} ${body.slice(0, 300)} to ${text.slice(0, 600)}`);
}

/**
 * Sends requests from many clients until the time is over and every one of them is answered.
 *
 * @throws Error at the first answer that isn't the expected one: a measured error path would look
 *   like a fast operation.
 */
export async function generate(job: LoadJob): Promise<LoadResult> {
  const next = requestsOf(job);
  const connections = await Promise.all(
    Array.from({ length: job.clients }, () => Connection.open(job.url)),
  );
  const latencies: number[] = [];
  const cpu = process.cpuUsage();
  const start = performance.now();
  const end = start + job.seconds * 1000;
  let count = 0;
  const client = (connection: Connection) =>
    new Promise<void>((resolve, reject) => {
      const send = () => {
        const sentAt = performance.now();
        const request = sentAt < end ? next(count) : undefined;
        if (request === undefined) return resolve();
        count += 1;
        const answered = (answer: Answer) => {
          latencies.push(performance.now() - sentAt);
          try {
            checkAnswer(request, answer);
          } catch (error) {
            return reject(error);
          }
          send();
        };
        connection.send(request.text, answered, reject);
      };
      send();
    });
  try {
    await Promise.all(connections.map(client));
  } finally {
    for (const connection of connections) connection.close();
  }
  const elapsedMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const sorted = Float64Array.from(latencies).sort();
  return {
    requests: latencies.length,
    opsPerSecond: (latencies.length * 1000) / elapsedMs,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    generatorBusy: (user + system) / 1000 / elapsedMs,
  };
}
