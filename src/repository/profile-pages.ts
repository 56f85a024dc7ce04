import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { type KeyRow, keysOfProfiles, PROFILES_PER_MERGE_MAX } from './merging.ts';
import type { ProfileRow } from './profiles.ts';
import { type Session, statement } from './session.ts';

const { placeholder } = sql;

/** How many profiles a page has at most. */
export const PAGE_PROFILES = PROFILES_PER_MERGE_MAX;

const after = statement<{ domainId: string; after: string; now: number; limit: number }>()(
  (database, { profiles }) =>
    database
      .select()
      .from(profiles)
      .where(
        and(
          eq(profiles.domainId, placeholder('domainId')),
          gt(profiles.profileId, placeholder('after')),
          gt(profiles.expiresAt, placeholder('now')),
        ),
      )
      .orderBy(asc(profiles.profileId))
      .limit(placeholder('limit')),
);

/** A profile with all of its keys. */
export interface ProfileWithKeys {
  readonly profile: ProfileRow;
  readonly keys: readonly KeyRow[];
}

/** The unexpired profiles of a domain with their keys, in the order of their ids, a page at a time. */
export async function* pagesOfProfiles(
  session: Session,
  domainId: string,
  now: number,
): AsyncGenerator<ProfileWithKeys[]> {
  for (let last = ''; ; ) {
    const page = { domainId, after: last, now, limit: PAGE_PROFILES };
    const rows = await session.run(after, page);
    const profileIds = rows.map(({ profileId }) => profileId);
    if (profileIds.length === 0) return;
    const keys = Map.groupBy(
      await keysOfProfiles(session, domainId, profileIds),
      ({ profileId }) => profileId,
    );
    yield rows.map((profile) => ({ profile, keys: keys.get(profile.profileId) ?? [] }));
    last = profileIds.at(-1) ?? last;
  }
}
