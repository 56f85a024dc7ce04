import {
  type DerivedFilter,
  deriveObject,
  derives,
  isFoundBy,
} from '../../identity/derived-objects.ts';
import type { ObjectTypeMapping } from '../../identity/object-type.ts';
import { readObject } from '../../identity/object-values.ts';
import { type ObjectQuery, objectDocuments, objectNames } from '../../repository/object-list.ts';
import type { ObjectRow } from '../../repository/profile-objects.ts';
import type { Session } from '../../repository/session.ts';
import { findMapping } from '../object-types/resolve.ts';

/** Objects of a profile, and the position after which there may be more; undefined at the end. */
export interface ObjectPage {
  readonly objects: readonly Pick<ObjectRow, 'objectKey' | 'document'>[];
  readonly next: string | undefined;
}

/** Which standard objects of a profile to list. */
export interface StandardObjectQuery extends ObjectQuery {
  readonly domainId: string;
  readonly filter: DerivedFilter | undefined;
}

/** As many as a profile has, unless the quota was lifted. */
const NAMES_MAX = 1_000;
/**
 * How much one page is made of: as many objects as a page may have, and as many bytes as one request may
 * put. Reading them as JSON holds up everybody else. Such a page can be short, or empty, and others follow.
 */
const OBJECTS_READ_MAX = 100;
const BYTES_READ_MAX = 10 * 250 * 1024;

type Named = Pick<ObjectRow, 'objectTypeName' | 'objectKey' | 'documentBytes'>;

/** How the objects map that are made into the standard object, by the names of their types. */
async function mappingsOf(
  session: Session,
  { accountId, domainName, objectTypeName: standardType }: StandardObjectQuery,
  names: readonly Named[],
): Promise<ReadonlyMap<string, ObjectTypeMapping>> {
  const mappings = new Map<string, ObjectTypeMapping>();
  for (const typeName of new Set(names.map(({ objectTypeName }) => objectTypeName))) {
    const mapping = await findMapping(session, { accountId, domainName }, typeName);
    if (mapping && derives(mapping, standardType)) mappings.set(typeName, mapping);
  }
  return mappings;
}

/** The first objects, so many at most and no larger than a page may cost; one at least. */
function affordable(objects: readonly Named[], max: number): readonly Named[] {
  let bytes = 0;
  const end = objects.findIndex(({ documentBytes }) => {
    const isFirst = bytes === 0;
    bytes += documentBytes;
    return bytes > BYTES_READ_MAX && !isFirst;
  });
  return objects.slice(0, end === -1 ? max : Math.min(end, max));
}

/** The standard object that an object makes, as JSON; undefined when it makes none, or not one of those. */
function derive(
  { objectTypeName: standardType, filter }: StandardObjectQuery,
  mapping: ObjectTypeMapping | undefined,
  document: string,
): string | undefined {
  const object = readObject(document);
  if (mapping === undefined || object === undefined) return undefined;
  const derived = deriveObject(mapping, standardType, object);
  if (derived === undefined) return undefined;
  const isWanted =
    filter === undefined || isFoundBy(filter, standardType, derived, mapping, object);
  return isWanted ? JSON.stringify(derived) : undefined;
}

/**
 * Makes a page of standard objects (`_asset`, `_case`, `_order`) of those objects of a profile whose types
 * map to them, in the order of their keys. One that has nothing for the standard object makes none.
 */
export async function listStandardObjects(
  session: Session,
  query: StandardObjectQuery,
): Promise<ObjectPage> {
  const { domainId, profileId, after, now, limit, filter } = query;
  const named = { domainId, profileId, after, now, limit: NAMES_MAX };
  const names = await objectNames(session, named);
  const mappings = await mappingsOf(session, query, names);
  const sources = names.filter(({ objectTypeName }) => mappings.has(objectTypeName));
  const read = affordable(sources, filter === undefined ? limit : OBJECTS_READ_MAX);
  const keys = read.map(({ objectKey }) => objectKey);
  const objects: { objectKey: string; document: string }[] = [];
  let last: string | undefined;
  for (const row of await objectDocuments(session, domainId, profileId, keys)) {
    const document = derive(query, mappings.get(row.objectTypeName), row.document);
    if (document !== undefined) objects.push({ objectKey: row.objectKey, document });
    last = row.objectKey;
    if (objects.length === limit) break;
  }
  if (last !== sources.at(-1)?.objectKey) return { objects, next: last };
  return { objects, next: names.length === NAMES_MAX ? names.at(-1)?.objectKey : undefined };
}
