import { countsOfDomain } from '../../repository/domain-counts.ts';
import { findDomainById } from '../../repository/domains.ts';
import type { JobRow, JobStatus } from '../../repository/identity-resolution-jobs.ts';
import { advanceJob } from '../../repository/job-progress.ts';
import type { DomainSettings } from '../domains/settings.ts';
import { findMatching } from './find-matching.ts';
import type { JobContext } from './job-context.ts';
import { startOfMatching } from './matching-position.ts';
import { autoMergingOf, merging, startOfMerging } from './merging.ts';

/** The job after each unit of work; at the end the job, or undefined when somebody else goes on with it. */
type Steps = AsyncGenerator<JobRow, JobRow | undefined>;

/** The state of a job that ends. What it held of its position is forgotten: it may be a customer's. */
function ended(status: JobStatus, now: number) {
  return { status, position: '', endedAt: now, updatedAt: now };
}

async function* begin({ repository, now }: JobContext, job: JobRow): Steps {
  const state = { status: 'PREPROCESSING', position: '', updatedAt: now() } as const;
  const begun = await repository.write((session) => advanceJob(session, job, state));
  if (begun !== undefined) yield begun;
  return begun;
}

/** Takes down what the job works with: how many profiles there are, and how it is to merge them. */
async function* prepare({ repository, now }: JobContext, job: JobRow): Steps {
  const prepared = await repository.write(async (session) => {
    const domain = await findDomainById(session, job.domainId);
    if (domain === undefined) return undefined;
    const { profiles } = await countsOfDomain(session, job.domainId);
    const { AutoMerging } = (JSON.parse(domain.settings) as DomainSettings).Matching ?? {};
    return advanceJob(session, job, {
      status: 'FIND_MATCHING',
      position: startOfMatching,
      updatedAt: now(),
      profilesReviewed: profiles,
      autoMerging: AutoMerging === undefined ? null : JSON.stringify(AutoMerging),
    });
  });
  if (prepared !== undefined) yield prepared;
  return prepared;
}

async function* find(context: JobContext, job: JobRow): Steps {
  const { repository, now } = context;
  const found = yield* findMatching(context, job);
  if (found === undefined) return undefined;
  const next = await repository.write(async (session) => {
    const domain = await findDomainById(session, found.domainId);
    if (domain === undefined) return undefined;
    const mergingState = { status: 'MERGING', position: startOfMerging, updatedAt: now() } as const;
    const isMerging = autoMergingOf(found, domain) !== undefined;
    return advanceJob(session, found, isMerging ? mergingState : ended('COMPLETED', now()));
  });
  if (next !== undefined) yield next;
  return next;
}

async function* merge(context: JobContext, job: JobRow): Steps {
  const { repository, now } = context;
  const merged = yield* merging(context, job);
  if (merged === undefined) return undefined;
  const status = merged.message === null ? 'COMPLETED' : 'PARTIAL_SUCCESS';
  const done = await repository.write((session) =>
    advanceJob(session, merged, ended(status, now())),
  );
  if (done !== undefined) yield done;
  return done;
}

type Phase = (context: JobContext, job: JobRow) => Steps;

/** What a job does in each status, until it has another. */
const phases: Readonly<Partial<Record<JobStatus, Phase>>> = {
  PENDING: begin,
  PREPROCESSING: prepare,
  FIND_MATCHING: find,
  MERGING: merge,
};

/**
 * Runs a job from where it is, in small units of work, and gives the job after each. Whoever stops in
 * between, or is killed, leaves a job that runs on from there. It ends when the job has, or when somebody
 * else goes on with it or its domain is gone: of two who take the same step, one finds it taken.
 */
export async function* runJob(context: JobContext, job: JobRow): AsyncGenerator<JobRow, void> {
  let current: JobRow | undefined = job;
  while (current !== undefined) {
    const phase: Phase | undefined = phases[current.status];
    if (phase === undefined) return;
    current = yield* phase(context, current);
  }
}

/**
 * Ends a job that met a fault, from where it is. What was found stays when nothing but merging was left.
 * Undefined when somebody else goes on with it.
 */
export function failJob({ repository, now }: JobContext, job: JobRow): Promise<JobRow | undefined> {
  const status = job.status === 'MERGING' ? 'PARTIAL_SUCCESS' : 'FAILED';
  const message = 'An internal error has ended the job';
  return repository.write((session) =>
    advanceJob(session, job, { ...ended(status, now()), message }),
  );
}
