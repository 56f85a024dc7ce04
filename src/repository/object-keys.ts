import { and, eq, sql } from 'drizzle-orm';
import { inParts, listParameters, listPlaceholders, sized } from './lists.ts';
import type { IndexedValue, ObjectName } from './profile-objects.ts';
import { type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** How many keys one statement takes; more go in several. */
const KEYS_PER_STATEMENT = 16;

/** A key that an object gives its profile. */
export interface ObjectKeyRow extends IndexedValue {
  readonly givenValue: string | null;
}

/** What the key index calls an object: no type's name has this sign in it. */
export function originRefOf({
  objectTypeName,
  objectKey,
}: Pick<ObjectName, 'objectTypeName' | 'objectKey'>): string {
  return `${objectTypeName}#${objectKey}`;
}

/** The object type in such a name. */
export function objectTypeOfRef(originRef: string): string {
  return originRef.slice(0, originRef.indexOf('#'));
}

/** The object in such a name. */
export function objectOfRef(originRef: string): Pick<ObjectName, 'objectTypeName' | 'objectKey'> {
  const objectTypeName = objectTypeOfRef(originRef);
  return { objectTypeName, objectKey: originRef.slice(objectTypeName.length + 1) };
}

type Owner = { domainId: string; profileId: string; originRef: string };

const insert = sized(KEYS_PER_STATEMENT, (size) =>
  writeStatement<Owner>()((database, { profileKeys }) => {
    const values = listPlaceholders('indexValue', size);
    const given = listPlaceholders('givenValue', size);
    return database
      .insert(profileKeys)
      .values(
        listPlaceholders('indexName', size).map((keyName, index) => ({
          domainId: placeholder('domainId'),
          profileId: placeholder('profileId'),
          keyName,
          keyValue: sql`${values[index]}`,
          origin: 'OBJECT' as const,
          originRef: placeholder('originRef'),
          givenValue: sql`${given[index]}`,
        })),
      )
      .onConflictDoNothing()
      .returning({ keyValue: profileKeys.keyValue });
  }),
);

/**
 * Adds the keys that an object gives its profile.
 *
 * @throws MissingParentError when the profile is gone.
 */
export async function addObjectKeys(
  session: WriteSession,
  object: ObjectName,
  keys: readonly ObjectKeyRow[],
): Promise<void> {
  const { domainId, profileId } = object;
  const owner = { domainId, profileId, originRef: originRefOf(object) };
  for (const part of inParts(keys, KEYS_PER_STATEMENT)) {
    const [names, values, given] = [
      part.map(({ indexName }) => indexName),
      part.map(({ indexValue }) => indexValue),
      part.map(({ givenValue }) => givenValue),
    ];
    await session.run(insert(part.length), {
      ...owner,
      ...listParameters('indexName', names),
      ...listParameters('indexValue', values),
      ...listParameters('givenValue', given),
    });
  }
}

const remove = writeStatement<Owner>()((database, { profileKeys }) =>
  database
    .delete(profileKeys)
    .where(
      and(
        eq(profileKeys.domainId, placeholder('domainId')),
        eq(profileKeys.profileId, placeholder('profileId')),
        eq(profileKeys.origin, 'OBJECT'),
        eq(profileKeys.originRef, placeholder('originRef')),
      ),
    )
    .returning({ indexName: profileKeys.keyName, indexValue: profileKeys.keyValue }),
);

/** Takes the keys of an object from its profile, and gives them; those of other origins stay. */
export function removeObjectKeys(
  session: WriteSession,
  object: ObjectName,
): Promise<IndexedValue[]> {
  const { domainId, profileId } = object;
  return session.run(remove, { domainId, profileId, originRef: originRefOf(object) });
}
