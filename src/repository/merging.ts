import { and, asc, eq, gt, inArray, ne, type SQL, sql } from 'drizzle-orm';
import type { FieldSourceRow } from './field-sources.ts';
import { inParts, listParameters, listPlaceholders, rowParameters, sized } from './lists.ts';
import { originRefOf } from './object-keys.ts';
import type { ObjectName, ObjectRow } from './profile-objects.ts';
import { lockProfiles, type ProfileRow } from './profiles.ts';
import type { keyOrigins } from './schema/sqlite.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** How many profiles one merge takes at most, the main one included. */
export const PROFILES_PER_MERGE_MAX = 128;
/** How many keys one statement takes; more go in several. */
const KEYS_PER_STATEMENT = 64;
/** The same for objects that are read. */
const OBJECTS_PER_STATEMENT = 64;

type InDomain = { domainId: string };

const profileIds = (size: number) => listPlaceholders('profileId', size);

const byIds = sized(PROFILES_PER_MERGE_MAX, (size) =>
  statement<InDomain & { now: number }>()((database, { profiles }) =>
    database
      .select()
      .from(profiles)
      .where(
        and(
          eq(profiles.domainId, placeholder('domainId')),
          inArray(profiles.profileId, profileIds(size)),
          gt(profiles.expiresAt, placeholder('now')),
        ),
      ),
  ),
);

/**
 * The unexpired ones of some profiles by id, held until the unit ends: nobody changes them, their keys
 * or their objects. All units that hold several take them in the order of their ids.
 */
export async function holdProfiles(
  session: WriteSession,
  domainId: string,
  ids: readonly string[],
  now: number,
): Promise<Map<string, ProfileRow>> {
  const parameters = { domainId, ...listParameters('profileId', ids) };
  await lockProfiles(session, domainId, ids);
  const rows = await session.run(byIds(ids.length), { ...parameters, now });
  return new Map(rows.map((row) => [row.profileId, row]));
}

/** A row of the key index, without its domain. */
export interface KeyRow {
  readonly profileId: string;
  readonly keyName: string;
  readonly keyValue: string;
  readonly origin: (typeof keyOrigins)[number];
  readonly originRef: string;
  readonly givenValue: string | null;
}

const keysByProfiles = sized(PROFILES_PER_MERGE_MAX, (size) =>
  statement<InDomain>()((database, { profileKeys: keys }) =>
    database
      .select({
        profileId: keys.profileId,
        keyName: keys.keyName,
        keyValue: keys.keyValue,
        origin: keys.origin,
        originRef: keys.originRef,
        givenValue: keys.givenValue,
      })
      .from(keys)
      .where(
        and(eq(keys.domainId, placeholder('domainId')), inArray(keys.profileId, profileIds(size))),
      ),
  ),
);

/** All keys of some profiles, whatever their origin. */
export function keysOfProfiles(
  session: Session,
  domainId: string,
  ids: readonly string[],
): Promise<KeyRow[]> {
  return session.run(keysByProfiles(ids.length), {
    domainId,
    ...listParameters('profileId', ids),
  });
}

const sourcesByProfiles = sized(PROFILES_PER_MERGE_MAX, (size) =>
  statement<InDomain>()((database, { fieldSources: sources }) =>
    database
      .select({
        profileId: sources.profileId,
        fieldName: sources.fieldName,
        objectTypeName: sources.objectTypeName,
        objectKey: sources.objectKey,
        updatedAt: sources.updatedAt,
      })
      .from(sources)
      .where(
        and(
          eq(sources.domainId, placeholder('domainId')),
          inArray(sources.profileId, profileIds(size)),
        ),
      ),
  ),
);

/** Where the fields of some profiles came from that did not come through the API. */
export function sourcesOfProfiles(
  session: Session,
  domainId: string,
  ids: readonly string[],
): Promise<(FieldSourceRow & { readonly profileId: string })[]> {
  return session.run(sourcesByProfiles(ids.length), {
    domainId,
    ...listParameters('profileId', ids),
  });
}

/** An object of a profile, by name and size. */
export type ObjectOfProfile = Omit<ObjectName, 'domainId'> & Pick<ObjectRow, 'documentBytes'>;

const objectsByProfiles = sized(PROFILES_PER_MERGE_MAX, (size) =>
  statement<InDomain>()((database, { profileObjects: objects }) =>
    database
      .select({
        profileId: objects.profileId,
        objectTypeName: objects.objectTypeName,
        objectKey: objects.objectKey,
        documentBytes: objects.documentBytes,
      })
      .from(objects)
      .where(
        and(
          eq(objects.domainId, placeholder('domainId')),
          inArray(objects.profileId, profileIds(size)),
        ),
      )
      .orderBy(asc(objects.profileId), asc(objects.objectTypeName), asc(objects.objectKey)),
  ),
);

