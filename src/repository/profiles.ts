import { and, asc, eq, gt, inArray, lte, type SQL, sql } from 'drizzle-orm';
import { countNewProfiles, countRemovedProfiles } from './domain-counts.ts';
import { type DomainName, domainIdByName, isNamed } from './domains.ts';
import { ConflictError } from './errors.ts';
import {
  byDomain,
  inParts,
  listParameters,
  listPlaceholders,
  rowParameters,
  rowPlaceholders,
  sized,
} from './lists.ts';
import { objectTotals } from './object-totals.ts';
import { noteChange, noteChanges } from './rule-match-changes.ts';
import { dissolveGroupsOf } from './rule-matches.ts';
import {
  type Session,
  statement,
  type Tables,
  type WriteSession,
  writeStatement,
} from './session.ts';

const { placeholder } = sql;

/** Whose rows a statement stores that takes several. */
const ofDomain = { domainId: placeholder('domainId') };

/** A profile as it is stored. Times are milliseconds since the epoch, the document is JSON text. */
export interface ProfileRow {
  readonly domainId: string;
  readonly profileId: string;
  readonly document: string;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
}

/** How many profiles one statement stores; more go in several. */
const PROFILES_PER_STATEMENT = 64;

const insert = writeStatement<ProfileRow>()((database, { profiles }) =>
  database
    .insert(profiles)
    .values({
      domainId: placeholder('domainId'),
      profileId: placeholder('profileId'),
      document: placeholder('document'),
      version: placeholder('version'),
      createdAt: placeholder('createdAt'),
      updatedAt: placeholder('updatedAt'),
      expiresAt: placeholder('expiresAt'),
    })
    .returning({ profileId: profiles.profileId }),
);

/** @throws MissingParentError when the domain is gone. */
export async function insertProfile(session: WriteSession, row: ProfileRow): Promise<void> {
  await session.run(insert, row);
  countNewProfiles(session, row.domainId, [row.profileId]);
  await noteChange(session, row);
}

const profileColumns = [
  'profileId',
  'document',
  'version',
  'createdAt',
  'updatedAt',
  'expiresAt',
] as const;

const insertSome = sized(PROFILES_PER_STATEMENT, (size) =>
  writeStatement<{ domainId: string }>()((database, { profiles }) =>
    database
      .insert(profiles)
      .values(rowPlaceholders(profileColumns, size).map((row) => ({ ...row, ...ofDomain })))
      .onConflictDoNothing()
      .returning({ profileId: profiles.profileId }),
  ),
);

/**
 * The same for any number of profiles of a domain, but for counting them: a unit counts at its end.
 *
 * @throws ConflictError when one of the ids is taken.
 * @throws MissingParentError when the domain is gone.
 */
export async function insertProfiles(
  session: WriteSession,
  domainId: string,
  rows: readonly Omit<ProfileRow, 'domainId'>[],
): Promise<void> {
  for (const part of inParts(rows, PROFILES_PER_STATEMENT)) {
    const parameters = { domainId, ...rowParameters(part, profileColumns) };
    const inserted = await session.run(insertSome(part.length), parameters);
    if (inserted.length < part.length) throw new ConflictError('a profile of that id has come');
  }
  const profileIds = rows.map(({ profileId }) => profileId);
  await noteChanges(session, domainId, profileIds);
}

/** What names a profile in an unexpired state. */
export interface ProfileName extends DomainName {
  readonly profileId: string;
  /** Milliseconds since the epoch: an expired profile is as good as gone. */
  readonly now: number;
}

const byName = statement<ProfileName>()((database, tables) => {
  const { domains, profiles } = tables;
  return database
    .select({
      domainId: profiles.domainId,
      profileId: profiles.profileId,
      document: profiles.document,
      version: profiles.version,
      createdAt: profiles.createdAt,
      updatedAt: profiles.updatedAt,
      expiresAt: profiles.expiresAt,
      defaultExpirationDays: domains.defaultExpirationDays,
    })
    .from(domains)
    .innerJoin(profiles, eq(profiles.domainId, domains.domainId))
    .where(
      and(
        isNamed(tables),
        eq(profiles.profileId, placeholder('profileId')),
        gt(profiles.expiresAt, placeholder('now')),
      ),
    );
});

/** The profile with its domain's expiration, or undefined when either isn't there. */
export async function findProfile(
  session: Session,
  name: ProfileName,
): Promise<(ProfileRow & { defaultExpirationDays: number }) | undefined> {
  const [row] = await session.run(byName, name);
  return row;
}

const lock = statement<{ domainId: string; profileId: string }>()((database, { profiles }, locks) =>
  database
    .select({ profileId: sql<string>`profile_id` })
    .from(
      sql`(select ${profiles.profileId} from ${profiles} where ${isProfile(profiles)} ${locks.updateOfProfile}) as locked`,
    ),
);

