import { and, eq, gt, inArray, ne, sql } from 'drizzle-orm';
import { domainIdByName } from './domains.ts';
import { inParts, listParameters, listPlaceholders, rowParameters, sized } from './lists.ts';
import { findProfile, type ProfileName } from './profiles.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** How many values one call may carry; see the shape `requestValueList`. */
const KEY_VALUES_MAX = 255;

/** A value of a key: as it was given, and in the normal form by which it is found. */
export interface KeyValue {
  readonly given: string;
  readonly normal: string;
}

/**
 * One statement finds the domain and the profile and adds every value. The foreign key decides when
 * the profile vanishes meanwhile. Values that are there already are skipped; the lock keeps
 * DeleteProfileKey from taking them away before the others are added.
 */
const addApiKeys = sized(KEY_VALUES_MAX, (size) =>
  writeStatement<ProfileName & { keyName: string }>()((database, tables, locks) => {
    const { domains, profileKeys, profiles } = tables;
    const normal = listPlaceholders('normal', size);
    const given = listPlaceholders('given', size);
    const values = sql.join(
      normal.map((value, index) => sql`(${value}, ${given[index]})`),
      sql`, `,
    );
    // The columns stand in the table's order, as Drizzle names all of them.
    return database
      .insert(profileKeys)
      .select(
        sql`select ${profiles.domainId}, ${profiles.profileId}, ${placeholder('keyName')}, added.column1, 'API', '', added.column2
          from ${domains}
          inner join ${profiles} on ${profiles.domainId} = ${domains.domainId}
          cross join (values ${values}) as added
          where ${domains.accountId} = ${placeholder('accountId')}
            and ${domains.name} = ${placeholder('domainName')}
            and ${profiles.profileId} = ${placeholder('profileId')}
            and ${profiles.expiresAt} > ${placeholder('now')}
          ${locks.keyShareOfProfile}`,
      )
      .onConflictDoNothing()
      .returning({ domainId: profileKeys.domainId });
  }),
);

/** The profile that keys were added to, and whether any of them was new. */
export interface KeysAdded {
  readonly domainId: string;
  readonly isChanged: boolean;
}

/**
 * Adds up to 255 values of a key to a profile, as AddProfileKey's. Undefined when the profile isn't
 * there.
 *
 * @throws MissingParentError when the profile vanishes at this moment.
 */
export async function addProfileKeys(
  session: WriteSession,
  profile: ProfileName,
  keyName: string,
  values: readonly KeyValue[],
): Promise<KeysAdded | undefined> {
  // In one order by everybody: units that add the same values wait for one another, not in a circle.
  const sorted = values.toSorted((a, b) => (a.normal < b.normal ? -1 : 1));
  const added = await session.run(addApiKeys(sorted.length), {
    ...profile,
    keyName,
    ...listParameters(
      'normal',
      sorted.map(({ normal }) => normal),
    ),
    ...listParameters(
      'given',
      sorted.map(({ given, normal }) => (given === normal ? null : given)),
    ),
  });
  const [row] = added;
  if (row !== undefined) return { domainId: row.domainId, isChanged: true };
  // Nothing added: either all of it was there, or the profile isn't.
  const found = await findProfile(session, profile);
  return found && { domainId: found.domainId, isChanged: false };
}

const otherIds = sized(KEY_VALUES_MAX, (size) =>
  statement<ProfileName>()((database, tables) => {
    const { profiles } = tables;
    return database
      .select({ profileId: profiles.profileId })
      .from(profiles)
      .where(
        and(
          eq(profiles.domainId, domainIdByName(database, tables)),
          inArray(profiles.profileId, listPlaceholders('value', size)),
          ne(profiles.profileId, placeholder('profileId')),
          gt(profiles.expiresAt, placeholder('now')),
        ),
      )
      .limit(1);
  }),
);

/** Whether one of the values is the id of another profile of the domain. */
export async function nameOtherProfiles(
  session: Session,
  profile: ProfileName,
  values: readonly string[],
): Promise<boolean> {
  const found = await session.run(otherIds(values.length), {
    ...profile,
    ...listParameters('value', values),
  });
  return found.length > 0;
}

/** How many ids one statement looks for; more go in several. */
const IDS_PER_STATEMENT = 256;

