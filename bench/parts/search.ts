import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { copyDomain } from '../domains/cache.ts';
import { LOGGING, startKeyfold } from '../keyfold.ts';
import { loadSide, type RequestSide } from '../load/side.ts';
import type { Part, PartContext } from '../part.ts';
import { startHandWritten } from '../peers/start.ts';
import { Worker } from '../process/child.ts';
import { alternate, loadTable, throughputRatio } from '../rounds.ts';
import { customersOf, outcome, scheduleOf } from './common.ts';

async function run(context: PartContext) {
  const { folder, own, isQuick, say } = context;
  const profiles = isQuick ? 500 : 1_000_000;
  const generator = await own(new Worker());
  const database = await copyDomain(customersOf(profiles), join(folder, 'search.db'), say);
  const keyfold = await own(startKeyfold({ database, folder }));
  const other = await own(startHandWritten(folder, { database, history: 'yes', storage: 'yes' }));
  const shared = { plan: 'search-hit' as const, parameters: { profiles } };
  const sides: [RequestSide, RequestSide] = [
    loadSide(generator, { ...shared, name: 'Keyfold', server: keyfold }),
    loadSide(generator, { ...shared, name: 'hand-written', server: other }),
  ];
  const [answer, othersAnswer] = await Promise.all(sides.map((side) => side.sample()));
  if (!isDeepStrictEqual(answer, othersAnswer))
    throw new Error(
      `answers differ: ${JSON.stringify(answer)} and ${JSON.stringify(othersAnswer)}`,
    );
  const rounds = await alternate(sides, scheduleOf(context));
  const [ownRounds, otherRounds] = rounds;
  return outcome({
    notes: [
      `SearchProfiles by an e-mail address that one profile has, 64 keep-alive clients, ${profiles.toLocaleString('en-GB')} profiles, SQLite; both servers read the same file.`,
      LOGGING,
      '*hand-written*: as in `keys`; it looks the domain up, then the profiles of the key by the same index, and puts the stored documents into the answer as text.',
    ],
    measured: [throughputRatio(ownRounds, otherRounds, { atLeast: 0.6 })],
    tables: [loadTable(rounds)],
  });
}

/** Finding a profile by one key. */
export const search: Part = {
  name: 'search',
  title: 'SearchProfiles by one key against a hand-written server, SQLite',
  run,
};
