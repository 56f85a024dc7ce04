import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { KeyfoldProcess } from '../support/keyfold-process.ts';
import { numbers } from '../support/numbers.ts';
import { call, callWell } from './api.ts';
import { eachCycle, type Figures, type Run, violation } from './scenario.ts';

const DOMAIN = '/domains/torture';
/** In the file, and as many more in the log. */
const PROFILES = 40;
const PAGE_BYTES = 4096;
const HEADER_BYTES = 100;
const SUFFIXES = ['', '-wal', '-shm'];

type Random = (below: number) => number;

function change(file: string, random: Random, bytes: Buffer, below = statSync(file).size): void {
  const contents = readFileSync(file);
  bytes.copy(contents, Math.floor(random(below)));
  writeFileSync(file, contents);
}

function flip(file: string, random: Random, below = statSync(file).size): void {
  const contents = readFileSync(file);
  const at = Math.floor(random(below));
  contents.writeUInt8(contents.readUInt8(at) ^ (1 << Math.floor(random(8))), at);
  writeFileSync(file, contents);
}

function cut(file: string, random: Random): void {
  truncateSync(file, Math.floor(random(statSync(file).size)));
}

/** What can happen to the files of a process that was killed, while nobody has them open. */
const damages: Readonly<Record<string, (file: string, random: Random) => void>> = {
  'the file is cut': cut,
  'the file is emptied': (file) => truncateSync(file, 0),
  'the file is gone': (file) => rmSync(file),
  'the file is something else': (file) => writeFileSync(file, 'Dear diary, '.repeat(1_000)),
  'a bit of the header is turned': (file, random) => flip(file, random, HEADER_BYTES),
  'a page is zero': (file, random) => {
    const page = Math.floor(random(statSync(file).size / PAGE_BYTES));
    const contents = readFileSync(file);
    contents.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    writeFileSync(file, contents);
  },
  'the log is cut': (file, random) => cut(`${file}-wal`, random),
  'the log is emptied': (file) => truncateSync(`${file}-wal`, 0),
  'the log is gone': (file) => rmSync(`${file}-wal`),
  'a bit of the log is turned': (file, random) => flip(`${file}-wal`, random),
  'a sector of the log is zero': (file, random) =>
    change(`${file}-wal`, random, Buffer.alloc(512), statSync(`${file}-wal`).size - 512),
};

/** Writes some profiles and ends the process with a signal. Names the values that find them. */
async function write(database: string, name: string, signal: NodeJS.Signals): Promise<string[]> {
  const server = new KeyfoldProcess({ args: ['--port', '0', '--database', database] });
  try {
    const url = await server.url();
    await call(url, 'POST', DOMAIN, { DefaultExpirationDays: 366 });
    const emails = Array.from({ length: PROFILES }, (_, index) => `${name}${index}@example.com`);
    for (const EmailAddress of emails)
      await callWell(url, 'POST', `${DOMAIN}/profiles`, { EmailAddress });
    return emails;
  } finally {
    await server.stop(signal);
  }
}

/** A database of which a part is in the file, and the rest in the log of a process that was killed. */
async function makeKilled(database: string): Promise<string[]> {
  const inFile = await write(database, 'early', 'SIGTERM');
  return [...inFile, ...(await write(database, 'late', 'SIGKILL'))];
}

function bytesOf(file: string): (Buffer | undefined)[] {
  return SUFFIXES.slice(0, 2).map((suffix) =>
    existsSync(`${file}${suffix}`) ? readFileSync(`${file}${suffix}`) : undefined,
  );
}

/** What became of a start; refused, served with everything there, or served with errors where it isn't. */
type Outcome = 'refused' | 'kept' | 'failedOpenly';

/** @throws Error when something is lost and nobody is told. */
async function start(file: string, emails: readonly string[]): Promise<Outcome> {
  const before = bytesOf(file);
  const server = new KeyfoldProcess({ args: ['--port', '0', '--database', file] });
  try {
    const url = await server.url().catch(() => undefined);
    if (url === undefined) {
      const code = await server.exited();
      if (code !== 1 || !/^keyfold: database [^\n]+\n$/.test(server.stderr))
        throw new Error(`ended with ${code}: ${server.stderr}`);
      const isSame = bytesOf(file).every((bytes, index) =>
        bytes === undefined ? before[index] === undefined : before[index]?.equals(bytes),
      );
      if (!isSame) throw new Error('was refused, and changed all the same');
      return 'refused';
    }
    let failures = 0;
    for (const email of emails) {
      const body = { KeyName: '_email', Values: [email] };
      const reply = await call(url, 'POST', `${DOMAIN}/profiles/search`, body);
      if (reply?.status === 500 || reply?.status === 503) failures += 1;
      else if (reply?.status !== 200 || (reply.body.Items as unknown[]).length !== 1)
        throw new Error(`${email} is lost without a word: ${JSON.stringify(reply)}`);
    }
    return failures === 0 ? 'kept' : 'failedOpenly';
  } finally {
    await server.stop('SIGKILL');
  }
}

/**
 * Starts Keyfold on what a killed process has left, damaged in one way after the other: it must refuse
 * in one line and change nothing, or serve every answered write, or fail the requests that it can't
 * answer. It must never make a new database in the place of a damaged one, or answer as if nothing had
 * been there.
 */
export async function tortureFiles(run: Run): Promise<Figures> {
  const figures = { refused: 0, kept: 0, failedOpenly: 0 };
  const killed = await run.makeDatabase();
  const emails = await makeKilled(killed);
  const kinds = Object.entries(damages);
  await eachCycle(run, async (seed) => {
    const folder = `${killed}-${seed}`;
    const file = `${folder}/keyfold.db`;
    const [name, damage] = kinds[seed % kinds.length] ?? ['nothing', () => {}];
    mkdirSync(folder);
    try {
      for (const suffix of SUFFIXES) copyFileSync(`${killed}${suffix}`, `${file}${suffix}`);
      damage(file, numbers(seed));
      figures[await start(file, emails)] += 1;
    } catch (error) {
      throw violation(seed, `${name}: ${(error as Error).message}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  return figures;
}
