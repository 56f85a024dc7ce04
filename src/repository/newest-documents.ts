import { and, desc, eq, gt, lte, type SQL, sql } from 'drizzle-orm';
import { type Session, statement } from './session.ts';

const { placeholder } = sql;

/**
 * What is looked at to tell which attributes and values there are: a page of them is made from all of
 * it, so it has to be little. The cloud service keeps some 350 KB of values for each attribute; of
 * ordinary documents, up to two kilobytes each, a thousand values.
 */
const DOCUMENTS_MAX = 1_000;
/** Bytes of UTF-8; the document that passes it is the last. */
const DOCUMENT_BYTES_MAX = 2 * 1024 * 1024;

/** A document with when it was last written: milliseconds since the epoch. */
export interface NewestDocument {
  readonly document: string;
  readonly updatedAt: number;
}

/**
 * The bytes of the rows before, in an order. They are asked of the document itself: in SQLite its length
 * comes before its text, while the columns after it are behind hundreds of kilobytes.
 */
function bytesBefore(bytes: SQL.Aliased<number>, order: readonly SQL[]): SQL<number> {
  return sql<number>`coalesce(sum(${bytes}) over (order by ${sql.join([...order], sql`, `)} rows between unbounded preceding and 1 preceding), 0)`;
}

/** Which objects are asked for. */
export interface NewestObjects {
  readonly domainId: string;
  readonly objectTypeName: string;
  /** Milliseconds since the epoch: objects that were written later are left out. */
  readonly until: number;
  /** Milliseconds since the epoch: what has expired by then is left out, though it counts. */
  readonly now: number;
}

const ofType = statement<NewestObjects>()((database, { profileObjects, profiles }) => {
  const newest = database
    .select({
      profileId: profileObjects.profileId,
      objectKey: profileObjects.objectKey,
      updatedAt: profileObjects.updatedAt,
      bytes: sql<number>`octet_length(${profileObjects.document})`.as('bytes'),
    })
    .from(profileObjects)
    .where(
      and(
        eq(profileObjects.domainId, placeholder('domainId')),
        eq(profileObjects.objectTypeName, placeholder('objectTypeName')),
        lte(profileObjects.updatedAt, placeholder('until')),
      ),
    )
    .orderBy(
      desc(profileObjects.updatedAt),
      desc(profileObjects.objectKey),
      desc(profileObjects.profileId),
    )
    .limit(DOCUMENTS_MAX)
    .as('newest');
  const order = [desc(newest.updatedAt), desc(newest.objectKey), desc(newest.profileId)];
  const measured = database
    .select({
      profileId: newest.profileId,
      objectKey: newest.objectKey,
      updatedAt: newest.updatedAt,
      before: bytesBefore(newest.bytes, order).as('bytes_before'),
    })
    .from(newest)
    .as('measured');
  return database
    .select({ document: profileObjects.document, updatedAt: profileObjects.updatedAt })
    .from(measured)
    .innerJoin(
      profileObjects,
      and(
        eq(profileObjects.domainId, placeholder('domainId')),
        eq(profileObjects.profileId, measured.profileId),
        eq(profileObjects.objectTypeName, placeholder('objectTypeName')),
        eq(profileObjects.objectKey, measured.objectKey),
      ),
    )
    .innerJoin(
      profiles,
      and(
        eq(profiles.domainId, placeholder('domainId')),
        eq(profiles.profileId, measured.profileId),
      ),
    )
    .where(
      and(
        lte(measured.before, DOCUMENT_BYTES_MAX),
        gt(profileObjects.expiresAt, placeholder('now')),
        gt(profiles.expiresAt, placeholder('now')),
      ),
    )
    .orderBy(desc(measured.updatedAt), desc(measured.objectKey), desc(measured.profileId));
});

/**
 * The objects of a type that were written last, newest first: up to a thousand, and fewer where they are
 * large.
 */
export function newestObjects(session: Session, query: NewestObjects): Promise<NewestDocument[]> {
  return session.run(ofType, query);
}

const ofDomain = statement<{ domainId: string; now: number }>()((database, { profiles }) => {
  const newest = database
    .select({
      profileId: profiles.profileId,
      bytes: sql<number>`octet_length(${profiles.document})`.as('bytes'),
    })
    .from(profiles)
    .where(eq(profiles.domainId, placeholder('domainId')))
    .orderBy(desc(profiles.profileId))
    .limit(DOCUMENTS_MAX)
    .as('newest');
  const measured = database
    .select({
      profileId: newest.profileId,
      before: bytesBefore(newest.bytes, [desc(newest.profileId)]).as('bytes_before'),
    })
    .from(newest)
    .as('measured');
  return database
    .select({ document: profiles.document, updatedAt: profiles.updatedAt })
    .from(measured)
    .innerJoin(
      profiles,
      and(
        eq(profiles.domainId, placeholder('domainId')),
        eq(profiles.profileId, measured.profileId),
      ),
    )
    .where(
      and(lte(measured.before, DOCUMENT_BYTES_MAX), gt(profiles.expiresAt, placeholder('now'))),
    )
    .orderBy(desc(measured.profileId));
});

/** The profiles of a domain that were created last, newest first, bounded as objects are. */
export function newestProfiles(
  session: Session,
  domainId: string,
  now: number,
): Promise<NewestDocument[]> {
  return session.run(ofDomain, { domainId, now });
}
