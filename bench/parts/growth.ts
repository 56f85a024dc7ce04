import { LOGGING, startKeyfold } from '../keyfold.ts';
import type { Measured, Part, PartContext, Table, Target } from '../part.ts';
import { Worker } from '../process/child.ts';
import { openStore, type Store } from '../stores.ts';
import { customersOf, nameOfSize, outcome, scheduleOf } from './common.ts';
import {
  type Growth,
  insideOperations,
  matching,
  matchOverHttp,
  requests,
  type Sized,
} from './growth-rounds.ts';

function tableOf(unit: string, sizes: readonly Sized[], growths: readonly Growth[]): Table {
  return {
    columns: [unit, ...sizes.map(({ profiles }) => nameOfSize(profiles)), 'growth'],
    rows: growths.map(({ what, medians, factor }) => [what, ...medians, factor.value]),
  };
}

function grown(growths: readonly Growth[], where: string, target?: Target): Measured[] {
  return growths.map(({ what, factor }) => ({
    name: `${what}, ${where}`,
    unit: '×',
    ...factor,
    ...(target && { target }),
  }));
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
  const depths = sizes.map(({ depth }) => depth.levels);
  const [small, large] = [sizes[0], sizes.at(-1)];
  // The first two are lookups of one key.
  const lookup = { atMost: (depths.at(-1) ?? 0) / (depths[0] ?? 0) };
  return outcome({
    versions: store.versions,
    notes: [
      `Growth is how many times as long something takes with ${nameOfSize(large?.profiles ?? 0)} as with ${nameOfSize(small?.profiles ?? 0)}, the median over rounds that go through the sizes in turn. A lookup by key may grow by no more than the depth of its index does: ${depths.join(', ')} levels of \`profile_keys_search\` (${small?.depth.how}).`,
      '*Inside*: the operation’s handler on the store, one after another and without HTTP. Requests: 64 keep-alive clients, the time between two answers.',
      'Full names have ten profiles each at every size. Domains have rule-based matching on, with Keyfold’s own rules; *profiles matched per second* are those of one process, new ones that are like no other, ten to a unit, on SQLite without waiting for the disk.',
      store.note,
      LOGGING,
    ],
    measured: [
      ...grown(within.slice(0, 2), 'inside', lookup),
      ...grown(within.slice(2), 'inside'),
      ...grown(http, 'requests'),
      ...grown([likeAnother, alone], 'one at a time'),
    ],
    tables: [
      {
        columns: ['levels of the index', ...sizes.map(({ profiles }) => nameOfSize(profiles))],
        rows: [['profile_keys_search', ...depths]],
      },
      tableOf('µs, inside', sizes, within),
      tableOf('µs, requests of 64 clients', sizes, http),
      tableOf('µs, one at a time', sizes, [likeAnother, alone]),
      {
        columns: ['a second', ...sizes.map(({ profiles }) => nameOfSize(profiles))],
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
