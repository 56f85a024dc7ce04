import { CARD } from '../domains/customers.ts';
import type { DomainPlan } from '../domains/plan.ts';
import { domainStats, LOGGING, startKeyfold } from '../keyfold.ts';
import { KEYS_PER_PROFILE, MERGED_PROFILES } from '../load/plans.ts';
import { loadSide, type RequestSide } from '../load/side.ts';
import type { Part, PartContext } from '../part.ts';
import { Worker } from '../process/child.ts';
import { alternate, loadTable, ratioOf } from '../rounds.ts';
import { openStore, type Store } from '../stores.ts';
import { expectCount, outcome, scheduleOf } from './common.ts';

/** How many merges there are profiles for, and how many of them each round does. */
const MERGES = 220;
const MERGES_PER_ROUND = 30;
/** A round ends when its merges are done; this only bounds it. */
const ROUND_SECONDS_MAX = 60;

async function run(engine: Store['engine'], context: PartContext) {
  const { folder, own, isQuick } = context;
  const store = await openStore(engine, context);
  if (typeof store === 'string') return outcome({ missing: [store] });
  const merges = isQuick ? 12 : MERGES;
  const profiles = merges * (MERGED_PROFILES + 1);
  const plan: DomainPlan = { profiles, keys: KEYS_PER_PROFILE, hasFields: true, isMatching: false };
  const generator = await own(new Worker());
  const database = await store.database('merge', plan);
  const yardstick = await store.database('yardstick', plan);
  const merging = await own(startKeyfold({ database, folder }));
  const adding = await own(startKeyfold({ database: yardstick, folder }));
  const perRound = isQuick ? 3 : MERGES_PER_ROUND;
  const shared = { clients: 1, parameters: { profiles } };
  const sides: [RequestSide, RequestSide] = [
    loadSide(generator, {
      ...shared,
      name: 'merges',
      server: merging,
      plan: 'merge',
      prepared: perRound,
    }),
    loadSide(generator, {
      ...shared,
      name: 'AddProfileKey of 100 values',
      server: adding,
      plan: 'add-100-keys',
      prepared: perRound * MERGED_PROFILES,
    }),
  ];
  const { rounds: count, warmUpSeconds } = scheduleOf(context, engine === 'SQLite' ? 5 : 3);
  const schedule = { rounds: count, warmUpSeconds, seconds: ROUND_SECONDS_MAX };
  const rounds = await alternate(sides, schedule);
  const [merged, added] = [sides[0].sent(), sides[1].sent()];
  const { profiles: left } = await domainStats(merging);
  expectCount('profiles', left, profiles - merged * MERGED_PROFILES);
  const cards = (of: string) =>
    store.count(of, `select count(*) from profile_keys where key_name = '${CARD}'`);
  expectCount('cards after merging', await cards(database), profiles * KEYS_PER_PROFILE);
  expectCount('cards', await cards(yardstick), (profiles + added) * KEYS_PER_PROFILE);
  const [merge, add] = rounds;
  // A merge takes the keys of twenty profiles, a request of the yardstick adds those of one.
  const { value, range } = ratioOf(add, merge, ({ opsPerSecond }) => opsPerSecond);
  const [low, high] = [range[0] / MERGED_PROFILES, range[1] / MERGED_PROFILES];
  return outcome({
    versions: store.versions,
    notes: [
      `MergeProfiles of ${MERGED_PROFILES} profiles into a main one, each with ${KEYS_PER_PROFILE} keys of AddProfileKey and the keys of its fields; one client. The yardstick adds as many keys to one profile, ${MERGED_PROFILES} AddProfileKey of ${KEYS_PER_PROFILE} values each.`,
      store.note,
      LOGGING,
    ],
    measured: [
      {
        name: 'a merge / adding as many keys, in time',
        unit: '×',
        value: value / MERGED_PROFILES,
        range: [low, high],
      },
    ],
    tables: [loadTable(rounds)],
  });
}

/** Merging, SQLite. */
export const merge: Part = {
  name: 'merge',
  title: 'MergeProfiles, SQLite',
  run: (context) => run('SQLite', context),
};

/** The same on PostgreSQL. */
export const mergePostgres: Part = {
  name: 'merge-postgres',
  title: 'MergeProfiles, PostgreSQL',
  run: (context) => run('PostgreSQL', context),
};
