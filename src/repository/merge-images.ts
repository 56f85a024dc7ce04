import { and, asc, desc, eq, getTableColumns, inArray, lt, sql } from 'drizzle-orm';
import { type DomainName, isNamed } from './domains.ts';
import { inParts, listParameters, listPlaceholders, sized } from './lists.ts';
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

/** Which image it is. */
export type ImageName = Pick<MergeImageRow, 'domainId' | 'mergeId' | 'profileId'>;

/** How many object types one statement notes; more go in several. */
const TYPES_PER_STATEMENT = 16;

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

const insertTypes = sized(TYPES_PER_STATEMENT, (size) =>
  writeStatement<ImageName>()((database, { mergeImageTypes }) =>
    database
      .insert(mergeImageTypes)
      .values(
        listPlaceholders('objectTypeName', size).map((objectTypeName) => ({
          domainId: placeholder('domainId'),
          mergeId: placeholder('mergeId'),
          profileId: placeholder('profileId'),
          objectTypeName,
        })),
      )
      .onConflictDoNothing()
      .returning({ mergeId: mergeImageTypes.mergeId }),
  ),
);

/**
 * Keeps what a profile was; it goes when its owner is deleted.
 *
 * @param objectTypeNames the types of which it holds data, for who deletes one.
 */
export async function insertMergeImage(
  session: WriteSession,
  row: MergeImageRow,
  objectTypeNames: readonly string[],
): Promise<void> {
  const { domainId, mergeId, profileId } = row;
  await session.run(insert, row);
  for (const part of inParts(objectTypeNames, TYPES_PER_STATEMENT)) {
    const named = listParameters('objectTypeName', part);
    await session.run(insertTypes(part.length), { domainId, mergeId, profileId, ...named });
  }
}

/** Picks the images that hold data of an object type. */
const holdsType = ({ mergeImages, mergeImageTypes }: Tables) =>
  and(
    eq(mergeImageTypes.domainId, placeholder('domainId')),
    eq(mergeImageTypes.objectTypeName, placeholder('objectTypeName')),
    eq(mergeImages.domainId, mergeImageTypes.domainId),
    eq(mergeImages.mergeId, mergeImageTypes.mergeId),
    eq(mergeImages.profileId, mergeImageTypes.profileId),
  );

interface TypeInDomain {
  readonly domainId: string;
  readonly objectTypeName: string;
}

const byType = statement<TypeInDomain & { limit: number }>()((database, tables) => {
  const { mergeImages, mergeImageTypes } = tables;
  return database
    .select({
      mergeId: mergeImages.mergeId,
      profileId: mergeImages.profileId,
      ownerProfileId: mergeImages.ownerProfileId,
    })
    .from(mergeImageTypes)
    .innerJoin(mergeImages, holdsType(tables))
    .limit(placeholder('limit'));
});

/** Which images hold data of an object type, up to `limit` of them, and whose they are. */
export function imagesOfType(
  session: Session,
  { domainId, objectTypeName }: TypeInDomain,
  limit: number,
): Promise<Pick<MergeImageRow, 'mergeId' | 'profileId' | 'ownerProfileId'>[]> {
  return session.run(byType, { domainId, objectTypeName, limit });
}

const byTypeAndOwner = statement<TypeInDomain & { ownerProfileId: string }>()(
  (database, tables) => {
    const { mergeImages, mergeImageTypes } = tables;
    return database
      .select(getTableColumns(mergeImages))
      .from(mergeImages)
      .innerJoin(mergeImageTypes, holdsType(tables))
      .where(eq(mergeImages.ownerProfileId, placeholder('ownerProfileId')))
      .orderBy(desc(mergeImages.mergeId));
  },
);

/** The images that a profile holds which have data of an object type, the newest merge's first. */
export function findImagesOfType(
  session: Session,
  { domainId, objectTypeName }: TypeInDomain,
  ownerProfileId: string,
): Promise<MergeImageRow[]> {
  return session.run(byTypeAndOwner, { domainId, objectTypeName, ownerProfileId });
}

/** Picks one image. */
const isImage = ({ mergeImages }: Tables) =>
  and(
    eq(mergeImages.domainId, placeholder('domainId')),
    eq(mergeImages.mergeId, placeholder('mergeId')),
    eq(mergeImages.profileId, placeholder('profileId')),
  );

const byName = statement<ImageName>()((database, tables) =>
  database
    .select({ image: tables.mergeImages.image })
    .from(tables.mergeImages)
    .where(isImage(tables)),
);

/** What one profile was before a merge; undefined when that was undone, or its owner deleted. */
export async function findMergeImage(
  session: Session,
  { domainId, mergeId, profileId }: ImageName,
): Promise<string | undefined> {
  const [row] = await session.run(byName, { domainId, mergeId, profileId });
  return row?.image;
}

const setImage = writeStatement<ImageName & { image: string }>()((database, tables) =>
  database
    .update(tables.mergeImages)
    .set({ image: sql`${placeholder('image')}` })
    .where(isImage(tables))
    .returning({ mergeId: tables.mergeImages.mergeId }),
);

/** Changes what is kept of a profile. Its owner is held. */
export async function updateMergeImage(
  session: WriteSession,
  { domainId, mergeId, profileId }: ImageName,
  image: string,
): Promise<void> {
  await session.run(setImage, { domainId, mergeId, profileId, image });
}

const removeType = writeStatement<ImageName & { objectTypeName: string }>()(
  (database, { mergeImageTypes }) =>
    database
      .delete(mergeImageTypes)
      .where(
        and(
          eq(mergeImageTypes.domainId, placeholder('domainId')),
          eq(mergeImageTypes.mergeId, placeholder('mergeId')),
          eq(mergeImageTypes.profileId, placeholder('profileId')),
          eq(mergeImageTypes.objectTypeName, placeholder('objectTypeName')),
        ),
      )
      .returning({ mergeId: mergeImageTypes.mergeId }),
);

/** Notes that an image holds nothing of an object type any more. */
export async function removeTypeOfImage(
  session: WriteSession,
  { domainId, mergeId, profileId }: ImageName,
  objectTypeName: string,
): Promise<void> {
  await session.run(removeType, { domainId, mergeId, profileId, objectTypeName });
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
