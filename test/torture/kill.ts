import { isPostgresUrl } from '../../src/repository/engine/postgres-url.ts';
import { KeyfoldProcess } from '../support/keyfold-process.ts';
import { numbers } from '../support/numbers.ts';
import { query } from '../support/postgres-server.ts';
import { readStored } from './consistency.ts';
import { quantileOf } from './quantiles.ts';
import { eachCycle, type Figures, type Run, violation } from './scenario.ts';
import { findLost, prepareDomain, settle, WRITERS, Writer } from './writers.ts';

/** A new database after so many: each cycle reads all of it. */
const CYCLES_PER_DATABASE = 25;
const ANSWERS_MAX = 200;

/** A database with the process that serves it, and what all writes to it must have left. */
class Victim {
  readonly owners: Writer['owners'] = new Map();
  url = '';
  readonly #database: string;
  #server: KeyfoldProcess | undefined;

  constructor(database: string) {
    this.#database = database;
  }

  /** Starts Keyfold on it. @returns milliseconds until it says that it is ready. */
  async start(): Promise<number> {
    const startedAt = performance.now();
    this.#server = new KeyfoldProcess({ args: ['--port', '0', '--database', this.#database] });
    this.url = await this.#server.url();
    const ready = await fetch(`${this.url}/health/ready`);
    if (ready.status !== 200) throw new Error(`not ready: ${await ready.text()}`);
    return performance.now() - startedAt;
  }

  /** Kills it. Resolves when nothing that it has begun can still change the database. */
  async kill(): Promise<void> {
    await this.#server?.stop('SIGKILL');
    if (!isPostgresUrl(this.#database)) return;
    // What the server was told before the process ended may still be committed.
    const sessions = `select 1 from pg_stat_activity
      where application_name = 'keyfold' and datname = current_database()`;
    while ((await query(this.#database, sessions)).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 2));
  }

  /** Looks for everything that was ever written. Gives what is wrong. */
  async findFaults(writers: readonly Writer[]): Promise<string[]> {
    const { found, faults } = await readStored(this.#database);
    const settled = writers.map((writer) => settle(found, writer) ?? []);
    for (const { owners } of writers)
      for (const [key, owner] of owners) this.owners.set(key, owner);
    const areFound = await Promise.all(writers.map((writer) => writer.isFoundBy(this.url)));
    const served = areFound.includes(false) ? ['the service does not find what is stored'] : [];
    return [...faults, ...settled.flat(), ...findLost(found, this.owners), ...served];
  }
}

/** Writers go on until the server is killed, after some answers. */
async function writeUntilKilled(
  victim: Victim,
  writers: readonly Writer[],
  answersMax: number,
): Promise<number> {
  let answers = 0;
  let killed: Promise<void> | undefined;
  const write = async (writer: Writer) => {
    while (await writer.write()) {
      answers += 1;
      if (answers >= answersMax) killed ??= victim.kill();
    }
  };
  await Promise.all(writers.map(write));
  await (killed ?? victim.kill());
  return answers;
}

/**
 * Kills Keyfold with SIGKILL under 16 writers, starts it again and looks: every answered write must be
 * there, every other as a whole or not at all, and the database sound.
 */
export async function tortureKill(run: Run): Promise<Figures> {
  const figures = { kills: 0, answeredWrites: 0, unansweredWrites: 0, valuesChecked: 0 };
  const restartsMs: number[] = [];
  let victim: Victim | undefined;
  const begin = async () => {
    await victim?.kill();
    const next = new Victim(await run.makeDatabase());
    await next.start();
    await prepareDomain(next.url);
    return next;
  };
  const cycle = async (seed: number) => {
    if (victim === undefined || figures.kills % CYCLES_PER_DATABASE === 0) victim = await begin();
    const { url } = victim;
    const seeds = Array.from({ length: WRITERS }, (_, number) => seed * WRITERS + number);
    const writers = seeds.map((own) => new Writer(url, own));
    await Promise.all(writers.map((writer) => writer.prepare()));
    const answersMax = 1 + Math.floor(numbers(seed)(ANSWERS_MAX));
    figures.answeredWrites += await writeUntilKilled(victim, writers, answersMax);
    figures.kills += 1;
    figures.unansweredWrites += writers.filter(({ unanswered }) => unanswered !== undefined).length;
    restartsMs.push(await victim.start());
    const faults = await victim.findFaults(writers);
    if (faults.length > 0) throw violation(seed, faults.join('\n'));
    figures.valuesChecked += victim.owners.size;
  };
  try {
    await eachCycle(run, cycle);
  } finally {
    await victim?.kill();
  }
  return {
    ...figures,
    restartP50Ms: quantileOf(restartsMs, 0.5),
    restartP99Ms: quantileOf(restartsMs, 0.99),
    restartMaxMs: quantileOf(restartsMs, 1),
  };
}
