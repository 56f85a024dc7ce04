import { DOMAIN } from '../domains/customers.ts';
import type { InsideOperation, InsideResult } from '../inside/operations.ts';
import { LOGGING, startKeyfold } from '../keyfold.ts';
import type { LoadResult } from '../load/generate.ts';
import type { PlanName } from '../load/plans.ts';
import { loadSide } from '../load/side.ts';
import type { Measured, Part, PartContext, Table } from '../part.ts';
import { Worker } from '../process/child.ts';
import type { ServerProcess } from '../process/server.ts';
import { alternate, median, type Rounds, ratioOf, type Schedule } from '../rounds.ts';
import { type IndexDepth, openStore, type Store } from '../stores.ts';
import { customersOf, outcome, scheduleOf } from './common.ts';

/** How many profiles a round creates at most. */
const CREATED_PER_ROUND = 2_000;

/** A domain of one size, with a service on it and a process that works on it from inside. */
interface Sized {
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
interface Growth {
  readonly what: string;
  readonly medians: readonly number[];
  /** How many times as long it takes in the largest domain as in the smallest. */
  readonly factor: number;
}

/** @param time how long one takes, in any unit. */
function growthOf<R>(
  what: string,
  rounds: readonly Rounds<R>[],
  time: (result: R) => number,
): Growth {
  const [first, last] = [rounds[0], rounds.at(-1)];
  return {
    what,
    medians: rounds.map(({ results }) => median(results.map(time))),
    factor: first && last ? ratioOf(last, first, time) : Number.NaN,
  };
}

function nameOf(profiles: number): string {
  return profiles.toLocaleString('en-GB');
}

/** Waits until the service has matched what requests have made. */
async function settle(store: Store, { database }: Sized): Promise<void> {
  while ((await store.count(database, 'select count(*) from rule_match_changes')) > 0)
    await new Promise((resolve) => setTimeout(resolve, 100));
}

async function requests(
  generator: Worker,
  store: Store,
  sizes: readonly Sized[],
  schedule: Schedule,
): Promise<Growth[]> {
  const found: Growth[] = [];
  for (const [plan, what] of overHttp) {
    const sides = sizes.map((size) => {
      const { profiles, server } = size;
      const name = nameOf(profiles);
      // What is created is matched afterwards, and must not be while another is measured.
      const prepared = plan === 'create-profile' ? { prepared: CREATED_PER_ROUND } : {};
      const side = loadSide(generator, {
        name,
        server,
        plan,
        parameters: { profiles },
        ...prepared,
      });
      return {
        name,
        async round(seconds: number) {
          const result = await side.round(seconds);
          await settle(store, size);
          return result;
        },
      };
    });
    const rounds = await alternate<LoadResult>(sides, schedule);
    // With all clients busy, the time between two answers is what a request takes.
    found.push(growthOf(what, rounds, ({ opsPerSecond }) => 1_000_000 / opsPerSecond));
  }
  return found;
}

async function insideOperations(sizes: readonly Sized[], schedule: Schedule): Promise<Growth[]> {
  const found: Growth[] = [];
  for (const [operation, what] of inside) {
    const sides = sizes.map(({ profiles, database, worker }) => {
      let first = 0;
      return {
        name: nameOf(profiles),
        async round(seconds: number) {
          const job = { database, operation, profiles, seconds, first };
          const result = await worker.run('measure-operation', job);
          first += result.operations;
          return result;
        },
      };
    });
    const rounds = await alternate<InsideResult>(sides, schedule);
    found.push(growthOf(what, rounds, ({ microseconds }) => microseconds));
  }
  return found;
}

/** New profiles that are like no other, taken by matching without a service. */
async function matching(
  sizes: readonly Sized[],
  schedule: Schedule,
  count: number,
): Promise<Growth> {
  const sides = sizes.map(({ profiles, database, worker }) => {
    // Numbers that neither the domain nor the requests before have used.
    let first = 100_000_000;
    return {
      name: nameOf(profiles),
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

async function matchOverHttp(
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
        name: nameOf(profiles),
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

function tableOf(unit: string, sizes: readonly Sized[], growths: readonly Growth[]): Table {
  return {
    columns: [unit, ...sizes.map(({ profiles }) => nameOf(profiles)), 'growth'],
    rows: growths.map(({ what, medians, factor }) => [what, ...medians, factor]),
  };
}

async function openSizes(store: Store, context: PartContext): Promise<Sized[]> {
  const { folder, own, isQuick } = context;
  const all: Sized[] = [];
  for (const profiles of isQuick ? [200, 500] : [10_000, 100_000, 1_000_000]) {
    const database = await store.database(`growth_${profiles}`, customersOf(profiles));
    const depth = await store.searchDepth(database);
    const server = await own(startKeyfold({ database, folder }));
    const worker = await own(new Worker());
    all.push({ profiles, database, server, worker, depth });
  }
  return all;
}

async function run(engine: Store['engine'], context: PartContext) {
  const { isQuick, own } = context;
  const store = await openStore(engine, context);
  if (typeof store === 'string') return outcome({ missing: [store] });
  const sizes = await openSizes(store, context);
  const generator = await own(new Worker());
  const schedule = scheduleOf(context, engine === 'SQLite' ? 5 : 3);
  const within = await insideOperations(sizes, schedule);
  const http = await requests(generator, store, sizes, schedule);
  const likeAnother = await matchOverHttp(generator, store, sizes, schedule);
  for (const { server } of sizes) await server.stop();
  const alone = await matching(sizes, schedule, isQuick ? 20 : 2_000);
  const [small, large] = [sizes[0], sizes.at(-1)];
  const depths = sizes.map(({ depth }) => depth.levels);
  const depthFactor = (large?.depth.levels ?? 0) / (small?.depth.levels ?? 0);
  const grown = (growths: readonly Growth[], where: string, isLookup: boolean): Measured[] =>
    growths.map(({ what, factor }) => ({
      name: `${what}, ${where}`,
      value: factor,
      unit: '×',
      ...(isLookup && { target: { atMost: depthFactor } }),
    }));
  const [hit, miss, ...others] = within;
  const lookups = [hit, miss].flatMap((growth) => growth ?? []);
  return outcome({
    versions: store.versions,
    notes: [
      `Growth is how many times as long something takes with ${nameOf(large?.profiles ?? 0)} profiles as with ${nameOf(small?.profiles ?? 0)}, the median over rounds that go through the sizes in turn. A lookup by key may grow by no more than the depth of its index does: ${depths.join(', ')} levels of \`profile_keys_search\` (${small?.depth.how}).`,
      '*Inside*: the operation’s handler on the store, one after another and without HTTP. Requests: 64 keep-alive clients, the time between two answers.',
      'Full names have ten profiles each at every size. Domains have rule-based matching on, with Keyfold’s own rules; *profiles matched per second* are those of one process, new ones that are like no other, ten to a unit, on SQLite without waiting for the disk.',
      store.note,
      LOGGING,
    ],
    measured: [
      ...grown(lookups, 'inside', true),
      ...grown(others, 'inside', false),
      ...grown(http, 'requests', false),
      ...grown([likeAnother, alone], 'one at a time', false),
    ],
    tables: [
      {
        columns: ['levels of the index', ...sizes.map(({ profiles }) => nameOf(profiles))],
        rows: [['profile_keys_search', ...depths]],
      },
      tableOf('µs, inside', sizes, within),
      tableOf('µs, requests of 64 clients', sizes, http),
      tableOf('µs, one at a time', sizes, [likeAnother, alone]),
      {
        columns: ['a second', ...sizes.map(({ profiles }) => nameOf(profiles))],
        rows: [
          ['profiles matched', ...alone.medians.map((microseconds) => 1_000_000 / microseconds)],
        ],
      },
    ],
  });
}

/** How work grows with the domain, SQLite. */
export const growth: Part = {
  name: 'growth',
  title: 'From ten thousand profiles to a million, SQLite',
  run: (context) => run('SQLite', context),
};

/** The same on PostgreSQL. */
export const growthPostgres: Part = {
  name: 'growth-postgres',
  title: 'From ten thousand profiles to a million, PostgreSQL',
  run: (context) => run('PostgreSQL', context),
};
