import { open, rename, rm } from 'node:fs/promises';
import type { Configuration } from '../config.ts';
import { TransferRefusedError } from '../transfer/errors.ts';
import type { ExportEnvironment } from '../transfer/export-domain.ts';
import { formats } from '../transfer/formats.ts';
import { CliCommand, type Io, type Print, storeSettings } from './command.ts';
import { chosenFormat } from './import.ts';
import { ProgressDisplay } from './progress.ts';
import { withRepository } from './with-repository.ts';

type Write = ExportEnvironment['write'];

/** Readable by its owner only: profiles are people's data. */
const MODE = 0o600;

/** Does something to a file. @throws TransferRefusedError that names it and why it can't be done. */
async function onFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new TransferRefusedError(`${file} can't be written: ${(error as Error).message}`);
  }
}

/**
 * Writes a file that is there under its name when it is whole, and on disk.
 *
 * @throws TransferRefusedError when it can't be written.
 */
async function writeWhole<T>(file: string, work: (write: Write) => Promise<T>): Promise<T> {
  const partial = `${file}.partial`;
  const handle = await onFile(file, () => open(partial, 'w', MODE));
  try {
    const value = await work((text) => onFile(file, () => handle.appendFile(text)));
    await onFile(file, () => handle.sync());
    await handle.close();
    await onFile(file, () => rename(partial, file));
    return value;
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
}

/** Prints text, as lines: each is printed with its end. */
function printing(print: Print): Write {
  return (text) => print(text.slice(0, -1));
}

async function run(
  configuration: Configuration,
  domainName: string,
  request: { readonly file: string | undefined; readonly format: (typeof formats)[number] },
  print: Print,
): Promise<number> {
  // See the import.
  const { exportDomain } = await import('../transfer/export-domain.ts');
  const { file, format } = request;
  const domain = { accountId: configuration.accountId, domainName };
  const display = new ProgressDisplay('profiles');
  const onProgress = (count: number, total: number) =>
    display.update({ part: Math.min(1, count / Math.max(1, total)), count });
  try {
    return await withRepository(configuration, (repository) => {
      const work = (write: Write) =>
        exportDomain({ repository, write, onProgress }, { domain, format, now: Date.now() });
      return file === undefined ? work(printing(print)) : writeWhole(file, work);
    });
  } finally {
    display.end();
  }
}

/** `export DOMAIN [FILE]`: writes the profiles of a domain. */
export function exportCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('export')
    .description('write the profiles of a domain with their keys, all as they are at one moment')
    .argument('<domain>', 'its name')
    .argument('[file]', 'where to; else to standard output')
    .own('--format <format>', `${formats.join(' or ')}; else the name of the file tells it`)
    .own('--json', 'print how many they are as a line of JSON; with a file')
    .settings(...storeSettings, 'account-id')
    .example(
      'keyfold export customers customers.csv',
      'keyfold export customers | gzip > customers.ndjson.gz',
    );
  return command.action(async (domainName: string, file: string | undefined) => {
    const { format: given, json } = command.ownOptions(environment);
    const request = { file, format: chosenFormat(file, given) };
    const profiles = await run(command.configuration(environment), domainName, request, print);
    if (file === undefined) return;
    await print(json === true ? JSON.stringify({ profiles, file }) : `${profiles} exported`);
  });
}