/** The objects of some profiles, expired ones included; a profile has a thousand at most. */
export function objectsOfProfiles(
  session: Session,
  domainId: string,
  ids: readonly string[],
): Promise<ObjectOfProfile[]> {
  return session.run(objectsByProfiles(ids.length), {
    domainId,
    ...listParameters('profileId', ids),
  });
}

/** An object of a profile, and how new it is. */
export type ObjectVersion = Omit<ObjectName, 'domainId'> &
  Pick<ObjectRow, 'uniqueValue' | 'sourceUpdatedAt' | 'updatedAt'>;

const shared = sized(PROFILES_PER_MERGE_MAX, (size) =>
  statement<InDomain>()((database, { profileObjects: objects }) => {
    const others = sql`select 1 from ${objects} as other
      where other.domain_id = ${objects.domainId} and other.object_type_name = ${objects.objectTypeName}
        and other.unique_value = ${objects.uniqueValue} and ${inArray(sql`other.profile_id`, profileIds(size))}
        and ${ne(sql`other.profile_id`, objects.profileId)}`;
    return database
      .select({
        profileId: objects.profileId,
        objectTypeName: objects.objectTypeName,
        objectKey: objects.objectKey,
        uniqueValue: objects.uniqueValue,
        sourceUpdatedAt: objects.sourceUpdatedAt,
        updatedAt: objects.updatedAt,
      })
      .from(objects)
      .where(
        and(
          eq(objects.domainId, placeholder('domainId')),
          inArray(objects.profileId, profileIds(size)),
          sql`exists (${others})`,
        ),
      );
  }),
);

/** The objects of some profiles that have the type and the unique value of another one's, without documents. */
export function objectsInSeveral(
  session: Session,
  domainId: string,
  ids: readonly string[],
): Promise<ObjectVersion[]> {
  return session.run(shared(ids.length), { domainId, ...listParameters('profileId', ids) });
}

const copyKeys = sized(PROFILES_PER_MERGE_MAX, (size) =>
  writeStatement<InDomain & { mainProfileId: string }>()((database, { profileKeys: keys }) =>
    database
      .insert(keys)
      .select(
        // The columns stand in the table's order, as Drizzle names all of them.
        sql`select ${keys.domainId}, ${placeholder('mainProfileId')}, ${keys.keyName}, ${keys.keyValue}, ${keys.origin}, ${keys.originRef}, ${keys.givenValue}
          from ${keys} where ${and(
            eq(keys.domainId, placeholder('domainId')),
            inArray(keys.profileId, profileIds(size)),
            ne(keys.origin, 'FIELD'),
          )}`,
      )
      .onConflictDoNothing()
      .returning({ keyName: keys.keyName }),
  ),
);

/** Gives a profile the keys of others that don't come from their fields. */
export async function copyKeysTo(
  session: WriteSession,
  domainId: string,
  mainProfileId: string,
  ids: readonly string[],
): Promise<void> {
  const parameters = { domainId, mainProfileId, ...listParameters('profileId', ids) };
  await session.run(copyKeys(ids.length), parameters);
}

const copyObjects = sized(PROFILES_PER_MERGE_MAX, (size) =>
  writeStatement<InDomain & { mainProfileId: string }>()((database, { profileObjects: objects }) =>
    database
      .insert(objects)
      .select(
        sql`select ${objects.domainId}, ${placeholder('mainProfileId')}, ${objects.objectTypeName}, ${objects.objectKey}, ${objects.uniqueValue}, ${objects.document}, ${objects.documentBytes}, ${objects.sourceUpdatedAt}, ${objects.createdAt}, ${objects.updatedAt}, ${objects.expiresAt}
          from ${objects} where ${and(
            eq(objects.domainId, placeholder('domainId')),
            inArray(objects.profileId, profileIds(size)),
          )}`,
      )
      .returning({ objectKey: objects.objectKey }),
  ),
);

/**
 * Gives a profile the objects of others. They are copied and not moved: a database that shards by
 * profile can't change where a row belongs. The originals go with their profiles.
 */
export async function copyObjectsTo(
  session: WriteSession,
  domainId: string,
  mainProfileId: string,
  ids: readonly string[],
): Promise<void> {
  const parameters = { domainId, mainProfileId, ...listParameters('profileId', ids) };
  await session.run(copyObjects(ids.length), parameters);
}

