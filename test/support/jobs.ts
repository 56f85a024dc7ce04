import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { publishedQuotas } from '../../src/limits/limits.ts';
import { createDomain } from '../../src/operations/domains/create-domain.ts';
import type { JobContext } from '../../src/operations/identity-resolution/job-context.ts';
import { mergeGroup } from '../../src/operations/identity-resolution/merge-group.ts';
import { runJob } from '../../src/operations/identity-resolution/run-job.ts';
import { startJobNow } from '../../src/operations/identity-resolution/start-job.ts';
import type { JobRow } from '../../src/repository/identity-resolution-jobs.ts';
import { listMatchRows, type MatchedProfile } from '../../src/repository/job-matches.ts';
import { JobRunner } from '../../src/service/job-runner.ts';
import { accountId } from './domain-rows.ts';
import type { TestStore } from './store.ts';

type Matching = Parameters<(typeof createDomain)['handler']>[1]['Matching'];

/** What a job uses, on the running test's store. */
export function jobContext(store: TestStore, overrides: Partial<JobContext> = {}): JobContext {
  const { repository, clock } = store;
  return {
    repository,
    ids: store.context().ids,
    quotas: publishedQuotas,
    region: 'us-east-1',
    mergeGroup,
    now: clock.read,
    pause: () => setImmediate(),
    ...overrides,
  };
}

export function jobRunner(store: TestStore, overrides: Partial<JobContext> = {}): JobRunner {
  return new JobRunner(jobContext(store, overrides), pino({ level: 'silent' }));
}

/** A domain with Matching on. */
export async function seedMatchingDomain(
  store: TestStore,
  matching: Omit<NonNullable<Matching>, 'Enabled'> = {},
  DomainName = 'customers',
): Promise<string> {
  const Matching = { Enabled: true, ...matching };
  await store.run(createDomain, { DomainName, DefaultExpirationDays: 366, Matching });
  return DomainName;
}

/** Profiles one after the other, so that their ids are in order. */
export async function seedAll(
  store: TestStore,
  all: readonly Parameters<TestStore['seed']['profile']>[1][],
  domainName = 'customers',
): Promise<string[]> {
  const ids: string[] = [];
  for (const fields of all) ids.push(await store.seed.profile(domainName, fields));
  return ids;
}

/** A job of a domain that begins now. */
export function startJob(context: JobContext, domainName = 'customers'): Promise<JobRow> {
  return startJobNow(context, { accountId, domainName });
}

/** Runs a job to its end; gives it as it is after each unit of work. */
export async function runToEnd(context: JobContext, job: JobRow): Promise<JobRow[]> {
  const rows: JobRow[] = [];
  for await (const row of runJob(context, job)) rows.push(row);
  return rows;
}

/** Runs a new job to its end; gives it as it is then. */
export async function resolveNow(
  store: TestStore,
  overrides: Partial<JobContext> = {},
): Promise<JobRow> {
  const context = jobContext(store, overrides);
  const [last] = (await runToEnd(context, await startJob(context))).slice(-1);
  if (last === undefined) throw new Error('the job did not run');
  return last;
}

/** The same by as many processes as there are units of work, each stopped after its first one. */
export async function runInPieces(context: JobContext, job: JobRow): Promise<JobRow[]> {
  const rows: JobRow[] = [];
  for (let current: JobRow | undefined = job; current !== undefined; ) {
    let next: JobRow | undefined;
    for await (const row of runJob(context, current)) {
      next = row;
      rows.push(row);
      break;
    }
    current = next;
  }
  return rows;
}

/** Every match of a job, by group and profile. */
export async function matchRows({ repository }: TestStore, job: JobRow): Promise<MatchedProfile[]> {
  const rows: MatchedProfile[] = [];
  for (let after = ''; ; after = rows.at(-1)?.matchId ?? '') {
    // No group of a test is as large.
    const page = await listMatchRows(repository.autocommit, job, after, 5_000);
    if (page.length === 0) return rows;
    rows.push(...page);
  }
}
