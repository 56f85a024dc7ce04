import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import type { Configuration } from '../config.ts';
import { ServiceError } from '../model/errors.ts';
import { mergeGroup } from '../operations/identity-resolution/merge-group.ts';
import { domainAbsent } from '../repository/domains.ts';
import { createIds } from '../service/ids.ts';
import { JobRunner, type Resolution } from '../service/job-runner.ts';
import { CliCommand, type Io, storeSettings } from './command.ts';
import { withRepository } from './with-repository.ts';

/**
 * Runs a job in this process, beside those that may be serving the same database.
 *
 * @throws AbsentError when the domain isn't there.
 * @throws ServiceError BadRequestException when Matching is off in it, ServiceUnavailableException when the database
 *   can't answer.
 * @throws JobLeftError when another process goes on with the job.
 * @throws DatabaseRefusedError when the database must not be opened.
 */
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
      const isAbsent = error instanceof ServiceError && error.code === 'ResourceNotFoundException';
      throw isAbsent ? domainAbsent({ accountId, domainName }) : error;
    }
  });
}

/** `resolve DOMAIN`: finds the duplicates in a domain now, as its weekly job does. */
export function resolveCommand({ environment, print, fail }: Io): CliCommand {
  const command = new CliCommand('resolve')
    .description('find the duplicates in a domain now, and merge them where AutoMerging is on')
    .argument('<domain>', 'its name')
    .own('--json', 'print the job as a line of JSON')
    .settings(...storeSettings, 'account-id', 'region', 'limits', 'log-level')
    .example('keyfold resolve customers');
  return command.action(async (domainName: string) => {
    const { json } = command.ownOptions(environment);
    const resolution = await runJob(command.configuration(environment), domainName);
    const { jobId, status, message, profilesReviewed, matchesFound, mergesDone } = resolution;
    if (json) await print(JSON.stringify(resolution));
    else {
      await print(`Job ${jobId}: ${status}${message === undefined ? '' : `, ${message}`}`);
      await print(`Profiles reviewed:  ${profilesReviewed}`);
      await print(`Matches found:      ${matchesFound}`);
      await print(`Merges done:        ${mergesDone}`);
    }
    if (status === 'FAILED') fail();
  });
}
