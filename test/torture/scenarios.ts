import { libfiuDisk, smallDisk } from './disk/faults.ts';
import { tortureFiles } from './files.ts';
import { tortureIo } from './io.ts';
import { tortureKill } from './kill.ts';
import { tortureMigrate } from './migrate.ts';
import { tortureOverload } from './overload.ts';
import { tortureOwnership } from './ownership.ts';
import { torturePower } from './power.ts';
import type { Run, Scenario } from './scenario.ts';
import { tortureStop } from './stop.ts';

/** A scenario as `npm run torture` runs it. */
export interface LongRun {
  /** What it does and what must hold, in a line. */
  readonly what: string;
  readonly engines: readonly Run['engine'][];
  /** Cycles unless the command says otherwise. */
  readonly cycles: number;
  /** Its set-ups, by their names; each runs all the cycles. */
  readonly setUps: Readonly<Record<string, Scenario>>;
  /** The most that a figure may come to. Only long runs on an idle machine are held to it. */
  readonly most?: Readonly<Record<string, number>>;
  /** The same for the least. */
  readonly least?: Readonly<Record<string, number>>;
}

const engines = ['sqlite', 'postgres'] as const;

/** Ten thousand images and more in the cycles of a long run. */
const power = { cuts: 500, writesPerWriter: 60, checkpointPages: [100, 8_000] } as const;

const overload = { capacityMs: 5_000, floodMs: 20_000 };

/** Every scenario, by the name that the command knows it by. */
export const scenarios: Readonly<Record<string, LongRun>> = {
  io: {
    what: 'a disk that fails: reads go on, writes are refused and resume; a failed sync ends the process',
    engines: ['sqlite'],
    cycles: 20,
    setUps: {
      'ENOSPC on write, by libfiu': (run) => tortureIo(run, 'writes', () => libfiuDisk('ENOSPC')),
      'EIO on write, by libfiu': (run) => tortureIo(run, 'writes', () => libfiuDisk('EIO')),
      'ENOSPC on fsync, by libfiu': (run) => tortureIo(run, 'syncs', () => libfiuDisk('ENOSPC')),
      'EIO on fsync, by libfiu': (run) => tortureIo(run, 'syncs', () => libfiuDisk('EIO')),
      'a full disk of 8 MiB': (run) => tortureIo(run, 'writes', smallDisk),
    },
    most: { refusedMsMax: 1_000 },
  },
  kill: {
    what: 'kill -9 under 16 writers loses no answered write and leaves none half-applied',
    engines,
    cycles: 1_000,
    setUps: { 'one process': tortureKill },
    most: { restartP99Ms: 1_000 },
  },
  files: {
    what: 'damaged files are refused, served whole or fail openly; nothing is made anew silently',
    engines: ['sqlite'],
    cycles: 550,
    setUps: { 'one process': tortureFiles },
  },
  migrate: {
    what: 'a migration killed at every statement; two starters at once; a newer schema',
    engines,
    cycles: 150,
    setUps: {
      'a new database': (run) => tortureMigrate(run, 0),
      'from the first version': (run) => tortureMigrate(run, 1),
    },
  },
  overload: {
    what: 'ten times as many requests as can be answered: some in time, the rest refused at once',
    engines,
    cycles: 10,
    setUps: {
      'requests of all sizes': (run) => tortureOverload(run, { ...overload, kinds: 'mixed' }),
      'small requests': (run) => tortureOverload(run, { ...overload, kinds: 'small' }),
    },
    least: { shareAccepted: 0.2 },
    most: { acceptedP99Ms: 1_000, refusedP99Ms: 50, memoryMaxMib: 512, recoveryMaxMs: 5_000 },
  },
  ownership: {
    what: 'what 16 clients are told about who holds 8 keys has an order',
    engines,
    cycles: 125,
    setUps: {
      'one process': (run) => tortureOwnership(run, 1),
      'two processes': (run) => tortureOwnership(run, 2),
    },
  },
  power: {
    what: 'a power cut loses no answered write; with durability normal, whole ones only',
    engines: ['sqlite'],
    cycles: 22,
    setUps: {
      'durability full': (run) => torturePower(run, { ...power, durability: 'full' }),
      'durability normal': (run) => torturePower(run, { ...power, durability: 'normal' }),
    },
  },
  stop: {
    what: 'SIGTERM under 32 busy clients of the SDK: it ends, no answer is lost, no call fails',
    engines,
    cycles: 100,
    setUps: { 'two processes': tortureStop },
    most: { stopMaxMs: 10_000 },
  },
};
