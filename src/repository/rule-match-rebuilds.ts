import { asc, eq, gt, sql } from 'drizzle-orm';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/**
 * What a domain whose matching was configured goes through: what the old rules gave is cleared, every
 * profile is noted, and then all of them are looked at.
 */
export interface RebuildRow {
  readonly domainId: string;
  readonly phase: 'CLEAR' | 'FILL' | 'MATCH';
  /** The last profile that was noted. */
  readonly after: string;
}

const upsert = writeStatement<{ domainId: string; phase: RebuildRow['phase']; after: string }>()(
  (database, { ruleMatchRebuilds: rebuilds }) =>
    database
      .insert(rebuilds)
      .values({
        domainId: placeholder('domainId'),
        phase: sql`${placeholder('phase')}`,
        after: placeholder('after'),
      })
      .onConflictDoUpdate({
        target: rebuilds.domainId,
        set: { phase: sql`excluded.phase`, after: sql`excluded.after` },
      })
      .returning({ domainId: rebuilds.domainId }),
);

/** Begins a rebuild, or says how far one is. */
export async function saveRebuild(session: WriteSession, row: RebuildRow): Promise<void> {
  const { domainId, phase, after } = row;
  await session.run(upsert, { domainId, phase, after });
}

const byDomain = statement<{ domainId: string }>()((database, { ruleMatchRebuilds: rebuilds }) =>
  database
    .select()
    .from(rebuilds)
    .where(eq(rebuilds.domainId, placeholder('domainId'))),
);

/** The rebuild that a domain is in, or undefined. */
export async function findRebuild(
  session: Session,
  domainId: string,
): Promise<RebuildRow | undefined> {
  const [row] = await session.run(byDomain, { domainId });
  return row;
}

const remove = writeStatement<{ domainId: string }>()((database, { ruleMatchRebuilds: rebuilds }) =>
  database
    .delete(rebuilds)
    .where(eq(rebuilds.domainId, placeholder('domainId')))
    .returning({ domainId: rebuilds.domainId }),
);

/** Ends a domain's rebuild. */
export async function removeRebuild(session: WriteSession, domainId: string): Promise<void> {
  await session.run(remove, { domainId });
}

const page = statement<{ after: string; limit: number }>()(
  (database, { ruleMatchRebuilds: rebuilds }) =>
    database
      .select({ domainId: rebuilds.domainId })
      .from(rebuilds)
      .where(gt(rebuilds.domainId, placeholder('after')))
      .orderBy(asc(rebuilds.domainId))
      .limit(placeholder('limit')),
);

/** Up to `limit` domains, after one by id, that are in a rebuild. */
export async function domainsInRebuild(
  session: Session,
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await session.run(page, { after, limit });
  return rows.map(({ domainId }) => domainId);
}