/** Keeps a profile and its keys from being changed by others until the unit ends. */
export async function lockProfile(
  session: WriteSession,
  { domainId, profileId }: Pick<ProfileRow, 'domainId' | 'profileId'>,
): Promise<void> {
  await session.run(lock, { domainId, profileId });
}

/** How many profiles one call holds at most. */
const LOCKED_MAX = 256;

const lockSome = sized(LOCKED_MAX, (size) =>
  writeStatement<{ domainId: string }>()((database, { profiles }, locks) =>
    database
      .select({ profileId: sql<string>`profile_id` })
      .from(
        sql`(select ${profiles.profileId} from ${profiles} where ${and(
          eq(profiles.domainId, placeholder('domainId')),
          inArray(profiles.profileId, listPlaceholders('profileId', size)),
        )} order by ${profiles.profileId} ${locks.updateOfProfile}) as locked`,
      ),
  ),
);

/** The same for up to 256 profiles of a domain, in the order of their ids: whoever holds several does so. */
export async function lockProfiles(
  session: WriteSession,
  domainId: string,
  profileIds: readonly string[],
): Promise<void> {
  if (profileIds.length === 0) return;
  const named = { domainId, ...listParameters('profileId', profileIds) };
  await session.run(lockSome(profileIds.length), named);
}

/** Whether a profile is the one that a statement's `domainId` and `profileId` name. */
function isProfile(profiles: Tables['profiles']): SQL | undefined {
  return and(
    eq(profiles.domainId, placeholder('domainId')),
    eq(profiles.profileId, placeholder('profileId')),
  );
}

const update = writeStatement<
  Omit<ProfileRow, 'version' | 'createdAt'> & { readVersion: number; version: number }
>()((database, { profiles }) =>
  database
    .update(profiles)
    .set({
      document: sql`${placeholder('document')}`,
      version: sql`${placeholder('version')}`,
      updatedAt: sql`${placeholder('updatedAt')}`,
      expiresAt: sql`${placeholder('expiresAt')}`,
    })
    .where(and(isProfile(profiles), eq(profiles.version, placeholder('readVersion'))))
    .returning({ profileId: profiles.profileId }),
);

/**
 * Stores changes of a profile that the same unit has read as `read`.
 *
 * @throws ConflictError when another unit has written the profile since.
 */
export async function updateProfile(
  session: WriteSession,
  read: ProfileRow,
  changes: Pick<ProfileRow, 'document' | 'updatedAt' | 'expiresAt'>,
): Promise<void> {
  const { domainId, profileId, version: readVersion } = read;
  const updated = await session.run(update, {
    domainId,
    profileId,
    readVersion,
    version: readVersion + 1,
    ...changes,
  });
  if (updated.length === 0) throw new ConflictError('the profile has changed');
  await noteChange(session, read);
}

const remove = writeStatement<{ domainId: string; profileId: string }>()((database, { profiles }) =>
  database.delete(profiles).where(isProfile(profiles)).returning({ profileId: profiles.profileId }),
);

/**
 * Removes a profile with its keys and objects; what it matched is looked at again without it. False when
 * it wasn't there.
 */
export async function removeProfile(
  session: WriteSession,
  domainId: string,
  profileId: string,
): Promise<boolean> {
  // Nobody adds to its objects until the unit ends.
  await lockProfile(session, { domainId, profileId });
  await dissolveGroupsOf(session, { domainId, profileId });
  const totals = await objectTotals(session, domainId, profileId);
  const removed = await session.run(remove, { domainId, profileId });
  if (removed.length === 0) return false;
  countRemovedProfiles(session, domainId, [{ profileId, ...totals }]);
  return true;
}

const storedByIds = sized(LOCKED_MAX, (size) =>
  statement<{ domainId: string }>()((database, { profiles }) =>
    database
      .select()
      .from(profiles)
      .where(
        and(
          eq(profiles.domainId, placeholder('domainId')),
          inArray(profiles.profileId, listPlaceholders('profileId', size)),
        ),
      ),
  ),
);

/** Those of up to 256 profiles of a domain that are stored, expired ones among them; in no order. */
export async function findStoredProfiles(
  session: Session,
  domainId: string,
  profileIds: readonly string[],
): Promise<ProfileRow[]> {
  if (profileIds.length === 0) return [];
  const named = { domainId, ...listParameters('profileId', profileIds) };
  return session.run(storedByIds(profileIds.length), named);
}

/** A page of SearchProfiles has up to 100 profiles, BatchGetProfile takes 20 ids. */
export const GET_PROFILES_MAX = 100;

