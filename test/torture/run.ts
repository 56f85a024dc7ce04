import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { onDatabase, PostgresServer, query } from '../support/postgres-server.ts';
import { type Result, recordResults, resultHead, resultRow } from './results.ts';
import type { Figures, Run } from './scenario.ts';
import { type LongRun, scenarios } from './scenarios.ts';

const USAGE = [
  'usage: npm run torture -- NAME [--cycles N] [--seed N] [--database sqlite|postgres] [--record]',
  ...Object.entries(scenarios).map(([name, { what }]) => `  ${name.padEnd(10)} ${what}`),
].join('\n');
/** From one line of progress to the next. */
const PROGRESS_MS = 10_000;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What the command line asks for. */
function readOptions() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      cycles: { type: 'string' },
      seed: { type: 'string', default: '1' },
      database: { type: 'string' },
      record: { type: 'boolean', default: false },
    },
  });
  const [name = '', ...others] = positionals;
  const scenario = scenarios[name];
  if (scenario === undefined || others.length > 0) throw new Error(USAGE);
  const cycles = Number(values.cycles ?? scenario.cycles);
  const seed = Number(values.seed);
  const engines = scenario.engines.filter((engine) => engine === (values.database ?? engine));
  const areNumbers = Number.isSafeInteger(cycles) && cycles > 0 && Number.isSafeInteger(seed);
  if (!areNumbers || engines.length === 0) throw new Error(USAGE);
  return { name, scenario, cycles, seed, engines, record: values.record };
}

/** Runs with a maker of empty databases, and removes them all at the end. */
async function withDatabases<T>(
  engine: Run['engine'],
  run: (makeDatabase: () => Promise<string>) => Promise<T>,
): Promise<T> {
  let made = 0;
  if (engine === 'postgres') {
    const server = await PostgresServer.create();
    const make = async () => {
      const name = `torture_${++made}`;
      await query(server.url(), `create database ${name} template template0`);
      return onDatabase(server.url(), name);
    };
    return run(make).finally(() => server.remove());
  }
  const folder = mkdtempSync(join(tmpdir(), 'keyfold-torture-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return run(async () => join(folder, `${++made}.db`)).finally(remove);
}

/** The figures that came to more than they may, or to less than they must. */
function findMissed(figures: Figures, { most = {}, least = {} }: LongRun): string[] {
  const tooMuch = Object.entries(most).filter(([name, limit]) => !(Number(figures[name]) <= limit));
  const tooLittle = Object.entries(least).filter(
    ([name, limit]) => !(Number(figures[name]) >= limit),
  );
  return [
    ...tooMuch.map(([name, limit]) => `${name} more than ${limit}`),
    ...tooLittle.map(([name, limit]) => `${name} less than ${limit}`),
  ];
}

/** A reporter of progress that stays silent most of the time. */
function progress(title: string, cycles: number): (done: number) => void {
  let printedAt = performance.now();
  return (done) => {
    if (performance.now() - printedAt < PROGRESS_MS) return;
    printedAt = performance.now();
    print(`${title}: ${done} of ${cycles} cycles`);
  };
}

/** Set by Ctrl-C: the cycle in progress is the last, and what was done until then counts. */
let isOver = false;
process.once('SIGINT', () => {
  isOver = true;
});

try {
  const { name, scenario, cycles, seed, engines, record } = readOptions();
  const results: Result[] = [];
  for (const engine of engines)
    for (const [setUp, run] of Object.entries(scenario.setUps)) {
      if (isOver) break;
      let done = 0;
      const report = progress(`${engine}, ${setUp}`, cycles);
      const onCycle = (now: number) => {
        done = now;
        report(now);
      };
      const startedAt = performance.now();
      const figures = await withDatabases(engine, (makeDatabase) =>
        run({ engine, makeDatabase, cycles, seed, onCycle, isOver: () => isOver }),
      );
      const seconds = (performance.now() - startedAt) / 1000;
      const missed = findMissed(figures, scenario);
      const result = { name, setUp, engine, cycles: done, seed, seconds, figures, missed };
      if (results.length === 0) print(resultHead);
      print(resultRow(result));
      results.push(result);
      if (missed.length > 0) process.exitCode = 1;
    }
  if (record) recordResults(results);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
