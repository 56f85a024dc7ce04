import { join } from 'node:path';
import { KeyfoldProcess } from '../support/keyfold-process.ts';
import { numbers } from '../support/numbers.ts';
import type { FaultyDisk } from './disk/faults.ts';
import { judge } from './disk/verdict.ts';
import { DOMAIN, KEY, type Write, Writers } from './disk/writers.ts';
import { eachCycle, type Figures, type Run, violation } from './scenario.ts';

/** Before a fault, in it and after it: how many writes of each of 16 writers. */
const WRITES_BEFORE_MAX = 20;
const WRITES_IN_FAULT = 10;
const WRITES_AFTER = 10;
/** On a disk that fills up the first writes may still find room. */
const ROUNDS_UNTIL_REFUSED_MAX = 200;
/** How long a mended disk may stay without a write that is taken. */
const RESUME_MS_MAX = 30_000;
/** The exit code of a process whose disk has failed to take a write. */
const EXIT_DISK = 3;

/** What faults of the disk have come to. */
export interface IoFigures extends Figures {
  readonly answered: number;
  /** Writes that were answered with an error of the server, and the longest that one waited for it. */
  readonly refused: number;
  readonly refusedMsMax: number;
  /** Reads that were answered in the fault. */
  readonly reads: number;
  readonly readMsMax: number;
  /** From the mending of the disk to the first write that is taken, or from the start anew to serving. */
  readonly resumedMsMax: number;
}

type Counts = { -readonly [name in keyof IoFigures]: number };

function newCounts(): Counts {
  return { answered: 0, refused: 0, refusedMsMax: 0, reads: 0, readMsMax: 0, resumedMsMax: 0 };
}

/** One database on a disk that fails. */
class Life {
  readonly #disk: FaultyDisk;
  readonly #seed: number;
  readonly #counts: Counts;
  readonly #database: string;
  readonly #writers = new Writers();
  #server: KeyfoldProcess | undefined;

  constructor(disk: FaultyDisk, seed: number, counts: Counts) {
    this.#disk = disk;
    this.#seed = seed;
    this.#counts = counts;
    this.#database = join(disk.folder, 'data', 'keyfold.db');
  }

  #violation(what: string): Error {
    return violation(this.#seed, what);
  }

  async #serve(): Promise<{ server: KeyfoldProcess; url: string; pid: number }> {
    const { env } = this.#disk;
    const args = ['--port', '0', '--database', this.#database, '--log-level', 'fatal'];
    // The log is moved all the time, so that faults come to that too.
    args.push('--checkpoint-pages', '100');
    this.#server = new KeyfoldProcess({ args, env });
    const { pid } = this.#server.child;
    if (pid === undefined) throw new Error('no process was started');
    return { server: this.#server, url: await this.#server.url(), pid };
  }

  kill(): void {
    this.#server?.child.kill('SIGKILL');
  }

  /** Writes when all is well: each is answered, and taken. */
  async #writeWell(url: string, writesPerWriter: number): Promise<void> {
    for (const { status } of await this.#writers.run(url, writesPerWriter))
      if (status !== 200) throw this.#violation(`a write without a fault was answered ${status}`);
  }

  /** Writes in a fault: each is taken, or refused in the API's form. Whether some were refused. */
  #countWrites(writes: readonly Write[]): boolean {
    let isRefused = false;
    for (const { status, errorType, ms } of writes) {
      if (status === 200) continue;
      if (status !== 503 || errorType !== 'ServiceUnavailableException')
        throw this.#violation(`a write in a fault was answered ${status} ${errorType}`);
      isRefused = true;
      this.#counts.refused += 1;
      this.#counts.refusedMsMax = Math.max(this.#counts.refusedMsMax, ms);
    }
    return isRefused;
  }

