import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Durability } from '../../src/repository/engine/sqlite-database.ts';
import { KeyfoldProcess } from '../support/keyfold-process.ts';
import { numbers } from '../support/numbers.ts';
import { type Image, imageOf, losses, type Random, writeImage } from './disk/image.ts';
import { DiskModel } from './disk/model.ts';
import { Control, Preload } from './disk/preload.ts';
import { readTrace, type TraceRecord } from './disk/trace.ts';
import { judge } from './disk/verdict.ts';
import { type Write, Writers } from './disk/writers.ts';
import { eachCycle, type Figures, type Run, violation } from './scenario.ts';

/** The database lies in a folder that the server has to make. */
const DATABASE = join('data', 'keyfold.db');
/** For each write of a writer: after how many calls on its files the first process is killed at most. */
const CALLS_PER_WRITE = 25;
/** The exit code of a process whose disk has failed to take a write. */
const EXIT_DISK = 3;
/** What files are written to that nobody needs to keep: in memory where the system has such a place. */
const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export interface PowerOptions {
  readonly durability: Durability;
  /** How many power cuts each cycle has. */
  readonly cuts: number;
  readonly writesPerWriter: number;
  /** How many pages the log has when it is moved into the file; seeds take turns. */
  readonly checkpointPages: readonly [number, ...number[]];
  /** Takes a sync for one that does nothing: what is then found shows that it can be found. */
  readonly ignoresSyncs?: boolean;
}

/** What cuts of the power have come to. */
export interface PowerFigures extends Figures {
  /** Calls on files and answers, in the order in which the servers made them. */
  readonly records: number;
  readonly answers: number;
  /** Different images: what a disk may hold after a cut. */
  readonly images: number;
  /** Images that an answered write is missing from, and the most that is missing from one. */
  readonly losing: number;
  readonly lostMax: number;
  /** Images that Keyfold can't start on, or that hold what nobody wrote. */
  readonly damaged: number;
}

type Counts = { -readonly [name in keyof PowerFigures]: number };

/** What the processes of a database did, one after another, and what clients sent to them. */
interface Recording {
  readonly root: string;
  readonly traces: readonly (readonly TraceRecord[])[];
  readonly writes: readonly Write[];
}

/** The exit code of one that could not stop in order. */
const EXIT_FAILED = 1;

/** How the first process of a recording ends; seeds take turns. */
const endings = ['sync failed', 'killed'] as const;
type Ending = (typeof endings)[number];

function takeTurn<T>(all: readonly [T, ...T[]], turn: number): T {
  return all[turn % all.length] ?? all[0];
}

/** Lets the process end, at the latest when it is stopped. */
function endAtRandom(
  control: Control,
  ending: Ending,
  { durability, writesPerWriter }: PowerOptions,
  random: Random,
): void {
  const below = (count: number) => Math.floor(random(count));
  if (ending === 'killed') control.dieAfter(1 + below(CALLS_PER_WRITE * writesPerWriter));
  // Each write of a writer is another commit. With `normal` only the moves of the log are synced: there may be one.
  else control.failSyncs('EIO', below(durability === 'full' ? writesPerWriter : 2));
}

/**
 * Lets a server make a database and take writes until it is killed or a sync fails, and another one go on
 * and stop in order. Writes down everything that they do to the files.
 */
async function record(
  options: PowerOptions,
  preload: Preload,
  folder: string,
  ending: Ending,
  checkpointPages: number,
  random: Random,
): Promise<Recording> {
  const [root, trace] = [join(folder, 'disk'), join(folder, 'trace')];
  for (const path of [root, trace]) mkdirSync(path);
  const control = new Control(join(folder, 'control'));
  const env = preload.environment(root, { trace, control });
  const args = [
    '--port',
    '0',
    '--database',
    join(root, DATABASE),
    '--durability',
    options.durability,
    '--checkpoint-pages',
    String(checkpointPages),
  ];
  const writers = new Writers();
  const pids: (number | undefined)[] = [];
  const serve = async (
    exits: readonly (number | string)[],
    use: (url: string) => Promise<void>,
  ) => {
    const server = new KeyfoldProcess({ args, env });
    pids.push(server.child.pid);
    await server
      .url()
      .then(use)
      .finally(() => server.child.kill('SIGTERM'));
    const exit = await server.exited();
    if (!exits.includes(exit)) throw new Error(`a server has ended with ${exit}: ${server.stderr}`);
  };
  try {
    const exits = ending === 'killed' ? ['SIGKILL', 0] : [EXIT_DISK, EXIT_FAILED];
    await serve(exits, async (url) => {
      await writers.prepare(url);
      endAtRandom(control, ending, options, random);
      await writers.run(url, options.writesPerWriter);
    });
    control.dieAfter(0);
    control.failSyncs();
    await serve([0], async (url) => {
      await writers.run(url, options.writesPerWriter);
    });
  } finally {
    control.close();
  }
  const traces = pids.map((pid) => readTrace(join(trace, String(pid))));
  return { root, traces, writes: writers.writes };
}

/** The trace must tell all: what it makes of the files is what they are. */
function checkComplete(disk: DiskModel, root: string): void {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const modelled = [...disk.current].filter(([, node]) => node !== 'folder').map(([path]) => path);
  if (files.sort().join() !== modelled.sort().join())
    throw new Error(`the trace leaves ${modelled}, the servers left ${files}`);
  for (const file of files) {
    const node = disk.current.get(file);
    if (node === undefined || node === 'folder' || !node.current.bytes.equals(readFileSync(file)))
      throw new Error(`the trace leaves another ${file} than the servers did`);
  }
}

