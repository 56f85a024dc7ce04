import type { Worker } from '../process/child.ts';
import type { ServerProcess } from '../process/server.ts';
import type { Side } from '../rounds.ts';
import { Connection } from './connection.ts';
import type { LoadJob, LoadResult } from './generate.ts';
import { type PlanName, type PlanParameters, plans } from './plans.ts';

/** As many clients as a busy service has. */
export const CLIENTS = 64;

export interface LoadSide {
  readonly name: string;
  readonly server: ServerProcess;
  readonly plan: PlanName;
  readonly parameters?: PlanParameters;
  readonly clients?: number;
  /** The number of its first request. */
  readonly first?: number;
  /** See {@link LoadJob}. */
  readonly prepared?: number;
}

/** A side whose rounds are requests of a plan, each of them sent once. */
export interface RequestSide extends Side<LoadResult> {
  /** How many were sent so far, warming up included. */
  sent(): number;
  /** Sends the next one and gives the answer's JSON. */
  sample(): Promise<unknown>;
}

/** Makes one. */
export function loadSide(
  generator: Worker,
  { name, server, plan, parameters = {}, clients = CLIENTS, first = 0, prepared }: LoadSide,
): RequestSide {
  let next = first;
  return {
    name,
    sent: () => next - first,
    async sample() {
      const connection = await Connection.open(server.url);
      try {
        const { text } = plans[plan](parameters)(next++);
        return JSON.parse((await connection.request(text)).body);
      } finally {
        connection.close();
      }
    },
    async round(seconds) {
      const job: LoadJob = {
        url: server.url,
        plan,
        parameters,
        clients,
        seconds,
        first: next,
        ...(prepared !== undefined && { prepared }),
      };
      const result = await generator.run('generate', job);
      next += result.requests;
      return result;
    },
  };
}
