import { crc32 } from 'node:zlib';
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { inParts, listParameters, listPlaceholders, sized } from './lists.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** An object as it is stored. Times are milliseconds since the epoch. */
export interface ObjectRow {
  readonly domainId: string;
  readonly profileId: string;
  readonly objectTypeName: string;
  readonly objectKey: string;
  readonly uniqueValue: string;
  /** As it was given: JSON text. */
  readonly document: string;
  readonly documentBytes: number;
  readonly sourceUpdatedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
}

/** What names an object in a domain. */
export type ObjectName = Pick<ObjectRow, 'domainId' | 'profileId' | 'objectTypeName' | 'objectKey'>;

const columns = {
  domainId: placeholder('domainId'),
  profileId: placeholder('profileId'),
  objectTypeName: placeholder('objectTypeName'),
  objectKey: placeholder('objectKey'),
  uniqueValue: placeholder('uniqueValue'),
  document: placeholder('document'),
  documentBytes: placeholder('documentBytes'),
  sourceUpdatedAt: placeholder('sourceUpdatedAt'),
  createdAt: placeholder('createdAt'),
  updatedAt: placeholder('updatedAt'),
  expiresAt: placeholder('expiresAt'),
};

/** What differs between the objects of one profile. */
const varying = [
  'objectTypeName',
  'objectKey',
  'uniqueValue',
  'document',
  'documentBytes',
  'sourceUpdatedAt',
  'createdAt',
  'updatedAt',
  'expiresAt',
] as const;

const insert = writeStatement<ObjectRow>()((database, { profileObjects }) =>
  database
    .insert(profileObjects)
    .values(columns)
    .returning({ objectKey: profileObjects.objectKey }),
);

/** @throws MissingParentError when the profile is gone. */
export async function insertObject(session: WriteSession, row: ObjectRow): Promise<void> {
  await session.run(insert, row);
}

/** How many objects one statement takes; more go in several. */
const OBJECTS_PER_STATEMENT = 32;

const insertSome = sized(OBJECTS_PER_STATEMENT, (size) =>
  writeStatement<{ domainId: string; profileId: string }>()((database, { profileObjects }) => {
    const list = (name: string) => listPlaceholders(name, size).map((item) => sql`${item}`);
    const lists = varying.map((name) => [name, list(name)] as const);
    return database
      .insert(profileObjects)
      .values(
        Array.from({ length: size }, (_, index) => ({
          ...columns,
          ...Object.fromEntries(lists.map(([name, items]) => [name, items[index]])),
        })),
      )
      .onConflictDoNothing()
      .returning({
        objectTypeName: profileObjects.objectTypeName,
        objectKey: profileObjects.objectKey,
        documentBytes: profileObjects.documentBytes,
      });
  }),
);

/**
 * Gives a profile objects, but for those whose unique value it has. Gives those that it did not have.
 *
 * @throws MissingParentError when the profile is gone.
 */
export async function insertObjects(
  session: WriteSession,
  { domainId, profileId }: Pick<ObjectRow, 'domainId' | 'profileId'>,
  rows: readonly ObjectRow[],
): Promise<Pick<ObjectRow, 'objectTypeName' | 'objectKey' | 'documentBytes'>[]> {
  const inserted: Pick<ObjectRow, 'objectTypeName' | 'objectKey' | 'documentBytes'>[] = [];
  for (const part of inParts(rows, OBJECTS_PER_STATEMENT)) {
    const lists = varying.map((name) =>
      listParameters<unknown>(
        name,
        part.map((row) => row[name]),
      ),
    );
    const named = Object.assign({ domainId, profileId }, ...lists);
    inserted.push(...(await session.run(insertSome(part.length), named)));
  }
  return inserted;
}

const replace = writeStatement<Omit<ObjectRow, 'createdAt' | 'uniqueValue'>>()(
  (database, { profileObjects }) =>
    database
      .update(profileObjects)
      .set({
        document: sql`${columns.document}`,
        documentBytes: sql`${columns.documentBytes}`,
        sourceUpdatedAt: sql`${columns.sourceUpdatedAt}`,
        updatedAt: sql`${columns.updatedAt}`,
        expiresAt: sql`${columns.expiresAt}`,
      })
      .where(
        and(
          eq(profileObjects.domainId, columns.domainId),
          eq(profileObjects.profileId, columns.profileId),
          eq(profileObjects.objectTypeName, columns.objectTypeName),
          eq(profileObjects.objectKey, columns.objectKey),
        ),
      )
      .returning({ objectKey: profileObjects.objectKey }),
);

/** Puts another document in the place of an object's. */
export async function replaceObject(
  session: WriteSession,
  row: Omit<ObjectRow, 'createdAt' | 'uniqueValue'>,
): Promise<void> {
  await session.run(replace, row);
}

type UniqueObject = Pick<ObjectRow, 'domainId' | 'objectTypeName' | 'uniqueValue'>;