/** Half of the cuts come right after an answer, when most depends on what was synced before it. */
function chooseCuts(records: readonly TraceRecord[], count: number, random: Random): number[] {
  const answers = records.flatMap(({ kind }, index) => (kind === 'answer' ? [index + 1] : []));
  return Array.from({ length: count }, (_, number) => {
    const answer = answers[Math.floor(random(answers.length))];
    return number % 2 === 0 && answer !== undefined
      ? answer
      : Math.floor(random(records.length + 1));
  }).sort((a, b) => a - b);
}

function digest(image: Image): string {
  const hash = createHash('sha1');
  for (const [name, bytes] of image) hash.update(name).update(bytes);
  return hash.digest('base64');
}

/** What a cut has left, and what is wrong with it. */
interface Finding {
  readonly where: string;
  readonly lost: number;
  readonly faults: readonly string[];
}

/** Cuts the power at moments of one recording, and judges what is left. */
class Replay {
  readonly #recording: Recording;
  readonly #random: Random;
  readonly #folder: string;
  readonly #disk: DiskModel;
  readonly #answered = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(recording: Recording, folder: string, random: Random) {
    this.#recording = recording;
    this.#folder = folder;
    this.#random = random;
    this.#disk = new DiskModel(recording.root);
  }

  /** Goes through the recording, with cuts on the way; the same image is judged once. */
  async *run(options: PowerOptions): AsyncGenerator<Finding> {
    const { cuts: count, durability, ignoresSyncs = false } = options;
    const { traces, root } = this.#recording;
    const cuts = chooseCuts(traces.flat(), count, this.#random);
    let position = 0;
    for (const trace of traces) {
      for (const record of trace) {
        for (; cuts[0] === position; cuts.shift()) yield* this.#cut(position, durability);
        if (record.kind === 'answer') this.#answered.add(record.requestId);
        if (record.kind !== 'sync' || !ignoresSyncs) this.#disk.apply(record);
        position += 1;
      }
      this.#disk.endProcess();
    }
    for (; cuts[0] === position; cuts.shift()) yield* this.#cut(position, durability);
    checkComplete(this.#disk, root);
  }

  async *#cut(position: number, durability: Durability): AsyncGenerator<Finding> {
    const loss = losses[Math.floor(this.#random(losses.length))] ?? 'lost';
    const image = imageOf(this.#disk, this.#recording.root, loss, this.#random);
    // Where nothing waits for a sync, all cuts leave the same.
    const name = `${digest(image)} ${this.#answered.size}`;
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const folder = mkdtempSync(join(this.#folder, 'image-'));
    writeImage(image, folder);
    const isAnswered = ({ status, requestId = '' }: Write) =>
      status === 200 && this.#answered.has(requestId);
    const { writes } = this.#recording;
    const verdict = await judge({ file: join(folder, DATABASE), durability }, writes, isAnswered);
    rmSync(folder, { recursive: true });
    yield { ...verdict, where: `cut ${position}, ${loss}` };
  }
}

/** Adds the findings of a cycle to the counts; the first that must not be ends it. */
async function count(
  findings: AsyncIterable<Finding>,
  counts: Counts,
  mayHappen: { readonly loss: boolean; readonly damage: boolean },
  seed: number,
): Promise<void> {
  for await (const { where, lost, faults } of findings) {
    counts.images += 1;
    if (lost > 0) counts.losing += 1;
    counts.lostMax = Math.max(counts.lostMax, lost);
    if (faults.length > 0) counts.damaged += 1;
    if (lost > 0 && !mayHappen.loss)
      throw violation(seed, `${where}: ${lost} answered writes lost`);
    if (faults.length > 0 && !mayHappen.damage)
      throw violation(seed, `${where}: ${faults.join('; ')}`);
  }
}

/**
 * Cuts the power under servers that take writes: makes what a disk may then hold of all that was not
 * synced, and starts on it. Each cycle is a database of its own that a process makes and writes until it is
 * killed or a sync fails, and another one goes on with. With durability `full` no answered write may be
 * missing; with `normal` those that are get counted. Neither may leave a database that Keyfold
 * can't start on, or a write that is there in part.
 */
export async function torturePower(run: Run, options: PowerOptions): Promise<PowerFigures> {
  const counts: Counts = { records: 0, answers: 0, images: 0, losing: 0, lostMax: 0, damaged: 0 };
  const { durability, ignoresSyncs = false } = options;
  const mayHappen = { loss: durability === 'normal' || ignoresSyncs, damage: ignoresSyncs };
  const preload = new Preload();
  try {
    await eachCycle(run, async (seed) => {
      const folder = mkdtempSync(join(realpathSync(scratch), 'keyfold-power-'));
      try {
        const random = numbers(seed);
        const ending = takeTurn(endings, seed);
        const pages = takeTurn(options.checkpointPages, Math.floor(seed / endings.length));
        const recording = await record(options, preload, folder, ending, pages, random);
        const records = recording.traces.flat();
        counts.records += records.length;
        counts.answers += records.filter(({ kind }) => kind === 'answer').length;
        await count(new Replay(recording, folder, random).run(options), counts, mayHappen, seed);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  } finally {
    preload.remove();
  }
  return counts;
}
