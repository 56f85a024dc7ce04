import { and, asc, eq, inArray, lte, or, sql } from 'drizzle-orm';
import { isJob, type JobName, matchedStatuses } from './identity-resolution-jobs.ts';
import { statement, type Tables, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** Whether a job still has matches. */
function hasMatches({ identityResolutionJobs: jobs, jobMatches }: Tables) {
  return sql`exists (select 1 from ${jobMatches} where ${jobMatches.domainId} = ${jobs.domainId} and ${jobMatches.jobId} = ${jobs.jobId})`;
}

/** Whether the domain of a job has a later one whose matches are shown instead. */
function isFollowed({ identityResolutionJobs: jobs }: Tables) {
  const statuses = sql.join(
    matchedStatuses.map((status) => sql`${status}`),
    sql`, `,
  );
  return sql`exists (select 1 from ${jobs} as later where later.domain_id = ${jobs.domainId} and later.job_id > ${jobs.jobId} and later.status in (${statuses}))`;
}

const outdated = statement<{ now: number }>()((database, tables) => {
  const { identityResolutionJobs: jobs } = tables;
  return database
    .select({ domainId: jobs.domainId, jobId: jobs.jobId })
    .from(jobs)
    .where(
      and(
        or(
          lte(jobs.expiresAt, placeholder('now')),
          eq(jobs.status, 'FAILED'),
          and(inArray(jobs.status, matchedStatuses), isFollowed(tables)),
        ),
        hasMatches(tables),
      ),
    )
    .orderBy(asc(jobs.domainId), asc(jobs.jobId))
    .limit(1);
});

const removeSome = writeStatement<JobName & { limit: number }>()((database, { jobMatches }) => {
  const isOfJob = and(
    eq(jobMatches.domainId, placeholder('domainId')),
    eq(jobMatches.jobId, placeholder('jobId')),
  );
  const some = database
    .select({ profileId: jobMatches.profileId })
    .from(jobMatches)
    .where(isOfJob)
    .orderBy(asc(jobMatches.profileId))
    .limit(placeholder('limit'));
  return database
    .delete(jobMatches)
    .where(and(isOfJob, inArray(jobMatches.profileId, some)))
    .returning({ profileId: jobMatches.profileId });
});

/**
 * Removes up to `limit` matches that nobody is shown any more: of jobs that have failed or expired, and
 * of those before the latest. False when there were none. Reads all jobs: each domain has a dozen.
 */
export async function removeOutdatedMatches(
  session: WriteSession,
  now: number,
  limit: number,
): Promise<boolean> {
  const [job] = await session.run(outdated, { now });
  if (job === undefined) return false;
  await session.run(removeSome, { ...job, limit });
  return true;
}

const expired = statement<{ now: number; limit: number }>()(
  (database, { identityResolutionJobs: jobs }) =>
    database
      .select({ domainId: jobs.domainId, jobId: jobs.jobId })
      .from(jobs)
      .where(lte(jobs.expiresAt, placeholder('now')))
      .orderBy(asc(jobs.domainId), asc(jobs.jobId))
      .limit(placeholder('limit')),
);

const remove = writeStatement<JobName>()((database, tables) =>
  database
    .delete(tables.identityResolutionJobs)
    .where(isJob(tables))
    .returning({ jobId: tables.identityResolutionJobs.jobId }),
);

/** Removes up to `limit` expired jobs, whose matches are gone by now. How many there were. */
export async function removeExpiredJobs(
  session: WriteSession,
  now: number,
  limit: number,
): Promise<number> {
  const jobs = await session.run(expired, { now, limit });
  for (const { domainId, jobId } of jobs) await session.run(remove, { domainId, jobId });
  return jobs.length;
}