const byUniqueValue = statement<UniqueObject & { now: number }>()((database, tables) => {
  const { profileObjects, profiles } = tables;
  return database
    .select({
      profileId: profileObjects.profileId,
      objectKey: profileObjects.objectKey,
      documentBytes: profileObjects.documentBytes,
    })
    .from(profileObjects)
    .innerJoin(
      profiles,
      and(
        eq(profiles.domainId, profileObjects.domainId),
        eq(profiles.profileId, profileObjects.profileId),
      ),
    )
    .where(
      and(
        eq(profileObjects.domainId, placeholder('domainId')),
        eq(profileObjects.objectTypeName, placeholder('objectTypeName')),
        eq(profileObjects.uniqueValue, placeholder('uniqueValue')),
        gt(profiles.expiresAt, placeholder('now')),
      ),
    )
    .orderBy(asc(profileObjects.profileId))
    .limit(2);
});

/** Up to two objects of a type, on different profiles, that have the same unique value. */
export function objectsByUniqueValue(
  session: Session,
  object: UniqueObject,
  now: number,
): Promise<Pick<ObjectRow, 'profileId' | 'objectKey' | 'documentBytes'>[]> {
  const { domainId, objectTypeName, uniqueValue } = object;
  return session.run(byUniqueValue, { domainId, objectTypeName, uniqueValue, now });
}

const onProfile = statement<UniqueObject & { profileId: string }>()(
  (database, { profileObjects }) =>
    database
      .select({
        objectKey: profileObjects.objectKey,
        documentBytes: profileObjects.documentBytes,
        sourceUpdatedAt: profileObjects.sourceUpdatedAt,
        updatedAt: profileObjects.updatedAt,
      })
      .from(profileObjects)
      .where(
        and(
          eq(profileObjects.domainId, placeholder('domainId')),
          eq(profileObjects.objectTypeName, placeholder('objectTypeName')),
          eq(profileObjects.uniqueValue, placeholder('uniqueValue')),
          eq(profileObjects.profileId, placeholder('profileId')),
        ),
      ),
);

/** What is known of an object that another may replace. */
export type PresentObject = Pick<
  ObjectRow,
  'objectKey' | 'documentBytes' | 'sourceUpdatedAt' | 'updatedAt'
>;

/** The object of a profile that has that unique value, or undefined. */
export async function objectOfProfile(
  session: Session,
  object: UniqueObject & { readonly profileId: string },
): Promise<PresentObject | undefined> {
  const { domainId, objectTypeName, uniqueValue, profileId } = object;
  const [row] = await session.run(onProfile, { domainId, objectTypeName, uniqueValue, profileId });
  return row;
}

/** How many values one statement holds; more are held by several. */
const VALUES_PER_STATEMENT = 16;

/** A value of a key as the index has it. */
export interface IndexedValue {
  readonly indexName: string;
  readonly indexValue: string;
}

const holdValues = sized(VALUES_PER_STATEMENT, (size) =>
  writeStatement()((database, _, locks) =>
    database
      .select({ held: sql<number>`1` })
      .from(locks.keyValues(listPlaceholders('number', size))),
  ),
);

/**
 * Holds values of keys until the unit ends, against all others that hold one of them: nobody else
 * finds that no profile has the value while this unit makes one.
 */
export async function lockKeyValues(
  session: WriteSession,
  domainId: string,
  values: readonly IndexedValue[],
): Promise<void> {
  // Two values with the same 32 bits only wait for one another; all wait in the same order.
  const numbers = values
    .map(({ indexName, indexValue }) => crc32(`${domainId} ${indexName} ${indexValue}`) | 0)
    .toSorted((a, b) => a - b);
  for (const part of inParts(numbers, VALUES_PER_STATEMENT))
    await session.run(holdValues(part.length), listParameters('number', part));
}

const holders = statement<{ domainId: string; now: number } & IndexedValue>()(
  (database, { profileKeys, profiles }) =>
    database
      .selectDistinct({ profileId: profileKeys.profileId })
      .from(profileKeys)
      .innerJoin(
        profiles,
        and(
          eq(profiles.domainId, profileKeys.domainId),
          eq(profiles.profileId, profileKeys.profileId),
        ),
      )
      .where(
        and(
          eq(profileKeys.domainId, placeholder('domainId')),
          eq(profileKeys.keyName, placeholder('indexName')),
          eq(profileKeys.keyValue, placeholder('indexValue')),
          gt(profiles.expiresAt, placeholder('now')),
        ),
      )
      .limit(2),
);

/** Up to two profiles that have a value of a key, whatever its origin. */
export async function holdersOf(
  session: Session,
  domainId: string,
  { indexName, indexValue }: IndexedValue,
  now: number,
): Promise<string[]> {
  const rows = await session.run(holders, { domainId, indexName, indexValue, now });
  return rows.map(({ profileId }) => profileId);
}
