import { and, eq, inArray, sql } from 'drizzle-orm';
import { inParts, listParameters, listPlaceholders, sized } from './lists.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** How many fields one statement takes; more go in several. */
const FIELDS_PER_STATEMENT = 64;

/** Which object a field of a profile was taken from. */
export interface FieldSourceRow {
  /** `FirstName`, `Address.City`, `Attributes.plan`. */
  readonly fieldName: string;
  readonly objectTypeName: string;
  readonly objectKey: string;
  /** Milliseconds since the epoch: when the source changed it, or else when it came. */
  readonly updatedAt: number;
}

interface Owner {
  readonly domainId: string;
  readonly profileId: string;
}

const all = statement<Owner>()((database, { fieldSources }) =>
  database
    .select({
      fieldName: fieldSources.fieldName,
      objectTypeName: fieldSources.objectTypeName,
      objectKey: fieldSources.objectKey,
      updatedAt: fieldSources.updatedAt,
    })
    .from(fieldSources)
    .where(
      and(
        eq(fieldSources.domainId, placeholder('domainId')),
        eq(fieldSources.profileId, placeholder('profileId')),
      ),
    ),
);

/** Where the fields of a profile came from that did not come through the API. */
export function fieldSourcesOf(
  session: Session,
  { domainId, profileId }: Owner,
): Promise<FieldSourceRow[]> {
  return session.run(all, { domainId, profileId });
}

const upsert = sized(FIELDS_PER_STATEMENT, (size) =>
  writeStatement<Owner & Omit<FieldSourceRow, 'fieldName'>>()((database, { fieldSources }) =>
    database
      .insert(fieldSources)
      .values(
        listPlaceholders('fieldName', size).map((fieldName) => ({
          domainId: placeholder('domainId'),
          profileId: placeholder('profileId'),
          fieldName,
          objectTypeName: placeholder('objectTypeName'),
          objectKey: placeholder('objectKey'),
          updatedAt: placeholder('updatedAt'),
        })),
      )
      .onConflictDoUpdate({
        target: [fieldSources.domainId, fieldSources.profileId, fieldSources.fieldName],
        set: {
          objectTypeName: sql`excluded.object_type_name`,
          objectKey: sql`excluded.object_key`,
          updatedAt: sql`excluded.updated_at`,
        },
      })
      .returning({ fieldName: fieldSources.fieldName }),
  ),
);

const remove = sized(FIELDS_PER_STATEMENT, (size) =>
  writeStatement<Owner>()((database, { fieldSources }) =>
    database
      .delete(fieldSources)
      .where(
        and(
          eq(fieldSources.domainId, placeholder('domainId')),
          eq(fieldSources.profileId, placeholder('profileId')),
          inArray(fieldSources.fieldName, listPlaceholders('fieldName', size)),
        ),
      )
      .returning({ fieldName: fieldSources.fieldName }),
  ),
);

/** Notes that an object has brought these fields of a profile. Names must be distinct. */
export async function setFieldSources(
  session: WriteSession,
  owner: Owner,
  fieldNames: readonly string[],
  { objectTypeName, objectKey, updatedAt }: Omit<FieldSourceRow, 'fieldName'>,
): Promise<void> {
  const { domainId, profileId } = owner;
  const source = { domainId, profileId, objectTypeName, objectKey, updatedAt };
  // An insert must not name a row twice, as a padded list would: parts are powers of two.
  for (const part of powersOfTwo(fieldNames))
    await session.run(upsert(part.length), { ...source, ...listParameters('fieldName', part) });
}

/** Parts whose lengths are powers of two, none longer than a statement takes. */
function* powersOfTwo(fieldNames: readonly string[]): Generator<string[]> {
  let start = 0;
  for (let size = FIELDS_PER_STATEMENT; size >= 1; size /= 2)
    while (fieldNames.length - start >= size) {
      yield fieldNames.slice(start, start + size);
      start += size;
    }
}

/** Notes that these fields of a profile now come through the API, or are gone. */
export async function removeFieldSources(
  session: WriteSession,
  { domainId, profileId }: Owner,
  fieldNames: readonly string[],
): Promise<void> {
  for (const part of inParts(fieldNames, FIELDS_PER_STATEMENT))
    await session.run(remove(part.length), {
      domainId,
      profileId,
      ...listParameters('fieldName', part),
    });
}
