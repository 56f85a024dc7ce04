import { and, asc, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import { type DomainName, isNamed } from './domains.ts';
import { listParameters, listPlaceholders, sized } from './lists.ts';
import { PROFILES_PER_MERGE_MAX } from './merging.ts';
import {
  type Session,
  statement,
  type Tables,
  type WriteSession,
  writeStatement,
} from './session.ts';

const { placeholder } = sql;

/** What one profile was before a merge, as it is stored. */
export interface MergeImageRow {
  readonly domainId: string;
  /** 32 hex digits that ascend with time. */
  readonly mergeId: string;
  readonly profileId: string;
  readonly mainProfileId: string;
  /** The profile that the main profile is part of by now. */
  readonly ownerProfileId: string;
  /** JSON text. */
  readonly image: string;
  readonly performedBy: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

const insert = writeStatement<MergeImageRow>()((database, { mergeImages }) =>
  database
    .insert(mergeImages)
    .values({
      domainId: placeholder('domainId'),
      mergeId: placeholder('mergeId'),
      profileId: placeholder('profileId'),
      mainProfileId: placeholder('mainProfileId'),
      ownerProfileId: placeholder('ownerProfileId'),
      image: placeholder('image'),
      performedBy: placeholder('performedBy'),
      createdAt: placeholder('createdAt'),
    })
    .returning({ mergeId: mergeImages.mergeId }),
);

/** Keeps what a profile was; it goes when its owner is deleted. */
export async function insertMergeImage(session: WriteSession, row: MergeImageRow): Promise<void> {
  await session.run(insert, row);
}

const byMerge = statement<{ mergeId: string }>()((database, { mergeImages }) =>
  database
    .select()
    .from(mergeImages)
    .where(eq(mergeImages.mergeId, placeholder('mergeId')))
    .orderBy(asc(mergeImages.profileId)),
);

/** What the profiles of a merge were, the main one's among them; none when nothing is known of it. */
export function findMergeImages(session: Session, mergeId: string): Promise<MergeImageRow[]> {
  return session.run(byMerge, { mergeId });
}

const mainByMerge = statement<{ mergeId: string }>()((database, { mergeImages }) =>
  database
    .select({ domainId: mergeImages.domainId, mainProfileId: mergeImages.mainProfileId })
    .from(mergeImages)
    .where(eq(mergeImages.mergeId, placeholder('mergeId')))
    .limit(1),
);

/** The main profile of a merge, without the images; undefined when nothing is known of it. */
export async function findMainProfile(
  session: Session,
  mergeId: string,
): Promise<Pick<MergeImageRow, 'domainId' | 'mainProfileId'> | undefined> {
  const [row] = await session.run(mainByMerge, { mergeId });
  return row;
}

const removeByMerge = writeStatement<{ domainId: string; mergeId: string }>()(
  (database, { mergeImages }) =>
    database
      .delete(mergeImages)
      .where(
        and(
          eq(mergeImages.domainId, placeholder('domainId')),
          eq(mergeImages.mergeId, placeholder('mergeId')),
        ),
      )
      .returning({ profileId: mergeImages.profileId }),
);

/** Forgets a merge. False when somebody else has done so. */
export async function removeMergeImages(
  session: WriteSession,
  { domainId, mergeId }: Pick<MergeImageRow, 'domainId' | 'mergeId'>,
): Promise<boolean> {
  return (await session.run(removeByMerge, { domainId, mergeId })).length > 0;
}

/** Picks one row of each merge: the main profile has an image in every one. */
const isOfMain = ({ mergeImages }: Tables) => eq(mergeImages.profileId, mergeImages.mainProfileId);

/** It sorts by nothing: SQLite would read all images of the domain in the order of the merges. */
const byOwners = sized(PROFILES_PER_MERGE_MAX, (size) =>
  statement<{ domainId: string }>()((database, tables) => {
    const { mergeImages } = tables;
    return database
      .select({ mergeId: mergeImages.mergeId, ownerProfileId: mergeImages.ownerProfileId })
      .from(mergeImages)
      .where(
        and(
          eq(mergeImages.domainId, placeholder('domainId')),
          inArray(mergeImages.ownerProfileId, listPlaceholders('profileId', size)),
          isOfMain(tables),
        ),
      );
  }),
);

/** The merges that some profiles hold the images of, oldest first. */
export async function mergesOwnedBy(
  session: Session,
  domainId: string,
  profileIds: readonly string[],
): Promise<Pick<MergeImageRow, 'mergeId' | 'ownerProfileId'>[]> {
  const named = { domainId, ...listParameters('profileId', profileIds) };
  const rows = await session.run(byOwners(profileIds.length), named);
  return rows.toSorted((a, b) => (a.mergeId < b.mergeId ? -1 : 1));
}

const setOwner = writeStatement<Pick<MergeImageRow, 'domainId' | 'mergeId' | 'ownerProfileId'>>()(
  (database, { mergeImages }) =>
    database
      .update(mergeImages)
      .set({ ownerProfileId: sql`${placeholder('ownerProfileId')}` })
      .where(
        and(
          eq(mergeImages.domainId, placeholder('domainId')),
          eq(mergeImages.mergeId, placeholder('mergeId')),
        ),
      )
      .returning({ mergeId: mergeImages.mergeId }),
);

/** Gives the images of merges to another profile, with whose life they then end. */
export async function giveMergesTo(
  session: WriteSession,
  domainId: string,
  ownerProfileId: string,
  mergeIds: readonly string[],
): Promise<void> {
  for (const mergeId of mergeIds)
    await session.run(setOwner, { domainId, mergeId, ownerProfileId });
}

/** A merge as it is listed. */
export type MergeRow = Pick<
  MergeImageRow,
  'mergeId' | 'mainProfileId' | 'ownerProfileId' | 'performedBy' | 'createdAt'
> & {
  /** How many profiles went into the main one. */
  readonly profiles: number;
};

/** After every merge id there is: those are hex digits. */
export const NEWEST_MERGE = 'g';

const page = statement<DomainName & { before: string; limit: number }>()((database, tables) => {
  const { domains, mergeImages } = tables;
  const profiles = sql<number>`(select count(*) - 1 from ${mergeImages} as image
    where image.domain_id = ${mergeImages.domainId} and image.merge_id = ${mergeImages.mergeId})`;
  return database
    .select({
      mergeId: mergeImages.mergeId,
      mainProfileId: mergeImages.mainProfileId,
      ownerProfileId: mergeImages.ownerProfileId,
      performedBy: mergeImages.performedBy,
      createdAt: mergeImages.createdAt,
      profiles,
    })
    .from(domains)
    .innerJoin(mergeImages, eq(mergeImages.domainId, domains.domainId))
    .where(and(isNamed(tables), isOfMain(tables), lt(mergeImages.mergeId, placeholder('before'))))
    .orderBy(desc(mergeImages.mergeId))
    .limit(placeholder('limit'));
});

/** Up to `limit` merges of a domain that can still be undone, newest first, those before `before`. */
export async function listMerges(
  session: Session,
  { accountId, domainName }: DomainName,
  before: string,
  limit: number,
): Promise<MergeRow[]> {
  const rows = await session.run(page, { accountId, domainName, before, limit });
  return rows.map((row) => ({ ...row, profiles: Number(row.profiles) }));
}
