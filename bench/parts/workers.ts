import { LOGGING, startKeyfold } from '../keyfold.ts';
import type { PlanName } from '../load/plans.ts';
import { loadSide } from '../load/side.ts';
import type { Part, PartContext } from '../part.ts';
import { Worker } from '../process/child.ts';
import { alternate, loadTable, throughputRatio } from '../rounds.ts';
import { openStore, type Store } from '../stores.ts';
import { customersOf, outcome, scheduleOf } from './common.ts';

async function run(engine: Store['engine'], context: PartContext) {
  const { folder, own, isQuick } = context;
  const store = await openStore(engine, context);
  if (typeof store === 'string') return outcome({ missing: [store] });
  const profiles = isQuick ? 200 : 10_000;
  const generator = await own(new Worker());
  const start = async (workers: string) => {
    const database = await store.database(`workers_${workers}`, customersOf(profiles));
    return own(startKeyfold({ database, folder, env: { KEYFOLD_WORKERS: workers } }));
  };
  const [one, two] = [await start('1'), await start('2')];
  const side = (what: string, server: typeof one, plan: PlanName) =>
    loadSide(generator, { name: what, server, plan, parameters: { profiles } });
  const rounds = await alternate(
    [
      side('AddProfileKey, 1 worker', one, 'add-key'),
      side('AddProfileKey, 2 workers', two, 'add-key'),
      side('SearchProfiles, 1 worker', one, 'search-hit'),
      side('SearchProfiles, 2 workers', two, 'search-hit'),
    ],
    scheduleOf(context),
  );
  const [addOne, addTwo, searchOne, searchTwo] = rounds;
  return outcome({
    versions: store.versions,
    notes: [
      '`--workers 1` and `--workers 2`, each on a database of its own with 10,000 profiles; 64 keep-alive clients. The generator runs on the same cores: with two of them, workers have less than two to themselves.',
      store.note,
      LOGGING,
    ],
    measured: [throughputRatio(addTwo, addOne), throughputRatio(searchTwo, searchOne)],
    tables: [loadTable(rounds)],
  });
}

/** What a second worker brings, SQLite. */
export const workers: Part = {
  name: 'workers',
  title: 'One worker and two, SQLite',
  run: (context) => run('SQLite', context),
};

/** The same on PostgreSQL. */
export const workersPostgres: Part = {
  name: 'workers-postgres',
  title: 'One worker and two, PostgreSQL',
  run: (context) => run('PostgreSQL', context),
};
