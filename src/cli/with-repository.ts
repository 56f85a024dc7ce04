import { type Configuration, ConfigurationError } from '../config.ts';
import { onRepository } from '../operations/run.ts';
import { openRepository } from '../repository/open.ts';
import type { Repository } from '../repository/repository.ts';

/**
 * Does a command's work on the configured store, beside the services that may be using it.
 *
 * @throws ConfigurationError when the store would end with the command.
 * @throws ServiceError ServiceUnavailableException when the store can't answer.
 * @throws DatabaseRefusedError when it must not be opened.
 */
export async function withRepository<T>(
  configuration: Configuration,
  work: (repository: Repository) => Promise<T>,
): Promise<T> {
  if (configuration.database === ':memory:')
    throw new ConfigurationError('a database in memory ends with this command: name another');
  const repository = await openRepository(configuration);
  try {
    return await onRepository(() => work(repository));
  } finally {
    await repository.close();
  }
}