const namedByKeys = sized(IDS_PER_STATEMENT, (size) =>
  statement<{ domainId: string }>()((database, { profileKeys }) =>
    database
      .selectDistinct({ profileId: profileKeys.keyValue })
      .from(profileKeys)
      .where(
        and(
          eq(profileKeys.domainId, placeholder('domainId')),
          eq(profileKeys.keyName, '_profileId'),
          inArray(profileKeys.keyValue, listPlaceholders('value', size)),
          ne(profileKeys.profileId, profileKeys.keyValue),
        ),
      ),
  ),
);

/** Those of some ids that find another profile, because it has them as values of `_profileId`. */
export async function idsOfOthers(
  session: Session,
  domainId: string,
  profileIds: readonly string[],
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const part of inParts(profileIds, IDS_PER_STATEMENT)) {
    const parameters = { domainId, ...listParameters('value', part) };
    for (const { profileId } of await session.run(namedByKeys(part.length), parameters))
      found.add(profileId);
  }
  return found;
}

/** A profile has at most ten field keys: its id, its name and one for each indexed field. */
const FIELD_KEYS_MAX = 16;

interface FieldKeyRow {
  readonly keyName: string;
  readonly keyValue: string;
}

function fieldKeyParameters(keys: readonly FieldKeyRow[]): Record<string, string> {
  return rowParameters(keys, ['keyName', 'keyValue']);
}

const insertFieldKeys = sized(FIELD_KEYS_MAX, (size) =>
  writeStatement<{ domainId: string; profileId: string }>()((database, { profileKeys }) => {
    const keyValues = listPlaceholders('keyValue', size);
    return database
      .insert(profileKeys)
      .values(
        listPlaceholders('keyName', size).map((keyName, index) => ({
          domainId: placeholder('domainId'),
          keyName,
          keyValue: sql`${keyValues[index]}`,
          profileId: placeholder('profileId'),
          origin: 'FIELD' as const,
          originRef: '',
        })),
      )
      .onConflictDoNothing()
      .returning({ keyValue: profileKeys.keyValue });
  }),
);

/** Adds keys that a profile's fields give. Those that are there already stay. */
export async function addFieldKeys(
  session: WriteSession,
  domainId: string,
  profileId: string,
  keys: readonly FieldKeyRow[],
): Promise<void> {
  if (keys.length === 0) return;
  await session.run(insertFieldKeys(keys.length), {
    domainId,
    profileId,
    ...fieldKeyParameters(keys),
  });
}

const deleteFieldKey = writeStatement<{ domainId: string; profileId: string } & FieldKeyRow>()(
  (database, { profileKeys }) =>
    database
      .delete(profileKeys)
      .where(
        and(
          eq(profileKeys.domainId, placeholder('domainId')),
          eq(profileKeys.keyName, placeholder('keyName')),
          eq(profileKeys.keyValue, placeholder('keyValue')),
          eq(profileKeys.profileId, placeholder('profileId')),
          eq(profileKeys.origin, 'FIELD'),
        ),
      )
      .returning({ keyValue: profileKeys.keyValue }),
);

/** Removes keys that a profile's fields no longer give; keys of other origins stay. */
export async function removeFieldKeys(
  session: WriteSession,
  domainId: string,
  profileId: string,
  keys: readonly FieldKeyRow[],
): Promise<void> {
  for (const { keyName, keyValue } of keys)
    await session.run(deleteFieldKey, { domainId, profileId, keyName, keyValue });
}

const deleteKeys = sized(KEY_VALUES_MAX, (size) =>
  writeStatement<{ domainId: string; profileId: string; keyName: string }>()(
    (database, { profileKeys }) =>
      database
        .delete(profileKeys)
        .where(
          and(
            eq(profileKeys.domainId, placeholder('domainId')),
            eq(profileKeys.keyName, placeholder('keyName')),
            inArray(profileKeys.keyValue, listPlaceholders('value', size)),
            eq(profileKeys.profileId, placeholder('profileId')),
          ),
        )
        .returning({ keyValue: profileKeys.keyValue }),
  ),
);

/** Removes values (in normal form) of a profile's key, whatever their origin. Whether any was there. */
export async function removeProfileKeys(
  session: WriteSession,
  domainId: string,
  profileId: string,
  keyName: string,
  values: readonly string[],
): Promise<boolean> {
  const removed = await session.run(deleteKeys(values.length), {
    domainId,
    profileId,
    keyName,
    ...listParameters('value', values),
  });
  return removed.length > 0;
}
