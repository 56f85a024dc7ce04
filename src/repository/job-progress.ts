import { and, asc, eq, isNotNull, isNull, lte, or, sql } from 'drizzle-orm';
import { isJob, type JobName, type JobRow, jobColumns } from './identity-resolution-jobs.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

const unfinished = statement<{ now: number; idleSince: number }>()((database, tables) => {
  const { domains, identityResolutionJobs: jobs } = tables;
  return database
    .select(jobColumns(tables))
    .from(jobs)
    .innerJoin(domains, and(eq(domains.domainId, jobs.domainId), isNotNull(domains.name)))
    .where(
      and(
        isNull(jobs.endedAt),
        lte(jobs.startsAt, placeholder('now')),
        or(eq(jobs.status, 'PENDING'), lte(jobs.updatedAt, placeholder('idleSince'))),
      ),
    )
    .orderBy(asc(jobs.startsAt), asc(jobs.domainId))
    .limit(1);
});

/**
 * A job that has yet to be started, or that nobody has worked on since `idleSince`. Reads all jobs:
 * each domain has a dozen.
 */
export async function findUnfinishedJob(
  session: Session,
  now: number,
  idleSince: number,
): Promise<JobRow | undefined> {
  const [row] = await session.run(unfinished, { now, idleSince });
  return row;
}

/** What a unit of work makes of a job. */
type JobState = Pick<
  JobRow,
  'status' | 'position' | 'message' | 'autoMerging' | 'endedAt' | 'updatedAt' | 'profilesReviewed'
>;

const advance = writeStatement<JobName & JobState & { readStatus: string; readPosition: string }>()(
  (database, tables) => {
    const { identityResolutionJobs: jobs } = tables;
    return database
      .update(jobs)
      .set({
        status: sql`${placeholder('status')}`,
        position: sql`${placeholder('position')}`,
        message: sql`${placeholder('message')}`,
        autoMerging: sql`${placeholder('autoMerging')}`,
        endedAt: sql`${placeholder('endedAt')}`,
        updatedAt: sql`${placeholder('updatedAt')}`,
        profilesReviewed: sql`${placeholder('profilesReviewed')}`,
      })
      .where(
        and(
          isJob(tables),
          eq(jobs.status, placeholder('readStatus')),
          eq(jobs.position, placeholder('readPosition')),
        ),
      )
      .returning(jobColumns(tables));
  },
);

/**
 * Takes a job as it was read a step further, and holds it until the unit ends. The state must differ
 * in status or position: a unit that took the same step at the same time then finds it taken.
 *
 * @returns undefined when somebody else has taken the step, or the job is gone: the unit then leaves
 *   everything as it is.
 */
export async function advanceJob(
  session: WriteSession,
  read: JobRow,
  state: Partial<JobState> & Pick<JobState, 'position' | 'updatedAt'>,
): Promise<JobRow | undefined> {
  const { domainId, jobId, status, message, autoMerging, endedAt, profilesReviewed } = read;
  const [row] = await session.run(advance, {
    domainId,
    jobId,
    readStatus: status,
    readPosition: read.position,
    status,
    message,
    autoMerging,
    endedAt,
    profilesReviewed,
    ...state,
  });
  return row;
}

const count = writeStatement<JobName & { matches: number; merges: number }>()(
  (database, tables) => {
    const { identityResolutionJobs: jobs } = tables;
    return database
      .update(jobs)
      .set({
        matchesFound: sql`${jobs.matchesFound} + ${placeholder('matches')}`,
        mergesDone: sql`${jobs.mergesDone} + ${placeholder('merges')}`,
      })
      .where(isJob(tables))
      .returning(jobColumns(tables));
  },
);

/** Counts what a unit that holds the job has found and done; gives the job as it is then. */
export async function countInJob(
  session: WriteSession,
  job: JobRow,
  { matches = 0, merges = 0 }: { readonly matches?: number; readonly merges?: number },
): Promise<JobRow> {
  if (matches === 0 && merges === 0) return job;
  const { domainId, jobId } = job;
  const [row] = await session.run(count, { domainId, jobId, matches, merges });
  return row ?? job;
}
