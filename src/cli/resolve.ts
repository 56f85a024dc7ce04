import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import {
  type Configuration,
  ConfigurationError,
  parseOptions,
  readConfiguration,
} from '../config.ts';
import { ServiceError } from '../model/errors.ts';
import { mergeGroup } from '../operations/identity-resolution/merge-group.ts';
import { createIds } from '../service/ids.ts';
import { JobRunner, type Resolution } from '../service/job-runner.ts';
import { withRepository } from './with-repository.ts';

const ownOptions = { json: { type: 'boolean' } } as const;

/** Runs a job in this process, beside those that may be serving the same database. */
function runJob(configuration: Configuration, domainName: string): Promise<Resolution> {
  const { accountId, region, logLevel, limits } = configuration;
  return withRepository(configuration, async (repository) => {
    const log = pino({ level: logLevel, base: null }, pino.destination(2));
    const { quotas } = limits;
    const own = { repository, ids: createIds(), quotas, region, mergeGroup };
    const runner = new JobRunner({ ...own, now: Date.now, pause: () => setImmediate() }, log);
    try {
      return await runner.resolve({ accountId, domainName });
    } catch (error) {
      // That the domain isn't there, or has Matching off.
      if (error instanceof ServiceError && error.code !== 'ServiceUnavailableException')
        throw new ConfigurationError(error.message);
      throw error;
    }
  });
}

/**
 * `resolve DOMAIN`: finds the duplicates in a domain now, as its weekly job does. False when the job has
 * failed.
 *
 * @throws ConfigurationError when the command is wrong, or Matching is off in the domain.
 * @throws JobLeftError when another process goes on with the job.
 * @throws DatabaseRefusedError when the database must not be opened.
 */
export async function resolve(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): Promise<boolean> {
  const { values: options, positionals } = parseOptions(args, ownOptions);
  const [domainName, ...more] = positionals;
  if (domainName === undefined || more.length > 0)
    throw new ConfigurationError('resolve takes DOMAIN [--account-id …] [--json]');
  const resolution = await runJob(readConfiguration(options, environment), domainName);
  const { jobId, status, message, profilesReviewed, matchesFound, mergesDone } = resolution;
  if (options.json) say(JSON.stringify(resolution));
  else {
    say(`Job ${jobId}: ${status}${message === undefined ? '' : `, ${message}`}`);
    say(`Profiles reviewed:  ${profilesReviewed}`);
    say(`Matches found:      ${matchesFound}`);
    say(`Merges done:        ${mergesDone}`);
  }
  return status !== 'FAILED';
}
