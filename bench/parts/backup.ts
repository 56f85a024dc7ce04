import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { copyDomain } from '../domains/cache.ts';
import { keyfoldScript, LOGGING, startKeyfold } from '../keyfold.ts';
import type { LoadResult } from '../load/generate.ts';
import { CLIENTS, loadSide, type RequestSide } from '../load/side.ts';
import type { Part, PartContext } from '../part.ts';
import { endWithThis, Worker } from '../process/child.ts';
import { alternate, loadTable, median, type Rounds, ratioOf, type Side } from '../rounds.ts';
import { countCards, customersOf, expectCount, outcome, scheduleOf } from './common.ts';

const MB = 1e6;

/** A round of requests, and the backups that were made meanwhile. */
interface BackupRound extends LoadResult {
  readonly backups: number;
  /** Of the log beside the database, after the round. */
  readonly logBytes: number;
}

function startBackup(database: string, file: string): ChildProcess {
  const child = spawn(process.execPath, [keyfoldScript, 'backup', file, '--database', database], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  endWithThis(child);
  return child;
}

/** Makes backups one after another until it is told to stop; the last one is finished. */
function backUpAgainAndAgain(database: string, file: string) {
  let isOver = false;
  const loop = async () => {
    for (let backups = 0; ; ) {
      rmSync(file, { force: true });
      const [code] = await once(startBackup(database, file), 'exit');
      if (code !== 0) throw new Error(`a backup ended with ${code}`);
      backups += 1;
      if (isOver) return backups;
    }
  };
  const done = loop();
  // Whoever stops it hears of it.
  done.catch(() => {});
  return {
    stop() {
      isOver = true;
      return done;
    },
  };
}

/** The same requests with backups beside them. */
function besideBackups(side: RequestSide, database: string, file: string): Side<BackupRound> {
  return {
    name: 'during backups',
    async round(seconds) {
      const backups = backUpAgainAndAgain(database, file);
      const result = await side.round(seconds);
      const logBytes = statSync(`${database}-wal`).size;
      return { ...result, logBytes, backups: await backups.stop() };
    },
  };
}

/** The worst of a side's rounds, and the sizes that its backups came to. */
function backupTable({ results }: Rounds<BackupRound>, file: string) {
  return {
    columns: ['backups in a round', 'size of one, MB', 'log after a round, MB'],
    rows: [
      [
        median(results.map(({ backups }) => backups)),
        statSync(file).size / MB,
        median(results.map(({ logBytes }) => logBytes)) / MB,
      ],
    ],
  };
}

async function run(context: PartContext) {
  const { folder, own, isQuick, say } = context;
  const profiles = isQuick ? 500 : 100_000;
  const generator = await own(new Worker());
  const database = await copyDomain(customersOf(profiles), join(folder, 'served.db'), say);
  const file = join(folder, 'backup.db');
  const server = await own(startKeyfold({ database, folder }));
  const side = loadSide(generator, {
    name: 'no backup',
    server,
    plan: 'add-key',
    parameters: { profiles },
  });
  const schedule = scheduleOf(context);
  const rounds = await alternate([side, besideBackups(side, database, file)], {
    ...schedule,
    // A backup, with its check, fits into a round.
    seconds: isQuick ? schedule.seconds : 15,
  });
  const answered = side.sent();
  rmSync(file);
  const [code] = await once(startBackup(database, file), 'exit');
  if (code !== 0) throw new Error(`the last backup ended with ${code}`);
  expectCount('cards in a backup', countCards(file).cards, profiles + answered);
  await server.stop();
  expectCount('cards', countCards(database).cards, profiles + answered);
  const [without, during] = rounds;
  return outcome({
    notes: [
      `AddProfileKey as in \`keys\`, from ${CLIENTS} clients, to one Keyfold on a domain of ${profiles.toLocaleString('en-GB')} profiles; in every second round \`backup\` copies its database, again as soon as it has ended, its start and its check included.`,
      'The backup is made in a process of its own on the same disk; the last one has every key that was answered.',
      LOGGING,
    ],
    measured: [
      {
        name: 'p99 during backups / no backup',
        ...ratioOf<LoadResult>(during, without, ({ p99Ms }) => p99Ms),
        unit: '×',
        target: { atMost: 2 },
      },
      {
        name: 'requests/s during backups / no backup',
        ...ratioOf<LoadResult>(during, without, ({ opsPerSecond }) => opsPerSecond),
        unit: '×',
      },
    ],
    tables: [loadTable(rounds), backupTable(during, file)],
  });
}

/** What a backup costs the writes beside it. */
export const backup: Part = { name: 'backup', title: 'Writes during a backup', run };