const byIds = sized(GET_PROFILES_MAX, (size) =>
  statement<DomainName & { now: number }>()((database, tables) => {
    const { profiles } = tables;
    return database
      .select({ profileId: profiles.profileId, document: profiles.document })
      .from(profiles)
      .where(
        and(
          eq(profiles.domainId, domainIdByName(database, tables)),
          inArray(profiles.profileId, listPlaceholders('profileId', size)),
          gt(profiles.expiresAt, placeholder('now')),
        ),
      )
      .orderBy(asc(profiles.profileId));
  }),
);

/** The unexpired ones of up to 100 profiles, by id. */
export async function findProfiles(
  session: Session,
  domain: DomainName,
  profileIds: readonly string[],
  now: number,
): Promise<Pick<ProfileRow, 'profileId' | 'document'>[]> {
  if (profileIds.length === 0) return [];
  const { accountId, domainName } = domain;
  const parameters = { accountId, domainName, now, ...listParameters('profileId', profileIds) };
  return session.run(byIds(profileIds.length), parameters);
}

const removeSome = writeStatement<{ domainId: string; limit: number }>()((database, { profiles }) =>
  database
    .delete(profiles)
    .where(
      and(
        eq(profiles.domainId, placeholder('domainId')),
        inArray(
          profiles.profileId,
          database
            .select({ profileId: profiles.profileId })
            .from(profiles)
            .where(eq(profiles.domainId, placeholder('domainId')))
            .orderBy(asc(profiles.profileId))
            .limit(placeholder('limit')),
        ),
      ),
    )
    .returning({ profileId: profiles.profileId }),
);

/**
 * Removes up to `limit` profiles of a domain with their keys, uncounted: for a domain that goes
 * away.
 */
export async function removeProfilesOfDomain(
  session: WriteSession,
  domainId: string,
  limit: number,
): Promise<void> {
  await session.run(removeSome, { domainId, limit });
}

const anyOfDomain = statement<{ domainId: string }>()((database, { profiles }) =>
  database
    .select({ profileId: profiles.profileId })
    .from(profiles)
    .where(eq(profiles.domainId, placeholder('domainId')))
    .limit(1),
);

/** Whether a domain has a profile, be it expired. */
export async function hasProfiles(session: Session, domainId: string): Promise<boolean> {
  return (await session.run(anyOfDomain, { domainId })).length > 0;
}

const expired = statement<{ now: number; limit: number }>()((database, { profiles }) =>
  database
    .select({ domainId: profiles.domainId, profileId: profiles.profileId })
    .from(profiles)
    .where(lte(profiles.expiresAt, placeholder('now')))
    .orderBy(asc(profiles.expiresAt))
    .limit(placeholder('limit')),
);

const removeExpired = writeStatement<{ domainId: string; profileId: string; now: number }>()(
  (database, { profiles }) =>
    database
      .delete(profiles)
      .where(and(isProfile(profiles), lte(profiles.expiresAt, placeholder('now'))))
      .returning({ profileId: profiles.profileId }),
);

/** Expired profiles: how many were found, and those of them that were removed. */
export interface ExpiredProfiles {
  readonly found: number;
  readonly removed: readonly Pick<ProfileRow, 'domainId' | 'profileId'>[];
}

/** Those of a domain. */
async function removeExpiredOf(
  session: WriteSession,
  domainId: string,
  profileIds: readonly string[],
  now: number,
): Promise<string[]> {
  await lockProfiles(session, domainId, profileIds);
  const removed: { profileId: string; objects: number; bytes: number }[] = [];
  for (const profileId of profileIds) {
    const totals = await objectTotals(session, domainId, profileId);
    await dissolveGroupsOf(session, { domainId, profileId });
    const gone = await session.run(removeExpired, { domainId, profileId, now });
    if (gone.length > 0) removed.push({ profileId, ...totals });
    // It stays, and matching has to look at it again, too.
    else await noteChange(session, { domainId, profileId });
  }
  countRemovedProfiles(session, domainId, removed);
  return removed.map(({ profileId }) => profileId);
}

/**
 * Removes up to `limit` (at most 256) expired profiles with their keys and objects. Another process, whose
 * clock is behind, may have renewed one of them meanwhile: it then stays.
 */
export async function removeExpiredProfiles(
  session: WriteSession,
  now: number,
  limit: number,
): Promise<ExpiredProfiles> {
  const rows = await session.run(expired, { now, limit });
  const removed: Pick<ProfileRow, 'domainId' | 'profileId'>[] = [];
  for (const [domainId, some] of byDomain(rows)) {
    const profileIds = some.map(({ profileId }) => profileId);
    for (const profileId of await removeExpiredOf(session, domainId, profileIds, now))
      removed.push({ domainId, profileId });
  }
  return { found: rows.length, removed };
}
