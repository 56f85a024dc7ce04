import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { onDatabase, PostgresServer, query } from '../support/postgres-server.ts';
import { tortureOwnership } from './ownership.ts';

const USAGE =
  'usage: npm run torture -- ownership [--cycles N] [--seed N] [--database sqlite|postgres]';
/** Cycles between two lines of progress. */
const PROGRESS_CYCLES = 10;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function readOptions() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      cycles: { type: 'string', default: '125' },
      seed: { type: 'string', default: '1' },
      database: { type: 'string', default: 'sqlite' },
    },
  });
  const [cycles, seed] = [Number(values.cycles), Number(values.seed)];
  const isKnown = positionals.join() === 'ownership';
  const isEngine = ['sqlite', 'postgres'].includes(values.database);
  if (!isKnown || !isEngine || !(Number.isSafeInteger(cycles) && cycles > 0))
    throw new Error(USAGE);
  if (!Number.isSafeInteger(seed)) throw new Error(USAGE);
  return { cycles, seed, engine: values.database };
}

/** Runs with a maker of empty databases, and removes them all at the end. */
async function withDatabases(
  engine: string,
  run: (make: (name: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  if (engine === 'postgres') {
    const server = await PostgresServer.create();
    const make = async (name: string) => {
      await query(server.url(), `create database ${name} template template0`);
      return onDatabase(server.url(), name);
    };
    await run(make).finally(() => server.remove());
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'keyfold-torture-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  await run(async (name) => join(folder, `${name}.db`)).finally(remove);
}

try {
  const { cycles, seed, engine } = readOptions();
  await withDatabases(engine, async (make) => {
    let [histories, calls] = [0, 0];
    for (const processes of [1, 2]) {
      const database = await make(`processes_${processes}`);
      const onCycle = (cycle: number) => {
        if (cycle % PROGRESS_CYCLES === 0)
          print(`${engine}, processes ${processes}: ${cycle} of ${cycles} cycles`);
      };
      const counts = await tortureOwnership({ database, processes, cycles, seed, onCycle });
      histories += counts.histories;
      calls += counts.calls;
    }
    print(`ownership on ${engine}: ${histories} histories of ${calls} calls, no violation`);
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
