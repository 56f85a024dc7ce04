import { and, desc, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import { type DomainName, domainIdByName, isNamed } from './domains.ts';
import {
  type Session,
  statement,
  type Tables,
  type WriteSession,
  writeStatement,
} from './session.ts';

const { placeholder } = sql;

/** The statuses of a job whose matches are complete: what GetMatches shows is the latest one's. */
export const matchedStatuses = ['COMPLETED', 'PARTIAL_SUCCESS'] as const;

export type JobStatus =
  | 'PENDING'
  | 'PREPROCESSING'
  | 'FIND_MATCHING'
  | 'MERGING'
  | 'FAILED'
  | (typeof matchedStatuses)[number];

/** A run of identity resolution as it is stored. Times are milliseconds since the epoch. */
export interface JobRow {
  readonly domainId: string;
  /** Ascends with time. */
  readonly jobId: string;
  readonly status: JobStatus;
  readonly message: string | null;
  /** JSON text. */
  readonly autoMerging: string | null;
  /** When it was started or is to be. One of a kind in its domain. */
  readonly startsAt: number;
  /** Null as long as it goes on. */
  readonly endedAt: number | null;
  readonly updatedAt: number;
  readonly expiresAt: number;
  readonly profilesReviewed: number;
  readonly matchesFound: number;
  readonly mergesDone: number;
  /** How far its status has come; another text after each unit of work. */
  readonly position: string;
}

/** What names a job to those who work on it. */
export type JobName = Pick<JobRow, 'domainId' | 'jobId'>;

/** The columns of a {@link JobRow}. */
export function jobColumns({ identityResolutionJobs: jobs }: Tables) {
  return {
    domainId: jobs.domainId,
    jobId: jobs.jobId,
    // Only `insertJob` and `advanceJob` write it.
    status: sql<JobStatus>`${jobs.status}`,
    message: jobs.message,
    autoMerging: jobs.autoMerging,
    startsAt: jobs.startsAt,
    endedAt: jobs.endedAt,
    updatedAt: jobs.updatedAt,
    expiresAt: jobs.expiresAt,
    profilesReviewed: jobs.profilesReviewed,
    matchesFound: jobs.matchesFound,
    mergesDone: jobs.mergesDone,
    position: jobs.position,
  };
}

/** Whether a job is the one that a statement's `domainId` and `jobId` name. */
export function isJob({ identityResolutionJobs: jobs }: Tables) {
  return and(eq(jobs.domainId, placeholder('domainId')), eq(jobs.jobId, placeholder('jobId')));
}

type NewJob = Pick<
  JobRow,
  'domainId' | 'jobId' | 'status' | 'startsAt' | 'updatedAt' | 'expiresAt' | 'position'
>;

const insert = writeStatement<NewJob>()((database, tables) =>
  database
    .insert(tables.identityResolutionJobs)
    .values({
      domainId: placeholder('domainId'),
      jobId: placeholder('jobId'),
      status: placeholder('status'),
      startsAt: placeholder('startsAt'),
      updatedAt: placeholder('updatedAt'),
      expiresAt: placeholder('expiresAt'),
      position: placeholder('position'),
    })
    .onConflictDoNothing()
    .returning(jobColumns(tables)),
);

/**
 * Stores a new job; undefined when the domain has one that starts at the same time.
 *
 * @throws MissingParentError when the domain is gone.
 */
export async function insertJob(session: WriteSession, job: NewJob): Promise<JobRow | undefined> {
  const [row] = await session.run(insert, job);
  return row;
}

const byId = statement<DomainName & { jobId: string; now: number }>()((database, tables) => {
  const { domains, identityResolutionJobs: jobs } = tables;
  return database
    .select(jobColumns(tables))
    .from(domains)
    .innerJoin(jobs, eq(jobs.domainId, domains.domainId))
    .where(
      and(
        isNamed(tables),
        eq(jobs.jobId, placeholder('jobId')),
        gt(jobs.expiresAt, placeholder('now')),
      ),
    );
});

/** A job that has not expired, or undefined. */
export async function findJob(
  session: Session,
  name: DomainName & { readonly jobId: string; readonly now: number },
): Promise<JobRow | undefined> {
  const { accountId, domainName, jobId, now } = name;
  const [row] = await session.run(byId, { accountId, domainName, jobId, now });
  return row;
}

/** After the start of every job there is. */
export const LATEST_START = Number.MAX_SAFE_INTEGER;

interface JobsQuery extends DomainName {
  readonly now: number;
  /** Only those that start before. */
  readonly before: number;
  readonly limit: number;
}

const page = statement<JobsQuery>()((database, tables) => {
  const { identityResolutionJobs: jobs } = tables;
  return database
    .select(jobColumns(tables))
    .from(jobs)
    .where(
      and(
        eq(jobs.domainId, domainIdByName(database, tables)),
        lt(jobs.startsAt, placeholder('before')),
        gt(jobs.expiresAt, placeholder('now')),
      ),
    )
    .orderBy(desc(jobs.startsAt))
    .limit(placeholder('limit'));
});

/** The jobs of a domain that have not expired, the one that starts last first. */
export function listJobs(session: Session, query: JobsQuery): Promise<JobRow[]> {
  const { accountId, domainName, now, before, limit } = query;
  return session.run(page, { accountId, domainName, now, before, limit });
}

const latestMatched = statement<{ domainId: string; now: number }>()((database, tables) => {
  const { identityResolutionJobs: jobs } = tables;
  return database
    .select(jobColumns(tables))
    .from(jobs)
    .where(
      and(
        eq(jobs.domainId, placeholder('domainId')),
        inArray(jobs.status, matchedStatuses),
        gt(jobs.expiresAt, placeholder('now')),
      ),
    )
    .orderBy(desc(jobs.jobId))
    .limit(1);
});

/** The latest job of a domain whose matches are complete, or undefined. */
export async function findLatestMatchedJob(
  session: Session,
  domainId: string,
  now: number,
): Promise<JobRow | undefined> {
  const [row] = await session.run(latestMatched, { domainId, now });
  return row;
}
