import { type Configuration, ConfigurationError } from '../config.ts';
import { onRepository } from '../operations/run.ts';
import { FlushFailedError } from '../repository/errors.ts';
import { openRepository } from '../repository/open.ts';
import type { Repository } from '../repository/repository.ts';

/** Opens the store, does the work and closes it again. Closing writes too. */
async function run<T>(
  configuration: Configuration,
  work: (repository: Repository) => Promise<T>,
  onFlushFailed: (error: FlushFailedError) => void,
): Promise<T> {
  const diskEvents = { flushFailed: onFlushFailed, checkpointFailed: () => {} };
  const repository = await openRepository({ ...configuration, diskEvents });
  try {
    return await onRepository(() => work(repository));
  } finally {
    await repository.close();
  }
}

/**
 * Does a command's work on the configured store, beside the services that may be using it.
 *
 * @throws ConfigurationError when the store would end with the command.
 * @throws ServiceError ServiceUnavailableException when the store can't answer.
 * @throws DatabaseRefusedError when it must not be opened.
 * @throws FlushFailedError when its disk has failed to take a write, whatever the work has come to.
 */
export async function withRepository<T>(
  configuration: Configuration,
  work: (repository: Repository) => Promise<T>,
): Promise<T> {
  const { database } = configuration;
  if (database === ':memory:')
    throw new ConfigurationError('a database in memory ends with this command: name another');
  const failures: FlushFailedError[] = [];
  const [ended] = await Promise.allSettled([
    run(configuration, work, (error) => failures.push(error)),
  ]);
  const [cause] = failures;
  if (cause !== undefined)
    throw new FlushFailedError(
      `the disk could not take a write to ${database}: see the log of the system`,
      { cause },
    );
  if (ended.status === 'rejected') throw ended.reason;
  return ended.value;
}