const byNames = sized(OBJECTS_PER_STATEMENT, (size) =>
  statement<InDomain>()((database, { profileObjects: objects }) => {
    const [types, keys] = [listPlaceholders('type', size), listPlaceholders('objectKey', size)];
    const names = profileIds(size).map(
      (profileId, index) => sql`(${profileId}, ${types[index]}, ${keys[index]})`,
    );
    return database
      .select()
      .from(objects)
      .where(
        and(
          eq(objects.domainId, placeholder('domainId')),
          sql`(${objects.profileId}, ${objects.objectTypeName}, ${objects.objectKey}) in (values ${sql.join(names, sql`, `)})`,
        ),
      );
  }),
);

/** Objects of a domain as they are stored; those that aren't there are passed over. */
export async function findObjects(
  session: Session,
  domainId: string,
  names: readonly Omit<ObjectName, 'domainId'>[],
): Promise<ObjectRow[]> {
  const objects: ObjectRow[] = [];
  for (const part of inParts(names, OBJECTS_PER_STATEMENT)) {
    const rows = part.map(({ objectTypeName, ...name }) => ({ ...name, type: objectTypeName }));
    const named = rowParameters(rows, ['profileId', 'type', 'objectKey']);
    objects.push(...(await session.run(byNames(part.length), { domainId, ...named })));
  }
  return objects;
}

const insertKeys = sized(KEYS_PER_STATEMENT, (size) =>
  writeStatement<InDomain>()((database, { profileKeys: keys }) => {
    const list = (name: string) => listPlaceholders(name, size).map((item) => sql`${item}`);
    const [ids, values, origins] = [list('profileId'), list('keyValue'), list('origin')];
    const [refs, given] = [list('originRef'), list('givenValue')];
    return database
      .insert(keys)
      .values(
        listPlaceholders('keyName', size).map((keyName, index) => ({
          domainId: placeholder('domainId'),
          profileId: ids[index] as SQL,
          keyName,
          keyValue: values[index] as SQL,
          origin: origins[index] as SQL,
          originRef: refs[index] as SQL,
          givenValue: given[index] as SQL,
        })),
      )
      .onConflictDoNothing()
      .returning({ profileId: keys.profileId, keyName: keys.keyName });
  }),
);

/** Adds rows to the key index; those that are there already stay. Gives the names of what was added. */
export async function addKeys(
  session: WriteSession,
  domainId: string,
  rows: readonly KeyRow[],
): Promise<Pick<KeyRow, 'profileId' | 'keyName'>[]> {
  const added: Pick<KeyRow, 'profileId' | 'keyName'>[] = [];
  for (const part of inParts(rows, KEYS_PER_STATEMENT)) {
    const inserted = await session.run(insertKeys(part.length), {
      domainId,
      ...rowParameters(part, [
        'profileId',
        'keyName',
        'keyValue',
        'origin',
        'originRef',
        'givenValue',
      ]),
    });
    added.push(...inserted);
  }
  return added;
}

const deleteKey = writeStatement<InDomain & Omit<KeyRow, 'givenValue'>>()(
  (database, { profileKeys: keys }) =>
    database
      .delete(keys)
      .where(
        and(
          eq(keys.domainId, placeholder('domainId')),
          eq(keys.profileId, placeholder('profileId')),
          eq(keys.keyName, placeholder('keyName')),
          eq(keys.keyValue, placeholder('keyValue')),
          eq(keys.origin, placeholder('origin')),
          eq(keys.originRef, placeholder('originRef')),
        ),
      )
      .returning({ keyName: keys.keyName }),
);

/** Takes rows from the key index; those that aren't there are passed over. */
export async function removeKeys(
  session: WriteSession,
  domainId: string,
  rows: readonly Omit<KeyRow, 'givenValue'>[],
): Promise<void> {
  for (const { profileId, keyName, keyValue, origin, originRef } of rows)
    await session.run(deleteKey, { domainId, profileId, keyName, keyValue, origin, originRef });
}

/** Tells whether a row of the key index came from one of some objects. */
export function isKeyOf(
  objects: readonly Pick<ObjectName, 'objectTypeName' | 'objectKey'>[],
): (row: Pick<KeyRow, 'origin' | 'originRef'>) => boolean {
  const refs = new Set(objects.map(originRefOf));
  return ({ origin, originRef }) => origin === 'OBJECT' && refs.has(originRef);
}
