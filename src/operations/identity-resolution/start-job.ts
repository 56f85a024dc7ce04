import { lastDueTime } from '../../identity/job-schedule.ts';
import { badRequest, domainNotFound } from '../../model/errors.ts';
import { type DomainName, findDomain } from '../../repository/domains.ts';
import { ConflictError } from '../../repository/errors.ts';
import {
  insertJob,
  type JobRow,
  LATEST_START,
  listJobs,
} from '../../repository/identity-resolution-jobs.ts';
import { listDomainsToSchedule, lockSettings } from '../../repository/job-scheduling.ts';
import type { WriteSession } from '../../repository/session.ts';
import { DEFAULT_JOB_SCHEDULE, type DomainSettings } from '../domains/settings.ts';
import type { JobContext } from './job-context.ts';

/** How long a job is shown. A domain keeps a quarter's: thirteen weekly runs to compare. */
const JOB_MS = 90 * 24 * 60 * 60 * 1000;

/** How many domains are looked at in one go. */
const DOMAINS_PER_PAGE = 100;

function matchingOf(settings: string): DomainSettings['Matching'] {
  const { Matching } = JSON.parse(settings) as DomainSettings;
  return Matching?.Enabled ? Matching : undefined;
}

/** Stores a job; undefined when there is one of the same start. */
function insertNew(
  session: WriteSession,
  { ids, now }: JobContext,
  job: Pick<JobRow, 'domainId' | 'status' | 'startsAt'>,
): Promise<JobRow | undefined> {
  const moment = now();
  return insertJob(session, {
    ...job,
    jobId: ids.recordId(moment),
    updatedAt: moment,
    expiresAt: moment + JOB_MS,
    position: '',
  });
}

/**
 * Makes a job that begins now. It counts as begun, so that whoever made it is the one who runs it.
 *
 * @throws ServiceError ResourceNotFoundException without the domain, BadRequestException when Matching
 *   is off in it.
 */
export function startJobNow(context: JobContext, domain: DomainName): Promise<JobRow> {
  return context.repository.write(async (session) => {
    const { domainName } = domain;
    const found = await findDomain(session, domain);
    const settings = found && (await lockSettings(session, found.domainId));
    if (found === undefined || settings === undefined) throw domainNotFound(domainName);
    if (matchingOf(settings) === undefined)
      throw badRequest(`Matching is not enabled in domain ${domainName}`);
    // The domain is held: nobody else makes a job of it now. Expired ones keep their start, too.
    const last = { now: 0, before: LATEST_START, limit: 1 };
    const [latest] = await listJobs(session, { ...domain, ...last });
    const startsAt = Math.max(context.now(), (latest?.startsAt ?? 0) + 1);
    const job = { domainId: found.domainId, status: 'PREPROCESSING', startsAt } as const;
    const made = await insertNew(session, context, job);
    if (made === undefined) throw new ConflictError('another job has the same start');
    return made;
  });
}

/** Makes the job of a domain that was due at `startsAt`, unless another process has. */
function schedule(
  context: JobContext,
  domainId: string,
  startsAt: number,
): Promise<JobRow | undefined> {
  return context.repository.write(async (session) => {
    // Held, so that who switches Matching off finds the job.
    const settings = await lockSettings(session, domainId);
    if (settings === undefined || matchingOf(settings) === undefined) return undefined;
    return insertNew(session, context, { domainId, status: 'PENDING', startsAt });
  });
}

/**
 * Makes the weekly jobs that are due: in domains where Matching is on, the moment of the schedule has
 * passed, and since then neither the domain's settings have changed nor a job has started. A week that
 * was missed, because no service was running, is made up for once.
 */
export async function scheduleJobs(context: JobContext): Promise<void> {
  const { repository } = context;
  let after = '';
  for (;;) {
    const domains = await listDomainsToSchedule(repository.autocommit, after, DOMAINS_PER_PAGE);
    for (const { domainId, settings, updatedAt, lastStart } of domains) {
      const matching = matchingOf(settings);
      if (matching === undefined) continue;
      const due = lastDueTime(matching.JobSchedule ?? DEFAULT_JOB_SCHEDULE, context.now());
      if (due > updatedAt && due > lastStart) await schedule(context, domainId, due);
    }
    const last = domains.at(-1);
    if (domains.length < DOMAINS_PER_PAGE || last === undefined) return;
    after = last.domainId;
    await context.pause();
  }
}