  /** Reads what was answered before the fault, until it is over. */
  async #readOn(url: string, isOver: () => boolean): Promise<void> {
    const added = this.#writers.writes.filter(({ kind }) => kind === 'add');
    const removed = new Set(
      this.#writers.writes.filter(({ kind }) => kind === 'remove').flatMap(({ values }) => values),
    );
    const values = added.flatMap((write) => write.values).filter((value) => !removed.has(value));
    for (let index = 0; !isOver(); index++) {
      const value = values[index % values.length] ?? '';
      const startedAt = performance.now();
      const answer = await fetch(`${url}/domains/${DOMAIN}/profiles/search`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ KeyName: KEY, Values: [value] }),
      });
      const { Items } = (await answer.json()) as { Items?: unknown[] };
      if (answer.status !== 200 || Items?.length !== 1)
        throw this.#violation(`a read of ${value} in a fault was answered ${answer.status}`);
      this.#counts.reads += 1;
      this.#counts.readMsMax = Math.max(this.#counts.readMsMax, performance.now() - startedAt);
    }
  }

  async #writeInFault(url: string): Promise<void> {
    let isRefused = false;
    for (let round = 0; !isRefused; round++) {
      if (round > ROUNDS_UNTIL_REFUSED_MAX) throw this.#violation('the disk took every write');
      isRefused = this.#countWrites(await this.#writers.run(url, 1));
    }
    this.#countWrites(await this.#writers.run(url, WRITES_IN_FAULT));
  }

  async #resume(url: string): Promise<void> {
    const mendedAt = performance.now();
    for (;;) {
      const writes = await this.#writers.run(url, 1);
      const ms = performance.now() - mendedAt;
      if (!this.#countWrites(writes)) {
        this.#counts.resumedMsMax = Math.max(this.#counts.resumedMsMax, ms);
        return;
      }
      if (ms > RESUME_MS_MAX) throw this.#violation('no write is taken on a mended disk');
    }
  }

  async #end(server: KeyfoldProcess): Promise<void> {
    const exit = await server.stop('SIGTERM');
    if (exit !== 0) throw this.#violation(`the server has ended with ${exit}: ${server.stderr}`);
    const { writes } = this.#writers;
    const isAnswered = ({ status }: Write) => status === 200;
    const { lost, faults } = await judge(
      { file: this.#database, durability: 'full' },
      writes,
      isAnswered,
    );
    if (lost > 0) throw this.#violation(`${lost} answered writes are lost`);
    if (faults.length > 0) throw this.#violation(faults.join('; '));
    this.#counts.answered += writes.filter(isAnswered).length;
  }

  /** The disk refuses writes for a while. */
  async withoutWrites(writesBefore: number): Promise<void> {
    const { server, url, pid } = await this.#serve();
    await this.#writers.prepare(url);
    await this.#writeWell(url, writesBefore);
    this.#disk.failWrites(pid);
    let isOver = false;
    const reading = this.#readOn(url, () => isOver);
    await this.#writeInFault(url).finally(() => {
      isOver = true;
    });
    await reading;
    this.#disk.mend(pid);
    await this.#resume(url);
    await this.#writeWell(url, WRITES_AFTER);
    await this.#end(server);
  }

  /** The disk fails to take a write: the process must end, and another one go on. */
  async withoutSyncs(writesBefore: number): Promise<void> {
    const first = await this.#serve();
    await this.#writers.prepare(first.url);
    await this.#writeWell(first.url, writesBefore);
    this.#disk.failSyncs?.(first.pid);
    for (const { status } of await this.#writers.run(first.url, WRITES_IN_FAULT)) {
      if (status === 200) throw this.#violation('a write was answered without a sync');
      if (status === 503) this.#counts.refused += 1;
    }
    const exit = await first.server.exited();
    if (exit !== EXIT_DISK) throw this.#violation(`the process has ended with ${exit}`);
    if (!/^keyfold: the disk could not take a write to [^\n]+$/m.test(first.server.stderr))
      throw this.#violation(`the process does not say why it ends: ${first.server.stderr}`);
    this.#disk.mend(first.pid);
    const startedAt = performance.now();
    const next = await this.#serve();
    const ms = performance.now() - startedAt;
    this.#counts.resumedMsMax = Math.max(this.#counts.resumedMsMax, ms);
    await this.#writeWell(next.url, WRITES_AFTER);
    await this.#end(next.server);
  }
}

/**
 * Lets the disk fail under 16 writers. When it refuses writes, each is refused in the API's form or taken, reads
 * go on, and writes are taken again once it is mended. When it fails to sync, the process ends and
 * another one goes on. Whatever was answered must be there in the end.
 *
 * @param makeDisk makes the disk of each cycle.
 */
export async function tortureIo(
  run: Run,
  fault: 'writes' | 'syncs',
  makeDisk: () => FaultyDisk,
): Promise<IoFigures> {
  const counts = newCounts();
  await eachCycle(run, async (seed) => {
    const disk = makeDisk();
    const life = new Life(disk, seed, counts);
    try {
      const writesBefore = 2 + Math.floor(numbers(seed)(WRITES_BEFORE_MAX));
      if (fault === 'writes') await life.withoutWrites(writesBefore);
      else await life.withoutSyncs(writesBefore);
    } finally {
      life.kill();
      disk.remove();
    }
  });
  return counts;
}
