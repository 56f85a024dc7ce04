import { attributeValue } from '../../identity/object-attributes.ts';
import { type ObjectDocument, readObject } from '../../identity/object-values.ts';
import { type NewestDocument, newestObjects } from '../../repository/newest-documents.ts';
import type { Session } from '../../repository/session.ts';
import { inTurns } from '../in-turns.ts';
import type { EffectiveObjectType } from '../object-types/resolve.ts';

/** An object type with its newest objects, newest first. */
export interface NewestOfType {
  readonly type: EffectiveObjectType;
  readonly documents: readonly NewestDocument[];
}

/**
 * Reads what the attributes of an object type are told from.
 *
 * @param now what has expired by then is left out: milliseconds since the epoch.
 * @param until objects that were written later are left out: milliseconds since the epoch.
 */
export async function newestOfType(
  session: Session,
  type: EffectiveObjectType,
  now: number,
  until: number = Number.MAX_SAFE_INTEGER,
): Promise<NewestOfType> {
  const { domainId, objectTypeName } = type;
  const query = { domainId, objectTypeName, until, now };
  return { type, documents: await newestObjects(session, query) };
}

/** The objects one by one, newest first. */
export async function* objectsOf(
  documents: readonly NewestDocument[],
): AsyncGenerator<{ readonly object: ObjectDocument; readonly updatedAt: number }> {
  for await (const { document, updatedAt } of inTurns(documents)) {
    const object = readObject(document);
    if (object !== undefined) yield { object, updatedAt };
  }
}

/** The values of an attribute, one for each object that has it, newest first. */
export async function* valuesOf(
  { type, documents }: NewestOfType,
  attributeName: string,
): AsyncGenerator<{ readonly value: string; readonly updatedAt: number }> {
  for await (const { object, updatedAt } of objectsOf(documents)) {
    const value = attributeValue(type.mapping, object, attributeName);
    if (value !== undefined) yield { value, updatedAt };
  }
}
