import { and, asc, eq, gt, inArray, lte, type SQL, sql } from 'drizzle-orm';
import { type DomainName, isNamed } from './domains.ts';
import { listParameters, listPlaceholders, sized } from './lists.ts';
import type { ObjectName, ObjectRow } from './profile-objects.ts';
import { type Database, type Session, statement, type Tables } from './session.ts';

const { placeholder } = sql;

/** How many values a filter has at most; see the shape `requestValueList`. */
const FILTER_VALUES_MAX = 255;

/** Which objects of a profile to list. */
export interface ObjectQuery extends DomainName {
  readonly profileId: string;
  readonly objectTypeName: string;
  /** Only those after this object key. */
  readonly after: string;
  /** Milliseconds since the epoch: objects that expired before are left out. */
  readonly now: number;
  readonly limit: number;
}

/** Only objects that give their profile one of these values of a key. */
export interface ObjectKeyFilter {
  readonly keyName: string;
  /** In normal form. */
  readonly values: readonly string[];
}

function selectPage(database: Database, tables: Tables, filter?: SQL) {
  const { domains, profileObjects } = tables;
  return database
    .select({ objectKey: profileObjects.objectKey, document: profileObjects.document })
    .from(domains)
    .innerJoin(profileObjects, eq(profileObjects.domainId, domains.domainId))
    .where(
      and(
        isNamed(tables),
        eq(profileObjects.profileId, placeholder('profileId')),
        eq(profileObjects.objectTypeName, placeholder('objectTypeName')),
        gt(profileObjects.objectKey, placeholder('after')),
        gt(profileObjects.expiresAt, placeholder('now')),
        filter,
      ),
    )
    .orderBy(asc(profileObjects.objectKey))
    .limit(placeholder('limit'));
}

const page = statement<ObjectQuery>()((database, tables) => selectPage(database, tables));

const filtered = sized(FILTER_VALUES_MAX, (size) =>
  statement<ObjectQuery & { keyName: string }>()((database, tables) => {
    const { profileKeys, profileObjects } = tables;
    const keys = database
      .select({ found: sql`1` })
      .from(profileKeys)
      .where(
        and(
          eq(profileKeys.domainId, profileObjects.domainId),
          eq(profileKeys.profileId, profileObjects.profileId),
          eq(profileKeys.keyName, placeholder('keyName')),
          inArray(profileKeys.keyValue, listPlaceholders('value', size)),
          eq(profileKeys.origin, 'OBJECT'),
          sql`${profileKeys.originRef} = ${profileObjects.objectTypeName} || '#' || ${profileObjects.objectKey}`,
        ),
      );
    return selectPage(database, tables, sql`exists ${keys}`);
  }),
);

/** Objects of a type that a profile has, oldest first. */
export function listObjects(
  session: Session,
  query: ObjectQuery,
  filter?: ObjectKeyFilter,
): Promise<Pick<ObjectRow, 'objectKey' | 'document'>[]> {
  if (filter === undefined) return session.run(page, query);
  const { keyName, values } = filter;
  return session.run(filtered(values.length), {
    ...query,
    keyName,
    ...listParameters('value', values),
  });
}

/** Which objects of a profile to name, whatever their types. */
export interface ObjectNameQuery {
  readonly domainId: string;
  readonly profileId: string;
  /** Only those after this object key. */
  readonly after: string;
  /** Milliseconds since the epoch: objects that expired before are left out. */
  readonly now: number;
  readonly limit: number;
}

const names = statement<ObjectNameQuery>()((database, { profileObjects }) =>
  database
    .select({
      objectTypeName: profileObjects.objectTypeName,
      objectKey: profileObjects.objectKey,
      documentBytes: profileObjects.documentBytes,
    })
    .from(profileObjects)
    .where(
      and(
        eq(profileObjects.domainId, placeholder('domainId')),
        eq(profileObjects.profileId, placeholder('profileId')),
        gt(profileObjects.objectKey, placeholder('after')),
        gt(profileObjects.expiresAt, placeholder('now')),
      ),
    )
    .orderBy(asc(profileObjects.objectKey))
    .limit(placeholder('limit')),
);

/** The objects of a profile without their documents, oldest first. */
export function objectNames(
  session: Session,
  query: ObjectNameQuery,
): Promise<Pick<ObjectRow, 'objectTypeName' | 'objectKey' | 'documentBytes'>[]> {
  return session.run(names, query);
}

/** How many documents one statement reads. */
const DOCUMENTS_MAX = 128;

const documents = sized(DOCUMENTS_MAX, (size) =>
  statement<{ domainId: string; profileId: string }>()((database, { profileObjects }) =>
    database
      .select({
        objectTypeName: profileObjects.objectTypeName,
        objectKey: profileObjects.objectKey,
        document: profileObjects.document,
      })
      .from(profileObjects)
      .where(
        and(
          eq(profileObjects.domainId, placeholder('domainId')),
          eq(profileObjects.profileId, placeholder('profileId')),
          inArray(profileObjects.objectKey, listPlaceholders('objectKey', size)),
        ),
      )
      .orderBy(asc(profileObjects.objectKey)),
  ),
);

/** Up to 128 objects of a profile by their keys, oldest first. */
export async function objectDocuments(
  session: Session,
  domainId: string,
  profileId: string,
  objectKeys: readonly string[],
): Promise<Pick<ObjectRow, 'objectTypeName' | 'objectKey' | 'document'>[]> {
  if (objectKeys.length === 0) return [];
  const named = { domainId, profileId, ...listParameters('objectKey', objectKeys) };
  return session.run(documents(objectKeys.length), named);
}

const expired = statement<{ now: number; limit: number }>()((database, { profileObjects }) =>
  database
    .select({
      domainId: profileObjects.domainId,
      profileId: profileObjects.profileId,
      objectTypeName: profileObjects.objectTypeName,
      objectKey: profileObjects.objectKey,
    })
    .from(profileObjects)
    .where(lte(profileObjects.expiresAt, placeholder('now')))
    .orderBy(asc(profileObjects.expiresAt))
    .limit(placeholder('limit')),
);

/** Up to `limit` objects that have expired, the oldest first. */
export function expiredObjects(
  session: Session,
  now: number,
  limit: number,
): Promise<ObjectName[]> {
  return session.run(expired, { now, limit });
}
