import { and, eq, inArray, sql } from 'drizzle-orm';
import { inParts, listParameters, listPlaceholders, sized } from './lists.ts';
import { removalOfDomain } from './removal.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** How many values one statement takes; more go in several. */
const VALUES_PER_STATEMENT = 16;

type ProfileId = { domainId: string; profileId: string };

const ofProfile = statement<ProfileId>()((database, { ruleMatchValues: values }) =>
  database
    .select({ valueHash: values.valueHash })
    .from(values)
    .where(
      and(
        eq(values.domainId, placeholder('domainId')),
        eq(values.profileId, placeholder('profileId')),
      ),
    ),
);

/** The values of a profile in the index of matching. */
export async function valuesOfProfile(
  session: Session,
  { domainId, profileId }: ProfileId,
): Promise<string[]> {
  const rows = await session.run(ofProfile, { domainId, profileId });
  return rows.map(({ valueHash }) => valueHash);
}

const insert = sized(VALUES_PER_STATEMENT, (size) =>
  writeStatement<ProfileId>()((database, { ruleMatchValues: values }) =>
    database
      .insert(values)
      .values(
        listPlaceholders('valueHash', size).map((valueHash) => ({
          domainId: placeholder('domainId'),
          valueHash,
          profileId: placeholder('profileId'),
        })),
      )
      .onConflictDoNothing()
      .returning({ valueHash: values.valueHash }),
  ),
);

/**
 * Adds values of a profile to the index of matching.
 *
 * @throws MissingParentError when the profile is gone.
 */
export async function addValues(
  session: WriteSession,
  { domainId, profileId }: ProfileId,
  valueHashes: readonly string[],
): Promise<void> {
  for (const part of inParts(valueHashes, VALUES_PER_STATEMENT))
    await session.run(insert(part.length), {
      domainId,
      profileId,
      ...listParameters('valueHash', part),
    });
}

const remove = sized(VALUES_PER_STATEMENT, (size) =>
  writeStatement<ProfileId>()((database, { ruleMatchValues: values }) =>
    database
      .delete(values)
      .where(
        and(
          eq(values.domainId, placeholder('domainId')),
          inArray(values.valueHash, listPlaceholders('valueHash', size)),
          eq(values.profileId, placeholder('profileId')),
        ),
      )
      .returning({ valueHash: values.valueHash }),
  ),
);

/** Takes values of a profile from the index of matching. */
export async function removeValues(
  session: WriteSession,
  { domainId, profileId }: ProfileId,
  valueHashes: readonly string[],
): Promise<void> {
  for (const part of inParts(valueHashes, VALUES_PER_STATEMENT))
    await session.run(remove(part.length), {
      domainId,
      profileId,
      ...listParameters('valueHash', part),
    });
}

const holders = statement<{ domainId: string; valueHash: string; limit: number }>()(
  (database, { ruleMatchValues: values }) =>
    database
      .select({ profileId: values.profileId })
      .from(values)
      .where(
        and(
          eq(values.domainId, placeholder('domainId')),
          eq(values.valueHash, placeholder('valueHash')),
        ),
      )
      .limit(placeholder('limit')),
);

/** Up to `limit` profiles that have a value, in no order. */
export async function profilesWithValue(
  session: Session,
  domainId: string,
  valueHash: string,
  limit: number,
): Promise<string[]> {
  const rows = await session.run(holders, { domainId, valueHash, limit });
  return rows.map(({ profileId }) => profileId);
}

/** Removes up to `limit` values of a domain. Whether there may be more. */
export const removeValuesOfDomain = removalOfDomain(({ ruleMatchValues }) => ({
  table: ruleMatchValues,
  domainId: ruleMatchValues.domainId,
  key: [ruleMatchValues.valueHash, ruleMatchValues.profileId],
}));
