import { loadSide } from '../load/side.ts';
import type { Part, PartContext } from '../part.ts';
import { startHandWritten, startNothing } from '../peers/start.ts';
import { Worker } from '../process/child.ts';
import { alternate, loadTable, throughputRatio } from '../rounds.ts';
import { outcome, scheduleOf } from './common.ts';

async function run(context: PartContext) {
  const { folder, own } = context;
  const generator = await own(new Worker());
  const nothing = await own(startNothing(folder));
  const bare = await own(startHandWritten(folder, { storage: 'no' }));
  const parameters = { profiles: 1_000 };
  const rounds = await alternate(
    [
      loadSide(generator, { name: 'a socket that answers', server: nothing, plan: 'nothing' }),
      loadSide(generator, { name: 'bare HTTP', server: bare, plan: 'add-key', parameters }),
    ],
    scheduleOf(context, 3),
  );
  const [limit, http] = rounds;
  return outcome({
    notes: [
      'The generator’s own limit: 64 clients against a socket that answers without reading. It is above what any server here does if the ratio is well above 1; *generator busy* is the share of one core that the generator took.',
      '*bare HTTP*: node:http that parses and answers the JSON of AddProfileKey and stores nothing.',
    ],
    measured: [throughputRatio(limit, http)],
    tables: [loadTable(rounds)],
  });
}

/** What the load generator can do itself. */
export const generator: Part = { name: 'generator', title: 'The load generator’s own limit', run };
