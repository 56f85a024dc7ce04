import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Configuration, ConfigurationError } from '../config.ts';
import { draftOf, isTaken, publishNew, syncFolder } from '../repository/engine/sqlite-file.ts';
import { TransferRefusedError } from '../transfer/errors.ts';
import type { ExportEnvironment } from '../transfer/export-domain.ts';
import { type Format, formats } from '../transfer/formats.ts';
import { CliCommand, type Io, type Print, storeSettings, untilSignal } from './command.ts';
import { chosenFormat } from './import.ts';
import { ProgressDisplay } from './progress.ts';
import { withRepository } from './with-repository.ts';

type Write = ExportEnvironment['write'];

/** Readable by its owner only: profiles are people's data. */
const MODE = 0o600;

/** A file that an export writes. */
interface Target {
  readonly file: string;
  /** Whether one that is there is given up. */
  readonly isReplacing: boolean;
}

/** Does something to a file. @throws TransferRefusedError that names it and why it can't be done. */
async function onFile<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new TransferRefusedError(`${file} can't be written: ${(error as Error).message}`);
  }
}

/** What a SQLite database begins with, and its write-ahead log in either byte order. */
const DATABASE_STARTS = [Buffer.from('SQLite format 3\0'), Buffer.from([0x37, 0x7f, 0x06])];

/** Whether a file is a SQLite database, or a part of one: nobody means to replace that by an export. */
function isDatabase(file: string): boolean {
  const start = Buffer.alloc(16);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, start, 0, start.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return DATABASE_STARTS.some((known) => start.subarray(0, known.length).equals(known));
}

/** @throws TransferRefusedError when something has the name that must not be given up. */
async function checkTarget({ file, isReplacing }: Target): Promise<void> {
  if (!(await onFile(file, () => isTaken(file)))) return;
  if (!isReplacing) throw new TransferRefusedError(`${file} exists: --replace gives it up`);
  const found = statSync(file, { throwIfNoEntry: false });
  // A folder, or a device: in its place there would be a file.
  if (found !== undefined && !found.isFile())
    throw new TransferRefusedError(`${file} can't be replaced: it is not a file`);
  if (found !== undefined && (await onFile(file, () => isDatabase(file))))
    throw new TransferRefusedError(`${file} is not replaced: it is a SQLite database`);
}

/** Gives what is whole its name; of a file that has come meanwhile nothing is lost. */
async function publish(partial: string, { file, isReplacing }: Target): Promise<void> {
  if (isReplacing) await rename(partial, file);
  else publishNew(partial, file);
  syncFolder(dirname(file));
}

/**
 * Writes a file that is there under its name when it is whole, and on disk. Whatever ends it before leaves nothing.
 *
 * @throws TransferRefusedError when it can't be written, or the signal has stopped it.
 */
async function writeWhole<T>(
  target: Target,
  signal: AbortSignal,
  work: (write: Write) => Promise<T>,
): Promise<T> {
  const { file } = target;
  await checkTarget(target);
  // A name of its own, and a new file: another export to the same file, or somebody's file or link, has another.
  const partial = draftOf(file);
  const handle = await onFile(file, () => open(partial, 'wx', MODE));
  try {
    const value = await work((text) => onFile(file, () => handle.appendFile(text)));
    await onFile(file, () => handle.sync());
    await handle.close();
    signal.throwIfAborted();
    await onFile(file, () => publish(partial, target));
    return value;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new TransferRefusedError(`${file} is not written: ${(signal.reason as Error).message}`);
  } finally {
    await handle.close();
    await rm(partial, { force: true });
  }
}

/** Prints text, as lines: each is printed with its end. */
function printing(print: Print): Write {
  return (text) => print(text.slice(0, -1));
}

interface Request {
  readonly domainName: string;
  readonly format: Format;
  /** Undefined for standard output. */
  readonly target: Target | undefined;
}

/** Exports to a file, or to standard output: that has no end of its own, and a signal ends the process as it is. */
async function run(
  configuration: Configuration,
  { domainName, format, target }: Request,
  print: Print,
): Promise<number> {
  // See the import.
  const { exportDomain } = await import('../transfer/export-domain.ts');
  const domain = { accountId: configuration.accountId, domainName };
  const display = new ProgressDisplay('profiles');
  const onProgress = (count: number, total: number) =>
    display.update({ part: Math.min(1, count / Math.max(1, total)), count });
  const exportTo = (write: Write, signal?: AbortSignal) =>
    withRepository(configuration, (repository) =>
      exportDomain({ repository, write, onProgress, signal }, { domain, format, now: Date.now() }),
    );
  try {
    if (target === undefined) return await exportTo(printing(print));
    return await untilSignal((signal) =>
      writeWhole(target, signal, (write) => exportTo(write, signal)),
    );
  } finally {
    display.end();
  }
}

/** `export DOMAIN [FILE]`: writes the profiles of a domain. */
export function exportCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('export')
    .description('export the profiles of a domain with their keys, as a consistent snapshot')
    .argument('<domain>', 'its name')
    .argument('[file]', 'the new file; without one, standard output')
    .own('--format <format>', `${formats.join(' or ')}; else the name of the file tells it`)
    .ownConsent('replace', 'give up the file that is there')
    .own('--json', 'print how many they are as a line of JSON; with a file only')
    .settings(...storeSettings, 'account-id')
    .example(
      'keyfold export customers customers.csv',
      'keyfold export customers | gzip > customers.ndjson.gz',
    );
  return command.action(async (domainName: string, file: string | undefined) => {
    const { json, replace } = command.ownOptions(environment);
    const format = chosenFormat(command, environment, file);
    // The variable is there for every command of a shell.
    if (json === true && file === undefined && command.sourceOf('json', environment) === '--json')
      throw new ConfigurationError('--json needs a file: standard output has the profiles');
    const target = file === undefined ? undefined : { file, isReplacing: replace === true };
    const request = { domainName, format, target };
    const profiles = await run(command.configuration(environment), request, print);
    if (file === undefined) return;
    await print(json === true ? JSON.stringify({ profiles, file }) : `${profiles} exported`);
  });
}
