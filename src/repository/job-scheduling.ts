import { and, asc, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { DomainRow } from './domains.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

const removePending = writeStatement<{ domainId: string }>()(
  (database, { identityResolutionJobs: jobs }) =>
    database
      .delete(jobs)
      .where(and(eq(jobs.domainId, placeholder('domainId')), eq(jobs.status, 'PENDING')))
      .returning({ jobId: jobs.jobId }),
);

/** Removes the jobs of a domain that have not started. */
export async function removePendingJobs(session: WriteSession, domainId: string): Promise<void> {
  await session.run(removePending, { domainId });
}

/** What decides whether a domain's weekly job is due. */
interface ScheduledDomain extends Pick<DomainRow, 'domainId' | 'settings' | 'updatedAt'> {
  /** When its last job has started or will; 0 without any. */
  readonly lastStart: number;
}

const domainPage = statement<{ after: string; limit: number }>()((database, tables) => {
  const { domains, identityResolutionJobs: jobs } = tables;
  const lastStart = database
    .select({ startsAt: sql`max(${jobs.startsAt})` })
    .from(jobs)
    .where(eq(jobs.domainId, domains.domainId));
  return database
    .select({
      domainId: domains.domainId,
      settings: domains.settings,
      updatedAt: domains.updatedAt,
      lastStart: sql<number | null>`(${lastStart})`,
    })
    .from(domains)
    .where(and(gt(domains.domainId, placeholder('after')), isNotNull(domains.name)))
    .orderBy(asc(domains.domainId))
    .limit(placeholder('limit'));
});

/** Domains of all accounts by id, those after the id `after`, each with its last job's start. */
export async function listDomainsToSchedule(
  session: Session,
  after: string,
  limit: number,
): Promise<ScheduledDomain[]> {
  const rows = await session.run(domainPage, { after, limit });
  return rows.map((row) => ({ ...row, lastStart: Number(row.lastStart ?? 0) }));
}

const lockById = writeStatement<{ domainId: string }>()((database, { domains }, locks) =>
  database
    .select({ settings: sql<string>`settings` })
    .from(
      sql`(select ${domains.settings} from ${domains} where ${and(eq(domains.domainId, placeholder('domainId')), isNotNull(domains.name))} ${locks.noKeyUpdateOfDomain}) as locked`,
    ),
);

/**
 * Holds a domain's settings until the unit ends; undefined when it was deleted. Profiles are not held
 * up.
 */
export async function lockSettings(
  session: WriteSession,
  domainId: string,
): Promise<string | undefined> {
  const [row] = await session.run(lockById, { domainId });
  return row?.settings;
}
