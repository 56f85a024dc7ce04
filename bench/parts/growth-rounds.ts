import { DOMAIN } from '../domains/customers.ts';
import type { InsideOperation } from '../inside/operations.ts';
import type { PlanName } from '../load/plans.ts';
import { loadSide } from '../load/side.ts';
import type { Worker } from '../process/child.ts';
import type { ServerProcess } from '../process/server.ts';
import {
  alternate,
  median,
  type Rounds,
  type RoundsRatio,
  ratioOf,
  type Schedule,
} from '../rounds.ts';
import type { IndexDepth, Store } from '../stores.ts';
import { nameOfSize, settled } from './common.ts';

/** How many profiles a round creates at most. */
const CREATED_PER_ROUND = 2_000;

/** A domain of one size, with a service on it and a process that works on it from inside. */
export interface Sized {
  readonly profiles: number;
  readonly database: string;
  readonly server: ServerProcess;
  readonly worker: Worker;
  readonly depth: IndexDepth;
}

const overHttp: readonly (readonly [PlanName, string])[] = [
  ['search-hit', 'SearchProfiles that finds one'],
  ['search-miss', 'SearchProfiles that finds none'],
  ['search-and', 'SearchProfiles by two keys, AND'],
  ['add-key', 'AddProfileKey'],
  ['create-profile', 'CreateProfile'],
];

const inside: readonly (readonly [InsideOperation, string])[] = [
  ['search-hit', 'a search that finds one'],
  ['search-miss', 'a search that finds none'],
  ['search-and', 'a search by two keys, AND'],
];

/** What one kind of work takes at each size: the medians, smallest domain first, and the growth. */
export interface Growth {
  readonly what: string;
  readonly medians: readonly number[];
  /** How many times as long it takes in the largest domain as in the smallest. */
  readonly factor: RoundsRatio;
}

/** @param time how long one takes, in any unit. */
function growthOf<R>(
  what: string,
  rounds: readonly Rounds<R>[],
  time: (result: R) => number,
): Growth {
  const [first, last] = [rounds[0], rounds.at(-1)];
  if (first === undefined || last === undefined) throw new Error('there are no sizes');
  return {
    what,
    medians: rounds.map(({ results }) => median(results.map(time))),
    factor: ratioOf(last, first, time),
  };
}

/** Operations over HTTP, 64 clients at each size. */
export async function requests(
  generator: Worker,
  store: Store,
  sizes: readonly Sized[],
  schedule: Schedule,
): Promise<Growth[]> {
  const found: Growth[] = [];
  for (const [plan, what] of overHttp) {
    const sides = sizes.map(({ profiles, database, server }) => {
      const name = nameOfSize(profiles);
      // What is created is matched afterwards, and must not be while another is measured.
      const prepared = plan === 'create-profile' ? { prepared: CREATED_PER_ROUND } : {};
      const side = loadSide(generator, {
        name,
        server,
        plan,
        parameters: { profiles },
        ...prepared,
      });
      return settled(store, database, side);
    });
    const rounds = await alternate(sides, schedule);
    // With all clients busy, the time between two answers is what a request takes.
    found.push(growthOf(what, rounds, ({ opsPerSecond }) => 1_000_000 / opsPerSecond));
  }
  return found;
}

/** Operations that read, without a service around them. */
export async function insideOperations(
  sizes: readonly Sized[],
  schedule: Schedule,
): Promise<Growth[]> {
  const found: Growth[] = [];
  for (const [operation, what] of inside) {
    const sides = sizes.map(({ profiles, database, worker }) => {
      let first = 0;
      return {
        name: nameOfSize(profiles),
        async round(seconds: number) {
          const job = { database, operation, profiles, seconds, first };
          const result = await worker.run('measure-operation', job);
          first += result.operations;
          return result;
        },
      };
    });
    const rounds = await alternate(sides, schedule);
    found.push(growthOf(what, rounds, ({ microseconds }) => microseconds));
  }
  return found;
}

/** New profiles that are like no other, taken by matching without a service. */
export async function matching(
  sizes: readonly Sized[],
  schedule: Schedule,
  count: number,
): Promise<Growth> {
  const sides = sizes.map(({ profiles, database, worker }) => {
    // Numbers that neither the domain nor the requests before have used.
    let first = 100_000_000;
    return {
      name: nameOfSize(profiles),
      async round() {
        const result = await worker.run('measure-matching', { database, first, count });
        first += count;
        return result;
      },
    };
  });
  const rounds = await alternate(sides, schedule);
  const time = ({ profilesPerSecond }: { profilesPerSecond: number }) =>
    1_000_000 / profilesPerSecond;
  return growthOf('matching a new profile that is like no other', rounds, time);
}

/** Profiles that are like another, created and matched one after another over HTTP. */
export async function matchOverHttp(
  generator: Worker,
  store: Store,
  sizes: readonly Sized[],
  schedule: Schedule,
): Promise<Growth> {
  const count = 4;
  const sides = await Promise.all(
    sizes.map(async ({ profiles, database, server }) => {
      const domainId = await store.text(
        database,
        `select domain_id from domains where name = '${DOMAIN}'`,
      );
      let first = 0;
      return {
        name: nameOfSize(profiles),
        async round() {
          const job = { url: server.url, domainId, profiles, first, count };
          first += count;
          return generator.run('match-new-profiles', job);
        },
      };
    }),
  );
  const rounds = await alternate(sides, schedule);
  const what = 'CreateProfile of one that is like another until ListRuleBasedMatches shows it';
  return growthOf(what, rounds, ({ p50Ms }) => p50Ms * 1000);
}
