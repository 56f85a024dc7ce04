import { execFileSync } from 'node:child_process';
import { CARD } from '../domains/customers.ts';
import { LOGGING, startKeyfold } from '../keyfold.ts';
import type { LoadResult } from '../load/generate.ts';
import { CLIENTS, loadSide } from '../load/side.ts';
import type { Part, PartContext } from '../part.ts';
import { findPgbench, pgbenchSide } from '../peers/pgbench.ts';
import { Worker } from '../process/child.ts';
import { alternate, loadTable, type Side, throughputRatio } from '../rounds.ts';
import { openStore } from '../stores.ts';
import { customersOf, expectCount, outcome, scheduleOf } from './common.ts';

/** As many as Keyfold has connections. */
const FEW_CLIENTS = 10;
/** Keyfold's side and those of pgbench. */
type LoadSides = [Side<LoadResult>, ...Side<LoadResult>[]];
/** What recording the statements adds. */
const RECORDED = 2;

async function run(context: PartContext) {
  const { folder, own, isQuick } = context;
  const store = await openStore('PostgreSQL', context);
  if (typeof store === 'string') return outcome({ missing: [store] });
  const profiles = isQuick ? 500 : 100_000;
  const generator = await own(new Worker());
  const database = await store.database('keys', customersOf(profiles));
  const keyfold = await own(startKeyfold({ database, folder }));
  const parameters = { profiles };
  const ownSide = loadSide(generator, {
    name: 'Keyfold',
    server: keyfold,
    plan: 'add-key',
    parameters,
  });
  const pgbench = findPgbench();
  const others = [];
  const cards = (url: string) =>
    store.count(url, `select count(*) from profile_keys where key_name = '${CARD}'`);
  for (const clients of pgbench === undefined ? [] : [CLIENTS, FEW_CLIENTS]) {
    const url = await store.database(`pgbench_${clients}`, customersOf(profiles));
    const name = `pgbench, ${clients} connections`;
    const options = { pgbench: pgbench ?? '', name, url, folder, profiles, clients };
    others.push({ url, side: await pgbenchSide(options) });
  }
  const sides: LoadSides = [ownSide, ...others.map(({ side }) => side)];
  const rounds = await alternate(sides, scheduleOf(context, 3));
  expectCount('cards', await cards(database), profiles + ownSide.sent());
  for (const { url, side } of others)
    expectCount(`cards of ${side.name}`, await cards(url), profiles + RECORDED + side.sent());
  const [keyfoldRounds, ...otherRounds] = rounds;
  return outcome({
    versions: {
      ...store.versions,
      ...(pgbench !== undefined && {
        pgbench: execFileSync(pgbench, ['--version'], { encoding: 'utf8' }).replace(
          /^\D*([\d.]+)[\s\S]*$/,
          '$1',
        ),
      }),
    },
    missing:
      pgbench === undefined
        ? ['pgbench: not found; on Debian the package postgresql-contrib or postgresql brings it']
        : [],
    notes: [
      `AddProfileKey of one new value over HTTP, ${CLIENTS} keep-alive clients, ${profiles.toLocaleString('en-GB')} profiles.`,
      '*pgbench* sends what AddProfileKey was seen to send, message by message in one thread, with literals in the place of parameters; each transaction takes a profile, a value and ids of its own. The target is that with as many connections as there are clients.',
      store.note,
      LOGGING,
    ],
    measured: otherRounds.map((other, index) =>
      throughputRatio(keyfoldRounds, other, index === 0 ? { atLeast: 0.5 } : undefined),
    ),
    tables: [loadTable(rounds)],
  });
}

/** What Keyfold leaves of PostgreSQL's speed. */
export const keysPostgres: Part = {
  name: 'keys-postgres',
  title: 'AddProfileKey against pgbench, PostgreSQL',
  run,
};
