import { domainStats, LOGGING, startKeyfold } from '../keyfold.ts';
import { KEYS_PER_PROFILE, MERGED_PROFILES } from '../load/plans.ts';
import { loadSide, type RequestSide } from '../load/side.ts';
import type { Part, PartContext } from '../part.ts';
import { Worker } from '../process/child.ts';
import { alternate, loadTable, ratioOf } from '../rounds.ts';
import { openStore, type Store } from '../stores.ts';
import { customersOf, expectCount, nameOfSize, outcome, scheduleOf, settled } from './common.ts';

/** How many merges a round does. */
const MERGES_PER_ROUND = 15;
/** A round ends when its requests are done; this only bounds it. */
const ROUND_SECONDS_MAX = 300;

/** A domain of one size whose first profiles have as many keys as they are merged with. */
async function openSize(
  { folder, own }: PartContext,
  store: Store,
  generator: Worker,
  { profiles, merges, perRound }: { profiles: number; merges: number; perRound: number },
) {
  const database = await store.database(`merge_growth_${profiles}`, customersOf(profiles));
  const server = await own(startKeyfold({ database, folder }));
  const name = nameOfSize(profiles);
  const parameters = { profiles };
  const prepared = merges * (MERGED_PROFILES + 1);
  // Few clients: nothing is measured yet, and a busy machine must not make the service refuse them.
  const filling = { name, server, plan: 'fill-up-keys' as const, parameters, clients: 4, prepared };
  const keys = loadSide(generator, filling);
  await settled(store, database, keys).round(ROUND_SECONDS_MAX);
  expectCount('requests that add keys', keys.sent(), prepared);
  const shared = { name, server, plan: 'merge' as const, parameters, clients: 1 };
  const side: RequestSide = loadSide(generator, { ...shared, prepared: perRound });
  const check = async () => {
    const { profiles: left } = await domainStats(server);
    expectCount('profiles', left, profiles - side.sent() * MERGED_PROFILES);
  };
  return { side: settled(store, database, side), check };
}

async function run(engine: Store['engine'], context: PartContext) {
  const { own, isQuick } = context;
  const store = await openStore(engine, context);
  if (typeof store === 'string') return outcome({ missing: [store] });
  const generator = await own(new Worker());
  const [fewer, more] = isQuick ? [200, 500] : [10_000, 1_000_000];
  const { rounds, warmUpSeconds } = scheduleOf(context, engine === 'SQLite' ? 5 : 3);
  const perRound = isQuick ? 3 : MERGES_PER_ROUND;
  const amount = { merges: (rounds + 1) * perRound, perRound };
  const small = await openSize(context, store, generator, { profiles: fewer, ...amount });
  const large = await openSize(context, store, generator, { profiles: more, ...amount });
  const schedule = { rounds, warmUpSeconds, seconds: ROUND_SECONDS_MAX };
  const [before, at] = await alternate([small.side, large.side], schedule);
  await small.check();
  await large.check();
  return outcome({
    versions: store.versions,
    notes: [
      `MergeProfiles of ${MERGED_PROFILES} profiles into a main one, each with ${KEYS_PER_PROFILE} keys of AddProfileKey and the keys of its fields, in domains of two sizes with rule-based matching on; one client.`,
      store.note,
      LOGGING,
    ],
    measured: [
      {
        name: `a merge: time with ${nameOfSize(more)} / with ${nameOfSize(fewer)}`,
        unit: '×',
        ...ratioOf(before, at, ({ opsPerSecond }) => opsPerSecond),
      },
    ],
    tables: [loadTable([before, at])],
  });
}

/** How merging grows with the domain, SQLite. */
export const mergeGrowth: Part = {
  name: 'merge-growth',
  title: 'MergeProfiles from ten thousand profiles to a million, SQLite',
  run: (context) => run('SQLite', context),
};

/** The same on PostgreSQL. */
export const mergeGrowthPostgres: Part = {
  name: 'merge-growth-postgres',
  title: 'MergeProfiles from ten thousand profiles to a million, PostgreSQL',
  run: (context) => run('PostgreSQL', context),
};
