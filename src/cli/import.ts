import { readFileSync } from 'node:fs';
import { type Configuration, ConfigurationError, type Environment } from '../config.ts';
import { localCaller } from '../model/operation.ts';
import { createIds } from '../service/ids.ts';
import { TransferRefusedError } from '../transfer/errors.ts';
import { type Format, formatOf, formats } from '../transfer/formats.ts';
import type { ImportRequest, ImportResult } from '../transfer/import-file.ts';
import { type Mapping, parseMapping } from '../transfer/mapping.ts';
import { CliCommand, type Io, type Print, storeSettings } from './command.ts';
import { durationText, ProgressDisplay } from './progress.ts';
import { withRepository } from './with-repository.ts';

/**
 * The format of a command's file: what its option says, or else the name of the file.
 *
 * @throws ConfigurationError when the format can't be told.
 */
export function chosenFormat(
  command: CliCommand,
  environment: Environment,
  file: string | undefined,
): Format {
  const { format: given } = command.ownOptions(environment);
  const format = given === undefined ? formatOf(file) : formats.find((name) => name === given);
  if (format !== undefined) return format;
  const expected = formats.join(' or ');
  throw new ConfigurationError(
    given === undefined
      ? `the name of ${file} doesn't tell its format: say --format ${expected}`
      : `${command.sourceOf('format', environment)} must be ${expected}, not '${given}'`,
  );
}

/** @throws ConfigurationError that names the file and what is wrong with it. */
function readMapping(file: string): Mapping {
  try {
    return parseMapping(readFileSync(file, 'utf8'));
  } catch (error) {
    const problem =
      error instanceof TransferRefusedError
        ? error.message
        : `can't be read: ${(error as Error).message}`;
    throw new ConfigurationError(`mapping ${file} ${problem}`);
  }
}

/** Whether the first signal to stop has come; later ones (npm passes Ctrl-C on) change nothing. */
function listenForStop(): () => boolean {
  let isStopped = false;
  const stop = () => {
    isStopped = true;
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return () => isStopped;
}

/** Imports a file, with its progress on standard error. */
async function run(
  configuration: Configuration,
  domainName: string,
  request: ImportRequest,
): Promise<ImportResult> {
  // What reads tables is loaded where it is used: services start without it.
  const { importFile } = await import('../transfer/import-file.ts');
  const { accountId, region, limits } = configuration;
  const isStopped = listenForStop();
  const caller = localCaller(accountId, region);
  const ids = createIds();
  const display = new ProgressDisplay('rows');
  const environment = {
    domain: { accountId, domainName },
    context: () => ({ caller, ids, quotas: limits.quotas, now: Date.now() }),
    isStopped,
    onBegin: ({ position, size, rows }: { position: number; size: number; rows: number }) =>
      display.begin({ part: position / Math.max(1, size), count: rows }),
    onProgress: ({ position, size, rows }: { position: number; size: number; rows: number }) =>
      display.update({ part: position / size, count: rows }),
  };
  try {
    return await withRepository(configuration, (repository) =>
      importFile({ ...environment, repository }, request),
    );
  } finally {
    display.end();
  }
}

const headlines = {
  done: 'Imported',
  before: 'Imported before, and left as it is (--again imports it anew)',
  stopped: 'Stopped',
} as const;

/** Says what an import came to. */
async function report(
  { end, state, rowsOfRun }: ImportResult,
  seconds: number,
  { rejectsFile, print, isJson }: { rejectsFile: string; print: Print; isJson: boolean },
): Promise<void> {
  const { created, updated, rejected, unclearKeys, line } = state;
  const rowsPerSecond = Math.round(rowsOfRun / seconds);
  if (isJson) {
    const counts = { created, updated, rejected, unclearKeys };
    const file = rejected > 0 ? { rejects: rejectsFile } : {};
    const times = { seconds: Number(seconds.toFixed(3)), rowsOfRun, rowsPerSecond };
    await print(JSON.stringify({ end, ...counts, nextLine: line, ...file, ...times }));
    return;
  }
  const counts = `${created} created, ${updated} updated, ${rejected} rejected`;
  const speed = end === 'before' ? '' : ` (${durationText(seconds)}, ${rowsPerSecond} rows/s)`;
  await print(`${headlines[end]}: ${counts}${speed}`);
  if (rejected > 0) await print(`Rejected rows, with their lines and reasons: ${rejectsFile}`);
  if (unclearKeys > 0)
    await print(`Pairs of FoundByItems that don't tell which value a profile has: ${unclearKeys}`);
  if (end === 'stopped') await print(`The same command goes on from line ${line}.`);
}

/** `import DOMAIN FILE`: stores the profiles of a file. */
export function importCommand({ environment, print, fail }: Io): CliCommand {
  const command = new CliCommand('import')
    .description(
      'import profiles from a CSV or NDJSON file; if it was stopped, the same command resumes it; exit code 1 if rows were rejected',
    )
    .argument('<domain>', 'its name')
    .argument('<file>', 'what keyfold export writes, answers of the cloud service, or a table')
    .own('--format <format>', `${formats.join(' or ')}; else the name of the file tells it`)
    .own('--mapping <file>', 'JSON that says which columns of CSV are which fields')
    .own('--rejects <file>', 'where rejected rows go; else beside the file')
    .ownConsent('again', 'import a file anew that was imported before')
    .own('--json', 'print what it came to as a line of JSON')
    .settings(...storeSettings, 'account-id', 'region', 'limits')
    .example(
      'keyfold import customers customers.csv --mapping columns.json',
      'keyfold import customers recorded-answers.ndjson',
    );
  return command.action(async (domainName: string, file: string) => {
    const { mapping, rejects, again, json } = command.ownOptions(environment);
    const format = chosenFormat(command, environment, file);
    if (mapping !== undefined && format !== 'csv')
      throw new ConfigurationError(
        `${command.sourceOf('mapping', environment)} is for columns of CSV`,
      );
    const rejectsFile = rejects === undefined ? `${file}.rejects.ndjson` : String(rejects);
    const request = {
      file,
      format,
      mapping: mapping === undefined ? undefined : readMapping(String(mapping)),
      rejectsFile,
      isAgain: again === true,
    };
    const beganAt = performance.now();
    const result = await run(command.configuration(environment), domainName, request);
    const seconds = (performance.now() - beganAt) / 1_000;
    await report(result, seconds, { rejectsFile, print, isJson: json === true });
    if (result.end === 'stopped' || result.state.rejected > 0) fail();
  });
}
